"""Kafka's jars, exactly as locked: fetched by jgo side by side, each compared with its hash.

A program of its own, since jgo is only wanted where the jars are not there yet. `resolve_lock` resolves a version anew:

    python -m infra.local.jars relock 4.3.1 > infra/local/kafka-4.3.1.lock
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jgo.maven import MavenContext

LOGGING_JAR = "org.slf4j:slf4j-simple:1.7.36"
MAX_PARALLEL_DOWNLOADS = 8


def fetch_jars(lock: Path, folder: Path) -> None:
    """Put every locked jar into the folder."""
    lines = [line.split() for line in lock.read_text("utf-8").splitlines() if not line.startswith("#")]
    with ThreadPoolExecutor(MAX_PARALLEL_DOWNLOADS) as pool:
        for _ in pool.map(lambda line: _fetch_one(line[0], line[1], folder), lines):
            pass


def _fetch_one(coordinates: str, sha256: str, folder: Path) -> None:
    group, artifact, version = coordinates.split(":")
    maven = MavenContext(repo_cache=folder / "maven", timeout=60)  # its own: nobody promises that threads may share one
    jar = maven.project(group, artifact).at_version(version).artifact().resolve()
    if hashlib.sha256(jar.read_bytes()).hexdigest() != sha256:
        raise ValueError(f"{jar.name} is not the one that was locked")
    jar.rename(folder / jar.name)


def resolve_lock(version: str) -> str:
    """Resolve what a version of Kafka needs, and return its lock."""
    with tempfile.TemporaryDirectory() as scratch:
        argv = [sys.executable, "-m", "jgo", "--ignore-config", "--resolver", "python", "--system-java",
                "--class-path-only", "--links", "copy", "--repo-cache", "maven", "--cache-dir", "jgo",
                "info", "classpath", f"org.apache.kafka:kafka_2.13:{version}+{LOGGING_JAR}"]  # fmt: skip
        subprocess.run(argv, cwd=scratch, check=True, capture_output=True)
        (made,) = Path(scratch).glob("jgo/envs/**/jgo.lock.toml")
        jars = tomllib.loads(made.read_text("utf-8"))["dependencies"]
    lines = sorted(f"{jar['groupId']}:{jar['artifactId']}:{jar['version']} {jar['sha256']}" for jar in jars)
    return "\n".join([f"# Made by: python -m infra.local.jars relock {version}", *lines, ""])


if __name__ == "__main__":
    if sys.argv[1] == "relock":
        sys.stdout.write(resolve_lock(sys.argv[2]))
    else:
        try:
            fetch_jars(Path(sys.argv[1]), Path(sys.argv[2]))
        except Exception as error:  # noqa: BLE001  # whatever jgo and the network raise, a person reads one sentence
            sys.exit(f"Error: {error}")
        shutil.rmtree(Path(sys.argv[2]) / "maven")
