"""Catalog is what others expect."""

from dataclasses import replace
from uuid import UUID

import pytest

from chassis.web.idempotency import IdempotencyKeyStore
from generated.models.catalog import ReservationRequest, ReservedLine
from generated.states import ReservationStatus
from services import CONTRACTS
from services.catalog.clients import S3ImageStore
from services.catalog.domain import Reservation
from services.catalog.handlers import CategoryHandlers, ImageHandlers, InventoryHandlers, ProductHandlers
from services.catalog.image_processing import WebPEncoder
from services.catalog.repository import CategoryRepository, ImageRepository
from services.catalog.tests.conftest import LAMP, WALNUT

CONTRACT = CONTRACTS / "catalog.yaml"


@pytest.fixture
def handlers(database, products, stock_repository, unlinked, unit_of_work):
    nowhere = S3ImageStore("http://127.0.0.1:9", "key", "secret", "no pact is about pictures")
    return (
        CategoryHandlers(CategoryRepository(database), unit_of_work),
        ProductHandlers(products, unit_of_work, nowhere, unlinked),
        ImageHandlers(
            products,
            ImageRepository(database),
            unit_of_work,
            encoder=WebPEncoder(),
            pictures=nowhere,
            unlinked=unlinked,
        ),
        InventoryHandlers(stock_repository, unit_of_work),
    )


async def test_catalog_honours_its_pacts(verify_provider, empty_database_for, database, offer, unit_of_work, handlers):
    async def for_sale(product_id, in_stock=5, price_cents=12999):
        empty_database_for("catalog")
        await offer(replace(WALNUT, id=UUID(product_id), price_cents=price_cents), in_stock=in_stock)

    async def not_for_sale(product_id):
        empty_database_for("catalog")
        await offer(replace(WALNUT, id=UUID(product_id), active=False), in_stock=5)

    async def held(order_id):
        await for_sale(str(LAMP))
        wanted = [ReservedLine(product_id=LAMP, qty=2)]
        await handlers[-1].reserve_stock(ReservationRequest(order_id=UUID(order_id), items=wanted))

    async def cancelled(order_id):
        await for_sale(str(LAMP))
        async with unit_of_work() as work:
            await work.reservations.find_or_add(Reservation(UUID(order_id), {}, ReservationStatus.RELEASED))

    await verify_provider(
        CONTRACT,
        *handlers,
        idempotency=IdempotencyKeyStore(database),
        states={
            "a product is for sale": for_sale,
            "a product is not for sale": not_for_sale,
            "stock is held for an order": held,
            "an order was cancelled": cancelled,
        },
    )
