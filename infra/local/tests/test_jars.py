import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.kafka import KAFKA_VERSIONS
from infra.local.run_dir import ROOT

FOLDER = ROOT / "infra" / "local"


@pytest.mark.parametrize("version", KAFKA_VERSIONS.values())
def test_each_jar_of_a_version_is_locked_by_its_hash(version):
    lines = (FOLDER / f"kafka-{version}.lock").read_text().splitlines()[1:]

    assert all(re.fullmatch(r"[^: ]+:[^: ]+:[^: ]+ [0-9a-f]{64}", line) for line in lines)
    assert any(line.startswith(f"org.apache.kafka:kafka_2.13:{version} ") for line in lines)


def test_a_jar_that_is_not_the_locked_one_is_refused(tmp_path):
    lock, kept = tmp_path / "lock", tmp_path / "maven" / "org" / "example" / "lamp" / "1"
    kept.mkdir(parents=True)
    (kept / "lamp-1.jar").write_bytes(b"something else")
    lock.write_text(f"org.example:lamp:1 {'0' * 64}\n")

    argv = [sys.executable, "-m", "infra.local.jars", lock, tmp_path]
    refused = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)

    assert refused.returncode == 1
    assert refused.stderr == "Error: lamp-1.jar is not the one that was locked\n"
    assert not Path(tmp_path / "lamp-1.jar").exists()
