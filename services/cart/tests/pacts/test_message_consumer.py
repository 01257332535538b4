"""What cart hears, and what it needs of it."""

from uuid import UUID

from services.cart.domain import Addition
from services.cart.tests.conftest import CHAIR, LAMP, NOON
from tests.accounts import ASHA

LINE_ID = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2d001")


async def test_what_was_ordered_leaves_the_cart(message_consumer, redis, carts, subscribers):
    async def remove_ordered(deliver):
        await redis.flushdb()
        await carts.add(ASHA.id, Addition.from_product(LAMP, 2, addition_id=LINE_ID, now=NOON))
        await carts.add(ASHA.id, Addition.from_product(CHAIR, 1, addition_id=UUID(int=1), now=NOON))
        await deliver(subscribers)
        return [addition.title for addition in (await carts.get(ASHA.id)).additions]

    line = {"product_id": LAMP.id, "title": LAMP.title, "qty": 2, "unit_price_cents": 12999, "line_id": LINE_ID}
    titles = await message_consumer(
        "order.created", {"amount_cents": 25998, "currency": "EUR", "items": [line]}, remove_ordered
    )

    assert titles == ["Oak chair"]


async def test_the_cart_of_a_deleted_account_is_emptied(message_consumer, redis, carts, subscribers):
    async def delete_account(deliver):
        await redis.flushdb()
        await carts.add(ASHA.id, Addition.from_product(LAMP, 2, addition_id=LINE_ID, now=NOON))
        await deliver(subscribers)
        return (await carts.get(ASHA.id)).additions

    assert await message_consumer("account.deleted", {"email_verified": True}, delete_account) == ()
