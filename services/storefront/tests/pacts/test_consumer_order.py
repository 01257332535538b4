"""What the storefront asks of order: to place one, where it stands, and what has happened to it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from generated.clients.order import CartIsEmpty, OrderNotFound
from generated.models.order import CheckOut, OrderStatus
from tests.accounts import ASHA
from tests.pacts.consumer import Response
from tests.pacts.matchers import ExactValue
from tests.pacts.message_consumer import ORDER

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
BEFORE_IT = datetime(2025, 8, 1, tzinfo=UTC)  # as the id of the order says when it was placed
ADDRESS = {"address_line1": "12 Quay Street", "city": "Galway", "country": "IE", "postcode": "H91 XY00"}
LINE = {
    "product_id": UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001"),
    "title": "Walnut desk lamp",
    "qty": 2,
    "unit_price_cents": 12999,
}
PLACED = {
    "order_id": ORDER,
    "status": ExactValue("CREATED"),
    "total_cents": 25998,
    "currency": "EUR",
    "items": [LINE],
    **{name: ADDRESS[name] for name in ("address_line1", "city", "country")},
    "pay_by": NOON,
}
WAITS = {"an order waits for its payment": {"order_id": ORDER}}


def check_out(client):
    return client.check_out(body=CheckOut(**ADDRESS), idempotency_key="key-1", token="theirs")


async def test_an_order_is_placed(consumer):
    placed = await consumer("order")(
        "The storefront places an order.",
        "check_out",
        check_out,
        given={"a shopper has two lamps to order": {"user_id": ASHA.id}},
        body={name: ExactValue(value) for name, value in ADDRESS.items()},
        response=Response(201, PLACED),
    )

    assert (placed.order_id, placed.total_cents) == (ORDER, 25998)


async def test_an_empty_cart_is_no_order(consumer):
    with pytest.raises(CartIsEmpty):
        await consumer("order")(
            "The storefront places an order of nothing.",
            "check_out",
            check_out,
            given={"there is no order": {}},
            body={name: ExactValue(value) for name, value in ADDRESS.items()},
            response=Response(409, {"type": ExactValue("/problems/cart-is-empty")}),
        )


async def test_an_order_says_where_it_stands(consumer):
    left_out = ("order_id",)
    response = {name: value for name, value in PLACED.items() if name not in left_out}
    order = await consumer("order")(
        "The storefront asks for an order.",
        "get_order",
        lambda client: client.get_order(order_id=ORDER, token="theirs"),
        given=WAITS,
        path={"order_id": ORDER},
        response=Response(200, {"id": ORDER, **response, "created_at": NOON, "cancel_reason": None}),
    )

    assert (order.status, order.cancel_reason) == ("CREATED", None)


async def test_an_order_that_there_is_not_is_not_shown(consumer):
    with pytest.raises(OrderNotFound):
        await consumer("order")(
            "The storefront asks for an order that there is not.",
            "get_order",
            lambda client: client.get_order(order_id=ORDER, token="theirs"),
            given={"there is no order": {}},
            path={"order_id": ORDER},
            response=Response(404, {"type": ExactValue("/problems/order-not-found")}),
        )


async def test_an_order_has_a_timeline(consumer):
    placed = {"happened_at": NOON, "source": ExactValue("order"), "kind": ExactValue("order.created")}
    timeline = await consumer("order")(
        "The storefront asks what has happened to an order.",
        "list_timeline",
        lambda client: client.list_timeline(order_id=ORDER, token="theirs"),
        given=WAITS,
        path={"order_id": ORDER},
        response=Response(200, {"items": [placed], "missing_sources": ExactValue([]), "next_cursor": None}),
    )

    assert [entry.kind for entry in timeline.items] == ["order.created"]


async def test_a_shopper_has_orders(consumer):
    order = {"id": ORDER, **{name: value for name, value in PLACED.items() if name != "order_id"}}
    page = await consumer("order")(
        "The storefront asks for somebody's orders.",
        "list_orders",
        lambda client: client.list_orders(token="theirs"),
        given=WAITS,
        response=Response(200, {"items": [{**order, "created_at": NOON, "cancel_reason": None}], "next_cursor": None}),
    )

    assert [one.id for one in page.items] == [ORDER]


async def test_an_order_is_cancelled(consumer):
    order = {"id": ORDER, **{name: value for name, value in PLACED.items() if name not in ("order_id", "status")}}
    cancelled = await consumer("order")(
        "The storefront cancels an order.",
        "cancel_order",
        lambda client: client.cancel_order(order_id=ORDER, token="theirs"),
        given=WAITS,
        path={"order_id": ORDER},
        response=Response(
            200, {**order, "status": ExactValue("CANCELLED"), "created_at": NOON, "cancel_reason": "requested"}
        ),
    )

    assert cancelled.status == "CANCELLED"


async def test_the_orders_of_everybody_are_listed(consumer):
    order = {"id": ORDER, **{name: value for name, value in PLACED.items() if name != "order_id"}}
    listed = {**order, "created_at": NOON, "cancel_reason": None, "user_id": ASHA.id, "user_email": ASHA.email}
    page = await consumer("order")(
        "The storefront asks for the orders of everybody.",
        "list_all_orders",
        lambda client: client.list_all_orders(
            status=OrderStatus.CREATED, email=ASHA.email, created_from=BEFORE_IT, limit=25, token="an admin's"
        ),
        query={"status": "CREATED", "email": ASHA.email, "created_from": "2025-08-01T00:00:00Z", "limit": "25"},
        given=WAITS,
        response=Response(200, {"items": [listed], "next_cursor": None}),
    )

    assert [one.user_email for one in page.items] == [ASHA.email]


async def test_somebodys_order_is_shown_to_an_admin(consumer):
    order = {"id": ORDER, **{name: value for name, value in PLACED.items() if name != "order_id"}}
    shown = await consumer("order")(
        "The storefront asks for somebody's order.",
        "get_order",
        lambda client: client.get_order(order_id=ORDER, token="an admin's"),
        given=WAITS,
        path={"order_id": ORDER},
        as_admin=True,
        response=Response(200, {**order, "created_at": NOON, "cancel_reason": None}),
    )

    assert shown.status == "CREATED"


async def test_what_has_happened_to_somebodys_order_is_shown_to_an_admin(consumer):
    placed = {"happened_at": NOON, "source": ExactValue("order"), "kind": ExactValue("order.created")}
    timeline = await consumer("order")(
        "The storefront asks what has happened to somebody's order.",
        "list_timeline",
        lambda client: client.list_timeline(order_id=ORDER, token="an admin's"),
        given=WAITS,
        path={"order_id": ORDER},
        as_admin=True,
        response=Response(200, {"items": [placed], "missing_sources": ExactValue([]), "next_cursor": None}),
    )

    assert [entry.kind for entry in timeline.items] == ["order.created"]


async def test_somebodys_order_is_cancelled_by_an_admin(consumer):
    order = {"id": ORDER, **{name: value for name, value in PLACED.items() if name not in ("order_id", "status")}}
    cancelled = await consumer("order")(
        "The storefront cancels somebody's order.",
        "cancel_order",
        lambda client: client.cancel_order(order_id=ORDER, token="an admin's"),
        given=WAITS,
        path={"order_id": ORDER},
        as_admin=True,
        response=Response(
            200, {**order, "status": ExactValue("CANCELLED"), "created_at": NOON, "cancel_reason": "requested"}
        ),
    )

    assert cancelled.status == "CANCELLED"
