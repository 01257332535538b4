"""The command line of scripts/mutate_contracts.py: weaken the contracts, ask the judges, count what was noticed."""

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
from tooling.compatibility.redocly import installed
from tooling.mutation.judges import mirrored
from tooling.mutation.mutants import Mutant, mutants
from tooling.mutation.report import ALL_JUDGES, Verdict, accepted, told, written
from tooling.mutation.worker import SOUND
from tooling.npm import cache

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "reports" / "mutants"
SERVERS = ("postgres", "valkey", "s3", "mail")


class MutationRunError(Exception):
    """Nothing can be said about mutants; the text says why."""


def main(words: Sequence[str]) -> int:
    """Weaken the contracts one place at a time and say what notices; 1 if nothing does and no reason is known."""
    parser = argparse.ArgumentParser(prog="mutate_contracts.py", description=main.__doc__)
    parser.add_argument("--sample", type=int, metavar="N", help="only so many, by the seed (default: all)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", metavar="PATTERN", help="only those whose name it is found in")
    parser.add_argument("--judges", default=",".join(ALL_JUDGES), help="from cheap to dear (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args(words)
    judges = chosen.judges.split(",")
    if unknown := set(judges) - set(ALL_JUDGES):
        parser.error(f"there is no judge {', '.join(sorted(unknown))}")
    everything = list(mutants(ROOT))
    picked = [number for number, mutant in enumerate(everything) if re.search(chosen.only, mutant.name)]
    if chosen.sample is not None:
        picked = sample(everything, picked, chosen.sample, chosen.seed)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # through the stack, which leaves nothing behind
    began, verdicts = time.monotonic(), []
    for verdict in judged(everything, picked, judges, chosen.workers):
        verdicts.append(verdict)
        print(
            f"{len(verdicts):5} of {len(picked)}  {verdict.by or 'NOT NOTICED':<14} {verdict.mutant.name}", flush=True
        )
    reasons = accepted()
    print(told(verdicts, reasons, time.monotonic() - began))
    if chosen.sample is None and not chosen.only:
        print(f"The whole report: {written(verdicts, reasons, REPORTS)}")
    return 1 if any(not verdict.by_more_than_release and not reasons.of(verdict.mutant) for verdict in verdicts) else 0


def sample(everything: list[Mutant], picked: list[int], size: int, seed: int) -> list[int]:
    """So many of them: one of each kind first, then as the dice fall, and the same every time."""
    thrown = random.Random(seed).sample(picked, len(picked))  # noqa: S311 - no secret
    firsts = {everything[number].kind: number for number in reversed(thrown)}
    return [*firsts.values(), *(number for number in thrown if number not in firsts.values())][:size]


def judged(everything: list[Mutant], picked: list[int], judges: list[str], workers: int) -> Iterator[Verdict]:
    """The verdicts, in the order in which they are found."""
    with ExitStack() as stack:
        settings = {**os.environ, "SHOP_CACHE": str(cache()), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        if "service tests" in judges:
            servers = folder_of(stack)
            stack.enter_context(LocalServers(servers)).start(*SERVERS)
            settings["SHOP_TEST_SERVERS"] = str(servers)
        if "lint" in judges:
            installed()
        waiting: SimpleQueue[int] = SimpleQueue()
        found: SimpleQueue[str] = SimpleQueue()
        waiting.put(SOUND)
        for number in picked:
            waiting.put(number)
        for _ in range(min(workers, len(picked))):
            bench = mirrored(ROOT, folder_of(stack))
            command = [sys.executable, "-m", "tooling.mutation.worker", ",".join(judges)]
            environment = {**settings, "PYTHONPATH": str(bench)}
            worker = subprocess.Popen(
                command, cwd=bench, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=stack.enter_context((bench / "worker.log").open("w")),
            )  # fmt: skip
            stack.callback(ended, worker)
            threading.Thread(target=feed, args=(worker, waiting, found, bench / "worker.log"), daemon=True).start()
        for _ in [SOUND, *picked]:
            answer = json.loads(found.get())
            if "trouble" in answer:
                raise MutationRunError(answer["trouble"])
            if answer["mutant"] == SOUND:
                if answer["by"]:
                    raise MutationRunError(f"{answer['by']} is red before anything is weakened: {answer['said']}")
                continue
            yield Verdict(everything[answer["mutant"]], answer["by"], answer["said"], answer["seconds"])


def folder_of(stack: ExitStack) -> Path:
    """A new folder that PostgreSQL's user may enter, gone in the end."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shop-mutants-")))
    folder.chmod(0o755)
    return folder


def feed(worker: subprocess.Popen[str], waiting: SimpleQueue[int], found: SimpleQueue[str], log: Path) -> None:
    """Give a worker one mutant after the other, and pass its answers on."""
    asked, answers = pipes(worker)
    with contextlib.suppress(Empty):
        while True:
            number = waiting.get_nowait()
            with contextlib.suppress(BrokenPipeError):
                print(number, file=asked, flush=True)
            answer = answers.readline()
            found.put(answer or json.dumps({"trouble": f"a worker died: {log.read_text('utf-8')[-2000:]}"}))


def pipes(worker: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    if worker.stdin is None or worker.stdout is None:
        raise AssertionError("the pipes were asked for")
    return worker.stdin, worker.stdout


def ended(worker: subprocess.Popen[str]) -> None:
    worker.kill()
    worker.wait()
