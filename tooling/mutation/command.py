"""The command line of scripts/mutate_contracts.py: weaken the contracts, ask the oracles, count what was killed."""

import argparse
import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO

from infra.test_servers.local import LocalServers
from tooling.compatibility.redocly import redocly_folder
from tooling.mutation.mutants import Mutant, generate_mutants
from tooling.mutation.oracles import copy_project
from tooling.mutation.report import ALL_ORACLES, MutantVerdict, format_report, read_equivalent_mutants, write_report
from tooling.mutation.worker import BASELINE_INDEX
from tooling.npm import cache_folder

ROOT = Path(__file__).resolve().parents[2]
REPORTS_FOLDER = ROOT / "reports" / "mutants"
SERVER_NAMES = ("postgres", "valkey", "s3", "mail")


class MutationRunError(Exception):
    """Nothing can be said about mutants; the text says why."""


def main(words: Sequence[str]) -> int:
    """Weaken the contracts one place at a time and say what notices; 1 if nothing does and no reason is known."""
    parser = argparse.ArgumentParser(prog="mutate_contracts.py", description=main.__doc__)
    parser.add_argument("--sample", type=int, metavar="N", help="only so many, by the seed (default: all)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", metavar="PATTERN", help="only those whose name it is found in")
    parser.add_argument("--oracles", default=",".join(ALL_ORACLES), help="from fast to slow (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args(words)
    oracles = chosen.oracles.split(",")
    if unknown := set(oracles) - set(ALL_ORACLES):
        parser.error(f"there is no oracle {', '.join(sorted(unknown))}")
    all_mutants = list(generate_mutants(ROOT))
    picked = [number for number, mutant in enumerate(all_mutants) if re.search(chosen.only, mutant.name)]
    if chosen.sample is not None:
        picked = sample_mutants(all_mutants, picked, chosen.sample, chosen.seed)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # through the stack, which leaves nothing behind
    began, verdicts = time.monotonic(), []
    for verdict in run_mutants(all_mutants, picked, oracles, chosen.workers):
        verdicts.append(verdict)
        print(
            f"{len(verdicts):5} of {len(picked)}  {verdict.by or 'NOT NOTICED':<14} {verdict.mutant.name}", flush=True
        )
    reasons = read_equivalent_mutants()
    print(format_report(verdicts, reasons, time.monotonic() - began))
    if chosen.sample is None and not chosen.only:
        print(f"The whole report: {write_report(verdicts, reasons, REPORTS_FOLDER)}")
    return 1 if any(not verdict.by_more_than_release and not reasons.of(verdict.mutant) for verdict in verdicts) else 0


def sample_mutants(all_mutants: list[Mutant], picked: list[int], size: int, seed: int) -> list[int]:
    """So many of them: one of each kind first, then as the dice fall, and the same every time."""
    thrown = random.Random(seed).sample(picked, len(picked))  # noqa: S311 - no secret
    firsts = {all_mutants[number].kind: number for number in reversed(thrown)}
    return [*firsts.values(), *(number for number in thrown if number not in firsts.values())][:size]


def run_mutants(
    all_mutants: list[Mutant], picked: list[int], oracles: list[str], workers: int
) -> Iterator[MutantVerdict]:
    """The verdicts, in the order in which they are found."""
    with ExitStack() as stack:
        settings = {**os.environ, "SHOP_CACHE": str(cache_folder()), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        if "service tests" in oracles:
            servers = stack.enter_context(LocalServers(temporary_folder(stack)))
            servers.start(*SERVER_NAMES)
            settings["SHOP_TEST_SERVERS"] = str(servers.folder)
        if "lint" in oracles:
            redocly_folder()
        waiting: SimpleQueue[int] = SimpleQueue()
        verdicts: SimpleQueue[str] = SimpleQueue()
        waiting.put(BASELINE_INDEX)
        for number in picked:
            waiting.put(number)
        for _ in range(min(workers, len(picked))):
            workspace = copy_project(ROOT, temporary_folder(stack))
            command = [sys.executable, "-m", "tooling.mutation.worker", ",".join(oracles)]
            environment = {**settings, "PYTHONPATH": str(workspace)}
            worker = subprocess.Popen(
                command, cwd=workspace, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=stack.enter_context((workspace / "worker.log").open("w")),
            )  # fmt: skip
            stack.callback(stop_worker, worker)
            threading.Thread(
                target=feed_worker, args=(worker, waiting, verdicts, workspace / "worker.log"), daemon=True
            ).start()
        for _ in [BASELINE_INDEX, *picked]:
            answer = json.loads(verdicts.get())
            if "trouble" in answer:
                raise MutationRunError(answer["trouble"])
            if answer["mutant"] == BASELINE_INDEX:
                if answer["by"]:
                    raise MutationRunError(f"{answer['by']} is red before anything is weakened: {answer['said']}")
                continue
            yield MutantVerdict(all_mutants[answer["mutant"]], answer["by"], answer["said"], answer["seconds"])


def temporary_folder(stack: ExitStack) -> Path:
    """A new folder that PostgreSQL's user may enter, gone in the end."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shop-mutants-")))
    folder.chmod(0o755)
    return folder


def feed_worker(
    worker: subprocess.Popen[str], waiting: SimpleQueue[int], verdicts: SimpleQueue[str], log: Path
) -> None:
    """Give a worker one mutant after the other, and pass its answers on."""
    asked, answers = worker_pipes(worker)
    with contextlib.suppress(Empty):
        while True:
            number = waiting.get_nowait()
            with contextlib.suppress(BrokenPipeError):
                print(number, file=asked, flush=True)
            answer = answers.readline()
            verdicts.put(answer or json.dumps({"trouble": f"a worker died: {log.read_text('utf-8')[-2000:]}"}))


def worker_pipes(worker: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    if worker.stdin is None or worker.stdout is None:
        raise AssertionError("the pipes were asked for")
    return worker.stdin, worker.stdout


def stop_worker(worker: subprocess.Popen[str]) -> None:
    worker.kill()
    worker.wait()
