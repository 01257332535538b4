"""What every service stands on; it knows none of them, and nothing of what they do."""

import os
import signal
import sys
import warnings

# A container's first process has no default action for signals: one that came before `serve` would be lost.
if os.getpid() == 1:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))

# Connexion imports Starlette's test client, which warns of the httpx that Connexion asks for.
warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient`")

# Where tools have installed rich and pygments, structlog takes them in, 4 MiB in each process, for a console that no
# service writes to. Whoever wants them later finds them.
if "rich" not in sys.modules:
    sys.modules["rich"] = None  # type: ignore[assignment]
    import structlog  # noqa: F401

    del sys.modules["rich"]
