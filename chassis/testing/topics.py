"""Topics of a real Kafka: make them, put records into them, read all they hold."""

from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code


async def create_topics(bootstrap: str, *names: str, partitions: int = 3) -> None:
    """Make each topic, and the one for its dead letters; those that are there stay as they are."""
    wanted = [NewTopic(name, partitions, 1) for name in names]
    wanted += [NewTopic(f"{name}.dlq", 1, 1, topic_configs={"max.message.bytes": "2097152"}) for name in names]
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        for name, code, *_ in (await admin.create_topics(wanted)).topic_errors:
            if for_code(code) not in (for_code(0), TopicAlreadyExistsError):
                raise for_code(code)(name)
    finally:
        await admin.close()


async def add_partitions(bootstrap: str, topic: str, total: int) -> None:
    """Make the topic have so many partitions, as one does while it is in use."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        await admin.create_partitions({topic: NewPartitions(total)})
    finally:
        await admin.close()


async def produce_record(
    bootstrap: str, topic: str, value: bytes | None, *, key: str = "", headers: Mapping[str, bytes] | None = None
) -> None:
    """Send one record, whatever it holds."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, max_request_size=2 * 1024 * 1024) as producer:
        await producer.send_and_wait(topic, value, key=key.encode(), headers=list((headers or {}).items()))


async def read_records(bootstrap: str, topic: str) -> list[ConsumerRecord]:
    """Everything the topic holds, in order per partition."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        places = [TopicPartition(topic, number) for number in sorted(await producer.partitions_for(topic))]
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False) as consumer:
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends, found = await consumer.end_offsets(places), list[ConsumerRecord]()
        for place in places:
            while await consumer.position(place) < ends[place]:
                found += (await consumer.getmany(place, timeout_ms=500)).get(place, [])
    return found
