"""The coverage of the contracts, as text, as a page and as JSON; it is red where anything declared was not seen."""

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tooling.coverage.declared import DeclaredEvent, Response, declared_events, declared_responses
from tooling.coverage.observed import Observations, read_observations

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = ("features", "services", "shop", "pacts", "fuzzing")
# What is made up may come by anything: it proves that an answer is right, not that somebody knows when it is given.
INSUFFICIENT_SOURCES = {"fuzzing"}
PAGE = Environment(
    loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=True, trim_blocks=True
).get_template("page.html")


class Row(NamedTuple):
    """Something that can be seen, and how often it was, by whom."""

    what: Response | DeclaredEvent
    times: Mapping[str, int]
    declared: bool

    @property
    def verdict(self) -> str:
        """`seen` is good, `unseen` and `undeclared` are not."""
        if not self.declared:
            return "undeclared"
        return "seen" if any(self.times.get(by) for by in COLUMNS if by not in INSUFFICIENT_SOURCES) else "unseen"


class Coverage(NamedTuple):
    """All that is declared or was seen."""

    answers: Sequence[Row]
    news: Sequence[Row]
    gateways_own: Mapping[str, int]
    breaches: Sequence[str]

    @property
    def faults(self) -> list[str]:
        """Why it is red, if it is."""
        bad = [row for row in (*self.answers, *self.news) if row.verdict != "seen"]
        return [f"{row.verdict}: {_named(row.what)}" for row in bad] + [f"wrong: {one}" for one in self.breaches]

    def counts(self) -> dict[str, int]:
        """How much is declared and how much of it seen, in all and by each column."""
        declared = [row for row in (*self.answers, *self.news) if row.declared]
        by = {column: sum(bool(row.times.get(column)) for row in declared) for column in COLUMNS}
        return {"declared": len(declared), "seen": sum(row.verdict == "seen" for row in declared), **by}


def coverage(found: Observations, root: Path = ROOT) -> Coverage:
    """Hold what was seen against what is declared."""
    own = {what.status: sum(by.values()) for what, by in found.answers.items() if what.service == "gateway"}
    known = {what: by for what, by in found.answers.items() if what.service != "gateway"}
    return Coverage(
        _rows(declared_responses(root), known),
        _rows(declared_events(root), found.news),
        dict(sorted(own.items())),
        sorted(found.breaches),
    )


def as_text(found: Coverage) -> str:
    """One line per service, and one for whatever is wrong."""
    lines = [f"{'':14}{'declared':>9}{'seen':>6}  " + "".join(f"{name:>10}" for name in COLUMNS)]
    services = dict.fromkeys(row.what[0] for row in found.answers)
    parts = {name: Coverage([r for r in found.answers if r.what[0] == name], [], {}, []) for name in services}
    parts |= {"events": Coverage([], found.news, {}, []), "all": found}
    for name, part in parts.items():
        counts = part.counts()
        by = "".join(f"{counts[column]:10}" for column in COLUMNS)
        lines.append(f"{name:14}{counts['declared']:9}{counts['seen']:6}  {by}")
    return "\n".join([*lines, "", *found.faults]) + "\n"


def as_json(found: Coverage) -> str:
    """Everything, for programs."""
    told: dict[str, Any] = {"counts": found.counts(), "gateways_own": found.gateways_own, "breaches": found.breaches}
    for name, rows in (("answers", found.answers), ("events", found.news)):
        told[name] = [{**row.what._asdict(), "seen": dict(row.times), "verdict": row.verdict} for row in rows]
    return json.dumps(told, indent=1) + "\n"


def as_page(found: Coverage) -> str:
    """Every cell, for a browser."""
    names = dict.fromkeys(row.what[0] for row in found.answers)
    services = {name: [row for row in found.answers if row.what[0] == name] for name in names}
    return PAGE.render(found=found, services=services, columns=COLUMNS, counts=found.counts())


def write(reports: Path) -> Coverage:
    """Build the three forms from what lies in the reports, beside it."""
    found = coverage(read_observations(reports, ROOT))
    folder = reports / "coverage"
    folder.mkdir(parents=True, exist_ok=True)
    for name, told in (("txt", as_text(found)), ("json", as_json(found)), ("html", as_page(found))):
        (folder / f"coverage.{name}").write_text(told, "utf-8")
    return found


def main(arguments: Sequence[str]) -> int:
    """Show the coverage and write it; 1 if it is red."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    default = Path(os.environ.get("SHOP_REPORTS", ROOT / "reports"))
    parser.add_argument("reports", nargs="?", type=Path, default=default, help="where the tests' reports lie")
    reports: Path = parser.parse_args(arguments).reports
    found = write(reports)
    print(as_text(found), end="")
    print(f"The coverage of the contracts is in {reports / 'coverage' / 'coverage.html'}.")
    return int(bool(found.faults))


def _rows(declared: Iterable[Any], found: Mapping[Any, Counter[str]]) -> list[Row]:
    known = dict.fromkeys(declared)
    rows = [Row(what, found.get(what, Counter()), declared=True) for what in known]
    return rows + [Row(what, found[what], declared=False) for what in sorted(found.keys() - known.keys())]


def _named(what: Response | DeclaredEvent) -> str:
    if isinstance(what, DeclaredEvent):
        return f"{what.message} {what.what}"
    return f"{what.service}.{what.operation} {what.status} {what.problem or what.kind}".rstrip()
