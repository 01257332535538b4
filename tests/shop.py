"""The running shop as its tests see it: its people, requests as raw as they come, and a look at its books."""

import asyncio
import json
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import httpx
import msgspec
import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from redis.asyncio import Redis

from chassis.contracts.asyncapi import EventApi
from chassis.testing.eventually import eventually
from features.shop.gateway import TIMEOUT
from features.shop.money import PRICE
from features.shop.shop_client import ShopClient
from features.shop.shopper import HOME, Shopper
from generated.models.catalog import Product
from generated.models.order import PlacedOrder
from infra.local import control
from services.money import Money
from tests import invariants
from tooling.conformance.contract_recorder import record_exchange, record_published, recording_event_hooks

SHIPPING_ADDRESS = msgspec.to_builtins(HOME)
CHECK_OUT = "/order/v1/orders/checkout"
ROOT = Path(__file__).resolve().parents[1]
TOPICS = ("order.events", "payment.events", "shipping.events")
# The topics of each consumer group, which is called as its service.
SUBSCRIBED = {
    api.name: {message.topic for message in api.receives.values()} for api in EventApi.load_all(ROOT / "asyncapi")
}


class Shop(ShopClient):
    """One shop, and what this session did to it. Nothing is retried: every response is seen."""

    def __init__(self, run_dir: Path, *, by: str = "shop") -> None:
        super().__init__(control.read_manifest(run_dir), max_retries=0)
        self.run_dir, self._by = run_dir, by  # who has seen what is recorded
        self.pieces, self.promised = Counter[str](), set[str]()
        inbox = httpx.URL(self.manifest["mail"]).netloc  # which is no part of the shop, whose storefront is at /
        self.transport.listeners.append(
            lambda exchange: None if exchange.request.url.netloc == inbox else self._record(exchange.response)
        )
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        entering = self._open.enter_async_context
        self.http = await entering(self._http_client(self.manifest["gateway"]))
        self.direct = {
            name: await entering(self._http_client(service["url"]))
            for name, service in self.manifest["services"].items()
        }
        self.redis = await entering(Redis.from_url(self.manifest["redis"]))
        self.postgres = await entering(
            await psycopg.AsyncConnection.connect(self.manifest["postgres"], autocommit=True)
        )
        self._staying = asyncio.create_task(self._stay_logged_in())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._staying.cancel()
        try:
            await record_published(self.manifest["kafka"], self._by)
        finally:
            await self._open.aclose()
            await super().__aexit__()

    def internal_key_headers(self, caller: str) -> dict[str, str]:
        """What makes a request that service's, or the operator's."""
        return {"X-Internal-Key": self.manifest["internal_keys"][caller]}

    def _http_client(self, url: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=url, timeout=TIMEOUT, event_hooks=recording_event_hooks(self._record))

    def _record(self, response: httpx.Response) -> None:
        """Record an exchange, and what the shop has been given or has promised in it."""
        record_exchange(response, self._by)
        match response.request.url.path, response.status_code:
            case path, 201 if path == CHECK_OUT:
                self.promised.add(response.json()["order_id"])
            case "/catalog/v1/inventory/restock" | "/catalog/v1/inventory/correct", 200:
                for item in json.loads(response.request.content)["items"]:
                    self.pieces[item["product_id"]] += item["qty"]

    async def _stay_logged_in(self) -> None:
        while True:  # a token ends after ten minutes
            await asyncio.sleep(300)
            await self.admin.log_in()

    async def new_shoppers(self, number: int) -> list[Shopper]:
        """So many new people; passwords are hashed two at a time, so not more come at once."""
        shoppers: list[Shopper] = []
        for first in range(0, number, 4):
            few = range(first, min(first + 4, number))
            shoppers += await asyncio.gather(*(self.new_shopper(f"buyer-{n}") for n in few))
        return shoppers

    async def product(self, *, stock: int, price: Money = PRICE, title: str = "Walnut desk lamp") -> Product:
        """A new product with so many pieces in stock."""
        return await self.admin.offer(title, price, stock)

    async def available(self, product: Product) -> int:
        return (await self.admin.get_stock(product)).available

    async def order_in_status(self, status: str, shopper: Shopper, product: Product, qty: int = 1) -> PlacedOrder:
        """An order brought so far by the shopper: CREATED, PAID, CANCELLED or REFUNDED."""
        order = await shopper.place_order(product, qty)
        if status in ("PAID", "REFUNDED"):
            await shopper.pay()
            await self.wait_for_status(order.order_id, "PAID", shipment="READY_TO_SHIP")
        if status in ("CANCELLED", "REFUNDED"):
            await shopper.cancel()
        await self.wait_for_status(order.order_id, status)
        return order

    # Behind its back

    async def states(self, order_id: UUID) -> tuple[str, str, str, str]:
        """Where order, stock, payment and shipment stand."""
        return await invariants.states(self.postgres, order_id)

    async def wait_for_status(self, order_id: UUID, status: str, shipment: str | None = None) -> None:
        """Wait until the order, and its parcel, have come so far."""

        async def is_so() -> bool:
            now = await self.states(order_id)
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
