"""The catalog service on a real PostgreSQL and a real S3; it has no neighbours to be played."""

from contextlib import AsyncExitStack
from functools import partial
from uuid import UUID

import boto3
import pytest
import sqlalchemy as sa
from botocore.config import Config

from chassis.data.database import Database
from chassis.data.statement import Statement
from chassis.events.dead_letter_table import DeadLetterTable
from chassis.testing.faults import TcpProxy
from chassis.unit_of_work import DatabaseUnitOfWorkFactory
from chassis.web.idempotency import IdempotencyKeyStore
from services import CONTRACTS_FOLDER, EVENT_CONTRACTS_FOLDER
from services.catalog.application.categories import CategoryService
from services.catalog.application.image_cleanup import ImageCleanup
from services.catalog.application.images import ImageService
from services.catalog.application.inventory import InventoryService
from services.catalog.application.products import ProductService
from services.catalog.clients import S3ImageStore
from services.catalog.domain import Product, StockChange
from services.catalog.handlers import CategoryHandlers, ImageHandlers, InventoryHandlers, ProductHandlers
from services.catalog.image_processing import WebPEncoder
from services.catalog.presigned_urls import DEFAULT_REGION
from services.catalog.repository import (
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
from services.catalog.subscribers import CatalogSubscribers
from services.catalog.tables import stock_movements
from tooling.conformance.callers import contract_test_client
from tooling.conformance.contract_recorder import record_received

CONTRACT, MESSAGES = CONTRACTS_FOLDER / "catalog.yaml", EVENT_CONTRACTS_FOLDER / "catalog.yaml"
CONFIG = Config(region_name=DEFAULT_REGION, signature_version="s3v4", s3={"addressing_style": "path"})

LAMP, OAK = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001"), UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b002")
MOVED = ("product_id", "qty", "reason", "admin_id")
MOVEMENTS = Statement(sa.select(*(stock_movements.c[name] for name in MOVED)).order_by(stock_movements.c.id))
WALNUT = Product(LAMP, "Walnut desk lamp", "Warm light.", 12999, "EUR", "LAMP-WALNUT", None, True)


@pytest.fixture
def unit_of_work(database, batches):
    return DatabaseUnitOfWorkFactory(database, CatalogUnitOfWork, consumer="catalog", batches=batches)


@pytest.fixture
def products(database):
    return ProductRepository(database)


@pytest.fixture
def unlinked(database):
    return UnlinkedImageRepository(database)


@pytest.fixture
def stock_repository(database):
    return StockRepository(database)


@pytest.fixture
def inventory(database, stock_repository, unit_of_work):
    return InventoryService(stock_repository, StockMovementRepository(database), unit_of_work)


@pytest.fixture
def subscribers(inventory):
    return record_received(CatalogSubscribers(inventory), MESSAGES)


@pytest.fixture
def reservation(unit_of_work):
    """What is set aside for an order, if it was ever met."""

    async def reservation(order_id):
        async with unit_of_work() as work:
            return await work.reservations.lock(order_id)

    return reservation


@pytest.fixture
def counted(stock_repository):
    """How many pieces of a product are in stock, and how many of them reserved."""

    async def counted(product_id=LAMP):
        stock = await stock_repository.find(product_id)
        return stock.in_stock, stock.reserved

    return counted


@pytest.fixture
def movements(database):
    """What admins did to the stock, in their order: product, pieces, reason, admin."""

    async def movements():
        return [tuple(row.values()) for row in await database.fetch_all(MOVEMENTS)]

    return movements


@pytest.fixture
def offer(products, stock_repository):
    """Put a product up for sale, with so many pieces."""

    async def offer(product, in_stock=0):
        await products.add(product)
        await stock_repository.apply_change({product.id: in_stock}, StockChange.ADD)

    return offer


@pytest.fixture
async def lamp(offer):
    """Five walnut desk lamps are for sale."""
    await offer(WALNUT, in_stock=5)
    return WALNUT


@pytest.fixture(scope="session")
def store(s3):
    """The S3, spoken to directly, as (client, bucket)."""
    keys = {"aws_access_key_id": s3["access_key"], "aws_secret_access_key": s3["secret_key"]}
    return boto3.client("s3", endpoint_url=s3["url"], config=CONFIG, **keys), s3["bucket"]


@pytest.fixture
def keys(store):
    """The names of everything in the bucket."""
    s3, bucket = store

    def keys():
        return {one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}

    return keys


@pytest.fixture
async def bucket_at(s3):
    """The bucket, at an address, or by keys of one's own."""
    async with AsyncExitStack() as stack:

        async def bucket_at(url=s3["url"], secret=s3["secret_key"], key=s3["access_key"], bucket=s3["bucket"], **how):
            return await stack.enter_async_context(S3ImageStore(url, key, secret, bucket, **how))

        yield bucket_at


@pytest.fixture
async def bucket(bucket_at):
    return await bucket_at()


@pytest.fixture
async def proxy(migrated_database_url):
    """A proxy before the database that can be cut."""
    async with TcpProxy(sa.make_url(migrated_database_url("catalog")).port) as proxy:
        yield proxy


@pytest.fixture
async def far_client(proxy, migrated_database_url, bucket):
    """Requests to a service whose database is behind that proxy."""
    url = sa.make_url(migrated_database_url("catalog")).set(port=proxy.port).render_as_string(hide_password=False)
    async with Database(url, name="far", connections=1) as database, client_on(database, bucket) as client:
        yield client


@pytest.fixture
def client_with(database):
    """Requests to the whole service, its pictures kept there."""
    return partial(client_on, database)


def client_on(database, store, encoder=None, searches=None, **units):
    handlers = handlers_on(database, store, encoder, searches, **units)
    stores = {"idempotency": IdempotencyKeyStore(database), "dead_letters": DeadLetterTable(database)}
    return contract_test_client(CONTRACT, *handlers, **stores)


def handlers_on(database, store, encoder=None, searches=None, **units):
    unit_of_work = DatabaseUnitOfWorkFactory(database, CatalogUnitOfWork, consumer="catalog", **units)
    unlinked = UnlinkedImageRepository(database)
    cleanup = ImageCleanup(unlinked, store)
    product_search = ProductSearch(searches or database)
    products = ProductService(ProductRepository(database), product_search, unit_of_work, cleanup)
    images = ImageService(
        products,
        ImageRepository(database),
        unlinked,
        unit_of_work,
        encoder=encoder or WebPEncoder(),
        store=store,
        cleanup=cleanup,
    )
    return (
        CategoryHandlers(CategoryService(CategoryRepository(database), unit_of_work)),
        ProductHandlers(products, images),
        ImageHandlers(images),
        InventoryHandlers(InventoryService(StockRepository(database), StockMovementRepository(database), unit_of_work)),
    )


@pytest.fixture
async def searches(migrated_database_url):
    """The pool that searches have for themselves."""
    async with search_database(migrated_database_url("catalog")) as searches:
        yield searches


@pytest.fixture
async def client(client_with, bucket):
    async with client_with(bucket) as client:
        yield client
