"""What was seen: the counts that the test processes left, and what the pacts agree on."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chassis.contracts.asyncapi import EventApi
from chassis.contracts.media_types import PROBLEM_JSON
from tooling.coverage.declared import DeclaredEvent, DeclaredResponse


@dataclass
class Observations:
    """How often each thing was seen by whom, and what was not as its contract says."""

    answers: dict[DeclaredResponse, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    news: dict[DeclaredEvent, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    breaches: set[str] = field(default_factory=set)


def read_observations(reports: Path, root: Path) -> Observations:
    """Add up what lies in the reports, and the committed pacts."""
    observations = Observations()
    for file in sorted((reports / "seen").glob("*.json")):
        counts = json.loads(file.read_text("utf-8"))
        for *key, by, times in counts["answers"]:
            observations.answers[DeclaredResponse(*key)][by] += times
        for message, key, by, times in counts["events"]:
            observations.news[DeclaredEvent(message, key)][by] += times
        observations.breaches |= set(counts["breaches"])
    for file in sorted((root / "contracts" / "pacts").glob("*.json")):
        _agreed(json.loads(file.read_text("utf-8")), observations, root)
    return observations


def _agreed(pact: Mapping[str, Any], observations: Observations, root: Path) -> None:
    consumer, provider = pact["consumer"]["name"], pact["provider"]["name"]
    for interaction in pact["interactions"]:
        references = interaction["comments"]["references"]
        if "OpenAPI" in references:
            response = interaction["response"]
            kind = next(iter(response.get("headers", {}).get("Content-Type", [""])))
            problem = response["body"]["content"]["type"] if kind == PROBLEM_JSON else ""
            operation = references["OpenAPI"]["operationId"]
            observations.answers[DeclaredResponse(provider, operation, str(response["status"]), kind, problem)][
                "pacts"
            ] += 1
        else:
            hears = EventApi.load(root / "asyncapi" / f"{consumer}.yaml").receives
            message = hears[references["AsyncAPI"]["operationId"]].name
            observations.news[DeclaredEvent(message, "sent")]["pacts"] += 1
            observations.news[DeclaredEvent(message, f"received by {consumer}")]["pacts"] += 1
