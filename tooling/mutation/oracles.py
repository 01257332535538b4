"""What may kill a mutant of the contracts, from fast to slow: each oracle raises, or says what it noticed."""

import contextlib
import importlib
import inspect
import io
import os
import pkgutil
import shutil
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.contracts.asyncapi import EventApi
from chassis.contracts.errors import ContractError
from chassis.contracts.openapi import Api
from generated.services import SERVICES
from tooling.compatibility.redocly import run_redocly
from tooling.compatibility.releasing import find_version_errors
from tooling.generation.models import render_models, schemas_by_name, schemas_without_constraints
from tooling.generation.pipeline import render_contract_files
from tooling.project import SHARED_MESSAGES_PATH

TESTS_WITHOUT_CONTRACTS = (
    "domain",
    "repository",
    "passwords",
    "signing",
    "rendering",
    "settings",
    "sweeper",
    "completion",
    "dispatcher",
)
PYTEST_OPTIONS = ["-x", "-q", "--no-header", "--tb=line", "--assert=plain", "-p", "pytest_asyncio.plugin"]


class Workspace:
    """A copy of the project in which the contracts are weakened; this process runs in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._baseline = self._sketch()
        self._events = render_models(*self._documents())["events"]

    def _sketch(self) -> tuple[dict[str, str], dict[str, str]]:
        """What is generated but the models, and what those are made from: that is as telling, and made in no time."""
        contracts, shop = self._documents()
        asked = schemas_without_constraints(without_untyped_keywords(schemas_by_name(contracts, shop)))
        return render_contract_files(contracts, shop, dict.fromkeys(asked, "")), asked

    def _documents(self) -> tuple[list[Api], EventApi]:
        return Api.load_all(self.root / "contracts"), EventApi.load(self.root / SHARED_MESSAGES_PATH)

    def check_generated(self, _: str) -> str:
        """`generate.py --check`: the committed files are no longer what the contracts make."""
        try:
            made, asked = self._sketch()
        except (ContractError, KeyError) as mistake:
            return str(mistake)
        changed = [name for name, text in self._baseline[0].items() if made.get(name) != text]
        changed += [f"models/{name}.py" for name, text in self._baseline[1].items() if asked[name] != text]
        if changed == ["models/events.py"] and render_models(*self._documents())["events"] == self._events:
            changed = []  # a part of a message may say again what its envelope says
        return f"generated/{changed[0]} differs" if changed else ""

    def check_start(self, file: str) -> str:
        """The start of each service that reads the file."""
        return run_in_fork(lambda: start_services(self.root, services_reading(file)))

    def check_contract_tests(self, _: str) -> str:
        """tests/contracts, but for the tests of these tools."""
        tools = [
            f"--ignore=tests/contracts/test_{name}.py"
            for name in ("released", "compatibility", "second_opinions", "mutants", "linting", "pages")
        ]
        return run_in_fork(lambda: run_pytest([*PYTEST_OPTIONS, "tests/contracts", *tools]))

    def check_lint(self, file: str) -> str:
        """`redocly lint`."""
        ended = run_redocly("lint", *files_to_lint(self.root, file), "--config", "redocly.yaml", folder=self.root)
        return ended.stdout.strip()[:200] if ended.returncode else ""

    def check_service_tests(self, file: str) -> str:
        """The handlers and subscribers of each service that reads the file, on real servers."""
        for service in services_reading(file):
            folder = self.root / "services" / service / "tests"
            aside = [f"--ignore={folder}/test_{name}.py" for name in TESTS_WITHOUT_CONTRACTS]
            words = [*PYTEST_OPTIONS, str(folder), f"--ignore={folder}/pacts", *aside]
            if output := run_in_fork(lambda words=words: run_pytest(words)):  # type: ignore[misc]
                return f"{service}: {output}"
        return ""

    def released(self, _: str) -> str:
        """`release_contracts.py --check`."""
        return next(find_version_errors(self.root), "")

    @property
    def oracles(self) -> Mapping[str, Callable[[str], str]]:
        return {
            "generated": self.check_generated, "start": self.check_start, "contract tests": self.check_contract_tests,
            "lint": self.check_lint, "service tests": self.check_service_tests, "released": self.released,
        }  # fmt: skip


def without_untyped_keywords(node: Any) -> Any:
    """A copy without what no type in a model says: what is closed, which text is an address, what may become what."""
    if isinstance(node, list):
        return [without_untyped_keywords(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: without_untyped_keywords(value)
        for key, value in node.items()
        if not (key == "x-transitions" or (key == "additionalProperties" and value is False) or value == "email")
    }


def services_reading(file: str) -> list[str]:
    """The services that read a file."""
    name = Path(file).stem
    return [name] if name in SERVICES else list(SERVICES)


def files_to_lint(root: Path, file: str) -> list[str]:
    """The files to lint for a change of this one."""
    folder, name = file.split("/")
    if name == "common.yaml":
        return sorted(path.relative_to(root).as_posix() for path in (root / folder).glob("*.yaml") if path.name != name)
    return [file]


def start_services(root: Path, services: list[str]) -> str:
    """What a service says that cannot start by its contracts."""
    from chassis.events.messages import MessageContract  # noqa: PLC0415
    from chassis.events.subscriptions import build_subscriptions  # noqa: PLC0415
    from chassis.web.application import build_application  # noqa: PLC0415
    from chassis.web.health import Health  # noqa: PLC0415
    from chassis.web.idempotency import IdempotencyKeyStore  # noqa: PLC0415
    from tooling.conformance.callers import API_KEYS, TOKEN_VERIFIER, dead_letter_handlers  # noqa: PLC0415

    for service in services:
        build_application(
            root / "contracts" / f"{service}.yaml",
            *bare_instances(f"services.{service}.handlers", "Handlers"),
            Health(service, "1.0.0"),
            dead_letter_handlers(),
            tokens=TOKEN_VERIFIER,
            keys=API_KEYS,
            idempotency=instantiate_without_init(IdempotencyKeyStore),
            pages=SimpleNamespace(
                headers={}, is_secure=False
            ),  # all that is asked of pages before somebody looks at one
        )
        events = root / "asyncapi" / f"{service}.yaml"
        if events.exists() and (contract := MessageContract.load(events)).receives:
            (subscribers,) = bare_instances(f"services.{service}.subscribers", "Subscribers")
            build_subscriptions(contract, subscribers)
    return ""


def bare_instances(module: str, suffix: str) -> Iterator[Any]:
    """An object, without `__init__`, of each class with such a name that a module or one in it defines."""
    path = getattr(importlib.import_module(module), "__path__", ())
    for name in [module, *(part.name for part in pkgutil.walk_packages(path, f"{module}."))]:
        for kind_name, kind in inspect.getmembers(importlib.import_module(name), inspect.isclass):
            if kind_name.endswith(suffix) and kind.__module__ == name:
                yield instantiate_without_init(kind)


def instantiate_without_init(kind: Any) -> Any:
    """An object with the methods of a class and nothing else."""
    return object.__new__(kind)


def run_pytest(words: list[str]) -> str:
    """What pytest says that is red; nothing when all is green."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        status = pytest.main(words)
    if status == 0:
        return ""
    lines = output.getvalue().splitlines()
    return next((line for line in reversed(lines) if line.startswith(("FAILED", "ERROR"))), f"pytest: {status!r}")


def run_in_fork(oracle: Callable[[], str]) -> str:
    """Ask in a fork of this process: what it imports and remembers ends with it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            output = oracle()
        except BaseException:  # noqa: BLE001 - a fork must end here, whatever happens
            output = traceback.format_exc().strip().splitlines()[-1]
        with os.fdopen(writing, "w") as pipe:
            pipe.write(output[:500])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        output = pipe.read()
    os.waitpid(child, 0)
    return output


def copy_project(root: Path, folder: Path) -> Path:
    """A copy of all that the oracles read."""
    leave = shutil.ignore_patterns("__pycache__", "*.pyc", "node_modules")
    for name in (
        "chassis",
        "services",
        "generated",
        "tests",
        "scripts",
        "tooling",
        "infra",
        "contracts",
        "asyncapi",
        "features",
    ):
        if (root / name).exists():
            shutil.copytree(root / name, folder / name, ignore=leave)
    for name in ("pyproject.toml", "conftest.py", "redocly.yaml"):
        shutil.copyfile(root / name, folder / name)
    return folder
