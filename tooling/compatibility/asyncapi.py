"""The official parser of AsyncAPI, as locked in asyncapi_parser/package-lock.json: what most of its tools read with."""

import json
import subprocess
from pathlib import Path

from tooling import npm

PARSER_FOLDER = Path(__file__).parent / "asyncapi_parser"


def find_parser_diagnostics(*documents: Path) -> dict[Path, list[str]]:
    """What the parser finds in each document, warnings included: its rule, the place, and what is wrong there.

    Raises:
        NotInstalled: It is not in the cache and could not be fetched.
    """
    command = [npm.NODE, PARSER_FOLDER / "parse.cjs", npm.install_locked(PARSER_FOLDER) / "node_modules", *documents]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    return {Path(file): diagnostics for file, diagnostics in json.loads(ended.stdout).items()}
