"""Start the shop, run the whole flow from a cart to the parcel at the door, and show the mails."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from infra.local.environment import enter  # noqa: E402  # the path to it is set above

if __name__ == "__main__":
    enter(ROOT)
    from scripts.demo.command import run

    sys.exit(run(sys.argv[1:]))
