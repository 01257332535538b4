"""Consume a service's events from Kafka: each takes effect once, in order per key, and none blocks others."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from functools import partial

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from prometheus_client import Counter, Histogram

from chassis.events.broker import Broker
from chassis.events.dead_letters import DeadLetters, DeadLetterStore, redriven_letter
from chassis.events.delivery import DEAD_LETTER_SUFFIX, Delivery
from chassis.events.messages import MessageContract
from chassis.events.relay import METADATA_MAX_AGE, create_producer
from chassis.events.retry_policy import RetryPolicy
from chassis.events.subscriptions import build_subscriptions
from chassis.events.watchdog import ConsumerStalled, watch_progress
from chassis.runtime import tracing
from chassis.runtime.errors import describe_error
from chassis.runtime.metrics import DURATION_BUCKETS, REGISTRY, Collector, GaugeSpec
from chassis.runtime.retry import TransientError, backoff_seconds, sleep_unless, stop_with_timeout, with_timeout

log = structlog.get_logger(__name__)

HANDLING_HISTOGRAM = Histogram(
    "event_handling_seconds", "How long events took to be handled, in the try that succeeded.", ["operation"],
    registry=REGISTRY, buckets=DURATION_BUCKETS,
)  # fmt: skip
RETRIES_COUNTER = Counter(
    "event_retries", "Tries that failed and were to be repeated.", ["topic", "operation"], registry=REGISTRY
)
PARTITION_LABELS = ("topic", "partition")
LAG_GAUGE = GaugeSpec("consumer_lag_events", "Events of a partition that are not handled yet.", PARTITION_LABELS)
OLDEST_EVENT_AGE_GAUGE = GaugeSpec(
    "consumer_event_age_seconds", "How long ago the event was sent that is not handled yet.", PARTITION_LABELS
)
POLL_TIMEOUT = 1.0  # seconds, of a poll that finds nothing


class CommitOnRevoke(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """Tells whoever is assigned the partitions next how far they have come."""

    def __init__(self, commit: Callable[[], Awaitable[None]]) -> None:
        self._commit = commit

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        await self._commit()

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Nothing is to be done."""


class HandlerTimeout(Exception):
    """A subscriber took longer than an event may, though everything it waits for has shorter limits of its own."""


