"""A shop for the features: one that runs already, or one of their own that ends with them."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.local import control

# So short that a scenario can outwait them, and long enough for all that scenarios do meanwhile.
SHORT_TIMEOUTS = {"PAYMENT_DEADLINE_SECONDS": "8", "PRICE_HONOURED_SECONDS": "2"}


@contextmanager
def running_shop() -> Iterator[Mapping[str, Any]]:
    """Say where the shop is whose run folder SHOP_RUN_DIR names; without it, start one in a temporary folder."""
    if known := os.environ.get("SHOP_RUN_DIR"):
        yield control.read_manifest(Path(known))
        return
    with tempfile.TemporaryDirectory(prefix="features-") as folder:
        options = [word for name, value in SHORT_TIMEOUTS.items() for word in ("--set", f"{name}={value}")]
        try:
            yield control.start(Path(folder), *options)
        finally:
            control.stop(Path(folder))


def timeouts(manifest: Mapping[str, Any]) -> dict[str, float]:
    """Tell the times that were set for a shop; those that were not are too long to be outwaited."""
    return {name: float(manifest.get("settings", {}).get(name, "inf")) for name in SHORT_TIMEOUTS}
