"""Put the catalog service together. Nothing else constructs its parts."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from chassis.data.database import Database
from chassis.data.migrations import at_head
from chassis.data.purging import purge
from chassis.data.unit_of_work import UnitOfWorkFactory
from chassis.events import inbox
from chassis.events.consumer import Consumer
from chassis.events.messages import MessageContract
from chassis.runtime.leader_election import lead
from chassis.runtime.process import BackgroundTask, Role, serve, start
from chassis.web.access import ApiKeys
from chassis.web.application import build_application
from chassis.web.health import Health
from chassis.web.idempotency import IdempotencyKeyStore
from chassis.web.tokens import Tokens
from services import VERSION
from services.catalog.clients import Bucket
from services.catalog.figures import held
from services.catalog.handlers import CategoryHandlers, ImageHandlers, InventoryHandlers, ProductHandlers
from services.catalog.image_processing import WebPEncoder
from services.catalog.repository import (
    PURGE_TOMBSTONES,
    CatalogUnitOfWork,
    Categories,
    Images,
    Products,
    Shelves,
    StockMovements,
    UnlinkedPictures,
)
from services.catalog.settings import Settings
from services.catalog.subscribers import CatalogSubscribers
from services.catalog.sweeping import sweep

ROOT = Path(__file__).parents[2]
CONTRACT, MESSAGES = ROOT / "contracts" / "catalog.yaml", ROOT / "asyncapi" / "catalog.yaml"


async def main(settings: Settings, role: Role) -> int:
    """Run the service until it is told to stop; the process's exit code."""
    pictures = Bucket(settings.s3_url, settings.s3_key, settings.s3_secret, settings.s3_bucket, settings.s3_public_url)
    async with Database(settings.database_url, name="catalog") as database:
        unit_of_work = UnitOfWorkFactory(database, CatalogUnitOfWork, consumer="catalog")
        unlinked = UnlinkedPictures(database)
        handlers = (
            CategoryHandlers(Categories(database), unit_of_work),
            ProductHandlers(Products(database), unit_of_work, pictures, unlinked),
            ImageHandlers(
                Products(database),
                Images(database),
                unit_of_work,
                encoder=WebPEncoder(),
                pictures=pictures,
                unlinked=unlinked,
            ),
            InventoryHandlers(Shelves(database), unit_of_work),
        )
        idempotency, movements = IdempotencyKeyStore(database), StockMovements(database)
        subscribers = CatalogSubscribers(unit_of_work)
        consumer = Consumer(
            "catalog", MessageContract.read(MESSAGES), subscribers, settings.kafka, instance=settings.instance
        )
        health = Health(
            "catalog", VERSION, {"database": database.probe, "migrations": partial(at_head, database, "catalog")}
        )
        tokens, keys = Tokens.of(settings.auth_url), ApiKeys(settings.internal_keys)
        app = build_application(CONTRACT, *handlers, health, tokens=tokens, keys=keys, idempotency=idempotency)
        retention = timedelta(days=settings.tombstone_retention_days)
        duties = [
            BackgroundTask("consumer", consumer.run, consumer.probe),
            BackgroundTask("inbox", partial(inbox.purge, database)),
            BackgroundTask("idempotency", idempotency.purge),
            BackgroundTask(
                "movements", lambda stopping: lead(database, "movements", movements.purge, stopping, every=3600)
            ),
            BackgroundTask("tombstones", partial(purge, database, "tombstones", PURGE_TOMBSTONES, retention)),
            BackgroundTask("unlinked pictures", partial(sweep, unlinked, pictures)),
        ]
        looks = [database.collector, consumer.collector, held(database)]
        return await serve(app, settings, duties, role, health=health, collectors=looks)


if __name__ == "__main__":
    start(Settings, main)