class Consumer:
    """One member of the service's group; it reads all topics the service receives from, and what was put aside of them
    and sent back to this service.

    `handler_timeout` is for one event. It is longer than the limits of one call to another service and one transaction
    together, so that what is away is seen as that, and not as a subscriber that is too slow. `stop_timeout` is what is
    left of it once the process is told to stop, and leaves five of the seconds in which that is expected to be gone.

    Offsets are committed every `commit_interval` seconds, and when partitions are taken away or it is time to stop.
    What was handled since comes again after a crash, and is known by the inbox.
    """

    def __init__(
        self, service: str, messages: MessageContract, subscribers: object, broker: Broker | str, *,
        instance: str = "0", dead_letters: DeadLetterStore | None = None,
        max_records: int = 100, handler_timeout: float = 10, stop_timeout: float = 4, stall_timeout: float = 60,
        session_timeout: float = 6, max_delay: float = 30, commit_interval: float = 0.25,
    ) -> None:  # fmt: skip
        self._service, self._messages, self._broker = service, messages, broker
        self._subscriptions = build_subscriptions(messages, subscribers)
        self._topics = [topic + suffix for topic in messages.topics for suffix in ("", DEAD_LETTER_SUFFIX)]
        for operation, message in messages.receives.items():  # zero from the start, rather than absent
            HANDLING_HISTOGRAM.labels(operation)
            RETRIES_COUNTER.labels(message.topic, operation)
        self._instance = f"{service}-{instance}"  # with a name of its own, a replica killed is back within 0.6 s
        self._max_records, self._stall_timeout, self._session_timeout = max_records, stall_timeout, session_timeout
        self._handler_timeout, self._stop_timeout = handler_timeout, stop_timeout
        self._retries, self._max_delay = RetryPolicy(max_delay), max_delay
        self._dead_letters = DeadLetters(service, messages, dead_letters)
        self._resume: dict[TopicPartition, float] = {}  # partitions that are paused, and until when
        self._current: dict[TopicPartition, ConsumerRecord] = {}  # what is being handled, or waits to be
        self._uncommitted: dict[TopicPartition, int] = {}
        self._commit_interval, self._next_commit = commit_interval, 0.0
        self._member: AIOKafkaConsumer | None = None
        self._last_attempt = 0.0
        self._last_poll = time.monotonic()

    async def probe(self) -> None:
        """Raise when nothing could be polled for half a minute."""
        if (silent := time.monotonic() - self._last_poll) > 30:
            raise ConsumerStalled(f"the consumer has not polled for {silent:.0f} s")

    @property
    def collector(self) -> Collector:
        """How far behind this member is, for Prometheus; nothing while no partition is assigned to it."""
        return Collector(self._collect, LAG_GAUGE, OLDEST_EVENT_AGE_GAUGE)

    async def _collect(self) -> tuple[dict[tuple[str, ...], float], dict[tuple[str, ...], float]]:
        member, lags, ages = self._member, dict[tuple[str, ...], float](), dict[tuple[str, ...], float]()
        if member is not None and (partitions := member.assignment()):
            for partition, end in (await with_timeout(member.end_offsets(partitions), 1.5)).items():
                labels, record = (partition.topic, str(partition.partition)), self._current.get(partition)
                offset = await with_timeout(member.position(partition), 0.2) if record is None else record.offset
                lags[labels] = end - offset
                ages[labels] = 0 if record is None else time.time() - record.timestamp / 1000
        return lags, ages

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until it is time to stop; start over, as a new member, after any error of Kafka.

        Raises:
            ConsumerStalled: Starting over did not help; the process had better end.
        """
        failures = stalls = 0
        while not stopping.is_set():
            before = self._last_attempt
            try:
                await self._join_group(stopping)
            except (KafkaError, TimeoutError, OSError, ConsumerStalled) as error:
                if stopping.is_set():
                    return
                if self._last_attempt > before:
                    failures, stalls = 1, 0
                else:
                    failures, stalls = failures + 1, stalls + isinstance(error, ConsumerStalled)
                if stalls > 1:
                    raise
                log.warning("consumer starts over", trouble=describe_error(error))
                await sleep_unless(stopping, backoff_seconds(failures, most=3))

    async def _join_group(self, stopping: asyncio.Event) -> None:
        consumer = AIOKafkaConsumer(
            **Broker.of(self._broker).options, group_id=self._service, fetch_max_wait_ms=int(POLL_TIMEOUT * 1000),
            group_instance_id=self._instance, enable_auto_commit=False, auto_offset_reset="earliest",
            request_timeout_ms=10_000, metadata_max_age_ms=int(METADATA_MAX_AGE * 1000),
            session_timeout_ms=int(self._session_timeout * 1000),
            heartbeat_interval_ms=int(self._session_timeout * 1000 / 6),
        )  # fmt: skip
        consumer.subscribe(self._topics, listener=CommitOnRevoke(partial(self._commit, consumer)))
        producer = create_producer(self._broker)
        self._retries.reset()
        self._resume.clear()
        self._current.clear()
        self._uncommitted.clear()
        watchdog: asyncio.Task[None] | None = None
        try:
            await with_timeout(consumer.start(), 30, unless=stopping)  # waits for its first share of the partitions
            await with_timeout(producer.start(), 10, unless=stopping)
            self._member = consumer
            watching = watch_progress(
                consumer, producer, self._topics, stall_timeout=self._stall_timeout,
                last_attempt=lambda: self._last_attempt, is_backing_off=lambda: bool(self._resume),
            )  # fmt: skip
            watchdog = asyncio.create_task(watching)
            while not stopping.is_set():
                await self._poll(consumer, producer, stopping)
                self._last_poll = time.monotonic()
                if watchdog.done():
                    await watchdog
        finally:
            self._member = None
            if watchdog:
                watchdog.cancel()
            with suppress(KafkaError, TimeoutError):
                await self._commit(consumer)
            await stop_with_timeout(consumer, producer)

    async def _poll(self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, stopping: asyncio.Event) -> None:
        """Fetch once, process the partitions side by side, and commit as far as each has come."""
        for partition in [partition for partition, until in self._resume.items() if until <= time.monotonic()]:
            del self._resume[partition]
            if partition in consumer.assignment():
                consumer.resume(partition)
        for partition in self._current.keys() - consumer.assignment():
            del self._current[partition]
        fetched = await self._fetch(consumer, stopping)
        processing = [self._process_partition(consumer, producer, p, rs, stopping) for p, rs in fetched.items()]
        outcomes = await asyncio.gather(*processing, return_exceptions=True)
        if time.monotonic() >= self._next_commit:
            await self._commit(consumer)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _fetch(
        self, consumer: AIOKafkaConsumer, stopping: asyncio.Event
    ) -> dict[TopicPartition, list[ConsumerRecord]]:
        """Wait for records, until there is something else to do."""
        due = [*self._resume.values(), *([self._next_commit] if self._uncommitted else [])]
        seconds = max(0.0, min([POLL_TIMEOUT, *(moment - time.monotonic() for moment in due)]))
        polling = consumer.getmany(timeout_ms=math.ceil(seconds * 1000), max_records=self._max_records)
        return await with_timeout(polling, 30, unless=stopping)

    async def _commit(self, consumer: AIOKafkaConsumer) -> None:
        """Commit how far each partition has come since the last time."""
        done, self._uncommitted = self._uncommitted, {}
        done = {partition: offset for partition, offset in done.items() if partition in consumer.assignment()}
        if not done:
            return
        self._next_commit = time.monotonic() + self._commit_interval
        try:
            await with_timeout(consumer.commit(done), 3)
        except (CommitFailedError, IllegalStateError) as error:  # a rebalance: the next owner has an inbox
            log.info("offsets not committed", trouble=describe_error(error))

    async def _process_partition(
        self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer,
        partition: TopicPartition, records: list[ConsumerRecord], stopping: asyncio.Event,
    ) -> None:  # fmt: skip
        """Process the records in order, as far as it goes."""
        for record in records:
            if stopping.is_set() or partition not in consumer.assignment():
                return
            delay = await self._process(Delivery.decode(record, self._messages), producer, stopping)
            if delay is not None:
                if partition in consumer.assignment():
                    consumer.seek(partition, record.offset)
                    consumer.pause(partition)  # only this partition waits, and heartbeats go on
                    self._resume[partition] = time.monotonic() + delay
                return
            self._uncommitted[partition] = record.offset + 1

    async def _process(
        self, delivery: Delivery, producer: AIOKafkaProducer, stopping: asyncio.Event
    ) -> float | None:  # fmt: skip
        """Handle a delivery, or give it up for a dead letter; the seconds to wait if it must be tried again."""
        self._last_attempt = began = time.monotonic()
        self._current[delivery.topic_partition] = delivery.record
        with tracing.continued_trace(parent := delivery.header("traceparent")) as span:
            failed = True
            try:
                await self._handle(delivery, stopping)
                failed = False
                self._retries.record_success(delivery)
            except Exception as error:  # noqa: BLE001 - whatever a subscriber raises is sorted here and nowhere else
                attempts, delay = self._retries.record_failure(delivery, error)
                if delay is not None:
                    RETRIES_COUNTER.labels(delivery.topic, delivery.operation).inc()
                    trouble = describe_error(error)
                    log.warning("event is tried again", **delivery.coordinates, tries=attempts, trouble=trouble)
                    return delay
                try:
                    await self._dead_letters.send(delivery, error, attempts, producer)
                except TransientError as fault:
                    log.warning("event is tried again", **delivery.coordinates, tries=attempts, trouble=str(fault))
                    return backoff_seconds(attempts, most=self._max_delay)
            finally:
                if tracing.span_exporter:
                    name, seconds = f"handle {delivery.operation}", time.monotonic() - began
                    facts = {f"messaging.{key}": value for key, value in delivery.coordinates.items()}
                    tracing.record_span(name, "consumer", seconds, span, parent=parent, facts=facts, failed=failed)
        del self._current[delivery.topic_partition]
        return None

    async def _handle(self, delivery: Delivery, stopping: asyncio.Event) -> None:
        if not delivery.is_for(self._service):
            return
        redriven = redriven_letter(delivery)
        if redriven and await self._dead_letters.is_handled(redriven):
            return
        if delivery.error is not None:
            raise delivery.error
        if delivery.event is not None:
            await self._call_subscriber(delivery, stopping)
        if redriven:
            await self._dead_letters.mark_handled(redriven)

    async def _call_subscriber(self, delivery: Delivery, stopping: asyncio.Event) -> None:
        began = time.monotonic()  # not self._last_attempt, which belongs to all partitions
        await self._within_limits(self._subscriptions[delivery.operation](delivery), stopping)
        HANDLING_HISTOGRAM.labels(delivery.operation).observe(seconds := time.monotonic() - began)
        log.info("event handled", **delivery.coordinates, operation=delivery.operation,
                 event_id=delivery.event_id, seconds=round(seconds, 4))  # fmt: skip

    async def _within_limits(self, handling: Awaitable[None], stopping: asyncio.Event) -> None:
        """Wait for the subscriber, but not for ever.

        Raises:
            HandlerTimeout: It took too long.
            TimeoutError: The process is to stop; whoever gets the event next handles it.
        """
        handler, stop_requested = asyncio.ensure_future(handling), asyncio.ensure_future(stopping.wait())
        try:
            await asyncio.wait([handler, stop_requested], timeout=self._handler_timeout,
                               return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
            if not handler.done() and not stopping.is_set():
                handler.add_done_callback(lambda task: task.cancelled() or task.exception())  # left behind, unheard
                raise HandlerTimeout(f"not done within {self._handler_timeout} s")
            await with_timeout(handler, self._stop_timeout)
        finally:
            handler.cancel()
            stop_requested.cancel()
