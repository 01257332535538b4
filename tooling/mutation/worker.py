"""Judges mutants one after the other, in the copy of the project that is its working folder.

Reads their numbers, a line each (BASELINE is none of them); answers each with a line of JSON.
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

from tooling.mutation.mutants import Mutant, generate_mutants
from tooling.mutation.oracles import Workspace
from tooling.mutation.report import read_equivalent_mutants

# What the oracles' forks would each import anew: all that reads no contract when it is imported.
PRELOADED_MODULES = (
    "openapi_spec_validator",
    "openapi_schema_validator",
    "aiokafka.admin",
    "redis.asyncio",
    "infra.test_servers.fixtures",
    "tooling.conformance.contract_recorder",
)
BASELINE_INDEX = -1  # the contracts as they are, of which nobody may say anything
SLOWEST_ORACLE = "service tests"  # which are not asked about what may go unnoticed anyway
PRELOADED_SERVICE_MODULES = ("errors", "domain", "handlers", "subscribers")


def main(wanted: list[str]) -> None:
    """Answer until there is nothing more to read."""
    root = Path.cwd()
    import_dependencies(root)
    workspace, all_mutants = Workspace(root), list(generate_mutants(root))
    reasons = read_equivalent_mutants()
    oracles = [(name, oracle) for name, oracle in workspace.oracles.items() if name in wanted]
    answers = sys.stdout
    sys.stdout = sys.stderr
    for line in sys.stdin:
        number, began = int(line), time.monotonic()
        with (
            apply_mutant(root, all_mutants[number])
            if number != BASELINE_INDEX
            else nullcontext("contracts/common.yaml") as file
        ):
            known = number != BASELINE_INDEX and reasons.of(all_mutants[number])
            asked = [(name, oracle) for name, oracle in oracles if not (known and name == SLOWEST_ORACLE)]
            killed_by = next(((name, output) for name, oracle in asked if (output := oracle(file))), ("", ""))
        verdict = {"mutant": number, "by": killed_by[0], "said": killed_by[1], "seconds": time.monotonic() - began}
        print(json.dumps(verdict), file=answers, flush=True)


@contextmanager
def apply_mutant(root: Path, mutant: Mutant) -> Iterator[str]:
    """Puts the mutant in the place of its file, for a while."""
    path = root / mutant.file
    whole = path.read_text("utf-8")
    path.write_text(mutant.text(whole), "utf-8")
    try:
        yield mutant.file
    finally:
        path.write_text(whole, "utf-8")


def import_dependencies(root: Path) -> None:
    """Import what every fork needs."""
    services = [path.name for path in (root / "services").iterdir() if (path / "domain.py").exists()]
    parts = [f"services.{service}.{part}" for service in services for part in PRELOADED_SERVICE_MODULES]
    chassis = [module.name for module in pkgutil.walk_packages([str(root / "chassis")], "chassis.")]
    chassis = [name for name in chassis if not name.startswith(("chassis.tests", "chassis.testing"))]
    for name in [*PRELOADED_MODULES, *chassis, *parts]:
        if importlib.util.find_spec(name):
            importlib.import_module(name)


if __name__ == "__main__":
    main(sys.argv[1].split(","))
