"""What is tested: first what takes seconds, then suite beside suite, so that no core is idle."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
REPORTS_FOLDER = ROOT / "reports"  # for people to read when all is over
PYTHON = sys.executable
PYTEST_COMMAND = [PYTHON, "-m", "pytest", "--junitxml={reports}/{name}.xml"]
BEHAVE_COMMAND = [
    PYTHON,
    "-m",
    "behave",
    "--format",
    "progress3",
    "--no-skipped",
    "--junit",
    "--junit-directory={reports}/{name}",
]
RACE_SUITES, SHOP_SUITES = (
    ("faults", "races"),
    ("malformed_input", "access", "browser", "flow", "observability", "sdk", "tools"),
)
DEFERRED_SUITES = (*RACE_SUITES, *SHOP_SUITES, "fuzzing", "contracts")


class Suite(NamedTuple):
    """A command, and what it is for; one that writes no JUnit report counts as a single test."""

    what: str
    command: Sequence[str]


SUITES = {
    "checks": Suite("style, types, arrows, contracts, generated files", [PYTHON, "scripts/check.py"]),
    "services": Suite(
        "each service, on real servers",
        [*PYTEST_COMMAND, "services"],
    ),
    "chassis": Suite(
        "what every service stands on, contracts, tools and packaging",
        [*PYTEST_COMMAND, "chassis", "tests", *(f"--ignore=tests/{name}" for name in DEFERRED_SUITES)],
    ),
    "stack": Suite("the local stack and its supervisor", [*PYTEST_COMMAND, "infra"]),
    "features": Suite("the shop in shoppers' words", [*BEHAVE_COMMAND, "features"]),
    "races": Suite(
        "the whole shop under races and crashes", [*PYTEST_COMMAND, *(f"tests/{name}" for name in RACE_SUITES)]
    ),
    "shop": Suite(
        "the whole shop: malformed requests, who may do what, pages in a browser, clients by us and by others' tools",
        [*PYTEST_COMMAND, *(f"tests/{name}" for name in SHOP_SUITES)],
    ),
    "fuzzing": Suite("every contract, as schemathesis makes requests of it", [*PYTEST_COMMAND, "tests/fuzzing"]),
    "zookeeper": Suite(
        "the whole flow with Kafka on ZooKeeper",
        [PYTHON, "scripts/run_demo.py", "--kafka", "zookeeper", "--ports", "free", "--run-dir", "{reports}/run"],
    ),
    "coverage": Suite("whether all that the contracts declare was seen", [PYTHON, "scripts/coverage_report.py"]),
}


# One stage after the other; of each, three suites side by side, as each waits for servers a third of its time, and the
# longest first, so that they end together.
LANES = 3
STAGES: Sequence[Sequence[str]] = (
    ["checks"],
    ["chassis", "services", "races", "shop", "fuzzing", "stack", "features", "zookeeper"],
    ["coverage"],
)


class TestCount(NamedTuple):
    passed: int
    failed: int
    skipped: int


def run_suite(name: str, suite: Suite, reports: Path, *, prefix: str = "") -> tuple[TestCount, float]:
    """Run a suite, showing each line of its output behind `prefix`; count, and say the seconds of CPU that it took."""
    command = [word.format(reports=reports, name=name) for word in suite.command]
    known = {**os.environ, "PYTHONUNBUFFERED": "1", "SHOP_REPORTS": str(REPORTS_FOLDER)}
    stdout, stderr = (subprocess.PIPE, subprocess.STDOUT) if prefix else (None, None)
    with subprocess.Popen(command, cwd=ROOT, env=known, text=True, stdout=stdout, stderr=stderr) as ended:
        for line in ended.stdout or ():
            print(f"{prefix}{line}", end="", flush=True)
        _, status, used = os.wait4(ended.pid, 0)  # as Popen does, but for what it used
        ended.returncode = os.waitstatus_to_exitcode(status)
    cpu = used.ru_utime + used.ru_stime
    files = [*reports.glob(f"{name}.xml"), *reports.glob(f"{name}/*.xml")]
    if not files:
        return TestCount(int(ended.returncode == 0), int(ended.returncode != 0), 0), cpu
    tests = failed = skipped = 0
    for file in files:
        for counted in ET.parse(file).getroot().iter("testsuite"):  # noqa: S314  # our own report
            tests += int(counted.get("tests", 0))
            failed += int(counted.get("failures", 0)) + int(counted.get("errors", 0))
            skipped += int(counted.get("skipped", 0))
    if ended.returncode and not failed:  # it broke off, or found nothing to run
        failed += 1
        tests += 1
    return TestCount(tests - failed - skipped, failed, skipped), cpu


def main(words: Sequence[str]) -> int:
    """Run the suites that were asked for, or all; 1 if anything failed."""
    parser = argparse.ArgumentParser(description="All checks and tests.")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of: {', '.join(SUITES)} (default: all)")
    parser.add_argument("--deep", action="store_true", help="what takes minutes and large downloads, too")
    given = parser.parse_args(words)
    named = given.suites
    if given.deep:
        os.environ["SHOP_DEEP"] = "1"
    wanted = named or list(SUITES)
    if unknown := set(wanted) - SUITES.keys():
        parser.error(f"there is no suite {', '.join(sorted(unknown))}")
    if not named:
        shutil.rmtree(REPORTS_FOLDER, ignore_errors=True)  # what was seen in an earlier run proves nothing
    counts: dict[str, TestCount] = {}
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="shop-reports-") as folder:
        reports = Path(folder)
        reports.chmod(0o755)  # PostgreSQL's user may have to pass through it

        def judge(name: str, *, prefixed: bool) -> None:
            suite, at = SUITES[name], time.monotonic()
            print(f"\n== {wanted.index(name) + 1} of {len(wanted)}: {name} ({suite.what})", flush=True)
            counts[name], cpu = run_suite(name, suite, reports, prefix=f"{name:9}| " if prefixed else "")
            took = time.monotonic() - at
            print(f"== {name}: {_told(counts[name])} in {took:.0f} s ({cpu:.0f} s of CPU)", flush=True)

        for stage in STAGES:
            names = [name for name in stage if name in wanted]
            with ThreadPoolExecutor(LANES) as pool:
                list(pool.map(partial(judge, prefixed=len(names) > 1), names))
    total = TestCount(*(sum(column) for column in zip(*counts.values(), strict=True)))
    broken = [name for name, count in counts.items() if count.failed]
    print(
        f"\nAll of it took {time.monotonic() - began:.0f} s."
        + (f" Not in order: {', '.join(broken)}." if broken else "")
    )
    print(_told(total), flush=True)
    return 1 if total.failed else 0


def _told(count: TestCount) -> str:
    return f"{count.passed} passed, {count.failed} failed" + (f", {count.skipped} skipped" if count.skipped else "")
