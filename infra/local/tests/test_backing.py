import json
import signal
import socket
import subprocess
import sys

import pytest

from chassis.testing.eventually import eventually_sync
from infra.local import records
from infra.local.backing import Backing
from infra.local.part import Trouble
from infra.local.place import ROOT


def told(url, *words):
    """Send Valkey one command and return its answer."""
    port = int(url.rpartition(":")[2].partition("/")[0])
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall((" ".join(words) + "\r\n").encode())
        return line.recv(1000).decode().splitlines()[-1]


@pytest.fixture
def backing(tmp_path):
    with Backing(tmp_path, own=True) as backing:
        yield backing


def test_what_was_started_before_is_not_started_again(backing):
    first = backing.start("valkey")

    both = backing.start("valkey", "postgres")

    assert both["valkey"] == first["valkey"]
    assert both["postgres"]["url"].startswith("postgresql://postgres:")


def test_a_killed_part_is_back_on_its_port_with_what_it_was_told(backing):
    url = backing.start("valkey")["valkey"]["url"]
    told(url, "SET", "lamp", "walnut")

    backing.kill("valkey")

    assert told(url, "GET", "lamp") == "walnut"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["ended politely", "killed"])
def test_a_stopped_part_refuses_until_it_is_resumed(backing, number):
    url = backing.start("valkey")["valkey"]["url"]

    backing.stop("valkey", number)

    with pytest.raises(ConnectionRefusedError):
        told(url, "PING")
    backing.resume("valkey")
    assert told(url, "PING") == "+PONG"


def test_a_part_that_is_not_known_is_refused_by_name(backing):
    with pytest.raises(Trouble, match="oracle is none of postgres, valkey, s3, kafka, mail"):
        backing.start("oracle")


def test_nothing_runs_after_the_tests_that_asked_for_it(tmp_path):
    with Backing(tmp_path, own=True) as backing:
        backing.start("valkey")
        pids = [record["pid"] for record in records.recorded(tmp_path).running.values()]

    assert len(pids) == 2
    assert [pid for pid in pids if records.started(pid)] == []


def test_nothing_runs_after_tests_that_were_killed(tmp_path):
    script = """
import pathlib, sys, time
from infra.local.backing import Backing
Backing(pathlib.Path(sys.argv[1]), own=True).start("valkey")
print("up", flush=True)
time.sleep(100)
"""
    tests = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE)
    tests.stdout.readline()
    pids = [record["pid"] for record in records.recorded(tmp_path).running.values()]

    tests.kill()
    tests.communicate()

    assert len(pids) == 2
    eventually_sync(lambda: not [pid for pid in pids if records.started(pid)])


def test_a_shared_backing_is_used_and_nobody_kills_its_parts(tmp_path, monkeypatch):
    shared = subprocess.Popen([sys.executable, "-m", "infra.local.backing", str(tmp_path / "shared"), "valkey"],
                              cwd=ROOT, stdout=subprocess.PIPE)  # fmt: skip
    facts = json.loads(shared.stdout.readline())
    monkeypatch.setenv("SHOP_BACKING", str(tmp_path / "shared"))

    with Backing(tmp_path / "own") as backing:
        assert backing.start("valkey") == facts
        with pytest.raises(Trouble, match="shared"):
            backing.kill("valkey")
        with pytest.raises(Trouble, match="has no kafka"):
            backing.start("kafka")

    assert told(facts["valkey"]["url"], "PING") == "+PONG"
    assert not (tmp_path / "own").exists()
    records.down(tmp_path / "shared")
    shared.communicate()
