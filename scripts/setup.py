"""Make the virtual environment with all that develops, tests and runs the shop."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from infra.local.environment import enter  # noqa: E402  # the path to it is set above

if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    enter(ROOT, dev=True)
    print(f"The virtual environment is ready: {ROOT / '.venv'}")
