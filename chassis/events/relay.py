"""Carry what the outbox holds to Kafka: all of it, in order per key, by one relay at a time."""

import asyncio
import time
from collections import defaultdict
from typing import NamedTuple

import psycopg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner
from prometheus_client import Counter
from psycopg import AsyncConnection
from psycopg.rows import class_row

from chassis.data.database import Connection
from chassis.data.leader_election import leader_gauge, listen, try_lock, wait_for_notification
from chassis.runtime import tracing
from chassis.runtime.metrics import REGISTRY
from chassis.runtime.retry import backoff, sleep_unless, stop, with_timeout

log = structlog.get_logger(__name__)
DUTY = "outbox"
PUBLISHED = Counter("shop_events_published", "Events that Kafka has acknowledged.", ["topic"], registry=REGISTRY)
# A leader that hangs or is stopped loses its idle session, and with it the lock, to a standby.
SESSION = "-c statement_timeout=5s -c lock_timeout=2s -c idle_session_timeout=15s"
UNPUBLISHED = """
SELECT id, topic, key, value, headers FROM outbox
WHERE published_at IS NULL AND topic <> ALL(%s::text[]) ORDER BY id LIMIT %s"""
MARK = "UPDATE outbox SET published_at = clock_timestamp() WHERE id = ANY(%s)"


class Row(NamedTuple):
    id: int
    topic: str
    key: str
    value: bytes
    headers: dict[str, str]


class RelayStalled(Exception):
    """The relay has neither led nor stood by for too long."""


def producer_to(bootstrap: str) -> AIOKafkaProducer:
    """No idempotence: it hangs when the broker goes, and consumers know duplicates by their event_id."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=False, request_timeout_ms=5000,
        max_batch_size=1024 * 1024, max_request_size=2 * 1024 * 1024,
    )  # fmt: skip


class Relay:
    """One of the relays of a service; they agree among themselves who leads."""

    def __init__(self, url: str, bootstrap: str, *, batch: int = 500, poll: float = 0.5) -> None:
        self._url, self._bootstrap, self._batch, self._poll = url, bootstrap, batch, poll
        self._paused_topics: dict[str, float] = {}  # until when, after an error
        self._last_progress = time.monotonic()

    async def probe(self) -> None:
        """Raise when neither leading nor standing by has worked for half a minute."""
        if (idle := time.monotonic() - self._last_progress) > 30:
            raise RelayStalled(f"the relay has made no progress for {idle:.0f} s")

    async def run(self, stopping: asyncio.Event) -> None:
        """Lead when nobody else does; start over, with new connections, after any trouble."""
        tries = 0
        while not stopping.is_set():
            began = time.monotonic()
            try:
                connecting = AsyncConnection.connect(
                    self._url, autocommit=True, connect_timeout=3, tcp_user_timeout=5000, options=SESSION,
                    application_name="relay",
                )  # fmt: skip
                async with await with_timeout(connecting, 5, unless=stopping) as connection:
                    while not stopping.is_set() and not await with_timeout(try_lock(connection, DUTY), 6):
                        self._last_progress = time.monotonic()
                        await sleep_unless(stopping, 1)
                    with leader_gauge(DUTY) as leading:
                        leading.set(1)
                        await self._lead(connection, stopping)
            except (psycopg.Error, KafkaError, TimeoutError, OSError) as error:
                if stopping.is_set():
                    return
                tries = 1 if time.monotonic() - began > 60 else tries + 1
                log.warning("relay starts over", trouble=repr(error))
                await sleep_unless(stopping, backoff(tries, most=3))

    async def _lead(self, connection: Connection, stopping: asyncio.Event) -> None:
        producer = producer_to(self._bootstrap)
        try:
            await with_timeout(producer.start(), 10, unless=stopping)
            await with_timeout(listen(connection, DUTY), 6)
            while not stopping.is_set():
                if rows := await with_timeout(self._unpublished(connection), 6):
                    await self._publish(connection, producer, rows)
                    self._last_progress = time.monotonic()
                else:
                    self._last_progress = time.monotonic()
                    await with_timeout(wait_for_notification(connection, self._poll, stopping), self._poll + 5)
        finally:
            await stop(producer)

    async def _unpublished(self, connection: Connection) -> list[Row]:
        paused = [topic for topic, until in self._paused_topics.items() if until > time.monotonic()]
        async with connection.cursor(binary=True, row_factory=class_row(Row)) as cursor:
            return await (await cursor.execute(UNPUBLISHED, (paused, self._batch))).fetchall()

    async def _publish(self, connection: Connection, producer: AIOKafkaProducer, rows: list[Row]) -> None:
        """Send one record batch per partition, all at the same time, and mark what was acknowledged.

        A record batch is stored whole or not at all, and the next one of its partition is made only after that is
        known: a later event never overtakes an earlier one of its key, whatever fails.
        """
        shares: dict[tuple[str, int], list[Row]] = defaultdict(list)
        refused: dict[str, BaseException] = {}
        for topic in {row.topic for row in rows}:
            try:
                partitions = sorted(await with_timeout(producer.partitions_for(topic), 6))
            except (KafkaError, TimeoutError) as error:
                refused[topic] = error
                continue
            for row in (row for row in rows if row.topic == topic):
                shares[topic, DefaultPartitioner()(row.key.encode(), partitions, partitions)].append(row)
        sending = [with_timeout(_send(producer, *place, share), 6) for place, share in shares.items()]
        sent: list[int] = []
        for (topic, _), answer in zip(shares, await asyncio.gather(*sending, return_exceptions=True), strict=True):
            if isinstance(answer, BaseException):
                refused[topic] = answer
            else:
                sent += answer
        if sent:
            await with_timeout(connection.execute(MARK, (sent,)), 6)
        self._paused_topics = dict.fromkeys(refused, time.monotonic() + 1)  # the other topics go on meanwhile
        if refused:
            raise next(iter(refused.values()))


async def _send(producer: AIOKafkaProducer, topic: str, partition: int, rows: list[Row]) -> list[int]:
    batch, taken, traces, began = producer.create_batch(), [], [], time.monotonic()
    for row in rows:
        announced = row.headers.get("traceparent")
        ours = tracing.child(announced)
        said = row.headers | {"traceparent": ours} if ours else row.headers
        headers = [(name, value.encode()) for name, value in said.items()]
        if batch.append(timestamp=None, key=row.key.encode(), value=row.value, headers=headers) is None:
            break  # full: the rest is read again after this one
        taken.append(row.id)
        traces.append((ours, announced))
    batch.close()
    await (await producer.send_batch(batch, topic, partition=partition))
    PUBLISHED.labels(topic).inc(len(taken))
    seconds = time.monotonic() - began
    facts: dict[str, str | int] = {"messaging.topic": topic, "messaging.partition": partition}
    for ours, announced in traces:
        tracing.record_span(f"publish {topic}", "producer", seconds, ours, parent=announced, facts=facts)
    return taken
