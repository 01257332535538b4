"""Composition root of the cart service."""

from datetime import UTC, datetime
from functools import partial

from chassis.service import Service, run
from generated.clients.catalog import CatalogClient
from services import ROOT, VERSION
from services.cart.clients import Catalog
from services.cart.handlers import CartHandlers
from services.cart.repository import Carts, connect
from services.cart.settings import Settings
from services.cart.subscribers import CartSubscribers


async def assemble(service: Service, settings: Settings) -> None:
    carts = Carts(await service.open(connect(settings.redis_url)))
    catalog = await service.open(CatalogClient(settings.catalog_url, key=settings.internal_key))
    service.add_probe("redis", carts.probe)
    service.add_handlers(CartHandlers(carts, Catalog(catalog), now=partial(datetime.now, UTC)))
    service.add_subscribers(CartSubscribers(carts), settings.kafka, instance=settings.instance)


if __name__ == "__main__":
    run(Settings, assemble, version=VERSION, root=ROOT)
