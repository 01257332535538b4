"""Commands of a copied project."""

import subprocess
import sys


def command(project, *words):
    return subprocess.run([sys.executable, *words], cwd=project, capture_output=True, text=True, check=False)
