"""What is checked, each in a process of its own, two at a time."""

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

from alembic.script import ScriptDirectory

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
PROGRESS_LINE_PATTERN = re.compile(r"^[.sxFE]+ +\[ *\d+%\]\n", re.MULTILINE)  # what pytest prints while it runs
# The slowest first, so that two at a time end together.
CHECK_COMMANDS = {
    "types": [PYTHON, "-m", "mypy", "--no-error-summary", "chassis", "services", "infra", "scripts", "tooling", "demo"],
    "contracts": [PYTHON, "-m", "pytest", "tests/contracts"],
    "generated": [PYTHON, "scripts/generate.py", "--check"],
    "redocly": [PYTHON, "scripts/lint_contracts.py"],
    "released": [PYTHON, "scripts/release_contracts.py", "--check"],
    "arrows": [str(Path(PYTHON).parent / "lint-imports"), "--no-cache", "--no-logo"],
    "lint": [PYTHON, "-m", "ruff", "check", "--quiet", "."],
    "format": [PYTHON, "-m", "ruff", "format", "--check", "--quiet", "."],
}


class CheckResult(NamedTuple):
    """How a check ended; what it said is shown when it failed."""

    passed: bool
    seconds: float
    output: str


def run_check(command: list[str]) -> CheckResult:
    began = time.monotonic()
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return CheckResult(ended.returncode == 0, time.monotonic() - began, ended.stdout + ended.stderr)


def check_migration_heads() -> CheckResult:
    """One head per service: two would mean that two migrations follow the same one."""
    began = time.monotonic()
    heads_by_service = {
        path.parent.name: ScriptDirectory(str(path)).get_heads() for path in sorted(ROOT.glob("services/*/alembic"))
    }
    branches = [
        f"{service} has the heads {', '.join(ends)}" for service, ends in heads_by_service.items() if len(ends) != 1
    ]
    return CheckResult(not branches, time.monotonic() - began, "\n".join(branches))


def main(arguments: Sequence[str]) -> int:
    """Run all, say a line for each as it ends, then what the failed ones said; 1 if any failed."""
    argparse.ArgumentParser(description=main.__doc__).parse_args(arguments)
    failed = {}
    with ThreadPoolExecutor(2) as pool:
        running = {pool.submit(run_check, command): name for name, command in CHECK_COMMANDS.items()}
        running[pool.submit(check_migration_heads)] = "migrations"
        for future in as_completed(running):
            name, verdict = running[future], future.result()
            print(f"{'ok    ' if verdict.passed else 'FAILED'} {name:<10} {verdict.seconds:5.1f} s", flush=True)
            if not verdict.passed:
                failed[name] = PROGRESS_LINE_PATTERN.sub("", verdict.output).strip()
    for name, output in failed.items():
        print(f"\n--- {name}\n{output}")
    return 1 if failed else 0
