"""What the catalog service is made of."""

from datetime import timedelta
from functools import partial

from chassis.data.retention import RetentionRule
from chassis.service import Service
from services.catalog.cleanup import sweep
from services.catalog.clients import S3ImageStore
from services.catalog.handlers import CategoryHandlers, ImageHandlers, InventoryHandlers, ProductHandlers
from services.catalog.image_processing import WebPEncoder
from services.catalog.metrics import held
from services.catalog.repository import (
    PURGE_TOMBSTONES,
    STOCK_MOVEMENT_RETENTION,
    CatalogUnitOfWork,
    CategoryRepository,
    ImageRepository,
    ProductRepository,
    StockRepository,
    UnlinkedImageRepository,
)
from services.catalog.settings import Settings
from services.catalog.subscribers import CatalogSubscribers
from services.entrypoint import run


async def assemble(service: Service, settings: Settings) -> None:
    pictures = S3ImageStore(
        settings.s3_url, settings.s3_key, settings.s3_secret, settings.s3_bucket, settings.s3_public_url
    )
    database = await service.open_database(settings.database_url)
    unit_of_work, unlinked = service.unit_of_work(CatalogUnitOfWork), UnlinkedImageRepository(database)
    service.add_handlers(
        CategoryHandlers(CategoryRepository(database), unit_of_work),
        ProductHandlers(ProductRepository(database), unit_of_work, pictures, unlinked),
        ImageHandlers(
            ProductRepository(database),
            ImageRepository(database),
            unit_of_work,
            encoder=WebPEncoder(),
            pictures=pictures,
            unlinked=unlinked,
        ),
        InventoryHandlers(StockRepository(database), unit_of_work),
        idempotency_keys=True,
    )
    service.add_subscribers(CatalogSubscribers(unit_of_work), settings.kafka, instance=settings.instance)
    retention = timedelta(days=settings.tombstone_retention_days)
    service.add_retention(RetentionRule("tombstones", PURGE_TOMBSTONES, retention), STOCK_MOVEMENT_RETENTION)
    service.add_led_task("unlinked pictures", partial(sweep, unlinked, pictures), every=60)
    service.add_collector(held(database))


if __name__ == "__main__":
    run(Settings, assemble)
