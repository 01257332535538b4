"""Carry what the outbox holds to Kafka: all of it, in order per key, by one relay at a time."""

import asyncio
import time
from collections import defaultdict
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner
from prometheus_client import Counter

from chassis.data.database import Database
from chassis.data.leader_election import LeaderTask, Notifier
from chassis.data.statement import Statement
from chassis.events.broker import Broker
from chassis.runtime import tracing
from chassis.runtime.errors import describe_error
from chassis.runtime.metrics import REGISTRY
from chassis.runtime.retry import TransientError, stop_with_timeout, with_timeout

PUBLISHED_COUNTER = Counter("events_published", "Events that Kafka has acknowledged.", ["topic"], registry=REGISTRY)
RELAY_TASK_NAME = "outbox"
# Seconds for which it is believed which partitions a topic has: those that are added are used after that at the latest.
METADATA_MAX_AGE = 30.0


class OutboxRow(NamedTuple):
    id: int
    topic: str
    key: str
    value: bytes
    headers: dict[str, str]


SELECT_UNPUBLISHED = Statement(
    """
SELECT id, topic, key, value, headers FROM outbox
WHERE published_at IS NULL AND NOT (topic = ANY (%(paused_topics)s::text[])) ORDER BY id LIMIT %(batch)s::integer
""",
    into=OutboxRow,
)
MARK_EVENTS_PUBLISHED = Statement(
    "UPDATE outbox SET published_at = clock_timestamp() WHERE id = ANY (%(ids)s::bigint[])"
)


def create_producer(broker: Broker | str) -> AIOKafkaProducer:
    """No idempotence: it hangs when the broker goes, and consumers know duplicates by their event_id."""
    return AIOKafkaProducer(
        **Broker.of(broker).options, acks="all", enable_idempotence=False, request_timeout_ms=5000,
        max_batch_size=1024 * 1024, max_request_size=2 * 1024 * 1024, metadata_max_age_ms=int(METADATA_MAX_AGE * 1000),
    )  # fmt: skip


class Relay:
    """One of the relays of a service; they agree among themselves who leads."""

    def __init__(
        self,
        database: Database,
        broker: Broker | str,
        *,
        notifier: Notifier | None = None,
        batch_size: int = 500,
        poll_interval: float = 2.0,
    ) -> None:
        self._database, self._broker, self._batch_size = database, broker, batch_size
        self._task = LeaderTask(database, RELAY_TASK_NAME, self._publish_next, poll_interval, notifier)
        self.probe = self._task.probe
        self._producer: AIOKafkaProducer | None = None
        self._paused_topics: dict[str, float] = {}  # until when, after an error

    async def run(self, stopping: asyncio.Event) -> None:
        """Lead when nobody else does; start over, with a new producer, when Kafka or the database fail."""
        try:
            await self._task.run(stopping)
        finally:
            await self._disconnect()

    async def _publish_next(self, stopping: asyncio.Event) -> bool:
        """Publish one batch, if there is any to publish; whether more may be left. A later event notifies again."""
        paused = [topic for topic, until in self._paused_topics.items() if until > time.monotonic()]
        rows = await self._database.fetch_all(SELECT_UNPUBLISHED, paused_topics=paused, batch=self._batch_size)
        if not rows:
            return False
        try:
            published = await self._publish(await self._connected(stopping), rows)
        except BaseException as error:
            await self._disconnect()
            if isinstance(error, KafkaError):
                raise TransientError(describe_error(error)) from error
            raise
        return published < len(rows) or len(rows) == self._batch_size

    async def _connected(self, stopping: asyncio.Event) -> AIOKafkaProducer:
        if self._producer is None:
            self._producer = create_producer(self._broker)
            await with_timeout(self._producer.start(), 10, unless=stopping)
        return self._producer

    async def _disconnect(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await stop_with_timeout(producer)

    async def _publish(self, producer: AIOKafkaProducer, rows: list[OutboxRow]) -> int:
        """Send one record batch per partition, all at the same time, and mark and count what was acknowledged.

        A record batch is stored whole or not at all, and the next one of its partition is made only after that is
        known: a later event never overtakes an earlier one of its key, whatever fails.
        """
        shares: dict[tuple[str, int], list[OutboxRow]] = defaultdict(list)
        refused: dict[str, BaseException] = {}
        for topic in {row.topic for row in rows}:
            try:
                partitions = sorted(await with_timeout(producer.partitions_for(topic), 6))
            except (KafkaError, TimeoutError) as error:
                refused[topic] = error
                continue
            for row in (row for row in rows if row.topic == topic):
                shares[topic, DefaultPartitioner()(row.key.encode(), partitions, partitions)].append(row)
        sending = [with_timeout(_send(producer, *partition, share), 6) for partition, share in shares.items()]
        sent: list[int] = []
        for (topic, _), answer in zip(shares, await asyncio.gather(*sending, return_exceptions=True), strict=True):
            if isinstance(answer, BaseException):
                refused[topic] = answer
            else:
                sent += answer
        if sent:
            await self._database.execute(MARK_EVENTS_PUBLISHED, ids=sent)
        self._paused_topics = dict.fromkeys(refused, time.monotonic() + 1)  # the other topics go on meanwhile
        if refused:
            raise next(iter(refused.values()))
        return len(sent)


async def _send(producer: AIOKafkaProducer, topic: str, partition: int, rows: list[OutboxRow]) -> list[int]:
    batch, taken, traces, began = producer.create_batch(), [], [], time.monotonic()
    for row in rows:
        parent = row.headers.get("traceparent")
        ours = tracing.child_traceparent(parent)
        headers_sent = row.headers | {"traceparent": ours} if ours else row.headers
        headers = [(name, value.encode()) for name, value in headers_sent.items()]
        if batch.append(timestamp=None, key=row.key.encode(), value=row.value, headers=headers) is None:
            break  # full: the rest is read again after this one
        taken.append(row.id)
        traces.append((ours, parent))
    batch.close()
    await (await producer.send_batch(batch, topic, partition=partition))
    PUBLISHED_COUNTER.labels(topic).inc(len(taken))
    seconds = time.monotonic() - began
    facts: dict[str, str | int] = {"messaging.topic": topic, "messaging.partition": partition}
    for ours, parent in traces:
        tracing.record_span(f"publish {topic}", "producer", seconds, ours, parent=parent, facts=facts)
    return taken
