"""Take events off Kafka: each in effect once, in order per key, none lost, none for ever in the way of the next."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, get_type_hints

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from prometheus_client import Counter, Histogram

from chassis.contracts.errors import ContractError
from chassis.events import inbox
from chassis.events.messages import InvalidMessage, MessageContract
from chassis.events.relay import producer_to
from chassis.runtime import tracing
from chassis.runtime.metrics import REGISTRY, SECONDS, Collector, GaugeSpec
from chassis.runtime.retry import ProcessUnfit, backoff, is_transient, sleep_unless, stop, with_timeout

log = structlog.get_logger(__name__)
MAX_ATTEMPTS = 5
NO_OPERATION = "none"  # what the metrics say of records that cannot be read

HANDLED = Histogram(
    "shop_event_handling_seconds", "How long events took to be handled, in the try that succeeded.", ["operation"],
    registry=REGISTRY, buckets=SECONDS,
)  # fmt: skip
RETRIED = Counter(
    "shop_event_retries", "Tries that failed and were to be repeated.", ["topic", "operation"], registry=REGISTRY
)
DEAD_LETTERED = Counter("shop_dead_letters", "Events that were put aside.", ["topic", "operation"], registry=REGISTRY)
PLACE = ("topic", "partition")
LAG = GaugeSpec("shop_consumer_lag_events", "Events of a partition that are not handled yet.", PLACE)
AGE = GaugeSpec("shop_consumer_event_age_seconds", "How long ago the event was sent that is not handled yet.", PLACE)


class ConsumerStalled(ProcessUnfit):
    """There are records to read, and for too long none has been tried."""


class HandlerTimeout(Exception):
    """A subscriber took longer than an event may, though everything it waits for has shorter limits of its own."""


class Subscription:
    """The method that receives a message, and the type of its event."""

    def __init__(self, operation: str, method: Callable[..., Awaitable[None]]) -> None:
        takes = list(inspect.signature(method).parameters)
        kind = get_type_hints(method).get(takes[0]) if len(takes) == 1 else None
        if kind is None or not inspect.iscoroutinefunction(method):
            raise ContractError(f"{operation} must be `async def {operation}(self, event: <its type>) -> None`")
        self._kind, self._method = kind, method

    async def __call__(self, body: Any) -> None:
        try:
            event = msgspec.convert(body, self._kind)
        except msgspec.ValidationError as error:
            raise InvalidMessage(f"not a {self._kind.__name__}: {error}") from error
        await self._method(event)


def subscriptions(messages: MessageContract, subscribers: object) -> Mapping[str, Subscription]:
    """What receives each message: for every receive operation of the contract the method of its name.

    Raises:
        ContractError: A method is missing, or there is one too many, or one cannot take an event.
    """
    there = {name for name in dir(subscribers) if name.startswith("on_")}
    if there != messages.receives.keys():
        raise ContractError(
            f"{type(subscribers).__name__} lacks {sorted(messages.receives.keys() - there)}"
            f" and has no contract for {sorted(there - messages.receives.keys())}"
        )
    return {name: Subscription(name, getattr(subscribers, name)) for name in there}


class Consumer:
    """One member of the service's group; it reads all topics the service receives from.

    `handler_timeout` is for one event. It is longer than the limits of one call to a neighbour and one transaction
    together, so that what is away is seen as that, and not as a subscriber that is too slow. `stop_timeout` is what is
    left of it once the process is told to stop, and leaves five of the seconds in which that is expected to be gone.
    Dead letters go to `<topic>.dlq`, with `dead-…` headers that say where they come from and why.
    """

    def __init__(
        self, service: str, messages: MessageContract, subscribers: object, bootstrap: str, *, instance: str = "0",
        fetch: int = 100, handler_timeout: float = 10, stop_timeout: float = 4, stall: float = 60, session: float = 6,
        longest_pause: float = 30,
    ) -> None:  # fmt: skip
        self._service, self._messages, self._bootstrap = service, messages, bootstrap
        self._subscriptions = subscriptions(messages, subscribers)
        for operation, message in messages.receives.items():  # nothing yet, rather than nothing known
            HANDLED.labels(operation)
            RETRIED.labels(message.topic, operation)
            DEAD_LETTERED.labels(message.topic, operation)
            DEAD_LETTERED.labels(message.topic, NO_OPERATION)
        self._instance = f"{service}-{instance}"  # with a name of its own, a replica killed is back within 0.6 s
        self._fetch, self._stall, self._session = fetch, stall, session
        self._handler_timeout, self._stop_timeout = handler_timeout, stop_timeout
        self._longest_pause = longest_pause
        self._trouble: dict[tuple[TopicPartition, int], tuple[int, int]] = {}  # tries and faults so far
        self._resume: dict[TopicPartition, float] = {}  # partitions that wait, and until when
        self._in_hand: dict[TopicPartition, ConsumerRecord] = {}  # what is being handled, or waits to be
        self._member: AIOKafkaConsumer | None = None
        self._tried = 0.0
        self._turned = time.monotonic()

    async def probe(self) -> None:
        """Raise when Kafka has not been heard for half a minute."""
        if (silent := time.monotonic() - self._turned) > 30:
            raise ConsumerStalled(f"the consumer has not come round for {silent:.0f} s")

    @property
    def collector(self) -> Collector:
        """How far behind this member is, for Prometheus; nothing while it has no part of the topics."""
        return Collector(self._behind, LAG, AGE)

    async def _behind(self) -> tuple[dict[tuple[str, ...], float], dict[tuple[str, ...], float]]:
        member, lags, ages = self._member, dict[tuple[str, ...], float](), dict[tuple[str, ...], float]()
        if member is not None and (places := member.assignment()):
            for place, end in (await with_timeout(member.end_offsets(places), 1.5)).items():
                where, record = (place.topic, str(place.partition)), self._in_hand.get(place)
                at = await with_timeout(member.position(place), 0.2) if record is None else record.offset
                lags[where], ages[where] = end - at, 0 if record is None else time.time() - record.timestamp / 1000
        return lags, ages

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until it is time to stop; start over, as a new member, after any trouble with Kafka.

        Raises:
            ConsumerStalled: Starting over did not help; the process had better end.
        """
        tries = stuck = 0
        while not stopping.is_set():
            before = self._tried
            try:
                await self._take_part(stopping)
            except (KafkaError, TimeoutError, OSError, ConsumerStalled) as trouble:
                if stopping.is_set():
                    return
                tries, stuck = (
                    (1, 0) if self._tried > before else (tries + 1, stuck + isinstance(trouble, ConsumerStalled))
                )
                if stuck > 1:
                    raise
                log.warning("consumer starts over", trouble=repr(trouble))
                await sleep_unless(stopping, backoff(tries, most=3))

    async def _take_part(self, stopping: asyncio.Event) -> None:
        consumer = AIOKafkaConsumer(
            *self._messages.topics, bootstrap_servers=self._bootstrap, group_id=self._service,
            group_instance_id=self._instance, enable_auto_commit=False, auto_offset_reset="earliest",
            request_timeout_ms=10_000, session_timeout_ms=int(self._session * 1000),
            heartbeat_interval_ms=int(self._session * 1000 / 6),
        )  # fmt: skip
        dead_letters = producer_to(self._bootstrap)
        for former in (self._trouble, self._resume, self._in_hand):
            former.clear()
        watch: asyncio.Task[None] | None = None
        try:
            await with_timeout(consumer.start(), 30, unless=stopping)  # waits for its first share of the partitions
            await with_timeout(dead_letters.start(), 10, unless=stopping)
            self._member = consumer
            watch = asyncio.create_task(self._watch(consumer, dead_letters))
            while not stopping.is_set():
                await self._turn(consumer, dead_letters, stopping)
                self._turned = time.monotonic()
                if watch.done():
                    await watch
        finally:
            self._member = None
            if watch:
                watch.cancel()
            await stop(consumer, dead_letters)

    async def _turn(self, consumer: AIOKafkaConsumer, dead_letters: AIOKafkaProducer, stopping: asyncio.Event) -> None:
        for place in [place for place, at in self._resume.items() if at <= time.monotonic()]:
            del self._resume[place]
            if place in consumer.assignment():
                consumer.resume(place)
        for place in self._in_hand.keys() - consumer.assignment():
            del self._in_hand[place]
        fetched = await with_timeout(consumer.getmany(timeout_ms=200, max_records=self._fetch), 30)
        working = [self._work_off(consumer, dead_letters, p, records, stopping) for p, records in fetched.items()]
        answers = dict(zip(fetched, await asyncio.gather(*working, return_exceptions=True), strict=True))
        done = {p: n for p, n in answers.items() if isinstance(n, int) and n > fetched[p][0].offset}
        done = {p: n for p, n in done.items() if p in consumer.assignment()}
        if done:
            try:
                await with_timeout(consumer.commit(done), 3)
            except (CommitFailedError, IllegalStateError) as trouble:  # a rebalance: the next owner has an inbox
                log.info("offsets not committed", trouble=repr(trouble))
        for answer in answers.values():
            if isinstance(answer, BaseException):
                raise answer

    async def _work_off(
        self, consumer: AIOKafkaConsumer, dead_letters: AIOKafkaProducer,
        place: TopicPartition, records: list[ConsumerRecord], stopping: asyncio.Event,
    ) -> int:  # fmt: skip
        """Handle the records in order, as far as it goes; the offset up to which all is done."""
        for record in records:
            if stopping.is_set() or place not in consumer.assignment():
                return int(record.offset)
            wait = await self._settle(record, place, dead_letters, stopping)
            if wait is not None:
                if place in consumer.assignment():
                    consumer.seek(place, record.offset)
                    consumer.pause(place)  # only this partition waits, and heartbeats go on
                    self._resume[place] = time.monotonic() + wait
                return int(record.offset)
        return int(records[-1].offset) + 1

    async def _settle(
        self, record: ConsumerRecord, place: TopicPartition, dead_letters: AIOKafkaProducer, stopping: asyncio.Event
    ) -> float | None:
        """Handle one record, or put it aside for good; the seconds to wait if it must be tried again."""
        self._tried = began = time.monotonic()
        self._in_hand[place] = record
        tries, faults = self._trouble.pop((place, record.offset), (0, 0))
        with tracing.continued(parent := _header(record, "traceparent")) as ours:
            failed = True
            try:
                await self._handle(record, stopping)
                failed = False
            except Exception as error:  # noqa: BLE001 - whatever a subscriber raises is sorted here and nowhere else
                tries, faults = tries + 1, faults + (not is_transient(error))
                if not isinstance(error, InvalidMessage) and faults < MAX_ATTEMPTS:
                    self._trouble[place, record.offset] = tries, faults
                    RETRIED.labels(record.topic, self._operation(record)).inc()
                    log.warning("event is tried again", **_whence(record), tries=tries, trouble=repr(error))
                    return backoff(tries, most=self._longest_pause)
                await self._bury(record, error, tries, dead_letters)
            finally:
                if tracing.exporter:
                    what, seconds = f"handle {self._operation(record)}", time.monotonic() - began
                    facts = {f"messaging.{name}": fact for name, fact in _whence(record).items()}
                    tracing.record_span(what, "consumer", seconds, ours, parent=parent, facts=facts, failed=failed)
        del self._in_hand[place]
        return None

    def _operation(self, record: ConsumerRecord) -> str:
        """What receives the record, as far as that can be told."""
        try:
            known = self._messages.decoded(record.topic, record.value)
        except InvalidMessage:
            return NO_OPERATION
        return known[0] if known else NO_OPERATION

    async def _handle(self, record: ConsumerRecord, stopping: asyncio.Event) -> None:
        if _header(record, "only-for") not in (None, self._service):  # redriven for somebody else
            return
        if (known := self._messages.decoded(record.topic, record.value)) is None:
            return
        operation, body = known
        began = time.monotonic()  # not self._tried, which belongs to all partitions
        with inbox.raw_message(record.value):
            await self._within_limits(self._subscriptions[operation](body), stopping)
        HANDLED.labels(operation).observe(seconds := time.monotonic() - began)
        log.info("event handled", **_whence(record), operation=operation, event_id=body["event_id"],
                 seconds=round(seconds, 4))  # fmt: skip

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

    async def _bury(self, record: ConsumerRecord, error: Exception, tries: int, dead_letters: AIOKafkaProducer) -> None:
        """Send the record, as it came, to the dead letters; only then may its offset be committed."""
        reason = f"{type(error).__name__}: {error}"[:500]
        facts = {**_whence(record), "timestamp": record.timestamp, "consumer": self._service, "tries": tries,
                 "error": reason, "event-id": _event_id(record.value)}  # fmt: skip
        log.error("event is buried", **_whence(record), tries=tries, trouble=type(error).__name__)
        before = [(name, value) for name, value in record.headers if not name.startswith("dead-")]
        headers = [*before, *((f"dead-{name}", str(fact).encode()) for name, fact in facts.items())]
        burying = dead_letters.send_and_wait(f"{record.topic}.dlq", record.value, key=record.key, headers=headers)
        await with_timeout(burying, 6)
        DEAD_LETTERED.labels(record.topic, self._operation(record)).inc()

    async def _watch(self, consumer: AIOKafkaConsumer, dead_letters: AIOKafkaProducer) -> None:
        """Fail when the broker answers and the group is behind, yet for too long nothing was tried or has moved."""
        fine, before = time.monotonic(), dict[TopicPartition, int]()
        while True:
            await asyncio.sleep(self._stall / 6)
            try:
                places = mine = consumer.assignment()
                if not mine:  # a spare member; or a forgotten one, as after its topic was deleted and made again
                    topics = self._messages.topics
                    shares = {topic: await with_timeout(dead_letters.partitions_for(topic), 10) for topic in topics}
                    places = {TopicPartition(topic, p) for topic, share in shares.items() for p in share}
                ends = await with_timeout(consumer.end_offsets(places), 10)
                reached = consumer.position if mine else consumer.committed
                now = {place: await with_timeout(reached(place), 5) or 0 for place in ends}
            except (KafkaError, TimeoutError, ValueError):
                continue  # the broker is away or the group rebalances: nothing to tell from that
            if self._resume or now != before or all(now[place] >= end for place, end in ends.items()):
                fine, before = time.monotonic(), now
            elif time.monotonic() - max(fine, self._tried) > self._stall:
                raise (ConsumerStalled if mine else TimeoutError)(f"no progress for {self._stall} s: {now} of {ends}")


def _whence(record: ConsumerRecord) -> dict[str, Any]:
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}


def _header(record: ConsumerRecord, name: str) -> str | None:
    value = dict(record.headers).get(name)
    return None if value is None else value.decode("utf-8", "replace")


def _event_id(value: bytes | None) -> str:
    """For the dead letter's header: what can still be made out."""
    try:
        return str(msgspec.json.decode(value or b"")["event_id"])[:36]
    except (msgspec.DecodeError, ValueError, RecursionError, LookupError, TypeError):
        return ""
