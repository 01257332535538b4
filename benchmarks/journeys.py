"""What a journey costs and how long it takes, in the whole shop; with --base, beside another checkout, in turns.

    python -m benchmarks.journeys [--base FOLDER] [--clients 8] [--journeys 160] [--rounds 3]

A journey: two additions to the cart, the checkout, its payment, reading the order until it is PAID and the parcel until
it is READY_TO_SHIP, and three mails. So many clients never rest. The table has the CPU ms of each service and part of
the infrastructure for a journey (the best round of each shop), times in ms, and what a journey made the services do.
The quotients of one run mean something; the numbers belong to the machine, and to whatever else runs on it. Services
that only one of the shops has are in no sum.
"""

import argparse
import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

import psycopg

from benchmarks.http_shop import HttpShop, HttpShopper
from benchmarks.inbox import arrival_time
from benchmarks.overload import UNLIMITED
from chassis.testing.eventually import eventually
from infra.local import control
from infra.local.resource_usage import cpu_seconds, process_trees

ROOT = Path(__file__).resolve().parents[1]
COUNTER_METRICS = {"calls": "call_duration_seconds_count", "records sent": "events_published_total",
           "records handled": "event_handling_seconds_count"}  # fmt: skip
STATEMENT_LOG_PATTERN = re.compile(r"^(\w+) LOG: +(?:execute|statement)", re.MULTILINE)
MAILS_PER_JOURNEY = 3  # of a journey
POLL_INTERVAL = 0.05  # seconds between two looks at an order, or at a shipment
ALL_SERVICES = "all services"
MANY_ORDERS = ("--set", f"MAX_UNPAID_ORDERS={UNLIMITED}")  # of each shopper, whose address is not verified


@dataclass
class RoundResult:
    """What some journeys took: CPU ms of one of them by process, and times in seconds."""

    cpu: dict[str, float] = field(default_factory=dict)
    journeys_per_second: float = 0.0
    checkouts: list[float] = field(default_factory=list)
    until_paid: list[float] = field(default_factory=list)
    until_mailed: list[float] = field(default_factory=list)


