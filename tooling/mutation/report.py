"""What was noticed by whom, and what was not and why that may be."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import jinja2
import yaml

from tooling.mutation.mutants import Mutant

REPORT_FOLDER = Path(__file__).parent
RELEASED_ORACLE = "released"  # notices every change, so it is counted apart
ALL_ORACLES = ("generated", "start", "contract tests", "lint", "service tests", RELEASED_ORACLE)


class NamedMutant(Protocol):
    """A mutant, of a contract or of code."""

    @property
    def name(self) -> str: ...


class MutantVerdict(NamedTuple):
    """Who noticed a mutant first, from cheap to dear, and what was said; nobody is ""."""

    mutant: Mutant
    by: str
    message: str
    seconds: float

    @property
    def by_more_than_release(self) -> bool:
        return self.by not in ("", RELEASED_ORACLE)


class EquivalenceReason(NamedTuple):
    """Why some mutants may go unnoticed."""

    pattern: str
    why: str


class EquivalenceReasons(tuple[EquivalenceReason, ...]):
    """All reasons that are accepted."""

    def of(self, mutant: NamedMutant) -> str:
        return next((reason.why for reason in self if re.search(reason.pattern, mutant.name)), "")


def read_equivalent_mutants(folder: Path = REPORT_FOLDER) -> EquivalenceReasons:
    """The reasons in the folder's equivalent_mutants.yaml."""
    entries = yaml.safe_load((folder / "equivalent_mutants.yaml").read_text("utf-8")) or []
    return EquivalenceReasons(EquivalenceReason(entry["pattern"], entry["why"]) for entry in entries)


def format_score(verdicts: Iterable[MutantVerdict], *, released: bool) -> str:
    """How many were noticed, in words."""
    counted = list(verdicts)
    killed_by = sum(verdict.by != "" if released else verdict.by_more_than_release for verdict in counted)
    return f"{killed_by} of {len(counted)} ({100 * killed_by / max(len(counted), 1):.1f} %)"


def format_report(verdicts: Sequence[MutantVerdict], reasons: EquivalenceReasons, seconds: float) -> str:
    """The counts, and each mutant that only the release or nobody noticed."""
    kinds = Counter(verdict.mutant.kind for verdict in verdicts)
    cells = Counter((verdict.mutant.kind, verdict.by) for verdict in verdicts)
    columns = [*ALL_ORACLES, ""]
    lines = ["", f"{'weakened':<20}{'':>6}" + "".join(f"{name or 'nobody':>16}" for name in columns)]
    for kind, number in sorted(kinds.items()):
        lines.append(f"{kind:<20}{number:>6}" + "".join(f"{cells[kind, name] or '·':>16}" for name in columns))
    whole = [count_cells(cells, name) or "·" for name in columns]
    lines.append(f"{'':<20}{len(verdicts):>6}" + "".join(f"{number:>16}" for number in whole))
    lines += [
        "",
        f"Noticed: {format_score(verdicts, released=False)}; "
        f"with the release gate: {format_score(verdicts, released=True)}.",
    ]
    left = [verdict for verdict in verdicts if not verdict.by_more_than_release]
    for verdict in left:
        lines.append(f"  {verdict.mutant.name}: {reasons.of(verdict.mutant) or 'NO REASON IS KNOWN'}")
    lines.append(f"It took {seconds:.0f} s.")
    return "\n".join(lines)


def count_cells(cells: Counter[tuple[str, str]], by: str) -> int:
    return sum(number for (_, name), number in cells.items() if name == by)


def write_report(verdicts: Sequence[MutantVerdict], reasons: EquivalenceReasons, folder: Path) -> Path:
    """Write the report as a page and as JSON; where the page is."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        {"file": verdict.mutant.file, "name": verdict.mutant.name, "kind": verdict.mutant.kind,
         "by": verdict.by, "said": verdict.message,
         "why": "" if verdict.by_more_than_release else reasons.of(verdict.mutant)}
        for verdict in sorted(verdicts, key=lambda verdict: (verdict.by_more_than_release, verdict.mutant.name))
    ]  # fmt: skip
    (folder / "mutants.json").write_text(json.dumps(rows, indent=1), "utf-8")
    page = jinja2.Environment(loader=jinja2.FileSystemLoader(REPORT_FOLDER), autoescape=True).get_template(
        "report.html.jinja"
    )
    target = folder / "index.html"
    facts = {"noticed": format_score(verdicts, released=False), "released": format_score(verdicts, released=True)}
    kinds = Counter(verdict.mutant.kind for verdict in verdicts)
    cells = {f"{kind}/{by}": n for (kind, by), n in Counter((v.mutant.kind, v.by) for v in verdicts).items()}
    shown = page.render(rows=rows, kinds=kinds, cells=cells, oracles=[*ALL_ORACLES, ""], **facts)
    target.write_text(shown, "utf-8")
    return target
