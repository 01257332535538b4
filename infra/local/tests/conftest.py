"""A supervisor of tiny processes, gone after each test."""

import subprocess
import sys
from contextlib import ExitStack

import pytest

from infra.local import process_registry
from infra.local.run_dir import ROOT


@pytest.fixture
def supervised(tmp_path):
    """Give a function that supervises placeholders in `tmp_path`, and returns the process and what it said so far."""

    def start(*names):
        process = subprocess.Popen([sys.executable, "-m", "infra.local.tests.placeholders", str(tmp_path), *names],
                                   cwd=ROOT, stdout=subprocess.PIPE, text=True)  # fmt: skip
        ends.callback(process.stdout.close)
        ends.callback(process.wait)
        ends.callback(process_registry.stop_supervisor, tmp_path)
        said = []
        for line in process.stdout:
            said.append(line.strip())
            if line.startswith(("all ready", "StackError")):
                break
        return process, said

    with ExitStack() as ends:
        yield start
