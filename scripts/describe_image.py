"""Write what the shop's image holds: a bill of materials (CycloneDX) and the licences, of the packages of its lock."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from infra.local.environment import enter  # noqa: E402  # the path to it is set above

if __name__ == "__main__":
    enter(ROOT, dev=True)
    from scripts.image.contents import main

    sys.exit(main(sys.argv[1:]))
