"""The command line of scripts/build_sdk.py."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from chassis.contracts.errors import ContractError
from chassis.contracts.openapi import Api
from tooling.npm import NpmInstallError
from tooling.sdk.python import build_python_package
from tooling.sdk.typescript import build_typescript_package

ROOT = Path(__file__).resolve().parents[2]
PACKAGE_BUILDERS: dict[str, Callable[[list[Api]], dict[str, bytes]]] = {
    "python": build_python_package,
    "typescript": build_typescript_package,
}


def main(arguments: Sequence[str]) -> int:
    """Make a client package of the shop's public operations, as its contracts declare them."""
    parser = argparse.ArgumentParser(prog="build_sdk.py", description=main.__doc__)
    parser.add_argument("language", choices=PACKAGE_BUILDERS)
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="where to put it (default: dist/sdk/LANGUAGE)")
    chosen = parser.parse_args(arguments)
    folder = chosen.to or ROOT / "dist" / "sdk" / chosen.language
    try:
        files = PACKAGE_BUILDERS[chosen.language](Api.load_all(ROOT / "contracts"))
    except (ContractError, NpmInstallError) as trouble:
        print(f"no client can be made: {trouble}", file=sys.stderr)
        return 2
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    print(f"made: {folder}")
    return 0
