"""Notice that a consumer makes no progress although there is something to consume."""

import asyncio
import time
from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from chassis.runtime.retry import ProcessRestartRequired, with_timeout


class ConsumerStalled(ProcessRestartRequired):
    """There are records to read, and for too long none has been tried."""


async def watch_progress(
    consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, topics: Sequence[str], *, stall_timeout: float,
    last_attempt: Callable[[], float], is_backing_off: Callable[[], bool],
) -> None:  # fmt: skip
    """Run until the broker answers and the group is behind, yet nothing was tried or has moved for `stall_timeout`.

    `last_attempt` is on time.monotonic's clock, as the seconds are; `is_backing_off` says that partitions are paused.

    Raises:
        ConsumerStalled: This member has partitions of which it consumes nothing.
        TimeoutError: It has none, and nobody else consumes them either.
    """
    progress, before = time.monotonic(), dict[TopicPartition, int]()
    while True:
        await asyncio.sleep(stall_timeout / 6)
        try:
            partitions = assigned = consumer.assignment()
            if not assigned:  # a spare member; or a forgotten one, as after its topic was deleted and made again
                shares = {topic: await with_timeout(producer.partitions_for(topic), 10) for topic in topics}
                partitions = {TopicPartition(topic, p) for topic, share in shares.items() for p in share}
            ends = await with_timeout(consumer.end_offsets(partitions), 10)
            reached = consumer.position if assigned else consumer.committed
            now = {partition: await with_timeout(reached(partition), 5) or 0 for partition in ends}
        except (KafkaError, TimeoutError, ValueError):
            continue  # the broker is away or the group rebalances: nothing to tell from that
        if is_backing_off() or now != before or all(now[partition] >= end for partition, end in ends.items()):
            progress, before = time.monotonic(), now
        elif time.monotonic() - max(progress, last_attempt()) > stall_timeout:
            error = ConsumerStalled if assigned else TimeoutError
            raise error(f"no progress for {stall_timeout} s: {now} of {ends}")
