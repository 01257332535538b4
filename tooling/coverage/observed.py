"""What was seen: the counts that the test processes left, and what the pacts agree on."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chassis.contracts.asyncapi import EventApi
from chassis.contracts.media_types import PROBLEM
from tooling.coverage.declared import DeclaredEvent, Response


@dataclass
class Observations:
    """How often each thing was seen by whom, and what was not as its contract says."""

    answers: dict[Response, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    news: dict[DeclaredEvent, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    breaches: set[str] = field(default_factory=set)


def read_observations(reports: Path, root: Path) -> Observations:
    """Add up what lies in the reports, and the committed pacts."""
    found = Observations()
    for file in sorted((reports / "seen").glob("*.json")):
        told = json.loads(file.read_text("utf-8"))
        for *what, by, times in told["answers"]:
            found.answers[Response(*what)][by] += times
        for message, what, by, times in told["events"]:
            found.news[DeclaredEvent(message, what)][by] += times
        found.breaches |= set(told["breaches"])
    for file in sorted((root / "contracts" / "pacts").glob("*.json")):
        _agreed(json.loads(file.read_text("utf-8")), found, root)
    return found


def _agreed(pact: Mapping[str, Any], found: Observations, root: Path) -> None:
    consumer, provider = pact["consumer"]["name"], pact["provider"]["name"]
    for interaction in pact["interactions"]:
        references = interaction["comments"]["references"]
        if "OpenAPI" in references:
            response = interaction["response"]
            kind = next(iter(response.get("headers", {}).get("Content-Type", [""])))
            problem = response["body"]["content"]["type"] if kind == PROBLEM else ""
            operation = references["OpenAPI"]["operationId"]
            found.answers[Response(provider, operation, str(response["status"]), kind, problem)]["pacts"] += 1
        else:
            hears = EventApi.load(root / "asyncapi" / f"{consumer}.yaml").receives
            message = hears[references["AsyncAPI"]["operationId"]].name
            found.news[DeclaredEvent(message, "sent")]["pacts"] += 1
            found.news[DeclaredEvent(message, f"received by {consumer}")]["pacts"] += 1
