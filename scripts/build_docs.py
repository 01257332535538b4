"""Write the pages that people read about the contracts into a folder."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from infra.local.environment import enter  # noqa: E402  # the path to it is set above

if __name__ == "__main__":
    enter(ROOT)
    from scripts.documentation.command import main

    sys.exit(main(sys.argv[1:]))
