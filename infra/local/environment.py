"""The project's virtual environment: made on first use, exactly as locked. Standard library only.

Two locks: requirements.lock is what runs the shop, requirements-dev.lock is all of that and what tests it. So a
development environment also runs the shop, and one that only runs it becomes the other by what it lacks.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

try:
    import fcntl
except ImportError:
    sys.exit("The shop without Docker needs Linux or macOS; on Windows use WSL, or Docker Compose.")

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 14)  # what the locks have wheels for


def reexec_in_venv(root: Path, *, dev: bool = False) -> None:
    """Go on in the environment at `root`/.venv, making it first where it is missing, half made or not as locked."""
    if not OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON:
        _restart_in_supported_python()
    environment = _Environment(root)
    inside = Path(sys.prefix).resolve() == environment.home.resolve()
    if environment.satisfies(dev=dev) or (inside and not environment.marker.exists()):  # one made by hand is trusted
        if inside:
            return
    else:
        _make_once(root, environment, dev=dev)
    python = environment.home / "bin" / "python"
    os.execve(python, [str(python), *sys.argv], _clean_environ())  # noqa: S606  # there is no shell to be wanted


def report_environment(arguments: Sequence[str]) -> int:
    """Say where the environment is that this runs in."""
    argparse.ArgumentParser(
        description="Make the virtual environment that develops, tests and runs the shop."
    ).parse_args(arguments)
    print(f"The virtual environment is ready: {sys.prefix}")
    return 0


def _restart_in_supported_python() -> NoReturn:
    """Go on in the newest supported Python that is installed."""
    for minor in range(NEWEST_PYTHON[1], OLDEST_PYTHON[1] - 1, -1):
        python = shutil.which(f"python3.{minor}")
        # it may be the shim of a version manager, behind which there is none
        if python and subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0:
            os.execve(python, [python, *sys.argv], _clean_environ())  # noqa: S606  # there is no shell to be wanted
    oldest, newest = (".".join(map(str, version)) for version in (OLDEST_PYTHON, NEWEST_PYTHON))
    sys.exit(f"This needs Python {oldest} to {newest}: {sys.executable} is {sys.version.split()[0]}, "
             f"and the PATH has no python{newest} nor an older one.")  # fmt: skip


def _make_once(root: Path, environment: "_Environment", *, dev: bool) -> None:
    try:
        with (root / ".venv.lock").open("w") as lock:  # two at once: the second waits, then finds it made
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not environment.satisfies(dev=dev):
                environment.make(dev=dev)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"The virtual environment {environment.home} could not be made: {error}")
    except KeyboardInterrupt:
        sys.exit("Stopped; what is half made will be made anew next time.")


class _Environment:
    """A virtual environment and its marker, which is written last: one without it is half made."""

    def __init__(self, root: Path) -> None:
        self.home, self.marker = root / ".venv", root / ".venv" / "made-from"
        self._locks = {"run": root / "requirements.lock", "dev": root / "requirements-dev.lock"}

    def satisfies(self, *, dev: bool) -> bool:
        """Say whether it is whole, of this Python, and holds what is wanted."""
        return self._is_complete("run") and (not dev or self._is_complete("dev")) and self._starts()

    def make(self, *, dev: bool) -> None:
        """Make it, or add what tests need to one that only runs the shop."""
        began = time.monotonic()
        if self._is_complete("run") and self._starts():
            print(f"Adding what tests need to the virtual environment in {self.home} (once):", flush=True)
        else:
            print(f"Making the virtual environment in {self.home} (once):", flush=True)
            self._create()
        self.marker.unlink(missing_ok=True)
        _install(self.home, self._locks["dev" if dev else "run"])
        self.write_marker(["run", "dev"] if dev else ["run"])
        print(f"  made in {time.monotonic() - began:.0f} s".ljust(60), flush=True)

    def write_marker(self, kinds: list[str]) -> None:
        """Say that it is whole, and of which locks."""
        self.marker.write_text(json.dumps({kind: self._fingerprint(kind) for kind in kinds}))

    def _create(self) -> None:
        if find_spec("venv") is None or find_spec("ensurepip") is None:
            sys.exit("This Python comes without venv or ensurepip. Debian and Ubuntu: apt install python3-venv; "
                     "or use another Python (python.org, uv, pyenv).")  # fmt: skip
        shutil.rmtree(self.home, ignore_errors=True)
        python = getattr(sys, "_base_executable", sys.executable)  # not the one within that was just removed
        argv: list[str | Path] = [python, "-m", "venv", self.home]
        made = subprocess.run(argv, env=_clean_environ(), capture_output=True, text=True, check=False)
        if made.returncode:
            sys.exit(f"python -m venv failed: {(made.stdout + made.stderr).strip().splitlines()[-1:]}")

    def _is_complete(self, kind: str) -> bool:
        try:
            return bool(json.loads(self.marker.read_text()).get(kind) == self._fingerprint(kind))
        except (OSError, ValueError, AttributeError):
            return False

    def _fingerprint(self, kind: str) -> str:
        content = self._locks[kind].read_bytes() + f"{sys.version}{sys.base_prefix}".encode()
        return hashlib.sha256(content).hexdigest()

    def _starts(self) -> bool:
        """Say whether its Python still starts; it does not when the one it was made from is gone."""
        try:
            test: list[str | Path] = [self.home / "bin" / "python", "-c", ""]
            return subprocess.run(test, env=_clean_environ(), check=False).returncode == 0
        except OSError:
            return False


def _install(home: Path, lock: Path) -> None:
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--require-hashes", "--no-deps", "--only-binary=:all:"]
    quiet = ["--progress-bar=off", "--no-input", "--disable-pip-version-check", "-r", str(lock)]
    total = sum("==" in line for line in lock.read_text().splitlines() if not line.startswith((" ", "#")))
    output, collected, interactive = [], 0, sys.stdout.isatty()
    with subprocess.Popen([*pip, *quiet], env=_clean_environ(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True) as process:  # fmt: skip
        for line in process.stdout or ():
            output.append(line.strip())
            total -= line.startswith("Ignoring ")  # for another kind of machine
            collected += line.startswith(("Collecting ", "Requirement already satisfied: "))
            if interactive or (line.startswith("Collecting ") and collected % 20 == 0) or line.startswith("Installing"):
                what = "installing" if line.startswith("Installing") else f"package {collected} of {total}"
                print(f"  {what}".ljust(60), end="\r" if interactive else "\n", flush=True)
    if process.returncode:
        errors = [line for line in output if line.startswith("ERROR")] or output
        sys.exit(f"Installing the locked packages failed: {errors[-1] if errors else process.returncode}")


def _clean_environ() -> dict[str, str]:
    """Give the environment without what would lead Python or pip astray."""
    astray = {"PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "VIRTUAL_ENV"}
    return {name: value for name, value in os.environ.items() if name not in astray} | {"PIP_USER": "0"}
