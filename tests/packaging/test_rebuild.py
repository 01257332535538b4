"""The clean rebuild: what it would do, and what it says where it cannot."""

import os
import subprocess
import sys

import pytest

from infra.local.run_dir import ROOT

SCRIPT = [sys.executable, str(ROOT / "scripts" / "rebuild.py")]


def rebuild(*words, **environment):
    return subprocess.run(
        [*SCRIPT, *words], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


@pytest.mark.parametrize(
    ("words", "building"),
    [
        ((), "$ docker compose build --no-cache --pull"),
        (("--bake",), "$ docker buildx bake --load --no-cache --pull"),
        (
            ("--kraft", "--replicas"),
            "$ docker compose --file docker-compose.yml --file docker-compose.kraft.yml --profile replicas build "
            "--no-cache --pull",
        ),
    ],
    ids=["as it is", "by bake", "otherwise"],
)
def test_a_dry_run_says_every_command_and_runs_none(words, building):
    said = rebuild("--dry-run", *words, PATH="")

    assert said.returncode == 0
    lines = said.stdout.splitlines()
    assert [line.split(" ")[-1] for line in lines] == ["--pull", "--volumes", "--volumes", "--no-build", "ps"]
    assert lines[0] == building


def test_the_data_of_both_kinds_of_kafka_goes_each_by_its_own_files():
    _, zookeeper, kraft, *_ = rebuild("--dry-run", PATH="").stdout.splitlines()

    assert zookeeper.startswith("$ docker compose --file docker-compose.yml --profile '*' down ")
    assert kraft.startswith(
        "$ docker compose --file docker-compose.yml --file docker-compose.kraft.yml --profile '*' down "
    )


def test_a_build_that_fails_removes_nothing(tmp_path):
    docker = tmp_path / "docker"
    docker.write_text('#!/bin/sh\necho "$@" >> "$0.asked"\ncase "$*" in *build*) exit 3;; esac\n')
    docker.chmod(0o755)

    said = rebuild(PATH=f"{tmp_path}:/bin:/usr/bin")

    assert said.returncode == 3
    assert "down" not in (tmp_path / "docker.asked").read_text()


def test_a_build_is_told_which_commit_it_is_of(tmp_path):
    docker = tmp_path / "docker"
    docker.write_text('#!/bin/sh\necho "$SOURCE_DATE_EPOCH $SHOP_REVISION" >> "$0.asked"\n')
    docker.chmod(0o755)
    git = ["git", "log", "-1", "--format=%ct %H"]
    commit = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    said = rebuild("--bake", PATH=f"{tmp_path}:{os.environ['PATH']}")

    assert said.returncode == 0
    assert commit in (tmp_path / "docker.asked").read_text()


def test_data_is_kept_when_asked_for():
    assert "--volumes" not in rebuild("--dry-run", "--keep").stdout


def test_without_docker_it_says_so_in_one_sentence():
    said = rebuild(PATH="")

    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr == "Error: there is no Docker here. Without it, scripts/up.py starts the shop.\n"


@pytest.mark.parametrize("script", ["rebuild", "seed", "setup"])
def test_each_script_tells_what_it_does(script):
    command = [sys.executable, str(ROOT / "scripts" / f"{script}.py"), "--help"]

    said = subprocess.run(command, capture_output=True, text=True, check=False)

    assert said.returncode == 0
    assert said.stdout.startswith(f"usage: {script}.py")
