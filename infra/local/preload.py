"""A program that imports what it needs while what it waits for still starts, and begins when its input says so.

python -m infra.local.preload services.order.main
"""

import runpy
import sys
from importlib import import_module

if __name__ == "__main__":
    module = sys.argv.pop(1)
    import_module(module)
    if not sys.stdin.read():
        sys.exit("Whoever started this is gone.")
    del sys.modules[module]  # it alone is executed again, as the program
    runpy.run_module(module, run_name="__main__", alter_sys=True)
