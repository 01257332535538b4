"""The coverage of the contracts, as text, as a page and as JSON; it is red where anything declared was not seen."""

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tooling.coverage.declared import DeclaredEvent, DeclaredResponse, declared_events, declared_responses
from tooling.coverage.observed import Observations, read_observations

ROOT = Path(__file__).resolve().parents[2]
SOURCE_COLUMNS = ("features", "services", "shop", "pacts", "fuzzing")
# What is made up may come by anything: it proves that an answer is right, not that somebody knows when it is given.
INSUFFICIENT_SOURCES = {"fuzzing"}
PAGE_TEMPLATE = Environment(
    loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=True, trim_blocks=True
).get_template("page.html")


class CoverageRow(NamedTuple):
    """Something that can be seen, and how often it was, by whom."""

    subject: DeclaredResponse | DeclaredEvent
    times: Mapping[str, int]
    declared: bool

    @property
    def verdict(self) -> str:
        """`seen` is good, `unseen` and `undeclared` are not."""
        if not self.declared:
            return "undeclared"
        return (
            "seen" if any(self.times.get(by) for by in SOURCE_COLUMNS if by not in INSUFFICIENT_SOURCES) else "unseen"
        )


class Coverage(NamedTuple):
    """All that is declared or was seen."""

    answers: Sequence[CoverageRow]
    news: Sequence[CoverageRow]
    gateways_own: Mapping[str, int]
    breaches: Sequence[str]

    @property
    def faults(self) -> list[str]:
        """Why it is red, if it is."""
        bad = [row for row in (*self.answers, *self.news) if row.verdict != "seen"]
        return [f"{row.verdict}: {_named(row.subject)}" for row in bad] + [
            f"wrong: {violation}" for violation in self.breaches
        ]

    def counts(self) -> dict[str, int]:
        """How much is declared and how much of it seen, in all and by each column."""
        declared = [row for row in (*self.answers, *self.news) if row.declared]
        by = {column: sum(bool(row.times.get(column)) for row in declared) for column in SOURCE_COLUMNS}
        return {"declared": len(declared), "seen": sum(row.verdict == "seen" for row in declared), **by}


def build_coverage(observations: Observations, root: Path = ROOT) -> Coverage:
    """Hold what was seen against what is declared."""
    own = {
        response.status: sum(by.values())
        for response, by in observations.answers.items()
        if response.service == "gateway"
    }
    known = {response: by for response, by in observations.answers.items() if response.service != "gateway"}
    return Coverage(
        _rows(declared_responses(root), known),
        _rows(declared_events(root), observations.news),
        dict(sorted(own.items())),
        sorted(observations.breaches),
    )


def render_text(coverage: Coverage) -> str:
    """One line per service, and one for whatever is wrong."""
    lines = [f"{'':14}{'declared':>9}{'seen':>6}  " + "".join(f"{name:>10}" for name in SOURCE_COLUMNS)]
    services = dict.fromkeys(row.subject[0] for row in coverage.answers)
    parts = {name: Coverage([r for r in coverage.answers if r.subject[0] == name], [], {}, []) for name in services}
    parts |= {"events": Coverage([], coverage.news, {}, []), "all": coverage}
    for name, part in parts.items():
        counts = part.counts()
        by = "".join(f"{counts[column]:10}" for column in SOURCE_COLUMNS)
        lines.append(f"{name:14}{counts['declared']:9}{counts['seen']:6}  {by}")
    return "\n".join([*lines, "", *coverage.faults]) + "\n"


def render_json(coverage: Coverage) -> str:
    """Everything, for programs."""
    document: dict[str, Any] = {
        "counts": coverage.counts(),
        "gateways_own": coverage.gateways_own,
        "breaches": coverage.breaches,
    }
    for name, rows in (("answers", coverage.answers), ("events", coverage.news)):
        document[name] = [{**row.subject._asdict(), "seen": dict(row.times), "verdict": row.verdict} for row in rows]
    return json.dumps(document, indent=1) + "\n"


def render_page(coverage: Coverage) -> str:
    """Every cell, for a browser."""
    names = dict.fromkeys(row.subject[0] for row in coverage.answers)
    services = {name: [row for row in coverage.answers if row.subject[0] == name] for name in names}
    return PAGE_TEMPLATE.render(found=coverage, services=services, columns=SOURCE_COLUMNS, counts=coverage.counts())


def write_reports(reports: Path) -> Coverage:
    """Build the three forms from what lies in the reports, beside it."""
    coverage = build_coverage(read_observations(reports, ROOT))
    folder = reports / "coverage"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (
        ("txt", render_text(coverage)),
        ("json", render_json(coverage)),
        ("html", render_page(coverage)),
    ):
        (folder / f"coverage.{name}").write_text(content, "utf-8")
    return coverage


def main(arguments: Sequence[str]) -> int:
    """Show the coverage and write it; 1 if it is red."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    default = Path(os.environ.get("SHOP_REPORTS", ROOT / "reports"))
    parser.add_argument("reports", nargs="?", type=Path, default=default, help="where the tests' reports lie")
    reports: Path = parser.parse_args(arguments).reports
    coverage = write_reports(reports)
    print(render_text(coverage), end="")
    print(f"The coverage of the contracts is in {reports / 'coverage' / 'coverage.html'}.")
    return int(bool(coverage.faults))


def _rows(declared: Iterable[Any], observed: Mapping[Any, Counter[str]]) -> list[CoverageRow]:
    known = dict.fromkeys(declared)
    rows = [CoverageRow(subject, observed.get(subject, Counter()), declared=True) for subject in known]
    return rows + [
        CoverageRow(subject, observed[subject], declared=False) for subject in sorted(observed.keys() - known.keys())
    ]


def _named(subject: DeclaredResponse | DeclaredEvent) -> str:
    if isinstance(subject, DeclaredEvent):
        return f"{subject.message} {subject.what}"
    return f"{subject.service}.{subject.operation} {subject.status} {subject.problem or subject.kind}".rstrip()
