"""Every contract judged by the rules of redocly.yaml."""

import re
import sys

from scripts.contracts.redocly import CONFIG, ROOT, NotInstalled, redocly


def main() -> int:
    """Say what breaks which rule, and where; 1 if anything does."""
    # common.yaml is no contract of its own: what it says is judged where it is referred to
    contracts = [path for path in sorted(ROOT.glob("contracts/*.yaml")) if path.stem != "common"]
    files = [str(path.relative_to(ROOT)) for path in [*contracts, *sorted(ROOT.glob("asyncapi/*.yaml"))]]
    try:
        ended = redocly("lint", *files, "--config", CONFIG, "--lint-config", "error", "--max-problems", "1000")
    except NotInstalled as trouble:
        print(trouble, file=sys.stderr)
        return 2
    if ended.returncode:
        print(ended.stdout.strip())
        print("\n".join(line for line in ended.stderr.splitlines() if not re.search("validat(ing|ed)", line)).strip())
    return ended.returncode
