"""The running shop as its tests speak to it: shoppers and an admin through the gateway, and a look at its books."""

import asyncio
import itertools
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import httpx
import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from redis.asyncio import Redis

from chassis.contracts.asyncapi import EventApi
from chassis.testing.eventually import eventually
from infra.local import control
from tests import invariants
from tooling.conformance.contract_recorder import record_published, recording_hooks

SHIPPING_ADDRESS = {"address_line1": "12 Quay Street", "city": "Galway", "country": "IE", "postcode": "H91 XY00"}
PASSWORD = "a long walk by the quay"
ROOT = Path(__file__).resolve().parents[1]
TOPICS = ("order.events", "payment.events", "shipping.events")
# The topics of each consumer group, which is called as its service.
SUBSCRIBED = {
    api.name: {message.topic for message in api.receives.values()} for api in EventApi.load_all(ROOT / "asyncapi")
}


@dataclass(frozen=True)
class LoggedInUser:
    """Somebody with an account who has logged in."""

    email: str
    token: str
    refresh_token: str

    @property
    def headers(self) -> dict[str, str]:
        """What makes a request theirs."""
        return {"Authorization": f"Bearer {self.token}"}


class Shop:
    """One shop, and what this session did to it."""

    def __init__(self, run_dir: Path, *, by: str = "shop") -> None:
        self._by = by  # who has seen what is recorded
        self.run_dir, self.manifest = run_dir, control.read_manifest(run_dir)
        self.pieces, self.promised = Counter[str](), set[str]()
        self._open, self._numbers = AsyncExitStack(), itertools.count()

    async def __aenter__(self) -> Self:
        wide = httpx.Limits(max_connections=100, max_keepalive_connections=20)
        entering = self._open.enter_async_context
        hooks = recording_hooks(self._by)
        through = httpx.AsyncClient(base_url=self.manifest["gateway"], timeout=30, limits=wide, event_hooks=hooks)
        self.http = await entering(through)
        self.direct = {
            name: await entering(httpx.AsyncClient(base_url=service["url"], timeout=30, event_hooks=hooks))
            for name, service in self.manifest["services"].items()
        }
        self.redis = await entering(Redis.from_url(self.manifest["redis"]))
        self.postgres = await entering(
            await psycopg.AsyncConnection.connect(self.manifest["postgres"], autocommit=True)
        )
        self.admin = await self._admin()
        self._staying = asyncio.create_task(self._stay_logged_in())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._staying.cancel()
        try:
            await record_published(self.manifest["kafka"], self._by)
        finally:
            await self._open.aclose()

    def internal_key_headers(self, caller: str) -> dict[str, str]:
        """What makes a request that service's, or the operator's."""
        return {"X-Internal-Key": self.manifest["internal_keys"][caller]}

    # People

    async def shopper(self, name: str) -> LoggedInUser:
        """Somebody new."""
        email = f"{name}-{uuid4().hex[:12]}@example.com"
        answer = await self.http.post("/auth/register", json={"email": email, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        return await self.log_in(email, PASSWORD)

    async def shoppers(self, number: int) -> list[LoggedInUser]:
        """So many new people; passwords are hashed two at a time, so not more come at once."""
        people: list[LoggedInUser] = []
        while len(people) < number:
            few = min(4, number - len(people))
            people += await asyncio.gather(*(self.shopper(f"buyer-{len(people) + i}") for i in range(few)))
        return people

    async def log_in(self, email: str, password: str) -> LoggedInUser:
        answer = await self.http.post("/auth/login", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        return LoggedInUser(email, answer.json()["access_token"], answer.json()["refresh_token"])

    async def _admin(self) -> LoggedInUser:
        return await self.log_in(self.manifest["admin"]["email"], self.manifest["admin"]["password"])

    async def _stay_logged_in(self) -> None:
        while True:  # a token ends after ten minutes
            await asyncio.sleep(300)
            self.admin = await self._admin()

    # The trade

    async def product(self, *, stock: int, price_cents: int = 12999, title: str = "Walnut desk lamp") -> str:
        """A new product with so many pieces in stock."""
        sku = f"LAMP-{next(self._numbers)}-{uuid4().hex[:8]}"
        lamp = {"title": title, "price_cents": price_cents, "currency": "EUR", "sku": sku}
        added = await self.http.post("/catalog/v1/products/", json=lamp, headers=self.admin.headers)
        assert added.status_code == 201, added.text
        product_id: str = added.json()["id"]
        headers = {**self.admin.headers, **self.internal_key_headers("operator")}
        items = [{"product_id": product_id, "qty": stock}]
        stocked = await self.http.post("/catalog/v1/inventory/restock", json={"items": items}, headers=headers)
        assert stocked.status_code == 200, stocked.text
        self.pieces[product_id] += stock
        return product_id

    async def available(self, product_id: str) -> int:
        answer = await self.http.get(f"/catalog/v1/inventory/{product_id}", headers=self.admin.headers)
        assert answer.status_code == 200, answer.text
        number: int = answer.json()["available"]
        return number

    async def add_to_cart(self, shopper: LoggedInUser, product_id: str, qty: int = 1) -> None:
        line = {"product_id": product_id, "qty": qty}
        answer = await self.http.post("/cart/v1/cart/items", json=line, headers=shopper.headers)
        assert answer.status_code == 201, answer.text

    async def empty_cart(self, shopper: LoggedInUser) -> None:
        answer = await self.http.post("/cart/v1/cart/clear", headers=shopper.headers)
        assert answer.status_code == 200, answer.text

    async def check_out(self, shopper: LoggedInUser, *, key: str | None = None, **address: str) -> httpx.Response:
        headers = {**shopper.headers, **({"Idempotency-Key": key} if key else {})}
        answer = await self.http.post(
            "/order/v1/orders/checkout", json={**SHIPPING_ADDRESS, **address}, headers=headers
        )
        if answer.status_code == 201:
            self.promised.add(answer.json()["order_id"])
        return answer

    async def order(self, shopper: LoggedInUser, product_id: str, qty: int = 1) -> dict[str, Any]:
        """An order that was placed, of nothing but this."""
        # What was ordered before leaves the cart a little later, and would be added to.
        await self.empty_cart(shopper)
        await self.add_to_cart(shopper, product_id, qty)
        answer = await self.check_out(shopper)
        assert answer.status_code == 201, answer.text
        placed: dict[str, Any] = answer.json()
        return placed

    async def pay(self, shopper: LoggedInUser, order: dict[str, Any]) -> httpx.Response:
        due = {"order_id": order["order_id"], "amount_cents": order["total_cents"], "currency": order["currency"]}
        return await self.http.post("/payment/v1/payments/mock-succeed", json=due, headers=shopper.headers)

    async def fail_payment(self, shopper: LoggedInUser, order: dict[str, Any]) -> httpx.Response:
        failure = {"order_id": order["order_id"], "code": "card_declined", "reason": "The card was declined"}
        return await self.http.post("/payment/v1/payments/mock-fail", json=failure, headers=shopper.headers)

    async def cancel(self, shopper: LoggedInUser, order: dict[str, Any]) -> httpx.Response:
        return await self.http.post(f"/order/v1/orders/{order['order_id']}/cancel", headers=shopper.headers)

    async def shipment(self, order: dict[str, Any]) -> str:
        query = {"order_id": order["order_id"]}
        answer = await self.http.get("/shipping/v1/shipments", params=query, headers=self.admin.headers)
        (found,) = answer.json()
        shipment_id: str = found["id"]
        return shipment_id

    async def dispatch(self, shipment_id: str) -> httpx.Response:
        return await self.http.post(f"/shipping/v1/shipments/{shipment_id}/dispatch", headers=self.admin.headers)

    async def deliver(self, shipment_id: str) -> httpx.Response:
        return await self.http.post(f"/shipping/v1/shipments/{shipment_id}/deliver", headers=self.admin.headers)

    async def order_in_status(
        self, status: str, shopper: LoggedInUser, product_id: str, qty: int = 1
    ) -> dict[str, Any]:
        """An order brought so far by the shopper: CREATED, PAID, CANCELLED or REFUNDED."""
        order = await self.order(shopper, product_id, qty)
        if status in ("PAID", "REFUNDED"):
            assert (await self.pay(shopper, order)).status_code == 200
            await self.wait_for_status(order, "PAID", shipment="READY_TO_SHIP")
        if status in ("CANCELLED", "REFUNDED"):
            assert (await self.cancel(shopper, order)).status_code == 200
        await self.wait_for_status(order, status)
        return order

    # Behind its back

    async def states(self, order: dict[str, Any]) -> tuple[str, str, str, str]:
        """Where order, stock, payment and shipment stand."""
        return await invariants.states(self.postgres, order["order_id"])

    async def wait_for_status(self, order: dict[str, Any], status: str, shipment: str | None = None) -> None:
        """Wait until the order, and its parcel, have come so far."""

        async def is_so() -> bool:
            now = await self.states(order)
            assert (now[0], shipment or now[3]) == (status, now[3]), now
            return True

        await eventually(is_so, within=40)

    async def violations(self) -> list[str]:
        """What is wrong with the books."""
        return await invariants.violations(self.postgres, invariants.Expectations(self.pieces, self.promised))

    async def wait_until_invariants_hold(self, within: float = 40) -> None:
        """Wait until nothing is wrong any more; what stays wrong is said."""

        async def is_so() -> bool:
            wrong = await self.violations()
            assert wrong == [], wrong
            return True

        await eventually(is_so, within=within)

    async def snapshot(self) -> dict[str, Any]:
        """What is kept in PostgreSQL and in the carts, to tell whether anything was changed."""
        kept: dict[str, Any] = await invariants.snapshot(self.postgres)
        return kept | {key: await self.redis.hgetall(key) async for key in self.redis.scan_iter("cart:*:lines")}

    async def deadlocks(self) -> int:
        row = await (
            await self.postgres.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        ).fetchone()
        assert row
        number: int = row[0]
        return number

    async def dead_letters(self) -> int:
        """How many events were put aside so far."""
        ends = await self._ends([f"{topic}.dlq" for topic in TOPICS])
        return sum(ends.values())

    async def wait_until_consumed(self) -> None:
        """Wait until every service has heard every event."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.manifest["kafka"])
        await admin.start()

        async def is_so() -> bool:
            ends = await self._ends(TOPICS)
            behind = {}
            for group, topics in SUBSCRIBED.items():
                if topics:
                    committed = await admin.list_consumer_group_offsets(group)
                    reached = {p: committed[p].offset if p in committed else 0 for p in ends if p.topic in topics}
                    behind |= {(group, p): (offset, ends[p]) for p, offset in reached.items() if offset < ends[p]}
            assert behind == {}, behind
            return True

        try:
            await eventually(is_so, within=30)
        finally:
            await admin.close()

    async def _ends(self, topics: Any) -> dict[TopicPartition, int]:
        async with AIOKafkaConsumer(*topics, bootstrap_servers=self.manifest["kafka"]) as consumer:
            places = [TopicPartition(t, p) for t in topics for p in consumer.partitions_for_topic(t) or ()]
            ends: dict[TopicPartition, int] = await consumer.end_offsets(places)
            return ends
