"""How many orders are placed by more and more clients that never rest, and how soon the others are turned away.

    python -m benchmarks.overload [--seconds 8] [--rounds 3] [--clients 4 8 16 32 64]

Each client puts a product into its cart and checks out, again and again, and waits as `Retry-After` says when it is
refused by 503. The table has for each number of clients the orders placed in a second (goodput), the times of their
checkouts in ms, the refusals in a second, the time until a checkout was refused, and what failed in any other way; of
several rounds, in turns, the one in which most orders were placed. The CPU ms are those of the whole shop for an order
placed, in the round that took the fewest: where others are at work on the machine, they tell more. The last line is the
goodput under the most clients as a share of its peak, by time and by CPU.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks.http_shop import HttpShop, HttpShopper, RefusedError
from infra.local import control
from infra.local.resource_usage import cpu_seconds, process_trees

WARM_UP_SECONDS = 3.0
COLUMNS = ("clients", "orders/s", "p50 ms", "p95 ms", "refused/s", "p50 ms", "p95 ms", "failed", "CPU ms")
UNLIMITED = 1_000_000  # unpaid orders of a shopper


@dataclass
class LevelResult:
    """What became of the checkouts of some clients, with the seconds of each."""

    placed: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    other_refusals: int = 0  # of what comes before the checkout
    failed: int = 0
    cpu: float = 0.0  # seconds of the whole shop

    @property
    def cpu_per_order(self) -> float:
        return self.cpu / max(len(self.placed), 1) * 1e3

    def row(self, clients: int, seconds: float, cpu_per_order: float) -> str:
        """The line of the table."""
        refusals = (len(self.refused) + self.other_refusals) / seconds
        cells = (clients, len(self.placed) / seconds, *_p50_p95(self.placed), refusals, *_p50_p95(self.refused))
        return "".join(f"{cell:10.1f}" for cell in (*cells, self.failed, cpu_per_order)) + "\n"


def _p50_p95(seconds: Sequence[float]) -> tuple[float, float]:
    if len(seconds) < 2:
        return 0.0, 0.0
    cuts = quantiles(seconds, n=20)
    return cuts[9] * 1e3, cuts[18] * 1e3


async def _buy(shopper: HttpShopper, product: str, until: float, measured: LevelResult) -> None:
    async def attempt(times: list[float], refusals: list[float], action: Any) -> bool:
        began = time.monotonic()
        try:
            await action
        except RefusedError as refusal:
            if refusal.status != 503:
                measured.failed += 1
                return False
            refusals.append(time.monotonic() - began)
            await asyncio.sleep(float(refusal.retry_after or 0))
            return False
        except ConnectionError:
            measured.failed += 1
            return False
        times.append(time.monotonic() - began)
        return True

    ignored, before_checkout = list[float](), list[float]()
    while time.monotonic() < until:
        if await attempt(ignored, before_checkout, shopper.add_to_cart(product)):
            while time.monotonic() < until and not await attempt(
                measured.placed, measured.refused, shopper.check_out()
            ):
                pass
    measured.other_refusals += len(before_checkout)


async def _measure_level(
    manifest: Mapping[str, Any], shoppers: Sequence[HttpShopper], product: str, seconds: float
) -> LevelResult:
    measured, before, until = LevelResult(), _cpu_seconds(manifest), time.monotonic() + seconds
    await asyncio.gather(*(_buy(shopper, product, until, measured) for shopper in shoppers))
    measured.cpu = _cpu_seconds(manifest) - before
    return measured


def _cpu_seconds(manifest: Mapping[str, Any]) -> float:
    return sum(cpu_seconds(pid) for pids in process_trees(manifest).values() for pid in pids)


async def measure(manifest: Any, levels: Sequence[int], seconds: float, rounds: int) -> None:
    best: dict[int, LevelResult] = {}
    cpu = dict.fromkeys(levels, float("inf"))
    async with HttpShop(manifest) as shop:
        product = await shop.offer("Walnut desk lamp", 1_000_000)
        shoppers = [await shop.new_shopper() for _ in range(max(levels))]
        await _measure_level(manifest, shoppers, product, WARM_UP_SECONDS)
        for _ in range(rounds):
            for clients in levels:
                measured = await _measure_level(manifest, shoppers[:clients], product, seconds)
                if clients not in best or len(measured.placed) > len(best[clients].placed):
                    best[clients] = measured
                cpu[clients] = min(cpu[clients], measured.cpu_per_order)
    sys.stdout.write("".join(f"{name:>10}" for name in COLUMNS) + "\n")
    for clients, measured in best.items():
        sys.stdout.write(measured.row(clients, seconds, cpu[clients]))
    goodput, most = [len(measured.placed) for measured in best.values()], levels[-1]
    by_time, by_cpu = goodput[-1] / max(goodput), min(cpu.values()) / cpu[most]
    sys.stdout.write(f"goodput under {most} clients: {by_time:.0%} of its peak by time, {by_cpu:.0%} by CPU\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Orders placed, and refusals, under more and more clients.")
    parser.add_argument("--seconds", type=float, default=8, help="for each number of clients, in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, nargs="+", default=[4, 8, 16, 32, 64])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="overload-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's user may have to pass through it
        run_dir = Path(folder) / "run"
        try:
            manifest = control.start(run_dir, "--set", f"MAX_UNPAID_ORDERS={UNLIMITED}")
            asyncio.run(measure(manifest, given.clients, given.seconds, given.rounds))
        finally:
            control.stop(run_dir)


if __name__ == "__main__":
    main()
