"""What the contracts say about the shop as a whole: who offers what, who calls whom, who hears whom."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.chassis.contracts import read

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
class Event:
    """One kind of event: its topic, who sends it, and what each receiver does with it."""

    name: str
    topic: str
    title: str
    summary: str
    sender: str
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
    events = _events(read(root / "asyncapi" / "shop.yaml"), exchanges)
    users = _users(root)
    services = (_service(name, contract, events, users) for name, contract in contracts.items())
    return Shop(tuple(services), tuple(events))


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
        owns=" ".join(contract["info"]["description"].split()),
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
                    summary=node["summary"],
                    anchor=f"{node['tags'][0]}/{node['operationId']}",
                    who=_who(access),
                    callers=tuple(sorted({*internal, *users.get((service, node["operationId"]), ())})),
                )


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
        message["name"]: Event(message["name"], channel["address"], message["title"], message["summary"],
                               _sender(message["name"], exchanges))
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
