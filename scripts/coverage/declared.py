"""What there is to be seen: every answer of every operation, every way of every event."""

from pathlib import Path
from typing import NamedTuple

from chassis.contracts import documents
from chassis.events.messages import MessageContract
from chassis.testing.conformance import problems_of
from chassis.web.problems import PROBLEM

METHODS = ("get", "put", "post", "delete", "patch")


class Response(NamedTuple):
    """One of the answers of an operation; one without a body has no media type, one that is no refusal no problem."""

    service: str
    operation: str
    status: str
    kind: str
    problem: str


class News(NamedTuple):
    """An event that is `sent`, or `received by` a service."""

    message: str
    what: str


def answers(root: Path) -> list[Response]:
    """Every declared answer, in the order of the contracts."""
    return [
        Response(file.stem, item[method]["operationId"], status, kind, problem)
        for file in sorted((root / "contracts").glob("*.yaml"))
        for item in documents.read(file)["paths"].values()
        for method in METHODS
        if method in item
        for status, answer in item[method]["responses"].items()
        for kind, content in (answer.get("content") or {"": {}}).items()
        for problem in (problems_of(content) if kind == PROBLEM else [""])
    ]


def news(root: Path) -> list[News]:
    """Every declared event: sent by its owner, and received by each service that says so."""
    files = [file for file in sorted((root / "asyncapi").glob("*.yaml")) if file.stem != "shop"]
    known = {file.stem: MessageContract.read(file) for file in files}
    sent = {News(name, "sent") for messages in known.values() for name in messages.sends}
    received = {
        News(message.name, f"received by {service}")
        for service, messages in known.items()
        for message in messages.receives.values()
    }
    return sorted(sent | received, key=lambda one: (one.message, one.what != "sent", one.what))
