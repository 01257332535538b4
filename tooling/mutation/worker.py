"""Judges mutants one after the other, in the copy of the project that is its working folder.

Reads their numbers, a line each (SOUND is none of them); answers each with a line of JSON.
"""

import importlib
import importlib.util
import json
import pkgutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from tooling.mutation.judges import Bench
from tooling.mutation.mutants import Mutant, mutants
from tooling.mutation.report import accepted

# What the judges' forks would each import anew: all that reads no contract when it is imported.
KNOWN = (
    "openapi_spec_validator",
    "openapi_schema_validator",
    "aiokafka.admin",
    "redis.asyncio",
    "infra.test_servers.fixtures",
    "tooling.conformance.contract_recorder",
)
SOUND = -1  # the contracts as they are, of which nobody may say anything
DEAREST = "service tests"  # which are not asked about what may go unnoticed anyway
PARTS = ("errors", "domain", "handlers", "subscribers")


def main(wanted: list[str]) -> None:
    """Answer until there is nothing more to read."""
    root = Path.cwd()
    imported(root)
    bench, all_of_them = Bench(root), list(mutants(root))
    reasons = accepted()
    judges = [(name, judge) for name, judge in bench.judges.items() if name in wanted]
    answers = sys.stdout
    sys.stdout = sys.stderr
    for line in sys.stdin:
        number, began = int(line), time.monotonic()
        with weakened(root, all_of_them[number]) if number != SOUND else nullcontext("contracts/common.yaml") as file:
            known = number != SOUND and reasons.of(all_of_them[number])
            asked = [(name, judge) for name, judge in judges if not (known and name == DEAREST)]
            noticed = next(((name, said) for name, judge in asked if (said := judge(file))), ("", ""))
        verdict = {"mutant": number, "by": noticed[0], "said": noticed[1], "seconds": time.monotonic() - began}
        print(json.dumps(verdict), file=answers, flush=True)


@contextmanager
def weakened(root: Path, mutant: Mutant) -> Iterator[str]:
    """Puts the mutant in the place of its file, for a while."""
    path = root / mutant.file
    whole = path.read_text("utf-8")
    path.write_text(mutant.text(whole), "utf-8")
    try:
        yield mutant.file
    finally:
        path.write_text(whole, "utf-8")


def imported(root: Path) -> None:
    """Import what every fork needs."""
    services = [path.name for path in (root / "services").iterdir() if (path / "domain.py").exists()]
    parts = [f"services.{service}.{part}" for service in services for part in PARTS]
    chassis = [one.name for one in pkgutil.walk_packages([str(root / "chassis")], "chassis.")]
    chassis = [name for name in chassis if not name.startswith(("chassis.tests", "chassis.testing"))]
    for name in [*KNOWN, *chassis, *parts]:
        if importlib.util.find_spec(name):
            importlib.import_module(name)


if __name__ == "__main__":
    main(sys.argv[1].split(","))
