"""The command line of scripts/generate.py."""

import argparse
import sys
from os.path import normpath
from pathlib import Path

from chassis.contracts.errors import ContractError
from tooling.generation.output import find_differences, replace_folder
from tooling.generation.pipeline import generate_all_files

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Make generated/, or with --check name each file that is not as it would be made."""
    parser = argparse.ArgumentParser(prog="generate.py", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if anything would change")
    parser.add_argument("--root", type=Path, default=ROOT, help="where contracts/, asyncapi/ and generated/ are")
    chosen = parser.parse_args(arguments)
    folder = chosen.root / "generated"
    try:
        wanted = generate_all_files(chosen.root)
    except ContractError as mistake:
        print(f"the contracts cannot be generated from: {mistake}", file=sys.stderr)
        return 2
    differing = find_differences(folder, wanted)
    if not chosen.check:
        replace_folder(folder, wanted)
    for name, difference in differing.items():
        done = "removed" if difference == "surplus" else "made"
        print(f"{difference if chosen.check else done}: {normpath(Path('generated', name))}")
    if chosen.check and differing:
        print("run python scripts/generate.py and commit what it makes", file=sys.stderr)
    return 1 if chosen.check and differing else 0
