"""What a service sends and receives, as its file in asyncapi/ says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from uuid import UUID

import msgspec
from jsonschema_rs import Draft7Validator, ValidationError

from chassis.contracts import asyncapi
from chassis.contracts.asyncapi import EventApi
from chassis.contracts.references import Json
from chassis.contracts.texts import without_forbidden_characters

MAX_MESSAGE_BYTES = 512 * 1024  # below every limit of producers, topics and brokers: what was committed can be sent


class InvalidMessage(Exception):
    """The record is not what its contract says; no repeat will change that."""


class MessageContractViolation(Exception):
    """The service was about to send what its contract does not declare, or not in this shape."""


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of event on one topic."""

    name: str
    topic: str
    schema: Json = field(repr=False, compare=False)
    _validator: Draft7Validator = field(repr=False, compare=False)

    @classmethod
    def from_schema(cls, name: str, topic: str, schema: Json) -> Self:
        return cls(name, topic, schema, Draft7Validator(schema, validate_formats=True, formats={"uuid": _is_uuid}))

    def violation(self, event: Json) -> str | None:
        """How the event breaks its schema, in words that repeat none of its values."""
        try:
            self._validator.validate(event)
        except ValidationError as error:
            where = "/".join(str(step) for step in error.instance_path)
            return f"{self.name}: /{where} breaks {error.schema_path[-1]!r}"
        except ValueError as error:  # nested deeper than the validator goes
            return f"{self.name}: {error}"
        return None


@dataclass(frozen=True)
class MessageContract:
    """What one service sends, by type, and receives, by operation."""

    sends: Mapping[str, Message]
    receives: Mapping[str, Message]

    @classmethod
    def load(cls, contract: Path) -> Self:
        """Read asyncapi/<service>.yaml and what it refers to.

        Raises:
            ContractError: It uses something that is not known here, or declares a thing twice.
        """
        return cls.from_api(EventApi.load(contract))

    @classmethod
    def from_api(cls, api: EventApi) -> Self:
        """The same of a contract that is read already."""
        return cls(_compiled(api.sends), _compiled(api.receives))

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics to subscribe to."""
        return tuple(sorted({message.topic for message in self.receives.values()}))

    def encode(self, topic: str, event: object) -> tuple[bytes, Json]:
        """The bytes to send, and what they say.

        Raises:
            MessageContractViolation: This service does not send such an event there.
        """
        value = msgspec.json.encode(event)
        body = msgspec.json.decode(value)
        message = self.sends.get(str(body.get("type")) if isinstance(body, dict) else "")
        if message is None or message.topic != topic:
            raise MessageContractViolation(
                f"{type(event).__name__} on {topic}: this service sends {sorted(self.sends)}"
            )
        if violation := message.violation(body):
            raise MessageContractViolation(violation)
        if len(value) > MAX_MESSAGE_BYTES:
            raise MessageContractViolation(
                f"{message.name} of {len(value)} bytes; at most {MAX_MESSAGE_BYTES} can be sent"
            )
        return value, body

    def decode(self, topic: str, value: bytes | None) -> tuple[str, Json] | None:
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
                # What earlier versions sent is still on its way: nothing waits because of a character in it.
                if message.violation(body) and (violation := message.violation(body := _without_refused(body))):
                    raise InvalidMessage(violation)
                return operation, body
        return None


def _compiled(messages: Mapping[str, asyncapi.Message]) -> dict[str, Message]:
    return {key: Message.from_schema(one.name, one.topic, one.payload.inlined) for key, one in messages.items()}


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
