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
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import uuid4

import msgspec
import psycopg

from chassis.contracts.media_types import JSON
from chassis.testing.eventually import eventually
from chassis.web.http_transport import HttpTransport, Request
from infra.local import control
from tooling.demo.memory import children_by_parent, process_tree

ROOT = Path(__file__).resolve().parents[1]
ADDRESS = {"address_line1": "12 Quay Street", "city": "Galway", "country": "IE", "postcode": "H91 XY00"}
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


class Shop:
    """A running shop, and the shoppers of this benchmark."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self._manifest, self._http = manifest, HttpTransport()
        self._tokens, self._products = list[str](), list[str]()

    async def _ask(
        self, method: str, path: str, body: Any = None, token: str = "", expected: int = 200, **headers: str
    ) -> Any:
        headers |= {"content-type": JSON} | ({"authorization": f"Bearer {token}"} if token else {})
        content = None if body is None else msgspec.json.encode(body)
        response = await self._http.send(Request(method, self._manifest["gateway"] + path, headers, content))
        if response.status != expected:
            raise RuntimeError(f"{method} {path} answered {response.status}: {response.content[:200]!r}")
        return json.loads(response.content)

    async def open(self, clients: int) -> None:
        """Stock two products, and have as many shoppers as clients; tokens of ten minutes outlast a benchmark."""
        admin = (await self._ask("POST", "/auth/login", dict(self._manifest["admin"])))["access_token"]
        for title in ("Walnut desk lamp", "Oak chair"):
            draft = {"title": title, "price_cents": 12999, "currency": "EUR", "sku": f"BENCH-{uuid4().hex[:8]}"}
            product = await self._ask("POST", "/catalog/v1/products/", draft, admin, 201)
            restock = {"items": [{"product_id": product["id"], "qty": 100_000}]}
            key = self._manifest["internal_keys"]["operator"]
            await self._ask("POST", "/catalog/v1/inventory/restock", restock, admin, **{"x-internal-key": key})
            self._products.append(product["id"])
        for _ in range(clients):
            account = {"email": f"bench-{uuid4().hex[:12]}@example.com", "password": uuid4().hex}
            await self._ask("POST", "/auth/register", account, expected=201)
            self._tokens.append((await self._ask("POST", "/auth/login", account))["access_token"])

    async def close(self) -> None:
        await self._http.close()

    async def measure(self, journeys: int) -> Round:
        """So many journeys by all clients side by side, until their last mail is there."""
        mail_url, paid_at = self._manifest["mail"], dict[str, float]()
        await self._http.send(Request("DELETE", f"{mail_url}/api/v1/messages", {}))
        measured, before, begun, left = Round(journeys), self._cpu_seconds(), time.monotonic(), iter(range(journeys))

        async def shop_on(token: str) -> None:
            for _ in left:
                await self._journey(token, measured, paid_at)

        async def list_mails() -> list[Any]:
            url = f"{mail_url}/api/v2/messages?limit={MAILS * journeys}"
            mails: list[Any] = json.loads((await self._http.send(Request("GET", url, {}))).content)["items"]
            return mails

        async def all_mailed() -> bool:
            return len(await list_mails()) == MAILS * journeys

        await asyncio.gather(*map(shop_on, self._tokens))
        measured.seconds = time.monotonic() - begun
        await eventually(all_mailed, within=120)
        measured.cpu = {name: spent - before[name] for name, spent in self._cpu_seconds().items()}
        for mail in await list_mails():
            order, _, kind = mail["Content"]["Headers"]["Message-ID"][0].strip("<>").partition("@")[0].partition(".")
            if kind == "payment.succeeded":
                measured.until_mailed.append(datetime.fromisoformat(mail["Created"]).timestamp() - paid_at[order])
        return measured

    async def _journey(self, token: str, measured: Round, paid_at: dict[str, float]) -> None:
        for product in self._products:
            await self._ask("POST", "/cart/v1/cart/items", {"product_id": product, "qty": 1}, token, 201)
        begun = time.monotonic()
        order = await self._ask("POST", "/order/v1/orders/checkout", ADDRESS, token, 201)
        measured.checkouts.append(time.monotonic() - begun)
        due = {"order_id": order["order_id"], "amount_cents": order["total_cents"], "currency": order["currency"]}
        begun, paid_at[order["order_id"]] = time.monotonic(), time.time()
        await self._ask("POST", "/payment/v1/payments/mock-succeed", due, token)
        await self._until("PAID", f"/order/v1/orders/{order['order_id']}", token)
        measured.until_paid.append(time.monotonic() - begun)
        await self._until("READY_TO_SHIP", f"/shipping/v1/shipments?order_id={order['order_id']}", token)

    async def _until(self, status: str, path: str, token: str) -> None:
        async def is_so() -> bool:
            found = await self._ask("GET", path, token=token)
            return bool((found[0] if isinstance(found, list) else found)["status"] == status)

        await eventually(is_so, within=60)

    async def count(self, journeys: int, log: Path) -> dict[str, float]:
        """What one journey makes the services do: statements (from PostgreSQL's log), calls, records."""
        with psycopg.connect(self._manifest["postgres"], autocommit=True) as connection:
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
            (await self._http.send(Request("GET", service["metrics"], {}))).content.decode()
            for service in self._manifest["services"].values()
        ]
        return {
            what: sum(float(value) for text in texts for value in re.findall(rf"^\w*{name}{{.*}} (\S+)$", text, re.M))
            for what, name in COUNTED.items()
        }

    def _cpu_seconds(self) -> dict[str, float]:
        parts = {**self._manifest["services"], **self._manifest["infrastructure"]}
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
    shops = {name: Shop(control.read_manifest(run_dir)) for name, run_dir in run_dirs.items()}
    measured = {name: list[Round]() for name in shops}
    for shop in shops.values():
        await shop.open(clients)
        await shop.measure(4 * clients)  # warms everything up
    for _ in range(rounds):
        for name, shop in shops.items():
            measured[name].append(await shop.measure(journeys))
    counted = {name: await shop.count(20, run_dirs[name] / "logs" / "postgres.log") for name, shop in shops.items()}
    for shop in shops.values():
        await shop.close()
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
