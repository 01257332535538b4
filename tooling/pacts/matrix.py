"""Whether everything that services need of each other is agreed on and was found to hold: can this be deployed?"""

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tooling.pacts.dependencies import Dependency, list_dependencies
from tooling.pacts.files import PACTS, ROOT, Pact, fingerprint, read, reports

PAGE = Environment(
    loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=True, trim_blocks=True
).get_template("matrix.html")
VERIFIED = "verified"


class Row(NamedTuple):
    """One interaction, or the lack of it. Only `verified` is good: others are failed, unverified, stale, missing."""

    consumer: str
    provider: str
    operation: str
    description: str
    verdict: str


def rows(wanted: Iterable[Dependency], pacts: Iterable[Pact], reports: Mapping[str, Any]) -> list[Row]:
    """What is needed, what was agreed, and what the providers' tests found; `reports` by provider."""
    found = [row for pact in pacts for row in _of(pact, reports.get(pact["provider"]["name"]))]
    agreed = {Dependency(row.consumer, row.provider, row.operation) for row in found}
    found += [Row(*need, "there is no pact about it", "missing") for need in set(wanted) - agreed]
    return sorted(found)


def _of(pact: Pact, report: Mapping[str, Any] | None) -> Iterable[Row]:
    consumer, provider = pact["consumer"]["name"], pact["provider"]["name"]
    at = report["pacts"].get(consumer) if report else None
    found = report["interactions"] if report else []
    passed = {one["description"]: one["passed"] for one in found if one["consumer"] == consumer}
    for interaction in pact["interactions"]:
        description = interaction["description"]
        if at is None or description not in passed:
            verdict = "unverified"
        elif at != fingerprint(pact):
            verdict = "stale"
        else:
            verdict = VERIFIED if passed[description] else "failed"
        yield Row(consumer, provider, _operation(interaction), description, verdict)


def _operation(interaction: Mapping[str, Any]) -> str:
    """The operation of the contract that the interaction refers to."""
    for reference in interaction.get("comments", {}).get("references", {}).values():
        return str(reference["operationId"])
    return "-"


class Cell(NamedTuple):
    """What is between a consumer and a provider."""

    verified: int
    of: int

    def __str__(self) -> str:
        return f"{self.verified}/{self.of}" if self.of else ""


def grid(found: Iterable[Row]) -> dict[str, dict[str, Cell]]:
    """Consumers by providers, with how many interactions of how many are verified."""
    found = list(found)
    return {
        consumer: {
            provider: Cell(
                sum(row.verdict == VERIFIED for row in found if row[:2] == (consumer, provider)),
                sum(row[:2] == (consumer, provider) for row in found),
            )
            for provider in sorted({row.provider for row in found})
        }
        for consumer in sorted({row.consumer for row in found})
    }


def as_text(found: list[Row]) -> str:
    """The grid, and a line for whatever is not verified."""
    cells = grid(found)
    providers = sorted({row.provider for row in found})
    table = [["", *providers], *([consumer, *map(str, of.values())] for consumer, of in cells.items())]
    widths = [max(len(line[column]) for line in table) for column in range(len(providers) + 1)]
    lines = ["  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip() for line in table]
    bad = [row for row in found if row.verdict != VERIFIED]
    lines += [""]
    lines += [f"{row.verdict}: {row.consumer} of {row.provider}, {row.operation}: {row.description}" for row in bad]
    lines.append(f"{len(found) - len(bad)} of {len(found)} verified")
    return "\n".join(lines) + "\n"


def as_page(found: list[Row]) -> str:
    """The same for a browser, with every interaction."""
    return PAGE.render(rows=found, grid=grid(found), verified=VERIFIED)


def now() -> list[Row]:
    """The matrix of the committed pacts and of what providers' tests reported last."""
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in (reports() / "verified").glob("*.json")}
    return rows(list_dependencies(ROOT), read(PACTS).values(), found)


def write(found: list[Row]) -> None:
    """Put both forms into the reports."""
    reports().mkdir(parents=True, exist_ok=True)
    (reports() / "matrix.txt").write_text(as_text(found), "utf-8")
    (reports() / "matrix.html").write_text(as_page(found), "utf-8")


def main(arguments: Sequence[str]) -> int:
    """Show the matrix and write it; 1 unless all of it is verified."""
    argparse.ArgumentParser(description=main.__doc__).parse_args(arguments)
    found = now()
    write(found)
    print(as_text(found), end="")
    print(f"The matrix is in {reports() / 'matrix.html'}.")
    return int(any(row.verdict != VERIFIED for row in found))
