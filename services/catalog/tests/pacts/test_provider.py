"""Catalog is what others expect."""

from dataclasses import replace
from uuid import UUID

from chassis.events.dead_letter_table import DeadLetterTable
from chassis.web.idempotency import IdempotencyKeyStore
from generated.states import ReservationStatus
from services import CONTRACTS_FOLDER
from services.catalog.domain import Category, Image, Line, Reservation
from services.catalog.repository import ImageRepository
from services.catalog.tests.conftest import LAMP, WALNUT, handlers_on
from tests.accounts import ADMIN

CONTRACT = CONTRACTS_FOLDER / "catalog.yaml"


async def test_catalog_honours_its_pacts(
    verify_provider, empty_database_for, database, offer, unit_of_work, inventory, bucket
):
    async def category(category_id):
        empty_database_for("catalog")
        async with unit_of_work() as work:
            await work.categories.add(Category(UUID(category_id), "Lamps"))

    async def with_image(product_id):
        await for_sale(product_id)
        await ImageRepository(database).add(Image(UUID(int=1), UUID(product_id), "A lamp", 1200, 800))

    async def for_sale(product_id, in_stock=5, price_cents=12999):
        empty_database_for("catalog")
        await offer(replace(WALNUT, id=UUID(product_id), price_cents=price_cents), in_stock=in_stock)

    async def not_for_sale(product_id):
        empty_database_for("catalog")
        await offer(replace(WALNUT, id=UUID(product_id), active=False), in_stock=5)

    async def arrived(product_id):
        await for_sale(product_id, in_stock=0)
        await inventory.adjust({UUID(product_id): 5}, None, ADMIN.id)

    async def held(order_id):
        await for_sale(str(LAMP))
        await inventory.reserve(UUID(order_id), [Line(LAMP, 2)], None)

    async def cancelled(order_id):
        await for_sale(str(LAMP))
        async with unit_of_work() as work:
            await work.reservations.find_or_add(Reservation(UUID(order_id), {}, ReservationStatus.RELEASED))

    await verify_provider(
        CONTRACT,
        *handlers_on(database, bucket),
        idempotency=IdempotencyKeyStore(database),
        dead_letters=DeadLetterTable(database),
        states={
            "a product is for sale": for_sale,
            "a product with an image is for sale": with_image,
            "there is a category": category,
            "a product is not for sale": not_for_sale,
            "stock has arrived": arrived,
            "stock is held for an order": held,
            "an order was cancelled": cancelled,
        },
    )
