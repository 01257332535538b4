"""What cart hears, and what it needs of it."""

from uuid import UUID

from services.cart.domain import Addition
from services.cart.tests.conftest import CHAIR, LAMP, NOON
from services.chassis.testing.callers import ASHA

LINE = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2d001")


async def test_what_was_ordered_leaves_the_cart(hears, redis, carts, subscribers):
    async def emptying(hear):
        await redis.flushdb()
        await carts.add(ASHA.id, Addition.of(LAMP, 2, addition_id=LINE, now=NOON))
        await carts.add(ASHA.id, Addition.of(CHAIR, 1, addition_id=UUID(int=1), now=NOON))
        await hear(subscribers)
        return [addition.title for addition in (await carts.of(ASHA.id)).additions]

    line = {"product_id": LAMP.id, "title": LAMP.title, "qty": 2, "unit_price_cents": 12999, "line_id": LINE}
    left = await hears("order.created", {"amount_cents": 25998, "currency": "EUR", "items": [line]}, emptying)

    assert left == ["Oak chair"]
