"""Composition root of the cart service."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from chassis.events.consumer import Consumer
from chassis.events.messages import MessageContract
from chassis.runtime.process import BackgroundTask, Role, serve, start
from chassis.web.access import ApiKeys
from chassis.web.application import build_application
from chassis.web.health import Health
from chassis.web.tokens import Tokens
from generated.clients.catalog import CatalogClient
from services import VERSION
from services.cart.clients import Catalog
from services.cart.handlers import CartHandlers
from services.cart.repository import Carts, connect
from services.cart.settings import Settings
from services.cart.subscribers import CartSubscribers

ROOT = Path(__file__).parents[2]
CONTRACT, MESSAGES = ROOT / "contracts" / "cart.yaml", ROOT / "asyncapi" / "cart.yaml"


async def main(settings: Settings, role: Role) -> int:
    """Run the service until it is told to stop; returns the process's exit code."""
    async with (
        connect(settings.redis_url) as redis,
        CatalogClient(settings.catalog_url, key=settings.internal_key) as catalog,
    ):
        carts = Carts(redis)
        handlers = CartHandlers(carts, Catalog(catalog), now=partial(datetime.now, UTC))
        subscribers = CartSubscribers(carts)
        consumer = Consumer(
            "cart", MessageContract.read(MESSAGES), subscribers, settings.kafka, instance=settings.instance
        )
        health = Health("cart", VERSION, {"redis": carts.probe})
        app = build_application(
            CONTRACT, handlers, health, tokens=Tokens.of(settings.auth_url), keys=ApiKeys(settings.internal_keys)
        )
        tasks, collectors = [BackgroundTask("consumer", consumer.run, consumer.probe)], [consumer.collector]
        return await serve(app, settings, tasks, role, health=health, collectors=collectors)


if __name__ == "__main__":
    start(Settings, main)
