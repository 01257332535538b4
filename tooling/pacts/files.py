"""Pact files as they are committed, and the folder of reports."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACTS_FOLDER = ROOT / "contracts" / "pacts"
UPDATE_HINT = "run python scripts/update_pacts.py, then read and commit what it changes"
Pact = Mapping[str, Any]


def reports_folder() -> Path:
    """Where reports on pacts go: below SHOP_REPORTS, or reports/."""
    return Path(os.environ.get("SHOP_REPORTS", ROOT / "reports")) / "pacts"


def read_pacts(folder: Path) -> dict[str, Pact]:
    """All pacts of a folder, by the names of their files."""
    return {path.name: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))}


def canonical_json(pact: Pact) -> str:
    """A pact as it is committed: for people to read, and without the versions of what wrote it."""
    kept = {**pact, "metadata": {"pactSpecification": pact["metadata"]["pactSpecification"]}}
    return json.dumps(kept, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def pact_fingerprint(pact: Pact) -> str:
    """Tells a pact from what it was when it was verified."""
    return hashlib.sha256(json.dumps(pact["interactions"], sort_keys=True).encode()).hexdigest()


def find_outdated_pacts(made: Path, committed: Path) -> list[str]:
    """Which committed pacts differ from those that the consumers' tests made, and how."""
    wanted = {name: canonical_json(pact) for name, pact in read_pacts(made).items()}
    there = {path.name: path.read_text("utf-8") for path in sorted(committed.glob("*.json"))}
    return [
        *(f"{name} is not committed" for name in sorted(wanted.keys() - there.keys())),
        *(f"{name} is committed, and no consumer's test makes it" for name in sorted(there.keys() - wanted.keys())),
        *(
            f"{name} is stale: it says something else than the consumer's tests{_difference(there[name], wanted[name])}"
            for name in sorted(wanted.keys() & there.keys())
            if wanted[name] != there[name]
        ),
    ]


def replace_pacts(made: Path, committed: Path) -> list[str]:
    """Commit to what the consumers' tests made; the names of the files that are new, other or gone."""
    committed.mkdir(parents=True, exist_ok=True)
    wanted = {name: canonical_json(pact) for name, pact in read_pacts(made).items()}
    there = {path.name: path.read_text("utf-8") for path in committed.glob("*.json")}
    for name in there.keys() - wanted.keys():
        (committed / name).unlink()
    for name, text in wanted.items():
        (committed / name).write_text(text, "utf-8")
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def _difference(there: str, wanted: str) -> str:
    """The interactions that differ."""
    old, new = (
        {interaction["description"]: interaction for interaction in json.loads(text)["interactions"]}
        for text in (there, wanted)
    )
    other = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return f" ({'; '.join(other)})" if other else ""
