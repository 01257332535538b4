"""What order asks of cart: what a shopper is about to buy."""

from datetime import UTC, datetime
from uuid import UUID

from services.order.clients import CartServiceClient
from services.order.domain import Cart, Line
from services.order.tests.conftest import LAMP
from tests.accounts import ASHA
from tests.pacts.consumer import Response
from tests.pacts.matchers import ExactValue

LINE, NOON = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2d001"), datetime(2026, 1, 5, 12, tzinfo=UTC)


def cart_of_asha(client):
    return CartServiceClient(client).get_cart(ASHA.id)


async def test_a_cart_has_lines_that_can_be_ordered(consumer):
    line = {
        "line_id": LINE,
        "product_id": LAMP,
        "title": "Walnut desk lamp",
        "unit_price_cents": 12999,
        "qty": 2,
        "added_at": NOON,
    }

    found = await consumer("cart")(
        "Order reads a shopper's cart at the checkout.",
        "get_cart_of",
        cart_of_asha,
        path={"user_id": ASHA.id},
        given={"a shopper has two lamps in the cart": {"user_id": ASHA.id}},
        response=Response(200, {"items": [line], "currency": "EUR", "total_cents": 25998, "revision": 7}),
    )

    assert found == Cart([Line(LINE, LAMP, "Walnut desk lamp", 2, 12999, NOON)], "EUR", 7)


async def test_a_shopper_without_a_cart_has_an_empty_one(consumer):
    found = await consumer("cart")(
        "Order reads the cart of a shopper who has put nothing in it.",
        "get_cart_of",
        cart_of_asha,
        path={"user_id": ASHA.id},
        given={"a shopper has nothing in the cart": {"user_id": ASHA.id}},
        response=Response(200, {"items": ExactValue([]), "currency": None, "total_cents": 0, "revision": 0}),
    )

    assert found == Cart([], None)
