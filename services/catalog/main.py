"""What the catalog service is made of."""

from datetime import timedelta

from chassis.data.retention import RetentionRule
from chassis.service import Service
from services.catalog.application.categories import CategoryService
from services.catalog.application.image_cleanup import ImageCleanup
from services.catalog.application.images import ImageService
from services.catalog.application.inventory import InventoryService
from services.catalog.application.products import ProductService
from services.catalog.clients import S3ImageStore
from services.catalog.handlers import CategoryHandlers, ImageHandlers, InventoryHandlers, ProductHandlers
from services.catalog.image_processing import WebPEncoder
from services.catalog.metrics import held_reservations_collector, unremovable_images_collector
from services.catalog.repository import (
    PURGE_TOMBSTONES,
    SETTLED_RESERVATIONS_RETENTION_RULE,
    STOCK_MOVEMENT_RETENTION_RULE,
    CatalogUnitOfWork,
    CategoryRepository,
    ImageRepository,
    ProductRepository,
    ProductSearch,
    StockMovementRepository,
    StockRepository,
    UnlinkedImageRepository,
    search_database,
)
from services.catalog.settings import Settings
from services.catalog.subscribers import CatalogSubscribers
from services.entrypoint import run
from services.order_retention import order_retention


async def assemble(service: Service, settings: Settings) -> None:
    store = await service.open(
        S3ImageStore(
            settings.s3_url, settings.s3_key, settings.s3_secret, settings.s3_bucket, settings.s3_public_url,
            region=settings.s3_region, addressing=settings.s3_addressing,
        )
    )  # fmt: skip
    service.add_probe("image store", store.probe, required=False)  # without it there are products, and no pictures
    database = await service.open_database(settings.database_url)
    unit_of_work, unlinked = service.unit_of_work(CatalogUnitOfWork), UnlinkedImageRepository(database)
    cleanup = ImageCleanup(unlinked, store)
    product_search = ProductSearch(await service.open_pools(search_database(settings.database_url)))
    products = ProductService(ProductRepository(database), product_search, unit_of_work, cleanup)
    images = ImageService(
        products,
        ImageRepository(database),
        unlinked,
        unit_of_work,
        encoder=WebPEncoder(),
        store=store,
        cleanup=cleanup,
    )
    inventory = InventoryService(StockRepository(database), StockMovementRepository(database), unit_of_work)
    service.add_handlers(
        CategoryHandlers(CategoryService(CategoryRepository(database), unit_of_work)),
        ProductHandlers(products, images),
        ImageHandlers(images),
        InventoryHandlers(inventory),
        idempotency_keys=True,
    )
    service.add_subscribers(CatalogSubscribers(inventory), settings.broker, instance=settings.instance)
    retention = timedelta(days=settings.tombstone_retention_days)
    service.add_retention(
        RetentionRule("tombstones", PURGE_TOMBSTONES, retention),
        STOCK_MOVEMENT_RETENTION_RULE,
        SETTLED_RESERVATIONS_RETENTION_RULE._replace(retention=order_retention(settings.order_retention_days)),
    )
    service.add_leader_task("unlinked pictures", cleanup.run_once, every=60)
    service.add_collector(held_reservations_collector(database), unremovable_images_collector(database))


if __name__ == "__main__":
    run(Settings, assemble)
