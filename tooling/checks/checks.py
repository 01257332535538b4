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
PROGRESS = re.compile(r"^[.sxFE]+ +\[ *\d+%\]\n", re.MULTILINE)  # what pytest prints while it runs
# The slowest first, so that two at a time end together.
COMMANDS = {
    "types": [PYTHON, "-m", "mypy", "--no-error-summary", "chassis", "services", "infra", "scripts", "tooling", "demo"],
    "contracts": [PYTHON, "-m", "pytest", "tests/contracts"],
    "generated": [PYTHON, "scripts/generate.py", "--check"],
    "redocly": [PYTHON, "scripts/lint_contracts.py"],
    "released": [PYTHON, "scripts/release_contracts.py", "--check"],
    "arrows": [str(Path(PYTHON).parent / "lint-imports"), "--no-cache", "--no-logo"],
    "lint": [PYTHON, "-m", "ruff", "check", "--quiet", "."],
    "format": [PYTHON, "-m", "ruff", "format", "--check", "--quiet", "."],
}


class Verdict(NamedTuple):
    """How a check ended; what it said is shown when it failed."""

    passed: bool
    seconds: float
    said: str


def run(command: list[str]) -> Verdict:
    began = time.monotonic()
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return Verdict(ended.returncode == 0, time.monotonic() - began, ended.stdout + ended.stderr)


def heads() -> Verdict:
    """One head per service: two would mean that two migrations follow the same one."""
    began = time.monotonic()
    found = {
        path.parent.name: ScriptDirectory(str(path)).get_heads() for path in sorted(ROOT.glob("services/*/alembic"))
    }
    said = [f"{service} has the heads {', '.join(ends)}" for service, ends in found.items() if len(ends) != 1]
    return Verdict(not said, time.monotonic() - began, "\n".join(said))


def main(arguments: Sequence[str]) -> int:
    """Run all, say a line for each as it ends, then what the failed ones said; 1 if any failed."""
    argparse.ArgumentParser(description=main.__doc__).parse_args(arguments)
    failed = {}
    with ThreadPoolExecutor(2) as pool:
        running = {pool.submit(run, command): name for name, command in COMMANDS.items()}
        running[pool.submit(heads)] = "migrations"
        for future in as_completed(running):
            name, verdict = running[future], future.result()
            print(f"{'ok    ' if verdict.passed else 'FAILED'} {name:<10} {verdict.seconds:5.1f} s", flush=True)
            if not verdict.passed:
                failed[name] = PROGRESS.sub("", verdict.said).strip()
    for name, said in failed.items():
        print(f"\n--- {name}\n{said}")
    return 1 if failed else 0
