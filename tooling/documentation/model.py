"""What the contracts say about the shop as a whole: who offers what, who calls whom, who hears whom."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chassis.contracts import openapi
from chassis.contracts.asyncapi import EventApi
from chassis.contracts.openapi import Access, Api
from chassis.contracts.references import JsonObject
from tooling.project import TOOLING_CONFIGURATION, shared_messages

UsersByOperation = Mapping[tuple[str, str], set[str]]  # by service and operation


@dataclass(frozen=True)
class DocumentedOperation:
    """One operation, and who may call it."""

    service: str
    id: str
    method: str
    path: str
    summary: str
    anchor: str
    who: str
    callers: tuple[str, ...]


@dataclass(frozen=True)
class EventField:
    """One field of what an event says; `name` leads to it: `items[].qty`."""

    name: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True)
class DocumentedEvent:
    """One kind of event: its topic, who sends it, what it says, and what each receiver does with it."""

    name: str
    topic: str
    key: str
    title: str
    summary: str
    sender: str
    fields: tuple[EventField, ...]
    example: str
    receivers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DocumentedService:
    """One service."""

    name: str
    title: str
    version: str
    owns: str
    operations: tuple[DocumentedOperation, ...]
    sends: tuple[str, ...]
    receives: tuple[str, ...]


@dataclass(frozen=True)
class ShopModel:
    """All of it."""

    services: tuple[DocumentedService, ...]
    events: tuple[DocumentedEvent, ...]
    delivery: str
    envelope: tuple[EventField, ...]

    def calls(self, caller: str, provider: str) -> list[DocumentedOperation]:
        """What one service calls at another."""
        (offered,) = [service.operations for service in self.services if service.name == provider]
        return [operation for operation in offered if caller in operation.callers]

    @property
    def callers(self) -> list[str]:
        """Who calls services besides people: other services, and who else has a key."""
        known = {
            caller for service in self.services for operation in service.operations for caller in operation.callers
        }
        named = [service.name for service in self.services if service.name in known]
        return [*named, *sorted(known - set(named))]


def read_shop_model(root: Path) -> ShopModel:
    """Read all contracts.

    Raises:
        ContractError: One of them cannot be read.
    """
    exchanges = EventApi.load_all(root / "asyncapi")
    channels = shared_messages(exchanges)
    events = _events(channels, exchanges)
    users = _users(root)
    services = (_service(api, events, users) for api in Api.load_all(root / "contracts") if api.operations)
    envelope = _fields(channels.document.find("#/components/schemas/Envelope").inlined)
    return ShopModel(tuple(services), tuple(events), _line(channels.info.get("description", "")), tuple(envelope))


def _users(root: Path) -> UsersByOperation:
    """Who calls what is open to everybody: an operation does not know, but the pact of a caller does."""
    users: dict[tuple[str, str], set[str]] = {}
    for path in sorted(root.glob("contracts/pacts/*.json")):
        pact = json.loads(path.read_text("utf-8"))
        for interaction in pact["interactions"]:
            if reference := interaction.get("comments", {}).get("references", {}).get("OpenAPI"):
                called = (pact["provider"]["name"], reference["operationId"])
                users.setdefault(called, set()).add(pact["consumer"]["name"])
    return users


def _service(api: Api, events: list[DocumentedEvent], users: UsersByOperation) -> DocumentedService:
    return DocumentedService(
        name=api.name,
        title=api.info["title"],
        version=api.info["version"],
        owns=_line(api.info.get("description", "")),
        operations=tuple(_operation(operation, users) for operation in api.operations),
        sends=tuple(event.name for event in events if event.sender == api.name),
        receives=tuple(event.name for event in events if api.name in event.receivers),
    )


def _operation(operation: openapi.Operation, users: UsersByOperation) -> DocumentedOperation:
    return DocumentedOperation(
        service=operation.service,
        id=operation.id,
        method=operation.method.upper(),
        path=operation.full_path,
        summary=operation.summary,
        anchor=swagger_anchor(operation.node.value),
        who=_who(operation.access),
        callers=tuple(sorted({*operation.access.internal, *users.get((operation.service, operation.id), ())})),
    )


def swagger_anchor(operation: JsonObject) -> str:
    """Where Swagger UI shows it, behind `#/`."""
    return f"{operation.get('tags', ['default'])[0]}/{operation['operationId']}"


def _who(access: Access) -> str:
    """Who may call, in words."""
    roles, keys = access.roles, access.internal
    people = " and ".join(TOOLING_CONFIGURATION["roles"][role] for role in roles)
    if people and access.owner:
        people = "the owner and admins"
    if keys and people:
        return f"{people} with the key of {', '.join(keys)}"
    return people or ", ".join(keys) or "everybody"


def _events(channels: EventApi, exchanges: list[EventApi]) -> list[DocumentedEvent]:
    senders = {name: api.name for api in exchanges for name in api.sends}
    events = {
        message.name: DocumentedEvent(
            name=message.name,
            topic=message.topic,
            key=message.key_field,
            title=message.title,
            summary=message.summary,
            sender=senders.get(message.name, "nobody"),
            fields=tuple(_fields(_members(message.payload.inlined)[0]["data"])),
            example=next((json.dumps(example, indent=2) for example in message.examples), ""),
        )
        for message in channels.messages
    }
    for api in exchanges:
        for operation in api.operations:
            for message in operation.messages if operation.action == "receive" else ():
                events[message.name].receivers[api.name] = operation.summary
    return list(events.values())


def _fields(schema: JsonObject, within: str = "") -> Iterator[EventField]:
    """What an object says, from the outside inwards."""
    members, required = _members(schema)
    for name, member in members.items():
        yield EventField(within + name, _kind(member), name in required, _line(member.get("description", "")))
        inner, step = (member["items"], "[].") if "items" in member else (member, ".")
        yield from _fields(inner, f"{within}{name}{step}")


def _members(schema: JsonObject) -> tuple[JsonObject, set[str]]:
    """The members of an object, and which of them it must have; what all its parts say counts."""
    parts = [schema, *schema.get("allOf", ())]
    members = {name: member for part in parts for name, member in part.get("properties", {}).items()}
    return members, {name for part in parts for name in part.get("required", ())}


def _kind(schema: JsonObject) -> str:
    """The type of a value, with its bounds, in words."""
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    if "minimum" in schema and schema["minimum"] == schema.get("maximum"):
        return str(schema["minimum"])
    words: list[str] = [schema.get("format") or schema.get("type", "anything")]
    if "maxLength" in schema and "format" not in schema:
        words.append(f"of {schema.get('minLength', 0)} to {schema['maxLength']} characters")
    if "maximum" in schema:
        words.append(f"from {schema.get('minimum', '-∞')} to {schema['maximum']}")
    if "maxItems" in schema:
        words.append(f"of {schema.get('minItems', 0)} to {schema['maxItems']}")
    return " ".join(words)


def _line(text: str) -> str:
    """A text of a contract without the line breaks that YAML has for its own sake."""
    return " ".join(text.split())
