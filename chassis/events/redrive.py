"""Send dead letters back to where they came from, for the one consumer that could not handle them."""

from collections.abc import Callable, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.events.relay import create_producer
from chassis.runtime.retry import stop_with_timeout, with_timeout


async def redrive(
    bootstrap: str,
    topic: str,
    is_selected: Callable[[Mapping[str, bytes]], bool] = lambda _: True,
    *,
    from_beginning: bool = False,
) -> int:
    """How many went back. Starts where the last redrive ended, or `from_beginning`; repeats change nothing."""
    source = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=f"redrive-{topic}", enable_auto_commit=False, auto_offset_reset="earliest"
    )
    target, sent = create_producer(bootstrap), 0
    try:
        await with_timeout(source.start(), 30)
        await with_timeout(target.start(), 30)
        # Not source.partitions_for_topic(): it knows only topics subscribed to.
        partitions = [
            TopicPartition(f"{topic}.dlq", p) for p in await with_timeout(target.partitions_for(f"{topic}.dlq"), 10)
        ]
        source.assign(partitions)
        if from_beginning:
            await with_timeout(source.seek_to_beginning(*partitions), 10)
        for partition, end in (await with_timeout(source.end_offsets(partitions), 10)).items():
            while await with_timeout(source.position(partition), 10) < end:
                records = (await with_timeout(source.getmany(partition, timeout_ms=500, max_records=100), 10)).get(
                    partition, []
                )
                for record in (record for record in records if record.offset < end):  # not what is buried meanwhile
                    headers = dict(record.headers)
                    if "dead-topic" in headers and is_selected(headers):
                        home, back = headers["dead-topic"].decode(), _for_one_consumer(record.headers)
                        await with_timeout(target.send_and_wait(home, record.value, key=record.key, headers=back), 10)
                        sent += 1
                    await with_timeout(source.commit({partition: record.offset + 1}), 10)
    finally:
        await stop_with_timeout(source, target)
    return sent


def _for_one_consumer(headers: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    kept = [(name, value) for name, value in headers if name != "only-for" and not name.startswith("dead-")]
    return [*kept, ("only-for", dict(headers)["dead-consumer"])]
