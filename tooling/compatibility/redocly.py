"""Redocly's command line, as locked in package-lock.json."""

import os
import subprocess
from pathlib import Path

from tooling import npm
from tooling.npm import NODE, ROOT

REDOCLY_CONFIG = ROOT / "redocly.yaml"
QUIET_ENVIRONMENT = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}


def run_redocly(*arguments: str | Path, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a command of Redocly to its end; what it writes is in the result.

    Raises:
        NotInstalled: It is not in the cache and could not be fetched.
    """
    tool = redocly_folder() / "node_modules" / "@redocly" / "cli" / "bin" / "cli.js"
    command = [NODE, tool, *arguments]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, **QUIET_ENVIRONMENT}, capture_output=True, text=True, check=False
    )


def redocly_folder() -> Path:
    """The folder of the tool, fetched by its lock the first time."""
    return npm.install_locked(Path(__file__).parent)
