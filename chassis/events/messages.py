"""What a service sends and receives, as its file in asyncapi/ says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import msgspec
import yaml
from jsonschema_rs import Draft7Validator, ValidationError

from chassis.contracts.texts import without_forbidden_characters

MAX_MESSAGE_BYTES = 512 * 1024  # below every limit of producers, topics and brokers: what was committed can be sent
Json = Any


class InvalidMessage(Exception):
    """The record is not what its contract says; no repeat will change that."""


class UndeclaredMessage(Exception):
    """The service was about to send what its contract does not declare, or not in this shape."""


class ContractMismatch(Exception):
    """A contract of messages cannot be used as it is written, or not with these subscribers."""


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of event on one topic."""

    name: str
    topic: str
    schema: Json = field(repr=False, compare=False)
    _validator: Draft7Validator = field(repr=False, compare=False)

    @classmethod
    def of(cls, name: str, topic: str, schema: Json) -> Self:
        return cls(name, topic, schema, Draft7Validator(schema, validate_formats=True, formats={"uuid": _is_uuid}))

    def violation(self, event: Json) -> str | None:
        """How the event breaks its schema, in words that repeat none of its values."""
        try:
            self._validator.validate(event)
        except ValidationError as error:
            where = "/".join(str(step) for step in error.instance_path)
            return f"{self.name}: /{where} breaks {error.schema_path[-1]!r}"
        return None


@dataclass(frozen=True)
class MessageContract:
    """What one service sends, by type, and receives, by operation."""

    sends: Mapping[str, Message]
    receives: Mapping[str, Message]

    @classmethod
    def read(cls, contract: Path) -> Self:
        """Read asyncapi/<service>.yaml and what it refers to.

        Raises:
            ContractMismatch: The document uses something this reader does not know, or declares a thing twice.
        """
        sends: dict[str, Message] = {}
        receives: dict[str, Message] = {}
        document = _Place(contract.resolve(), _loaded(contract.resolve()))
        for operation, place in document.down("operations").members():
            messages = list(_messages_of(place))
            action = place.down("action").value
            if action == "send":
                sends |= {message.name: message for message in messages}
            elif action == "receive" and len(messages) == 1:
                receives[operation] = messages[0]
            else:
                raise ContractMismatch(
                    f"{contract}: {operation}: to {action} {len(messages)} messages is not known here"
                )
        kinds = [(message.topic, message.name) for message in receives.values()]
        if len(set(kinds)) < len(kinds):
            raise ContractMismatch(f"{contract}: two operations receive the same message")
        return cls(sends, receives)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics to subscribe to."""
        return tuple(sorted({message.topic for message in self.receives.values()}))

    def encoded(self, topic: str, event: object) -> tuple[bytes, Json]:
        """The bytes to send, and what they say.

        Raises:
            UndeclaredMessage: This service does not send such an event there.
        """
        value = msgspec.json.encode(event)
        body = msgspec.json.decode(value)
        message = self.sends.get(str(body.get("type")) if isinstance(body, dict) else "")
        if message is None or message.topic != topic:
            raise UndeclaredMessage(f"{type(event).__name__} on {topic}: this service sends {sorted(self.sends)}")
        if violation := message.violation(body):
            raise UndeclaredMessage(violation)
        if len(value) > MAX_MESSAGE_BYTES:
            raise UndeclaredMessage(f"{message.name} of {len(value)} bytes; at most {MAX_MESSAGE_BYTES} can be sent")
        return value, body

    def decoded(self, topic: str, value: bytes | None) -> tuple[str, Json] | None:
        """The operation that receives this record, and the event; None for kinds this service does not receive.

        Raises:
            InvalidMessage: It is not an event, or breaks its schema by more than characters that no text may have.
        """
        if value is None or len(value) > MAX_MESSAGE_BYTES:
            raise InvalidMessage(
                "no value" if value is None else f"{len(value)} bytes are more than {MAX_MESSAGE_BYTES}"
            )
        try:
            body = msgspec.json.decode(value)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise InvalidMessage(f"not JSON: {error}") from error
        if not isinstance(body, dict) or not isinstance(body.get("type"), str):
            raise InvalidMessage("not an event: it has no type")
        for operation, message in self.receives.items():
            if (message.topic, message.name) == (topic, body["type"]):
                # What the first version sent is still on its way: nobody's order waits because of a character in it.
                if message.violation(body) and (violation := message.violation(body := _without_refused(body))):
                    raise InvalidMessage(violation)
                return operation, body
        return None


class _Place:
    """A node of a YAML file. Going down from it follows references, also into other files."""

    def __init__(self, file: Path, value: Json, seen: tuple[str, ...] = ()) -> None:
        self.file, self.value, self._seen = file, value, seen
        if isinstance(value, dict) and "$ref" in value:
            target = self._followed(value["$ref"])
            self.file, self.value, self._seen = target.file, target.value, target._seen

    def down(self, key: str) -> "_Place":
        if not isinstance(self.value, dict) or key not in self.value:
            raise ContractMismatch(f"{self.file}: there is no {key!r} where one is expected")
        return _Place(self.file, self.value[key], self._seen)

    def members(self) -> Iterator[tuple[str, "_Place"]]:
        for key in self.value:
            yield key, self.down(key)

    def items(self) -> Iterator["_Place"]:
        for value in self.value:
            yield _Place(self.file, value, self._seen)

    def whole(self) -> Json:
        """The value without any reference left in it, as JSON would have it."""
        if isinstance(self.value, dict):
            return {str(key): place.whole() for key, place in self.members()}
        if isinstance(self.value, list):
            return [place.whole() for place in self.items()]
        return self.value.isoformat() if isinstance(self.value, date) else self.value

    def _followed(self, reference: str) -> "_Place":
        name, _, pointer = reference.partition("#")
        file = (self.file.parent / name).resolve() if name else self.file
        if f"{file}#{pointer}" in self._seen:
            raise ContractMismatch(f"{self.file}: {reference} leads back to itself")
        if not file.is_file():
            raise ContractMismatch(f"{self.file}: {reference}: there is no such file")
        place = _Place(file, _loaded(file), (*self._seen, f"{file}#{pointer}"))
        for step in pointer.strip("/").split("/"):
            place = place.down(step.replace("~1", "/").replace("~0", "~"))
        return place


@cache
def _loaded(file: Path) -> Json:
    return yaml.load(file.read_text("utf-8"), yaml.CSafeLoader)


def _messages_of(operation: _Place) -> Iterator[Message]:
    channel = operation.down("channel")
    topic = channel.down("address").value
    if "messages" in operation.value:
        places = list(operation.down("messages").items())
    else:
        places = [place for _, place in channel.down("messages").members()]
    for place in places:
        yield Message.of(place.down("name").value, topic, place.down("payload").whole())


def _without_refused(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _without_refused(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_without_refused(item) for item in value]
    return without_forbidden_characters(value) if isinstance(value, str) else value


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
