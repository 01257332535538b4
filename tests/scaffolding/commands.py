"""Commands of a copied project, which count for nothing in the reports of this one, and share its cache."""

import os
import subprocess
import sys

from tooling.npm import cache_folder


def run_script(project, *words):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SHOP_")}
    environ["SHOP_CACHE"] = str(cache_folder())
    return subprocess.run(
        [sys.executable, *words], cwd=project, env=environ, capture_output=True, text=True, check=False
    )
