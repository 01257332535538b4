"""Make ready what services need: roles, schemas, migrations, topics, the bucket, the first admin."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from infra.local.environment import enter  # noqa: E402  # the path to it is set above

if __name__ == "__main__":
    enter(ROOT)
    from infra.seeding import seed

    sys.exit(seed(sys.argv[1:]))
