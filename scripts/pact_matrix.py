"""Show which consumer's needs of which provider are verified; fail on anything that is not."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from infra.local.environment import enter  # noqa: E402  # the path to it is set above

if __name__ == "__main__":
    enter(ROOT, dev=True)
    from scripts.pacts.matrix import main

    sys.exit(main())
