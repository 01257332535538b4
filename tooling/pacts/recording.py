"""Make the pacts anew, by the consumers' tests."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tooling.pacts.files import PACTS_FOLDER, ROOT, replace_pacts

PROVIDER_TEST_PATTERN = "*/test_provider.py"  # what providers' tests are called; all others are a consumer's


def pact_test_folders() -> list[str]:
    """Where the tests of pacts are."""
    return [str(path) for path in sorted(ROOT.glob("services/*/tests/pacts"))]


def run_consumer_tests(made: Path, *words: str) -> int:
    """Run those tests in a process of their own, and leave the pacts that consumers make in the folder."""
    command = [sys.executable, "-m", "pytest", *pact_test_folders(), *words]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "SHOP_PACTS_MADE": str(made)}, check=False).returncode


def main(arguments: Sequence[str]) -> int:
    """Replace the committed pacts by what the consumers need now; nothing is replaced when their tests fail."""
    argparse.ArgumentParser(description=main.__doc__).parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="shop-pacts-") as folder:
        if failed := run_consumer_tests(Path(folder), f"--ignore-glob={PROVIDER_TEST_PATTERN}"):
            return failed
        changed = replace_pacts(Path(folder), PACTS_FOLDER)
    print("\n".join(f"changed: contracts/pacts/{name}" for name in changed) or "Nothing has changed.")
    return 0
