import os
import subprocess
import sys

import pytest

from infra.local.process import StackError
from infra.local.run_dir import ROOT
from infra.test_servers.containers import ContainerServers
from infra.test_servers.external import ExternalServers
from infra.test_servers.local import LocalServers
from infra.test_servers.selection import select_backend

BACKENDS_ASKED = """
def test_that_asks_for_a_server(valkey):
    assert valkey.startswith("redis://127.0.0.1:")
"""


@pytest.fixture
def choose_backend(tmp_path, monkeypatch):
    """What a value of SHOP_STACK gives, and what is said about it."""

    def choose_backend(stack, **how):
        monkeypatch.setenv("SHOP_STACK", stack)
        said = []
        servers = select_backend(tmp_path, say=said.append, **how)
        servers.close()
        return type(servers), said

    return choose_backend


@pytest.mark.parametrize("stack", ["", "local"])
def test_servers_are_of_this_machine_even_where_an_engine_answers(choose_backend, engine, stack):
    assert choose_backend(stack) == (LocalServers, [])


@pytest.mark.parametrize("stack", ["docker", "auto"])
def test_servers_are_containers_where_an_engine_answers_and_they_are_asked_for(choose_backend, engine, stack):
    assert choose_backend(stack) == (ContainerServers, [])


def test_without_an_engine_auto_says_why_in_one_line_and_takes_this_machine(choose_backend, no_engine):
    kind, (said,) = choose_backend("auto")

    assert kind is LocalServers
    assert said.startswith("SHOP_STACK=auto: no container engine answers (")
    assert "\n" not in said


def test_without_an_engine_docker_is_refused_in_one_line(choose_backend, no_engine):
    with pytest.raises(StackError, match=r"^SHOP_STACK=docker: no container engine answers \(.*\)\.$"):
        choose_backend("docker")


def test_servers_of_somebody_else_are_used_but_for_those_that_a_test_kills(choose_backend):
    assert choose_backend("external") == (ExternalServers, [])
    assert choose_backend("external", own=True) == (LocalServers, [])


def test_an_unknown_stack_is_rejected(choose_backend):
    with pytest.raises(StackError, match=r"SHOP_STACK=podman is none of local, docker, auto, external\."):
        choose_backend("podman")


@pytest.mark.parametrize(
    ("stack", "code", "said"),
    [
        ("auto", 0, "SHOP_STACK=auto: no container engine"),
        ("docker", 1, "Exit: SHOP_STACK=docker: no container engine"),
    ],
)
def test_the_reason_is_seen_by_whoever_runs_the_tests(tmp_path, no_engine, stack, code, said):
    (tmp_path / "test_asking.py").write_text(BACKENDS_ASKED)
    words = [sys.executable, "-m", "pytest", "-p", "infra.test_servers.fixtures", "--rootdir", str(tmp_path)]
    environ = {**os.environ, "SHOP_STACK": stack, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    ran = subprocess.run([*words, str(tmp_path)], cwd=ROOT, env=environ, capture_output=True, text=True, check=False)

    assert ran.returncode == code, ran.stdout
    assert len([line for line in ran.stdout.splitlines() if said in line]) == 1, ran.stdout
