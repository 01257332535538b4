"""How the commands of this folder start: in the project's virtual environment, which is made where it is missing."""

import sys
from importlib import import_module
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[1]


def run_command(target: str, *, dev: bool = False, environment: bool = True) -> NoReturn:
    """End the process with the exit code of a `module:function`, which is given the command's arguments.

    `dev` is for what tests and generates, beside what runs the shop; without `environment`, Python alone has to do.
    """
    sys.path[0] = str(ROOT)  # instead of this folder, whose modules are commands
    if environment:
        from infra.local.environment import reexec_in_venv  # noqa: PLC0415  # the path to it is set above

        reexec_in_venv(ROOT, dev=dev)
    module, function = target.split(":")
    sys.exit(getattr(import_module(module), function)(sys.argv[1:]))
