"""What the contracts say about the shop as a whole: who offers what, who calls whom, who hears whom."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chassis.contracts.documents import read

METHODS = ("get", "put", "post", "delete", "patch")
Node = dict[str, Any]
Users = Mapping[tuple[str, str], set[str]]  # by service and operation


@dataclass(frozen=True)
class Operation:
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
class Field:
    """One field of what an event says; `name` leads to it: `items[].qty`."""

    name: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True)
class Event:
    """One kind of event: its topic, who sends it, what it says, and what each receiver does with it."""

    name: str
    topic: str
    title: str
    summary: str
    sender: str
    fields: tuple[Field, ...]
    example: str
    receivers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Service:
    """One service."""

    name: str
    title: str
    version: str
    owns: str
    operations: tuple[Operation, ...]
    sends: tuple[str, ...]
    receives: tuple[str, ...]


@dataclass(frozen=True)
class Shop:
    """All of it."""

    services: tuple[Service, ...]
    events: tuple[Event, ...]
    delivery: str
    envelope: tuple[Field, ...]

    def calls(self, caller: str, provider: str) -> list[Operation]:
        """What one service calls at another."""
        (offered,) = [service.operations for service in self.services if service.name == provider]
        return [operation for operation in offered if caller in operation.callers]

    @property
    def callers(self) -> list[str]:
        """Who calls services besides shoppers and admins: other services, and the operator."""
        known = {caller for one in self.services for operation in one.operations for caller in operation.callers}
        named = [service.name for service in self.services if service.name in known]
        return [*named, *sorted(known - set(named))]


def shop(root: Path) -> Shop:
    """Read all contracts.

    Raises:
        ContractError: One of them cannot be read.
    """
    contracts = {path.stem: read(path) for path in sorted(root.glob("contracts/*.yaml")) if path.stem != "common"}
    exchanges = {path.stem: read(path) for path in sorted(root.glob("asyncapi/*.yaml")) if path.stem != "shop"}
    channels = read(root / "asyncapi" / "shop.yaml")
    events = _events(channels, exchanges)
    users = _users(root)
    services = (_service(name, contract, events, users) for name, contract in contracts.items())
    envelope = _fields(channels["components"]["schemas"]["Envelope"])
    return Shop(tuple(services), tuple(events), _line(channels["info"].get("description", "")), tuple(envelope))


def _users(root: Path) -> Users:
    """Who calls what is open to everybody: an operation does not know, but the pact of a caller does."""
    users: dict[tuple[str, str], set[str]] = {}
    for path in sorted(root.glob("contracts/pacts/*.json")):
        pact = json.loads(path.read_text("utf-8"))
        for interaction in pact["interactions"]:
            said = interaction.get("comments", {}).get("references", {}).get("OpenAPI")
            if said:
                called = (pact["provider"]["name"], said["operationId"])
                users.setdefault(called, set()).add(pact["consumer"]["name"])
    return users


def _service(name: str, contract: Node, events: list[Event], users: Users) -> Service:
    return Service(
        name=name,
        title=contract["info"]["title"],
        version=contract["info"]["version"],
        owns=_line(contract["info"].get("description", "")),
        operations=tuple(_operations(name, contract, users)),
        sends=tuple(event.name for event in events if event.sender == name),
        receives=tuple(event.name for event in events if name in event.receivers),
    )


def _operations(service: str, contract: Node, users: Users) -> Iterator[Operation]:
    for path, item in contract["paths"].items():
        for method in METHODS:
            if method in item:
                node = item[method]
                access = node["x-access"] if isinstance(node["x-access"], dict) else {}
                internal = access.get("internal", ())
                yield Operation(
                    service=service,
                    id=node["operationId"],
                    method=method.upper(),
                    path=f"/{service}{path}",
                    summary=node.get("summary", ""),
                    anchor=anchor_of(node),
                    who=_who(access),
                    callers=tuple(sorted({*internal, *users.get((service, node["operationId"]), ())})),
                )


def anchor_of(operation: Node) -> str:
    """Where Swagger UI shows it, behind `#/`."""
    return f"{operation.get('tags', ['default'])[0]}/{operation['operationId']}"


def _who(access: Node) -> str:
    """Who may call, in words."""
    roles, keys = access.get("roles", []), access.get("internal", [])
    people = (
        "shoppers and admins" if len(roles) > 1 else {"admin": "admins", "customer": "shoppers"}.get("".join(roles))
    )
    if people and access.get("owner"):
        people = "the owner and admins"
    if keys and people:
        return f"{people} with the key of {', '.join(keys)}"
    return people or ", ".join(keys) or "everybody"


def _events(document: Node, exchanges: dict[str, Node]) -> list[Event]:
    events = {
        message["name"]: Event(message["name"], channel["address"], message["title"], message.get("summary", ""),
                               _sender(message["name"], exchanges),
                               tuple(_fields(_members(message["payload"])[0]["data"])),
                               _example(message))
        for channel in document["channels"].values()
        for message in channel["messages"].values()
    }  # fmt: skip
    for service, exchange in exchanges.items():
        for operation in exchange["operations"].values():
            if operation["action"] == "receive":
                for message in operation["messages"]:
                    events[message["name"]].receivers[service] = operation["summary"]
    return list(events.values())


def _sender(event: str, exchanges: dict[str, Node]) -> str:
    senders = (
        service
        for service, exchange in exchanges.items()
        for operation in exchange["operations"].values()
        if operation["action"] == "send" and any(message["name"] == event for message in operation["messages"])
    )
    return next(senders, "nobody")


def _fields(schema: Node, within: str = "") -> Iterator[Field]:
    """What an object says, from the outside inwards."""
    members, required = _members(schema)
    for name, one in members.items():
        yield Field(within + name, _kind(one), name in required, _line(one.get("description", "")))
        inner, step = (one["items"], "[].") if "items" in one else (one, ".")
        yield from _fields(inner, f"{within}{name}{step}")


def _members(schema: Node) -> tuple[Node, set[str]]:
    """The members of an object, and which of them it must have; what all its parts say counts."""
    parts = [schema, *schema.get("allOf", ())]
    members = {name: one for part in parts for name, one in part.get("properties", {}).items()}
    return members, {name for part in parts for name in part.get("required", ())}


def _kind(schema: Node) -> str:
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


def _example(message: Node) -> str:
    shown = (json.dumps(example["payload"], indent=2) for example in message.get("examples", ()))
    return next(shown, "")


def _line(text: str) -> str:
    """A text of a contract without the line breaks that YAML has for its own sake."""
    return " ".join(text.split())
