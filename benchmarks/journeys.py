"""What a journey costs and how long it takes, in the whole shop; with --base, beside another checkout, in turns.

    python -m benchmarks.journeys [--base FOLDER] [--clients 8] [--journeys 160] [--rounds 3]

A journey: two additions to the cart, the checkout, its payment, reading the order until it is PAID and the parcel until
it is READY_TO_SHIP, and three mails. So many clients never rest. The table has the CPU ms of each service and part of
the infrastructure for a journey (the best round of each shop), times in ms, and what a journey made the services do.
The quotients of one run mean something; the numbers belong to the machine, and to whatever else runs on it.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

import psycopg

from chassis.testing.eventually import eventually
from chassis.web.http_transport import Request
from features.shop.shop_client import ShopClient
from features.shop.shopper import Shopper
from generated.models.order import OrderStatus
from generated.models.shipping import ShipmentStatus
from infra.local import control
from services.money import Money
from tooling.demo.memory import children_by_parent, process_tree

ROOT = Path(__file__).resolve().parents[1]
COUNTED = {"calls": "call_duration_seconds_count", "sent": "events_published_total",
           "handled": "event_handling_seconds_count"}  # fmt: skip
STATEMENT = re.compile(r"^(\w+) LOG: +(?:execute|statement)", re.MULTILINE)
MAILS = 3  # of a journey


@dataclass
class Round:
    """What some journeys took: CPU seconds of each process of the shop, and times in seconds."""

    journeys: int
    seconds: float = 0.0
    cpu: Mapping[str, float] = field(default_factory=dict)
    checkouts: list[float] = field(default_factory=list)
    until_paid: list[float] = field(default_factory=list)
    until_mailed: list[float] = field(default_factory=list)


class Shop(ShopClient):
    """A running shop, and the shoppers of this benchmark."""

    async def open(self, clients: int) -> None:
        """Stock two products, and have as many shoppers as clients; tokens of ten minutes outlast a benchmark."""
        titles = ("Walnut desk lamp", "Oak chair")
        self._products = [await self.admin.offer(title, Money(12999, "EUR"), 100_000) for title in titles]
        self._shoppers = [await self.new_shopper("bench") for _ in range(clients)]

    async def measure(self, journeys: int) -> Round:
        """So many journeys by all clients side by side, until their last mail is there."""
        mail_url, paid_at = self.manifest["mail"], dict[str, float]()
        await self.transport.send(Request("DELETE", f"{mail_url}/api/v1/messages", {}))
        measured, before, begun, left = Round(journeys), self._cpu_seconds(), time.monotonic(), iter(range(journeys))

        async def shop_on(shopper: Shopper) -> None:
            for _ in left:
                await self._journey(shopper, measured, paid_at)

        async def list_mails() -> list[Any]:
            url = f"{mail_url}/api/v2/messages?limit={MAILS * journeys}"
            mails: list[Any] = json.loads((await self.transport.send(Request("GET", url, {}))).content)["items"]
            return mails

        async def all_mailed() -> bool:
            return len(await list_mails()) == MAILS * journeys

        await asyncio.gather(*map(shop_on, self._shoppers))
        measured.seconds = time.monotonic() - begun
        await eventually(all_mailed, within=120)
        measured.cpu = {name: spent - before[name] for name, spent in self._cpu_seconds().items()}
        for mail in await list_mails():
            order, _, kind = mail["Content"]["Headers"]["Message-ID"][0].strip("<>").partition("@")[0].partition(".")
            if kind == "payment.succeeded":
                measured.until_mailed.append(datetime.fromisoformat(mail["Created"]).timestamp() - paid_at[order])
        return measured

    async def _journey(self, shopper: Shopper, measured: Round, paid_at: dict[str, float]) -> None:
        async def is_paid() -> bool:
            return (await shopper.order()).status is OrderStatus.PAID

        async def is_ready() -> bool:
            return (await shopper.parcels())[0].status is ShipmentStatus.READY_TO_SHIP

        for product in self._products:
            await shopper.add_to_cart(product)
        begun = time.monotonic()
        await shopper.check_out()
        measured.checkouts.append(time.monotonic() - begun)
        begun, paid_at[str(shopper.order_id)] = time.monotonic(), time.time()
        await shopper.pay()
        await eventually(is_paid, within=60)
        measured.until_paid.append(time.monotonic() - begun)
        await eventually(is_ready, within=60)

    async def count(self, journeys: int, log: Path) -> dict[str, float]:
        """What one journey makes the services do: statements (from PostgreSQL's log), calls, records."""
        with psycopg.connect(self.manifest["postgres"], autocommit=True) as connection:
            said = {"log_statement": "'all'", "log_line_prefix": "'%u '"}
            for name, value in said.items():
                connection.execute(f"ALTER SYSTEM SET {name} = {value}".encode())
            connection.execute("SELECT pg_reload_conf()")
            size, before = log.stat().st_size, await self._counters()  # noqa: ASYNC240 (nothing else runs)
            await self.measure(journeys)
            after = await self._counters()
            with log.open("rb") as lines:
                lines.seek(size)
                statements = Counter(STATEMENT.findall(lines.read().decode("utf-8", "replace")))
            for name in said:
                connection.execute(f"ALTER SYSTEM RESET {name}".encode())
            connection.execute("SELECT pg_reload_conf()")
        counted = {f"statements of {role}": float(number) for role, number in sorted(statements.items())}
        counted |= {f"records {what}" if what != "calls" else what: after[what] - before[what] for what in COUNTED}
        return {what: number / journeys for what, number in counted.items() if number}

    async def _counters(self) -> dict[str, float]:
        texts = [
            (await self.transport.send(Request("GET", service["metrics"], {}))).content.decode()
            for service in self.manifest["services"].values()
        ]
        return {
            what: sum(float(value) for text in texts for value in re.findall(rf"^\w*{name}{{.*}} (\S+)$", text, re.M))
            for what, name in COUNTED.items()
        }

    def _cpu_seconds(self) -> dict[str, float]:
        parts = {**self.manifest["services"], **self.manifest["infrastructure"]}
        roots = {name: part["pid"] for name, part in parts.items() if part["pid"] is not None}
        children = children_by_parent()
        return {
            name: sum(_cpu_seconds(pid) for pid in process_tree(root, children, {*roots.values()} - {root}))
            for name, root in roots.items()
        }


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Comparison:
    """The best round of each shop, side by side."""

    def __init__(self, services: Sequence[str], rounds: Mapping[str, Sequence[Round]]) -> None:
        self._services, self._rounds = services, rounds

    def rows(self) -> Iterator[tuple[str, list[float]]]:
        best = [min(rounds, key=self._services_cpu) for rounds in self._rounds.values()]
        yield "all services", [self._services_cpu(one) * 1e3 for one in best]
        for name in best[0].cpu:
            yield name, [one.cpu.get(name, 0.0) / one.journeys * 1e3 for one in best]
        yield "journeys/s", [one.journeys / one.seconds for one in best]
        for what in ("checkouts", "until_paid", "until_mailed"):
            cuts = [quantiles(getattr(one, what), n=20) for one in best]
            yield f"{what} p50", [cut[9] * 1e3 for cut in cuts]
            yield f"{what} p95", [cut[18] * 1e3 for cut in cuts]

    def _services_cpu(self, measured: Round) -> float:
        return sum(measured.cpu[name] for name in self._services) / measured.journeys


async def compare(run_dirs: Mapping[str, Path], clients: int, journeys: int, rounds: int) -> None:
    """Print the table, from rounds in turns."""
    measured = {name: list[Round]() for name in run_dirs}
    async with AsyncExitStack() as stack:
        shops = {
            name: await stack.enter_async_context(Shop(control.read_manifest(run_dir), max_retries=0))
            for name, run_dir in run_dirs.items()
        }
        for shop in shops.values():
            await shop.open(clients)
            await shop.measure(4 * clients)  # warms everything up
        for _ in range(rounds):
            for name, shop in shops.items():
                measured[name].append(await shop.measure(journeys))
        counted = {name: await shop.count(20, run_dirs[name] / "logs" / "postgres.log") for name, shop in shops.items()}
    services = list(control.read_manifest(next(iter(run_dirs.values())))["services"])
    sys.stdout.write(f"{'':28}{''.join(f'{name:>12}' for name in shops)}\n")
    for what, numbers in Comparison(services, measured).rows():
        sys.stdout.write(_row(what, numbers))
    for what in dict.fromkeys(what for numbers in counted.values() for what in numbers):
        sys.stdout.write(_row(what, [numbers.get(what, 0.0) for numbers in counted.values()]))


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
        control.start(folder / "run")
        if given.base:
            run_dirs["base"] = folder / "base"
            stack.callback(control.stop, folder / "base")
            up = [sys.executable, "scripts/up.py", "--detach", "--ports", "free", "--run-dir", folder / "base"]
            subprocess.run(up, cwd=given.base, check=True)
        asyncio.run(compare(run_dirs, given.clients, given.journeys, given.rounds))


if __name__ == "__main__":
    main()
