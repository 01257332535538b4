"""Read a dead letter from its topic, and send it back to the one consumer that could not handle it."""

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from chassis.events.broker import Broker
from chassis.events.dead_letters import ID_HEADER, REDRIVE_HEADER, SENT_BACK, SERVICE_HEADER, DeadLetter
from chassis.events.delivery import DEAD_LETTER_SUFFIX
from chassis.events.relay import create_producer
from chassis.runtime.retry import stop_with_timeout, with_timeout

TIMEOUT = 5.0  # seconds for each answer of the broker


async def read_letter(broker: Broker | str, letter: DeadLetter) -> ConsumerRecord | None:
    """The letter as it lies on its topic, which has one partition; None if the topic does not keep it any more."""
    place = TopicPartition(letter.topic + DEAD_LETTER_SUFFIX, 0)
    consumer = AIOKafkaConsumer(**Broker.of(broker).options, enable_auto_commit=False, request_timeout_ms=5000)
    try:
        await with_timeout(consumer.start(), TIMEOUT)
        consumer.assign([place])
        first = (await with_timeout(consumer.beginning_offsets([place]), TIMEOUT))[place]
        end = (await with_timeout(consumer.end_offsets([place]), TIMEOUT))[place]
        if not first <= letter.position < end:
            return None
        consumer.seek(place, letter.position)
        record: ConsumerRecord = await with_timeout(consumer.getone(place), TIMEOUT)
    finally:
        await stop_with_timeout(consumer)
    return record if dict(record.headers).get(ID_HEADER) == str(letter.id).encode() else None


async def send_back(broker: Broker | str, record: ConsumerRecord) -> None:
    """Send the letter once more to the topic it is on, whence its consumer alone takes it.

    Not to where it came from: that is for its owner to write to.
    """
    producer = create_producer(broker)
    try:
        await with_timeout(producer.start(), TIMEOUT)
        headers = _for_one_consumer(record.headers)
        await with_timeout(producer.send_and_wait(record.topic, record.value, key=record.key, headers=headers), 6)
    finally:
        await stop_with_timeout(producer)


def _for_one_consumer(headers: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    facts = dict(headers)
    kept = [(name, value) for name, value in headers if name not in SENT_BACK]
    return [*kept, (SERVICE_HEADER, facts["dead-consumer"]), (REDRIVE_HEADER, facts[ID_HEADER])]
