"""Say which declared answers and events were seen in the tests whose reports lie in a folder (default: reports/)."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from infra.local.environment import enter  # noqa: E402  # the path to it is set above

if __name__ == "__main__":
    enter(ROOT, dev=True)
    from scripts.coverage.report import main

    sys.exit(main(Path(sys.argv[1] if sys.argv[1:] else os.environ.get("SHOP_REPORTS", ROOT / "reports"))))
