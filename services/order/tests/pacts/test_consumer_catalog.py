"""What order asks of catalog: stock to be set aside, and sold once it is paid for."""

from uuid import UUID

import pytest

from services.order.clients import CatalogServiceClient
from services.order.errors import OrderCancelled, OutOfStock, PriceChanged, ProductUnavailable
from services.order.tests.conftest import LAMP
from tests.pacts.consumer import Response
from tests.pacts.matchers import ExactValue, one_of
from tests.pacts.message_consumer import ORDER

GIVEN_UP = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a00e")
SEEN = {"product_id": LAMP, "qty": 2, "unit_price_cents": 12999, "currency": "EUR", "price_honoured": True}
ASKED = {"order_id": ORDER, "items": [SEEN]}
STATES = one_of("HELD", "COMMITTED", "RETURNED", "RELEASED")
CANCELLED = Response(409, {"type": ExactValue("/problems/order-cancelled")})


@pytest.fixture
def catalog(consumer, order):
    """`await catalog(…)`: ask for stock for the order, whose prices are honoured or not."""

    async def catalog(description, given, answered, honoured=True, body=ASKED):
        return await consumer("catalog")(
            description,
            "reserve_stock",
            lambda client: CatalogServiceClient(client).reserve(
                order, {line.line_id for line in order.lines if honoured}
            ),
            given=given,
            body=body,
            response=answered,
        )

    return catalog


async def test_stock_is_set_aside(catalog):
    await catalog(
        "Order asks for stock that is there.",
        {"a product is for sale": {"product_id": LAMP, "in_stock": 5}},
        Response(
            200, {"order_id": ORDER, "status": STATES, "prices": [{"product_id": LAMP, "unit_price_cents": 12999}]}
        ),
    )


async def test_what_could_be_set_aside_is_asked_before_there_is_an_order(consumer, order):
    await consumer("catalog")(
        "Order asks whether stock could be set aside.",
        "check_stock",
        lambda client: CatalogServiceClient(client).check_availability(order, {line.line_id for line in order.lines}),
        given={"a product is for sale": {"product_id": LAMP, "in_stock": 5}},
        body=ASKED,
        response=Response(204),
    )


async def test_what_could_not_be_set_aside_is_known_before_there_is_an_order(consumer, order):
    with pytest.raises(OutOfStock, match="Walnut desk lamp: 2 wanted, 1 left"):
        await consumer("catalog")(
            "Order asks whether more could be set aside than there is in stock.",
            "check_stock",
            lambda client: CatalogServiceClient(client).check_availability(
                order, {line.line_id for line in order.lines}
            ),
            given={"a product is for sale": {"product_id": LAMP, "in_stock": 1}},
            body=ASKED,
            response=Response(
                409,
                {
                    "type": ExactValue("/problems/out-of-stock"),
                    "lines": [{"product_id": LAMP, "wanted": 2, "available": 1}],
                },
            ),
        )


async def test_what_was_held_for_an_order_that_was_given_up_is_for_the_one_placed_instead(catalog, order):
    order.replaces = GIVEN_UP

    await catalog(
        "Order asks for stock that is held for an order that was given up.",
        {"stock is held for an order": {"order_id": GIVEN_UP}},
        Response(
            200, {"order_id": ORDER, "status": STATES, "prices": [{"product_id": LAMP, "unit_price_cents": 12999}]}
        ),
        body={**ASKED, "instead_of": GIVEN_UP},
    )


async def test_what_is_short_is_said_for_each_product(catalog):
    with pytest.raises(OutOfStock, match="Walnut desk lamp: 2 wanted, 1 left"):
        await catalog(
            "Order asks for more than there is in stock.",
            {"a product is for sale": {"product_id": LAMP, "in_stock": 1}},
            Response(
                409,
                {
                    "type": ExactValue("/problems/out-of-stock"),
                    "lines": [{"product_id": LAMP, "wanted": 2, "available": 1}],
                },
            ),
        )


async def test_what_is_not_sold_any_more_is_named(catalog):
    with pytest.raises(ProductUnavailable, match="Walnut desk lamp"):
        await catalog(
            "Order asks for a product that is not for sale.",
            {"a product is not for sale": {"product_id": LAMP}},
            Response(409, {"type": ExactValue("/problems/product-unavailable"), "lines": [{"product_id": LAMP}]}),
        )


async def test_what_has_become_dearer_than_a_price_that_is_not_honoured_is_named(catalog):
    with pytest.raises(PriceChanged) as refusal:
        await catalog(
            "Order asks for stock at a price that does not hold any more.",
            {"a product is for sale": {"product_id": LAMP, "price_cents": 14999}},
            Response(
                409,
                {
                    "type": ExactValue("/problems/price-changed"),
                    "lines": [
                        {
                            "product_id": LAMP,
                            "old_price_cents": 12999,
                            "new_price_cents": 14999,
                            "old_currency": "EUR",
                            "new_currency": "EUR",
                        }
                    ],
                },
            ),
            honoured=False,
            body={"order_id": ORDER, "items": [{**SEEN, "price_honoured": False}]},
        )

    [line] = refusal.value.members["lines"]
    assert (line["title"], line["new_price_cents"]) == ("Walnut desk lamp", 14999)


async def test_nothing_is_set_aside_for_a_cancelled_order(catalog):
    with pytest.raises(OrderCancelled):
        await catalog(
            "Order asks for stock for an order that was cancelled.",
            {"an order was cancelled": {"order_id": ORDER}},
            CANCELLED,
        )


async def test_stock_is_sold(consumer):
    await consumer("catalog")(
        "Order turns what is held for an order into a sale.",
        "commit_stock",
        lambda client: CatalogServiceClient(client).commit(ORDER),
        given={"stock is held for an order": {"order_id": ORDER}},
        body={"order_id": ORDER},
        response=Response(
            200, {"order_id": ORDER, "status": STATES, "prices": [{"product_id": LAMP, "unit_price_cents": 12999}]}
        ),
    )


async def test_nothing_is_sold_for_a_cancelled_order(consumer):
    with pytest.raises(OrderCancelled):
        await consumer("catalog")(
            "Order turns what was held for a cancelled order into a sale.",
            "commit_stock",
            lambda client: CatalogServiceClient(client).commit(ORDER),
            given={"an order was cancelled": {"order_id": ORDER}},
            body={"order_id": ORDER},
            response=CANCELLED,
        )
