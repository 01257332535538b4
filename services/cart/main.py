"""Composition root of the cart service."""

from datetime import UTC, datetime
from functools import partial

from chassis.service import Service
from generated.clients.catalog import CatalogClient
from services.cart.application import CartService
from services.cart.clients import CatalogServiceClient
from services.cart.dead_letters import RedisDeadLetters
from services.cart.handlers import CartHandlers
from services.cart.repository import CartStore
from services.cart.settings import Settings
from services.cart.subscribers import CartSubscribers
from services.entrypoint import run
from services.redis_client import connect


async def assemble(service: Service, settings: Settings) -> None:
    redis = await service.open(connect(settings.redis_url))
    store = CartStore(redis)
    catalog = await service.open(CatalogClient(settings.catalog_url, key=settings.internal_key))
    service.add_probe("redis", store.probe)
    carts = CartService(store, CatalogServiceClient(catalog), now=partial(datetime.now, UTC))
    service.add_handlers(CartHandlers(carts))
    service.add_subscribers(
        CartSubscribers(carts), settings.broker, instance=settings.instance, dead_letters=RedisDeadLetters(redis)
    )


if __name__ == "__main__":
    run(Settings, assemble)
