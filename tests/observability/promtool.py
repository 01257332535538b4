"""Prometheus' own tool: an installed one, or the one in Debian's package, fetched the first time."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tooling.npm import cache_folder


def find_promtool() -> str:
    """Where it is; without it the test is skipped."""
    if installed := shutil.which("promtool"):
        return installed
    home = cache_folder() / "promtool"
    if not home.exists():
        if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
            pytest.skip(
                "promtool is not installed here (it comes with Prometheus), and there is no apt-get to fetch it"
            )
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent) as scratch:
            fetched = subprocess.run(
                ["apt-get", "download", "prometheus"],
                cwd=scratch,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            if fetched.returncode:
                pytest.skip(f"promtool cannot be fetched: {fetched.stderr[-200:]}")
            (package,) = Path(scratch).glob("*.deb")
            subprocess.run(["dpkg-deb", "-x", package, scratch], check=True, timeout=120)
            shutil.copy(Path(scratch) / "usr/bin/promtool", Path(scratch) / "promtool")
            (Path(scratch) / "promtool").replace(home)
    return str(home)
