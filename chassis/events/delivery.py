"""A record from Kafka together with what the service's contract makes of it, decoded once."""

import contextlib
from dataclasses import dataclass
from typing import Any, Self

import msgspec
from aiokafka import ConsumerRecord, TopicPartition

from chassis.contracts.references import Json
from chassis.events.messages import InvalidMessage, MessageContract

DEAD_LETTER_SUFFIX = ".dlq"  # of a topic's name: where what came from it is put aside, and sent back
NO_OPERATION_LABEL = "none"  # what the metrics say of records that no operation receives, or that cannot be decoded


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of a record. `event` is None when no operation receives it, and when `error` says what is wrong."""

    record: ConsumerRecord
    operation: str = NO_OPERATION_LABEL
    event: Json = None
    error: InvalidMessage | None = None

    @classmethod
    def decode(cls, record: ConsumerRecord, messages: MessageContract) -> Self:
        try:
            decoded = messages.decode(_home(record.topic), record.value)
        except InvalidMessage as error:
            return cls(record, error=error)
        return cls(record, *decoded) if decoded else cls(record)

    @property
    def topic(self) -> str:
        """The topic of its channel, also when it was sent back."""
        return _home(self.record.topic)

    @property
    def origin(self) -> dict[str, Any]:
        """Topic, partition and offset where it first was, also when it was sent back."""
        came = self.coordinates | {"topic": self.topic}
        if self.topic != self.record.topic:
            with contextlib.suppress(ValueError):
                came |= {name: int(self.header(f"dead-{name}") or "") for name in ("partition", "offset")}
        return came

    def is_for(self, service: str) -> bool:
        """Whether the service is to take it; of what was put aside, only what was sent back to it."""
        return self.header("only-for") in ((service,) if self.topic != self.record.topic else (None, service))

    @property
    def topic_partition(self) -> TopicPartition:
        return TopicPartition(self.record.topic, self.record.partition)

    @property
    def coordinates(self) -> dict[str, Any]:
        """Topic, partition and offset, for logs, spans and dead letters."""
        return {"topic": self.record.topic, "partition": self.record.partition, "offset": self.record.offset}

    @property
    def event_id(self) -> str:
        """The event's id as far as it can be made out, also of a record that is not valid; otherwise empty."""
        try:
            body = self.event if self.event is not None else msgspec.json.decode(self.record.value or b"")
            return str(body["event_id"])[:36]
        except (msgspec.DecodeError, ValueError, RecursionError, LookupError, TypeError):
            return ""

    def header(self, name: str) -> str | None:
        value = dict(self.record.headers).get(name)
        return None if value is None else value.decode("utf-8", "replace")


def _home(topic: str) -> str:
    return topic.removesuffix(DEAD_LETTER_SUFFIX)
