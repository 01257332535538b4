import json
import signal
import socket
import subprocess
import sys

import psycopg
import pytest

from chassis.testing.eventually import eventually_sync
from infra.local import process_registry
from infra.local.process import StackError
from infra.local.run_dir import ROOT
from infra.test_servers.local import LocalServers


def read_setting(url, *words):
    """Send Valkey one command and return its answer."""
    port = int(url.rpartition(":")[2].partition("/")[0])
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall((" ".join(words) + "\r\n").encode())
        return line.recv(1000).decode().splitlines()[-1]


@pytest.fixture
def servers(tmp_path):
    with LocalServers(tmp_path, own=True) as servers:
        yield servers


def test_what_was_started_before_is_not_started_again(servers):
    first = servers.start("valkey")

    both = servers.start("valkey", "postgres")

    assert both["valkey"] == first["valkey"]
    assert both["postgres"]["url"].startswith("postgresql://postgres:")


def test_a_password_costs_a_single_round(servers):
    with psycopg.connect(servers.start("postgres")["postgres"]["url"]) as connection:
        connection.execute("CREATE ROLE someone LOGIN PASSWORD 'anything'")
        kept = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolcanlogin").fetchall()

    assert [password.split(":")[0] for (password,) in kept] == ["SCRAM-SHA-256$1"] * 2


def test_the_database_of_tests_does_not_wait_for_the_disk(servers):
    with psycopg.connect(servers.start("postgres")["postgres"]["url"]) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("off",)


def test_a_killed_server_is_back_on_its_port_with_its_data(servers):
    url = servers.start("valkey")["valkey"]["url"]
    read_setting(url, "SET", "lamp", "walnut")

    servers.kill("valkey")

    assert read_setting(url, "GET", "lamp") == "walnut"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["ended politely", "killed"])
def test_a_stopped_part_refuses_until_it_is_resumed(servers, number):
    url = servers.start("valkey")["valkey"]["url"]

    servers.stop("valkey", number)

    with pytest.raises(ConnectionRefusedError):
        read_setting(url, "PING")
    servers.resume("valkey")
    assert read_setting(url, "PING") == "+PONG"


def test_a_part_that_is_not_known_is_refused_by_name(servers):
    with pytest.raises(StackError, match="oracle is none of postgres, valkey, s3, kafka, mail"):
        servers.start("oracle")


def test_nothing_runs_after_the_tests_that_asked_for_it(tmp_path):
    with LocalServers(tmp_path, own=True) as servers:
        servers.start("valkey")
        pids = [record["pid"] for record in process_registry.read_registry(tmp_path).running.values()]

    assert len(pids) == 2
    assert [pid for pid in pids if process_registry.process_start_time(pid)] == []


def test_nothing_runs_after_tests_that_were_killed(tmp_path):
    script = """
import pathlib, sys, time
from infra.test_servers.local import LocalServers
LocalServers(pathlib.Path(sys.argv[1]), own=True).start("valkey")
print("up", flush=True)
time.sleep(100)
"""
    tests = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE)
    tests.stdout.readline()
    pids = [record["pid"] for record in process_registry.read_registry(tmp_path).running.values()]

    tests.kill()
    tests.communicate()

    assert len(pids) == 2
    eventually_sync(lambda: not [pid for pid in pids if process_registry.process_start_time(pid)])


def test_a_shared_backing_is_used_and_nobody_kills_its_parts(tmp_path, monkeypatch):
    shared = subprocess.Popen([sys.executable, "-m", "infra.test_servers.local", str(tmp_path / "shared"), "valkey"],
                              cwd=ROOT, stdout=subprocess.PIPE)  # fmt: skip
    info = json.loads(shared.stdout.readline())
    monkeypatch.setenv("SHOP_TEST_SERVERS", str(tmp_path / "shared"))

    with LocalServers(tmp_path / "own") as servers:
        assert servers.start("valkey") == info
        with pytest.raises(StackError, match="shared"):
            servers.kill("valkey")
        with pytest.raises(StackError, match="no kafka runs"):
            servers.start("kafka")

    assert read_setting(info["valkey"]["url"], "PING") == "+PONG"
    assert not (tmp_path / "own").exists()
    process_registry.stop_supervisor(tmp_path / "shared")
    shared.communicate()
