"""Whether everything that services need of each other is agreed on and was found to hold: can this be deployed?"""

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tooling.pacts.dependencies import Dependency, list_dependencies
from tooling.pacts.files import PACTS_FOLDER, ROOT, Pact, pact_fingerprint, read_pacts, reports_folder

PAGE_TEMPLATE = Environment(
    loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=True, trim_blocks=True
).get_template("matrix.html")
VERIFIED = "verified"


class InteractionRow(NamedTuple):
    """One interaction, or the lack of it. Only `verified` is good: others are failed, unverified, stale, missing."""

    consumer: str
    provider: str
    operation: str
    description: str
    verdict: str


def build_rows(wanted: Iterable[Dependency], pacts: Iterable[Pact], reports: Mapping[str, Any]) -> list[InteractionRow]:
    """What is needed, what was agreed, and what the providers' tests found; `reports` by provider."""
    rows = [row for pact in pacts for row in _of(pact, reports.get(pact["provider"]["name"]))]
    agreed = {Dependency(row.consumer, row.provider, row.operation) for row in rows}
    rows += [InteractionRow(*need, "there is no pact about it", "missing") for need in set(wanted) - agreed]
    return sorted(rows)


def _of(pact: Pact, report: Mapping[str, Any] | None) -> Iterable[InteractionRow]:
    consumer, provider = pact["consumer"]["name"], pact["provider"]["name"]
    at = report["pacts"].get(consumer) if report else None
    results = report["interactions"] if report else []
    passed = {result["description"]: result["passed"] for result in results if result["consumer"] == consumer}
    for interaction in pact["interactions"]:
        description = interaction["description"]
        if at is None or description not in passed:
            verdict = "unverified"
        elif at != pact_fingerprint(pact):
            verdict = "stale"
        else:
            verdict = VERIFIED if passed[description] else "failed"
        yield InteractionRow(consumer, provider, _operation(interaction), description, verdict)


def _operation(interaction: Mapping[str, Any]) -> str:
    """The operation of the contract that the interaction refers to."""
    for reference in interaction.get("comments", {}).get("references", {}).values():
        return str(reference["operationId"])
    return "-"


class MatrixCell(NamedTuple):
    """What is between a consumer and a provider."""

    verified: int
    of: int

    def __str__(self) -> str:
        return f"{self.verified}/{self.of}" if self.of else ""


def build_grid(rows: Iterable[InteractionRow]) -> dict[str, dict[str, MatrixCell]]:
    """Consumers by providers, with how many interactions of how many are verified."""
    rows = list(rows)
    return {
        consumer: {
            provider: MatrixCell(
                sum(row.verdict == VERIFIED for row in rows if row[:2] == (consumer, provider)),
                sum(row[:2] == (consumer, provider) for row in rows),
            )
            for provider in sorted({row.provider for row in rows})
        }
        for consumer in sorted({row.consumer for row in rows})
    }


def render_text(rows: list[InteractionRow]) -> str:
    """The grid, and a line for whatever is not verified."""
    cells = build_grid(rows)
    providers = sorted({row.provider for row in rows})
    table = [["", *providers], *([consumer, *map(str, of.values())] for consumer, of in cells.items())]
    widths = [max(len(line[column]) for line in table) for column in range(len(providers) + 1)]
    lines = ["  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip() for line in table]
    bad = [row for row in rows if row.verdict != VERIFIED]
    lines += [""]
    lines += [f"{row.verdict}: {row.consumer} of {row.provider}, {row.operation}: {row.description}" for row in bad]
    lines.append(f"{len(rows) - len(bad)} of {len(rows)} verified")
    return "\n".join(lines) + "\n"


def render_page(rows: list[InteractionRow]) -> str:
    """The same for a browser, with every interaction."""
    return PAGE_TEMPLATE.render(rows=rows, grid=build_grid(rows), verified=VERIFIED)


def read_current_matrix() -> list[InteractionRow]:
    """The matrix of the committed pacts and of what providers' tests reported last."""
    results = {
        path.stem: json.loads(path.read_text("utf-8")) for path in (reports_folder() / "verified").glob("*.json")
    }
    return build_rows(list_dependencies(ROOT), read_pacts(PACTS_FOLDER).values(), results)


def write_matrix(rows: list[InteractionRow]) -> None:
    """Put both forms into the reports."""
    reports_folder().mkdir(parents=True, exist_ok=True)
    (reports_folder() / "matrix.txt").write_text(render_text(rows), "utf-8")
    (reports_folder() / "matrix.html").write_text(render_page(rows), "utf-8")


def main(arguments: Sequence[str]) -> int:
    """Show the matrix and write it; 1 unless all of it is verified."""
    argparse.ArgumentParser(description=main.__doc__).parse_args(arguments)
    rows = read_current_matrix()
    write_matrix(rows)
    print(render_text(rows), end="")
    print(f"The matrix is in {reports_folder() / 'matrix.html'}.")
    return int(any(row.verdict != VERIFIED for row in rows))
