"""The command line of scripts/mutate_code.py: let mutmut change the services' code, and count what their tests kill."""

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from mutmut.stats import status_by_exit_code

from generated.services import SERVICES
from infra.test_servers.local import LocalServers
from tooling.code_mutation.mutants import Mutant, generate_mutants, undecorate_properties
from tooling.mutation.command import SERVER_NAMES, MutationRunError, temporary_folder
from tooling.mutation.oracles import copy_project
from tooling.mutation.report import EquivalenceReasons, read_equivalent_mutants
from tooling.project import ROOT

LAYERS = ("domain", "application")
SCOPES = [f"{service}.{layer}" for layer in LAYERS for service in SERVICES]
# The second collects garbage for half of each session, of which there is one for each mutant.
PYTEST_OPTIONS = ["-p", "pytest_asyncio.plugin", "-p", "no:unraisableexception"]
COLUMNS = ("killed", "timeout", "survived", "no tests", "suspicious", "equivalent")
UNDETECTED = ("survived", "no tests")


class MutantVerdict(NamedTuple):
    """What the tests made of a mutant, in mutmut's words."""

    mutant: Mutant
    status: str


def main(words: Sequence[str]) -> int:
    """Change the services' code one expression at a time; 1 if no test notices and no reason is known."""
    parser = argparse.ArgumentParser(prog="mutate_code.py", description=main.__doc__)
    parser.add_argument("scopes", nargs="*", metavar="SCOPE", help=f"{SCOPES[0]} … {SCOPES[-1]} (default: all)")
    parser.add_argument("--sample", type=int, metavar="N", help="only so many of each scope, by the seed")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))  # noqa: S311 - no secret
    parser.add_argument("--only", default="", metavar="PATTERN", help="only those whose name it is found in")
    chosen = parser.parse_args(words)
    if unknown := set(chosen.scopes) - set(SCOPES):
        parser.error(f"there is no scope {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # through the stack, which leaves nothing behind
    reasons, undetected = read_equivalent_mutants(Path(__file__).parent), 0
    for scope in chosen.scopes or SCOPES:
        picked = [
            mutant for mutant in generate_mutants(ROOT, scope_files(scope)) if re.search(chosen.only, mutant.name)
        ]
        if not picked:  # of no names at all mutmut would judge every mutant there is
            continue
        if chosen.sample is not None:
            print(f"{scope}: --sample {chosen.sample} --seed {chosen.seed}")
            picked = random.Random(chosen.seed).sample(picked, min(chosen.sample, len(picked)))  # noqa: S311
        began = time.monotonic()
        verdicts = run_mutants(scope, picked)
        print(format_report(verdicts, reasons, time.monotonic() - began), flush=True)
        undetected += sum(verdict_status(verdict, reasons) in UNDETECTED for verdict in verdicts)
    return 1 if undetected else 0


def scope_files(scope: str) -> list[Path]:
    service, layer = scope.split(".")
    folder = ROOT / "services" / service
    return sorted(path.relative_to(ROOT) for path in (*folder.glob(f"{layer}.py"), *folder.glob(f"{layer}/*.py")))


def pytest_settings(scope: str) -> dict[str, list[str]]:
    """What decides has tests that need no server; what is done with it has all but those of the contract.

    Those try what every service does, and take the database away.
    """
    service, layer = scope.split(".")
    folder = f"services/{service}/tests"
    if layer == "domain":
        tests, options = [f"{folder}/test_domain.py"], ["--noconftest", *PYTEST_OPTIONS]
    else:
        tests = [folder, f"--ignore={folder}/pacts", f"--ignore={folder}/test_contract.py"]
        options = PYTEST_OPTIONS
    return {"pytest_add_cli_args_test_selection": tests, "pytest_add_cli_args": options}


def run_mutants(scope: str, picked: Sequence[Mutant]) -> list[MutantVerdict]:
    """Let mutmut judge them in a copy of the project, on servers that outlive each mutant."""
    with ExitStack() as stack:
        workspace = copy_project(ROOT, temporary_folder(stack))
        beside = sorted(path.name for path in workspace.iterdir() if path.name != "services")
        modules = sorted({mutant.file for mutant in picked})
        for module in modules:
            file = workspace / module
            file.write_text(undecorate_properties(file.read_text("utf-8")), "utf-8")
        configure_mutmut(workspace, {"also_copy": beside, "only_mutate": modules, **pytest_settings(scope)})
        environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        if scope.endswith(".application"):
            servers = stack.enter_context(LocalServers(temporary_folder(stack)))
            servers.start(*SERVER_NAMES)
            environment["SHOP_TEST_SERVERS"] = str(servers.folder)
        command = [sys.executable, "-m", "mutmut", "run", "--max-children", "1", *(mutant.key for mutant in picked)]
        if status := subprocess.run(command, cwd=workspace, env=environment, check=False).returncode:
            raise MutationRunError(f"mutmut ended with {status} at {scope}")
        return read_verdicts(workspace, picked)


def configure_mutmut(workspace: Path, settings: Mapping[str, list[str]]) -> None:
    """Add what is of this run to what is of all, which pyproject.toml has."""
    project, header = workspace / "pyproject.toml", "[tool.mutmut]\n"
    added = "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
    project.write_text(project.read_text("utf-8").replace(header, header + added), "utf-8")
    (workspace / "services" / "conftest.py").write_text("from tooling.code_mutation.fixtures import databases\n")


def read_verdicts(workspace: Path, picked: Sequence[Mutant]) -> list[MutantVerdict]:
    """What mutmut wrote down.

    Raises:
        MutationRunError: It did not judge all of them.
    """
    results: dict[str, int | None] = {}
    for file in {mutant.file for mutant in picked}:
        results |= json.loads((workspace / "mutants" / f"{file}.meta").read_text("utf-8"))["exit_code_by_key"]
    if missing := [mutant.name for mutant in picked if results[mutant.key] is None]:
        raise MutationRunError(
            f"mutmut did not judge {len(missing)} of {len(picked)}, the first of which is {missing[0]}"
        )
    return [MutantVerdict(mutant, status_by_exit_code[results[mutant.key]]) for mutant in picked]


def format_report(verdicts: Sequence[MutantVerdict], reasons: EquivalenceReasons, seconds: float) -> str:
    """The counts of each module, and each mutant that was not killed."""
    lines = ["", f"{'module':<48}{'mutants':>8}" + "".join(f"{name:>11}" for name in (*COLUMNS, "score"))]
    files = list(dict.fromkeys(verdict.mutant.file for verdict in verdicts))
    for file in files:
        lines.append(
            format_module_score(file, [verdict for verdict in verdicts if verdict.mutant.file == file], reasons)
        )
    if len(files) > 1:
        lines.append(format_module_score("", verdicts, reasons))
    for verdict in verdicts:
        if verdict.status != "killed":
            why = reasons.of(verdict.mutant) or verdict.status.upper()
            lines.append(f"  {verdict.mutant.name}: {why}")
    return "\n".join([*lines, f"It took {seconds:.0f} s."])


def format_module_score(file: str, verdicts: Sequence[MutantVerdict], reasons: EquivalenceReasons) -> str:
    """A line of the report: what is equivalent counts neither for nor against the score, a timeout is no kill."""
    cells = Counter(verdict_status(verdict, reasons) for verdict in verdicts)
    score = 100 * cells["killed"] / max(len(verdicts) - cells["equivalent"], 1)
    row = "".join(f"{cells[name] or '·':>11}" for name in COLUMNS)
    return f"{file:<48}{len(verdicts):>8}{row}{score:>9.1f} %"


def verdict_status(verdict: MutantVerdict, reasons: EquivalenceReasons) -> str:
    """The status of a mutant; `equivalent` where it was not killed and a reason is known."""
    return "equivalent" if verdict.status != "killed" and reasons.of(verdict.mutant) else verdict.status
