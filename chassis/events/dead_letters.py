"""What a consumer gave up: the record stays on `<topic>.dlq`, and a list says what became of it."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import msgspec
import structlog
from aiokafka import AIOKafkaProducer, ConsumerRecord
from prometheus_client import Counter

from chassis.events.delivery import DEAD_LETTER_SUFFIX, NO_OPERATION_LABEL, Delivery
from chassis.events.messages import MessageContract
from chassis.runtime.errors import describe_error
from chassis.runtime.metrics import REGISTRY, Collector, GaugeSpec
from chassis.runtime.retry import TransientError, is_transient, with_timeout

log = structlog.get_logger(__name__)
DEAD_LETTERS_COUNTER = Counter("dead_letters", "Events that were put aside.", ["topic", "operation"], registry=REGISTRY)
OPEN_DEAD_LETTERS_GAUGE = GaugeSpec("dead_letters_open", "Events that were put aside, and that nobody has seen to.")
ID_HEADER, REDRIVE_HEADER, SERVICE_HEADER = "dead-letter-id", "redrive-of", "only-for"
SENT_BACK = (REDRIVE_HEADER, SERVICE_HEADER)  # what a letter has that was sent back


class DeadLetterStatus(StrEnum):
    OPEN = "OPEN"
    REDRIVEN = "REDRIVEN"
    HANDLED = "HANDLED"
    DISMISSED = "DISMISSED"


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a letter without its event, which is on the topic of dead letters at `position`."""

    id: UUID
    status: DeadLetterStatus
    topic: str
    partition: int
    offset: int
    operation: str | None
    event_id: UUID | None
    key: UUID | None
    error: str
    tries: int
    failed_at: datetime
    redriven_at: datetime | None
    position: int


class DeadLetterStore(Protocol):
    """The list of a service's letters."""

    async def put(self, letter: DeadLetter) -> None:
        """Keep a letter in place of the one with its id, except for when that was redriven."""

    async def find(self, letter_id: UUID) -> DeadLetter | None:
        """The letter, if there is one."""

    async def list_by_status(self, status: DeadLetterStatus, before: UUID | None, limit: int) -> Sequence[DeadLetter]:
        """Those in one state, the newest event first."""

    async def mark_redriven(self, letter: DeadLetter) -> None:
        """Note when, and the state unless it was handled, or has failed again, since the letter was read."""

    async def mark_handled(self, letter_id: UUID) -> None:
        """Whatever it was before."""

    async def dismiss(self, letter_id: UUID) -> None:
        """If it is open."""

    async def count_open(self) -> int:
        """How many are open."""


class DeadLetters:
    """The dead letters of one service, whose `dead-…` headers say where they come from and why.

    Without a store they are on their topics only.
    """

    def __init__(self, service: str, messages: MessageContract, store: DeadLetterStore | None = None) -> None:
        self._service, self._store = service, store
        for operation, message in messages.receives.items():  # zero from the start, rather than absent
            DEAD_LETTERS_COUNTER.labels(message.topic, operation)
            DEAD_LETTERS_COUNTER.labels(message.topic, NO_OPERATION_LABEL)

    async def send(self, delivery: Delivery, error: Exception, attempts: int, producer: AIOKafkaProducer) -> None:
        """Send the record, as it came, and list it; only then may its offset be committed.

        Raises:
            TransientError: It is on its topic, and cannot be listed now.
        """
        record, reason = delivery.record, describe_error(error)
        letter_id = redriven_letter(delivery) or dead_letter_id(self._service, record)
        facts = {**delivery.origin, "timestamp": record.timestamp, "consumer": self._service, "tries": attempts,
                 "error": reason, "event-id": delivery.event_id, "letter-id": letter_id}  # fmt: skip
        original = [
            (name, value) for name, value in record.headers if not name.startswith("dead-") and name not in SENT_BACK
        ]
        headers = [*original, *((f"dead-{name}", str(fact).encode()) for name, fact in facts.items())]
        topic = delivery.topic + DEAD_LETTER_SUFFIX
        sent = await with_timeout(producer.send_and_wait(topic, record.value, key=record.key, headers=headers), 6)
        await self._list(delivery, letter_id, reason, attempts, sent.offset)
        log.error("event is dead-lettered", **delivery.coordinates, tries=attempts, trouble=reason)
        DEAD_LETTERS_COUNTER.labels(delivery.topic, delivery.operation).inc()

    async def _list(self, delivery: Delivery, letter_id: UUID, error: str, tries: int, position: int) -> None:
        if self._store is None:
            return
        key = (delivery.record.key or b"").decode("utf-8", "replace")
        letter = DeadLetter(
            **delivery.origin, id=letter_id, status=DeadLetterStatus.OPEN,
            operation=None if delivery.operation == NO_OPERATION_LABEL else delivery.operation,
            event_id=_id_or_none(delivery.event_id), key=_id_or_none(key),
            error=error, tries=tries, failed_at=datetime.now(UTC), redriven_at=None, position=position,
        )  # fmt: skip
        try:
            await self._store.put(letter)
        except Exception as fault:
            if is_transient(fault):
                raise TransientError(describe_error(fault)) from fault
            # A list that is broken must not hold up all events; the letter is on its topic.
            log.exception("dead letter cannot be listed", letter_id=str(letter_id))

    async def is_handled(self, letter_id: UUID) -> bool:
        """Whether a letter that was sent back needs nothing any more: longer than the inbox knows events."""
        letter = await self._store.find(letter_id) if self._store else None
        return letter is not None and letter.status is DeadLetterStatus.HANDLED

    async def mark_handled(self, letter_id: UUID) -> None:
        """Note that the event of a letter that was sent back has taken effect."""
        if self._store:
            await self._store.mark_handled(letter_id)


def dead_letter_id(service: str, record: ConsumerRecord) -> UUID:
    """The id of a record's letter, the same each time; like those of UUIDv7, ids are in the order of sending."""
    origin = f"{service} {record.topic} {record.partition} {record.offset}"
    milliseconds = min(max(record.timestamp, 0), 2**48 - 1)
    tail = int.from_bytes(hashlib.blake2b(origin.encode(), digest_size=10).digest())
    tail = tail & ~(0xF << 76) | 0x7 << 76  # the version
    return UUID(int=milliseconds << 80 | tail & ~(0x3 << 62) | 0x2 << 62)  # the variant of RFC 9562


def redriven_letter(delivery: Delivery) -> UUID | None:
    """The id of the letter that a record was before it was sent back, if it was one."""
    return _id_or_none(delivery.header(REDRIVE_HEADER) or "")


def open_letters_collector(store: DeadLetterStore) -> Collector:
    """How many letters wait for somebody, for Prometheus."""

    async def collect() -> tuple[int]:
        return (await store.count_open(),)

    return Collector(collect, OPEN_DEAD_LETTERS_GAUGE)


def _id_or_none(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None
