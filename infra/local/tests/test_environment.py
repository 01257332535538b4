import subprocess
import sys

import pytest

from infra.local.environment import _Environment
from infra.local.run_dir import ROOT

SCRIPT = f"""
import sys, pathlib
sys.path.insert(0, {str(ROOT)!r})
from infra.local import environment
from infra.local.environment import reexec_in_venv
if "--only-older" in sys.argv:
    environment.OLDEST_PYTHON, environment.NEWEST_PYTHON = (3, 0), (3, sys.version_info[1] - 1)
reexec_in_venv(pathlib.Path(sys.argv[1]), dev="dev" in sys.argv)
print("entered", sys.prefix)
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "requirements.lock").write_text("# nothing to run\n")
    (tmp_path / "requirements-dev.lock").write_text("# nothing to test\n")
    (tmp_path / "enter.py").write_text(SCRIPT)
    return tmp_path


@pytest.fixture
def make_environment(root):
    """Give an environment that is whole but for its marker."""
    environment = _Environment(root)
    (environment.home / "bin").mkdir(parents=True)
    (environment.home / "bin" / "python").symlink_to(sys.executable)
    return environment


@pytest.mark.parametrize(
    ("kinds", "runs", "tests"),
    [([], False, False), (["run"], True, False), (["run", "dev"], True, True)],
    ids=["half made", "made to run", "made to test"],
)
def test_an_environment_satisfies_what_it_was_made_for(make_environment, kinds, runs, tests):
    if kinds:
        make_environment.write_marker(kinds)

    assert (make_environment.satisfies(dev=False), make_environment.satisfies(dev=True)) == (runs, tests)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_an_environment_of_another_lock_does_not_test(root, make_environment, lock):
    make_environment.write_marker(["run", "dev"])

    (root / lock).write_text("something==1\n")

    assert not make_environment.satisfies(dev=True)


def test_an_environment_whose_python_is_gone_does_not_run(make_environment):
    make_environment.write_marker(["run"])

    (make_environment.home / "bin" / "python").unlink()

    assert not make_environment.satisfies(dev=False)


def test_what_tests_need_is_added_to_what_runs_without_starting_anew(root):
    def enter(*words):
        argv = [sys.executable, str(root / "enter.py"), str(root), *words]
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout

    first = enter()
    (root / ".venv" / "kept").touch()
    second, third = enter("dev"), enter()

    assert first.startswith("Making") and f"entered {root / '.venv'}" in first
    assert second.startswith("Adding what tests need") and "entered" in second
    assert third == f"entered {root / '.venv'}\n"
    assert (root / ".venv" / "kept").exists()


def test_a_lock_that_cannot_be_installed_is_one_sentence_and_leaves_no_marker(root):
    (root / "requirements.lock").write_text("no-such-thing-anywhere==1 --hash=sha256:" + "0" * 64 + "\n")
    argv = [sys.executable, str(root / "enter.py"), str(root)]

    refused = subprocess.run(argv, capture_output=True, text=True, check=False)

    assert refused.returncode == 1
    assert refused.stderr.startswith("Installing the locked packages failed: ERROR: ")
    assert len(refused.stderr.splitlines()) == 1
    assert not (root / ".venv" / "made-from").exists()


@pytest.fixture
def call_with_newer_python(root, monkeypatch):
    """Give a function that calls a command by a Python newer than those supported, beside a `python3.X` on PATH."""

    def call(script=None):
        folder = root / "bin"
        folder.mkdir()
        if script:
            older = folder / f"python3.{sys.version_info[1] - 1}"
            older.write_text(f"#!/bin/sh\n{script}\n")
            older.chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))
        argv = [sys.executable, str(root / "enter.py"), str(root), "--only-older"]
        return subprocess.run(argv, capture_output=True, text=True, check=False)

    return call


def test_an_installed_supported_python_takes_over_from_one_that_is_too_new(call_with_newer_python, root):
    called = call_with_newer_python('[ "$1" = -c ] || echo "taken over: $*"')

    assert (called.returncode, called.stderr) == (0, "")
    assert called.stdout == f"taken over: {root / 'enter.py'} {root} --only-older\n"


@pytest.mark.parametrize("script", [None, "echo 'no such version is installed' >&2; exit 127"], ids=["none", "a shim"])
def test_without_a_supported_python_the_versions_are_said_and_nothing_is_made(call_with_newer_python, root, script):
    refused = call_with_newer_python(script)

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"This needs Python 3.0 to 3.{sys.version_info[1] - 1}: {sys.executable} is 3.")
    assert len(refused.stderr.splitlines()) == 1
    assert not (root / ".venv").exists()