class Shop(HttpShop):
    """A running shop, and the shoppers of this benchmark."""

    def __init__(self, manifest: Mapping[str, Any], services: Set[str]) -> None:
        super().__init__(manifest)
        self._services = services  # what is summed up

    async def open(self, clients: int) -> None:
        """Stock two products, and have as many shoppers as clients; tokens of ten minutes outlast a benchmark."""
        self._products = [await self.offer(title, 100_000) for title in ("Walnut desk lamp", "Oak chair")]
        self._shoppers = [await self.new_shopper() for _ in range(clients)]

    async def measure(self, journeys: int) -> RoundResult:
        """So many journeys by all clients side by side, until their last mail is there."""
        mail_url, paid_at, mails = self.manifest["mail"], dict[str, float](), MAILS_PER_JOURNEY * journeys
        await self.send("DELETE", f"{mail_url}/api/v1/messages")
        measured, before, begun, left = RoundResult(), self._cpu_seconds(), time.monotonic(), iter(range(journeys))

        async def shop_on(shopper: HttpShopper) -> None:
            for _ in left:
                await self._journey(shopper, measured, paid_at)

        async def list_mails(limit: int) -> dict[str, Any]:
            response = await self.send("GET", f"{mail_url}/api/v2/messages?limit={limit}")
            page: dict[str, Any] = json.loads(response.content)
            return page

        async def all_mailed() -> bool:
            total: int = (await list_mails(limit=1))["total"]
            return total == mails

        await asyncio.gather(*map(shop_on, self._shoppers))
        measured.journeys_per_second = journeys / (time.monotonic() - begun)
        await eventually(all_mailed, within=120)
        measured.cpu = {name: (spent - before[name]) / journeys * 1e3 for name, spent in self._cpu_seconds().items()}
        arrivals = arrival_time((await list_mails(limit=mails))["items"])
        measured.until_mailed = [arrivals[f"{order}.payment.succeeded"] - paid for order, paid in paid_at.items()]
        return measured

    async def _journey(self, shopper: HttpShopper, measured: RoundResult, paid_at: dict[str, float]) -> None:
        for product in self._products:
            await shopper.add_to_cart(product)
        begun = time.monotonic()
        await shopper.check_out()
        measured.checkouts.append(time.monotonic() - begun)
        begun, paid_at[shopper.order_id] = time.monotonic(), time.time()
        await shopper.pay()
        await _wait_for(shopper.order_status, "PAID")
        measured.until_paid.append(time.monotonic() - begun)
        await _wait_for(shopper.shipment_status, "READY_TO_SHIP")

    async def count(self, journeys: int, log: Path) -> dict[str, float]:
        """What one journey makes the services do: statements (from PostgreSQL's log), calls, records."""
        with psycopg.connect(self.manifest["postgres"], autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET log_statement = 'all'")
            connection.execute("ALTER SYSTEM SET log_line_prefix = '%u '")
            connection.execute("SELECT pg_reload_conf()")
        size, before = log.stat().st_size, await self._counters()  # noqa: ASYNC240 (nothing else runs)
        await self.measure(journeys)
        after = await self._counters()
        with log.open("rb") as lines:
            lines.seek(size)
            statements = Counter(STATEMENT_LOG_PATTERN.findall(lines.read().decode("utf-8", "replace")))
        counted = {f"statements of {role}": float(number) for role, number in sorted(statements.items())}
        counted |= {what: after[what] - before[what] for what in COUNTER_METRICS}
        return {what: number / journeys for what, number in counted.items() if number}

    async def _counters(self) -> dict[str, float]:
        texts = [
            (await self.send("GET", service["metrics"])).content.decode()
            for service in self.manifest["services"].values()
        ]
        return {
            what: sum(float(value) for text in texts for value in re.findall(rf"^\w*{name}{{.*}} (\S+)$", text, re.M))
            for what, name in COUNTER_METRICS.items()
        }

    def _cpu_seconds(self) -> dict[str, float]:
        spent = {name: sum(map(cpu_seconds, pids)) for name, pids in process_trees(self.manifest).items()}
        return {ALL_SERVICES: sum(spent[name] for name in self._services), **spent}


async def _wait_for(read_status: Callable[[], Awaitable[str]], wanted: str) -> None:
    async with asyncio.timeout(60):
        while await read_status() != wanted:  # noqa: ASYNC110 (nothing tells of it)
            await asyncio.sleep(POLL_INTERVAL)


def compare_best(rounds: Iterable[Sequence[RoundResult]]) -> Iterator[tuple[str, list[float]]]:
    """The rows of the table: each shop's round that took the least CPU, side by side."""
    best = [min(of_shop, key=lambda measured: measured.cpu[ALL_SERVICES]) for of_shop in rounds]
    for name in best[0].cpu:
        yield name, [measured.cpu.get(name, 0.0) for measured in best]
    yield "journeys/s", [measured.journeys_per_second for measured in best]
    for times in ("checkouts", "until_paid", "until_mailed"):
        cuts = [quantiles(getattr(measured, times), n=20) for measured in best]
        yield f"{times} p50", [cut[9] * 1e3 for cut in cuts]
        yield f"{times} p95", [cut[18] * 1e3 for cut in cuts]


async def compare_shops(run_dirs: Mapping[str, Path], clients: int, journeys: int, rounds: int) -> None:
    """Print the table, from rounds in turns."""
    measured = {name: list[RoundResult]() for name in run_dirs}
    manifests = {name: control.read_manifest(run_dir) for name, run_dir in run_dirs.items()}
    services = set.intersection(*(set(manifest["services"]) for manifest in manifests.values()))
    async with AsyncExitStack() as stack:
        shops = {
            name: await stack.enter_async_context(Shop(manifest, services)) for name, manifest in manifests.items()
        }
        for shop in shops.values():
            await shop.open(clients)
            await shop.measure(4 * clients)  # warms everything up
        for _ in range(rounds):
            for name, shop in shops.items():
                measured[name].append(await shop.measure(journeys))
        counted = {name: await shop.count(20, run_dirs[name] / "logs" / "postgres.log") for name, shop in shops.items()}
    sys.stdout.write(f"{'':28}{''.join(f'{name:>12}' for name in shops)}\n")
    for what, numbers in compare_best(measured.values()):
        sys.stdout.write(_row(what, numbers))
    for what in dict.fromkeys(what for numbers in counted.values() for what in numbers):
        sys.stdout.write(_row(what, [numbers.get(what, 0.0) for numbers in counted.values()]))


def start_base(checkout: Path, run_dir: Path) -> None:
    """Start the shop of another checkout, whose database must wait for the disk as little as ours does."""
    up = [sys.executable, "scripts/up.py"]
    known = subprocess.run([*up, "--help"], cwd=checkout, check=True, capture_output=True, text=True).stdout
    fsync = ["--no-fsync"] if "--no-fsync" in known else []  # an older one never waits
    options = ["--detach", "--ports", "free", "--run-dir", str(run_dir), *fsync, *MANY_ORDERS]
    subprocess.run([*up, *options], cwd=checkout, check=True)


def _row(what: str, numbers: Sequence[float]) -> str:
    quotient = f"{numbers[0] / numbers[1]:12.2f}" if len(numbers) > 1 and numbers[1] else ""
    return f"{what:28}{''.join(f'{number:12.1f}' for number in numbers)}{quotient}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="What a journey costs, and how long it takes.")
    parser.add_argument("--base", type=Path, metavar="FOLDER", help="a checkout of another commit")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--journeys", type=int, default=160, help="in each round")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="journeys-")))
        folder.chmod(0o755)  # PostgreSQL's user may have to pass through it
        run_dirs = {"here": folder / "run"}
        stack.callback(control.stop, folder / "run")
        control.start(folder / "run", *MANY_ORDERS)
        if given.base:
            run_dirs["base"] = folder / "base"
            stack.callback(control.stop, folder / "base")
            start_base(given.base, folder / "base")
        asyncio.run(compare_shops(run_dirs, given.clients, given.journeys, given.rounds))


if __name__ == "__main__":
    main()
