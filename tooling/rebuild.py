"""Build all images anew and start the shop from them, with Docker Compose. Needs nothing but Docker and Python."""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMPOSE_FILES = {"kraft": "docker-compose.kraft.yml", "production": "docker-compose.production.yml"}
COMPOSE_PROFILES = ("replicas", "observability")


def docker_commands(options: argparse.Namespace) -> list[list[str]]:
    """Say which commands do it, in order."""
    more = [COMPOSE_FILES[name] for name in COMPOSE_FILES if getattr(options, name)]
    compose = ["docker", "compose"]
    for file in ["docker-compose.yml", *more] if more else []:
        compose += ["--file", file]
    for profile in COMPOSE_PROFILES:
        compose += ["--profile", profile] if getattr(options, profile) else []
    # With the file of KRaft, Kafka has another volume, and ZooKeeper's is nobody's: each set-up is removed by its own.
    zookeeper, kraft = (
        ["--file", "docker-compose.yml"],
        ["--file", "docker-compose.yml", "--file", COMPOSE_FILES["kraft"]],
    )
    removed = ["--profile", "*", "down", "--remove-orphans", *([] if options.keep else ["--volumes"])]
    fresh = ["--no-cache", "--pull"]
    return [
        ["docker", "buildx", "bake", "--load", *fresh] if options.bake else [*compose, "build", *fresh],
        *(["docker", "compose", *files, *removed] for files in (zookeeper, kraft)),  # only when there is what to start
        # The image is what was built above: Compose would build one without its date and commit in its place. This
        # returns when the gateway is started, which waits for all others.
        [*compose, "up", "--detach", "--no-build"],
        [*compose, "ps"],
    ]


def main(words: Sequence[str]) -> int:
    """Run the commands, or only print them."""
    options = _options(words)
    if not options.dry_run and (missing := _missing(bake=options.bake)):
        print(f"Error: {missing}", file=sys.stderr)
        return 1
    for command in docker_commands(options):
        print(f"$ {shlex.join(command)}", flush=True)
        if options.dry_run:
            continue
        ended = subprocess.run(command, cwd=ROOT, env={**read_commit(), **os.environ}, check=False)
        if ended.returncode:
            print(f"Error: that ended with {ended.returncode}.", file=sys.stderr)
            return ended.returncode
    return 0


def read_commit() -> dict[str, str]:
    """Say which commit is built and when it was made, where that is known: by it docker-bake.hcl dates the image."""
    if shutil.which("git") is None:
        return {}
    command = ["git", "log", "-1", "--format=%ct %H"]
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    return dict(zip(("SOURCE_DATE_EPOCH", "SHOP_REVISION"), output, strict=False))


def _missing(*, bake: bool) -> str | None:
    if shutil.which("docker") is None:
        return "there is no Docker here. Without it, scripts/up.py starts the shop."
    for part in (["compose"], ["buildx"]) if bake else (["compose"],):
        if subprocess.run(["docker", *part, "version"], capture_output=True, check=False).returncode:
            return f"this Docker has no `docker {part[0]}`."
    if (asked := subprocess.run(["docker", "info"], capture_output=True, check=False)).returncode:
        messages = asked.stderr.decode("utf-8", "replace").strip().splitlines()
        return f"no Docker engine answers: {messages[-1] if messages else asked.returncode}"
    return None


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Build all images anew and start the shop from them; its data goes.")
    parser.add_argument("--dry-run", action="store_true", help="only print the commands")
    parser.add_argument("--keep", action="store_true", help="keep the data: orders, carts, images, secrets")
    parser.add_argument("--bake", action="store_true", help="build by docker-bake.hcl instead of Compose")
    parser.add_argument("--kraft", action="store_true", help="Kafka 4.3 without ZooKeeper")
    parser.add_argument("--production", action="store_true", help="secrets from files, none that anybody knows")
    parser.add_argument("--replicas", action="store_true", help="two of each service")
    parser.add_argument("--observability", action="store_true", help="with Prometheus, Grafana and exporters")
    return parser.parse_args(words)
