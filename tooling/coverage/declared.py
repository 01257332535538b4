"""What there is to be seen: every answer of every operation, every way of every event."""

from pathlib import Path
from typing import NamedTuple

from chassis.contracts.asyncapi import EventApi
from chassis.contracts.media_types import PROBLEM_JSON
from chassis.contracts.openapi import Api


class DeclaredResponse(NamedTuple):
    """One of the answers of an operation; one without a body has no media type, one that is no refusal no problem."""

    service: str
    operation: str
    status: str
    kind: str
    problem: str


class DeclaredEvent(NamedTuple):
    """An event that is `sent`, or `received by` a service."""

    message: str
    what: str


def declared_responses(root: Path) -> list[DeclaredResponse]:
    """Every declared answer, in the order of the contracts."""
    return [
        DeclaredResponse(api.name, operation.id, str(status), kind, problem)
        for api in Api.load_all(root / "contracts")
        for operation in api.operations
        for status, response in operation.responses.items()
        for kind in response.content or [""]
        for problem in ([problem["type"] for problem in response.problems] if kind == PROBLEM_JSON else [""])
    ]


def declared_events(root: Path) -> list[DeclaredEvent]:
    """Every declared event: sent by its owner, and received by each service that says so."""
    apis = EventApi.load_all(root / "asyncapi")
    sent = {DeclaredEvent(name, "sent") for api in apis for name in api.sends}
    received = {
        DeclaredEvent(message.name, f"received by {api.name}") for api in apis for message in api.receives.values()
    }
    return sorted(sent | received, key=lambda event: (event.message, event.what != "sent", event.what))
