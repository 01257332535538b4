"""What processes use is counted for whoever started them, each once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.resource_usage import cpu_seconds, memory_mib, process_trees

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="Linux alone says what a process uses")
PARENT = "import subprocess; child = subprocess.Popen('cat'); print(child.pid, flush=True); child.wait()"
BUSY = "import time\nwhile time.process_time() < 0.2: pass"


@pytest.fixture
def manifest():
    """A shop whose supervisor is this process, and whose only service has a child."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as service:
        yield {
            "services": {"order": {"pid": service.pid, "child": int(service.stdout.readline())}},
            "infrastructure": {"problems": {"pid": None}},
            "supervisor": {"pid": os.getpid()},
        }
        service.stdin.close()


def test_a_tree_has_all_descendants_but_those_with_a_tree_of_their_own(manifest):
    service, trees = manifest["services"]["order"], process_trees(manifest)

    assert trees["order"] == [service["pid"], service["child"]]
    assert trees["supervisor"][0] == os.getpid()
    assert not {*trees["order"]} & {*trees["supervisor"]}
    assert memory_mib(manifest).keys() == trees.keys() == {"order", "supervisor"}


def test_what_a_child_has_used_is_its_parents_once_it_has_ended():
    before = cpu_seconds(os.getpid())

    with subprocess.Popen([sys.executable, "-c", BUSY]) as child:
        pass

    assert cpu_seconds(os.getpid()) - before >= 0.1
    assert cpu_seconds(child.pid) == 0
