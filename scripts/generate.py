"""Make generated/ from contracts/ and asyncapi/; with --check only say what is not as it would be made."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.generation.documents import ContractMistake  # noqa: E402 - the repository is run, not installed
from scripts.generation.everything import generate  # noqa: E402
from scripts.generation.folder import differences, replace  # noqa: E402


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if anything would change")
    parser.add_argument("--root", type=Path, default=ROOT, help="where contracts/, asyncapi/ and generated/ are")
    chosen = parser.parse_args(arguments)
    folder = chosen.root / "generated"
    try:
        wanted = generate(chosen.root)
    except ContractMistake as mistake:
        print(f"the contracts cannot be generated from: {mistake}", file=sys.stderr)
        return 2
    found = differences(folder, wanted)
    if not chosen.check:
        replace(folder, wanted)
    for name, difference in found.items():
        print(f"{difference if chosen.check else 'made' if name in wanted else 'removed'}: generated/{name}")
    if chosen.check and found:
        print("run python scripts/generate.py and commit what it makes", file=sys.stderr)
    return 1 if chosen.check and found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
