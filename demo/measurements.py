"""What a demo measured, in a few lines, or in all."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

from demo.console import Console
from infra.local.process_registry import read_stat
from infra.local.resource_usage import memory_mib


class Measurements(NamedTuple):
    """Times in seconds. `ready` counts from the command on, and so takes in the making of the environment."""

    ready: float | None
    flow: float
    checkouts: Sequence[float]
    payments_to_mails: Sequence[float]


def process_age() -> float | None:
    """The seconds since this process was started; None where the system does not say."""
    try:
        ticks = int(read_stat("self")[19])
        uptime = float(Path("/proc/uptime").read_text("utf-8").split()[0])
    except OSError:
        return None
    return uptime - ticks / os.sysconf("SC_CLK_TCK")


def print_measurements(
    console: Console, measured: Measurements, where: Mapping[str, Any], *, all_of_them: bool
) -> None:
    """Say how quick the shop was, and how much memory it takes."""
    shares = memory_mib(where)
    own = [share for name, share in shares.items() if name in where["services"]]
    _line(console, "from the payment to the e-mail", _spread(measured.payments_to_mails))
    _line(console, "a checkout", _spread(measured.checkouts))
    if shares:
        _line(console, f"memory of the {len(own)} services", f"{sum(own):.0f} MiB")
        _line(console, "memory of everything", f"{sum(shares.values()):.0f} MiB (PSS)")
    if all_of_them:
        if measured.ready is not None:
            _line(console, "from the command to a ready shop", f"{measured.ready:.1f} s")
        _line(console, "the whole flow with its encore", f"{measured.flow:.2f} s")
        for name, share in sorted(shares.items(), key=lambda known: -known[1]):
            _line(console, f"memory of {name}", f"{share:.1f} MiB")


def _spread(seconds: Sequence[float]) -> str:
    in_ms = [one * 1000 for one in seconds]
    p95 = quantiles(in_ms, n=20, method="inclusive")[-1]
    return f"{median(in_ms):.0f} ms (half of {len(in_ms)}), {p95:.0f} ms (95 %), {max(in_ms):.0f} ms (all)"


def _line(console: Console, what: str, how_much: str) -> None:
    console.line(f"{what.ljust(36)} {how_much}")
