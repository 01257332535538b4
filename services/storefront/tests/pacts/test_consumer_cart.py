"""What the storefront asks of cart: what a shopper puts in, changes and takes out."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from generated.clients.cart import LineNotFound, ProductUnavailable
from generated.models.cart import LineChange, LineWithOldPrice
from services.storefront.clients import CartServiceClient
from tests.accounts import ASHA
from tests.pacts.consumer import Response
from tests.pacts.matchers import ExactValue

LAMP = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001")
NOBODYS = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b00f")
LINE = {
    "line_id": UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2d001"),
    "product_id": LAMP,
    "title": "Walnut desk lamp",
    "unit_price_cents": 12999,
    "qty": 2,
    "total_cents": 25998,
    "added_at": datetime(2026, 1, 5, 11, 55, tzinfo=UTC),
}
CART = {"items": [LINE], "currency": "EUR", "total_cents": 25998}
FULL = {"a shopper has two lamps in the cart": {"user_id": ASHA.id}}
EMPTY = {"a shopper has nothing in the cart": {"user_id": ASHA.id}}


async def test_a_shopper_has_a_cart(consumer):
    cart = await consumer("cart")(
        "The storefront reads a cart.",
        "get_cart",
        lambda client: CartServiceClient(client).get("theirs"),
        given=FULL,
        response=Response(200, CART),
    )

    assert (cart.pieces, cart.total_cents, cart.currency) == (2, 25998, "EUR")


async def test_a_product_is_put_in(consumer):
    cart = await consumer("cart")(
        "The storefront puts lamps in a cart.",
        "add_line",
        lambda client: CartServiceClient(client).add("theirs", LAMP, 2, "key-1"),
        given=EMPTY,
        body={"product_id": ExactValue(str(LAMP)), "qty": ExactValue(2)},
        response=Response(201, CART),
    )

    assert cart.pieces == 2


async def test_a_product_that_is_not_sold_is_not_put_in(consumer):
    with pytest.raises(ProductUnavailable):
        await consumer("cart")(
            "The storefront puts something in a cart that is not sold.",
            "add_line",
            lambda client: CartServiceClient(client).add("theirs", NOBODYS, 2, "key-1"),
            given=EMPTY,
            body={"product_id": ExactValue(str(NOBODYS)), "qty": ExactValue(2)},
            response=Response(409, {"type": ExactValue("/problems/product-unavailable")}),
        )


async def test_a_quantity_is_changed(consumer):
    cart = await consumer("cart")(
        "The storefront changes how many lamps are in a cart.",
        "change_line",
        lambda client: CartServiceClient(client).set_quantity("theirs", LAMP, 1),
        given=FULL,
        path={"product_id": LAMP},
        body={"qty": ExactValue(1)},
        response=Response(200, CART),
    )

    assert cart.lines[0].title == "Walnut desk lamp"


async def test_a_product_that_is_not_in_the_cart_has_no_quantity(consumer):
    with pytest.raises(LineNotFound):
        await consumer("cart")(
            "The storefront changes how many there are of what is not in a cart.",
            "change_line",
            lambda client: client.change_line(product_id=LAMP, body=LineChange(qty=1), token="theirs"),
            given=EMPTY,
            path={"product_id": LAMP},
            body={"qty": ExactValue(1)},
            response=Response(404, {"type": ExactValue("/problems/line-not-found")}),
        )


async def test_the_price_of_now_is_taken(consumer):
    line_id = LINE["line_id"]
    cart = await consumer("cart")(
        "The storefront takes the price of now for the lamps in a cart.",
        "take_current_price",
        lambda client: CartServiceClient(client).take_price("theirs", LAMP, line_id),
        given=FULL,
        path={"product_id": LAMP},
        body={"line_id": line_id},
        response=Response(200, CART),
    )

    assert cart.lines[0].unit_price_cents == 12999


async def test_a_product_that_is_not_in_the_cart_has_no_price(consumer):
    line_id = LINE["line_id"]
    with pytest.raises(LineNotFound):
        await consumer("cart")(
            "The storefront takes the price of now for what is not in a cart.",
            "take_current_price",
            lambda client: client.take_current_price(
                product_id=LAMP, body=LineWithOldPrice(line_id=line_id), token="theirs"
            ),
            given=EMPTY,
            path={"product_id": LAMP},
            body={"line_id": line_id},
            response=Response(404, {"type": ExactValue("/problems/line-not-found")}),
        )
