"""Every contract, and every flow through them, judged by the rules of redocly.yaml."""

import argparse
import re
import sys
from collections.abc import Sequence

from tooling.compatibility.redocly import REDOCLY_CONFIG, run_redocly
from tooling.npm import ROOT, NpmInstallError


def main(arguments: Sequence[str]) -> int:
    """Say what breaks which rule, and where; 1 if anything does."""
    argparse.ArgumentParser(description=main.__doc__).parse_args(arguments)
    # common.yaml is no contract of its own: what it says is judged where it is referred to
    contracts = [path for path in sorted(ROOT.glob("contracts/*.yaml")) if path.stem != "common"]
    others = [*sorted(ROOT.glob("asyncapi/*.yaml")), *sorted(ROOT.glob("contracts/flows/*.yaml"))]
    files = [str(path.relative_to(ROOT)) for path in [*contracts, *others]]
    try:
        ended = run_redocly(
            "lint", *files, "--config", REDOCLY_CONFIG, "--lint-config", "error", "--max-problems", "1000"
        )
    except NpmInstallError as trouble:
        print(trouble, file=sys.stderr)
        return 2
    if ended.returncode:
        print(ended.stdout.strip())
        print("\n".join(line for line in ended.stderr.splitlines() if not re.search("validat(ing|ed)", line)).strip())
    return ended.returncode
