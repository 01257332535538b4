"""Stop the shop."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from infra.local.environment import enter  # noqa: E402  # the path to it is set above

if __name__ == "__main__":
    enter(ROOT)
    from infra.local.stack import down

    sys.exit(down(sys.argv[1:]))
