"""Commands of a copied project, which count for nothing in the reports of this one."""

import os
import subprocess
import sys


def command(project, *words):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SHOP_")}
    return subprocess.run(
        [sys.executable, *words], cwd=project, env=environ, capture_output=True, text=True, check=False
    )
