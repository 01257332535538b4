"""Pieces of a delivered order are sent back: asked for, received, paid back, each once."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from chassis.testing.deliveries import deliver
from chassis.testing.problems import assert_problem
from generated.events import ShippingDeliveredData, shipping_delivered
from generated.states import OrderStatus
from services.order.domain import MAX_CHANGES
from services.order.tests.conftest import LAMP, a_line, lamps
from services.order.tests.test_subscribers import refunded
from tests.accounts import ADMIN, ASHA, BRAM

KEY = {"Idempotency-Key": "one-of-them"}
PRICE = 12999
UNKNOWN = UUID(int=9)


async def request_return(client, order_id, qty=1, product=LAMP, *, caller=ASHA, headers=None):
    body = {"items": [{"product_id": str(product), "qty": qty}]}
    path = f"/order/v1/orders/{order_id}/returns"
    return await client.post(path, json=body, headers={**caller.headers, **(headers or {})})


async def receive(client, order_id, return_id, *, restock=True, caller=ADMIN):
    path = f"/order/v1/orders/{order_id}/returns/{return_id}/receive"
    return await client.post(path, json={"restock": restock}, headers=caller.headers)


@pytest.fixture
def delivered(an_order, subscribers):
    """An order whose parcel has arrived."""

    async def delivered(**how):
        order = await an_order(OrderStatus.PAID, **how)
        data = ShippingDeliveredData(shipment_id=UUID(int=8))
        arrived = shipping_delivered(order_id=order.id, user_id=ASHA.id, user_email=ASHA.email, data=data)
        await deliver(subscribers, arrived.event)
        return order

    return delivered


@pytest.fixture
def changes(orders):
    async def changes(order_id):
        return [change.status.value for change in (await orders.find(order_id)).changes]

    return changes


@pytest.mark.parametrize("caller", [ASHA, ADMIN], ids=["its shopper", "an admin"])
async def test_pieces_of_a_delivered_order_may_be_sent_back_and_nobody_else_is_told_yet(
    client, delivered, read_outbox_types, caller
):
    order = await delivered()

    answer = await request_return(client, order.id, caller=caller)

    assert answer.status_code == 201
    change = answer.json()
    assert (change["kind"], change["status"], change["amount_cents"]) == ("return", "REQUESTED", PRICE)
    assert change["items"] == [
        {"product_id": str(LAMP), "title": "Walnut desk lamp", "qty": 1, "unit_price_cents": PRICE}
    ]
    shown = (await client.get(f"/order/v1/orders/{order.id}", headers=ASHA.headers)).json()
    assert (shown["status"], shown["changes"]) == ("PAID", [change])
    assert await read_outbox_types() == []


async def test_what_has_not_arrived_is_not_sent_back(client, an_order, changes):
    order = await an_order(OrderStatus.PAID)

    assert_problem(await request_return(client, order.id), 409, "not-delivered")

    assert await changes(order.id) == []


@pytest.mark.parametrize("status", [OrderStatus.CREATED, OrderStatus.CANCELLED, OrderStatus.REFUNDED])
async def test_of_an_order_that_is_not_paid_nothing_is_sent_back(client, an_order, changes, status):
    order = await an_order(status)

    assert_problem(await request_return(client, order.id), 409, "order-not-paid")

    assert await changes(order.id) == []


@pytest.mark.parametrize(("qty", "product"), [(3, LAMP), (1, UNKNOWN)])
async def test_no_more_is_sent_back_than_there_is(client, delivered, changes, qty, product):
    order = await delivered()

    assert_problem(await request_return(client, order.id, qty, product), 409, "not-enough-pieces")

    assert await changes(order.id) == []


async def test_what_is_on_its_way_back_is_not_sent_back_again(client, delivered, changes):
    order = await delivered()
    await request_return(client, order.id, 2)

    assert_problem(await request_return(client, order.id), 409, "not-enough-pieces")

    assert await changes(order.id) == ["REQUESTED"]


async def test_two_returns_at_once_of_the_same_piece_are_one(client, delivered, changes):
    order = await delivered(lines=[lamps(1)])

    answers = await asyncio.gather(*(request_return(client, order.id) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert await changes(order.id) == ["REQUESTED"]


async def test_a_key_is_of_one_return(client, delivered, changes):
    order = await delivered(lines=[lamps(2)])
    await request_return(client, order.id, headers=KEY)

    assert_problem(await request_return(client, order.id, 2, headers=KEY), 422, "idempotency-key-reused")
    assert await changes(order.id) == ["REQUESTED"]


async def test_returns_have_an_end(client, delivered, unit_of_work, changes):
    order = await delivered(lines=[lamps(99)])
    async with unit_of_work() as work:
        for _ in range(MAX_CHANGES):
            order.request_return(uuid7(), {LAMP: 1}, datetime.now(UTC))
        await work.orders.save(order)

    assert_problem(await request_return(client, order.id), 409, "too-many-changes")
    assert await changes(order.id) == ["REQUESTED"] * MAX_CHANGES


async def test_a_repeat_under_the_same_key_is_one_return(client, delivered, changes):
    order = await delivered()

    first, again = [await request_return(client, order.id, headers=KEY) for _ in range(2)]

    assert (first.status_code, first.content) == (201, again.content)
    assert await changes(order.id) == ["REQUESTED"]


async def test_the_orders_of_others_look_like_missing_ones(client, delivered, changes):
    order = await delivered()

    foreign, missing = [await request_return(client, one, caller=BRAM) for one in (order.id, UNKNOWN)]

    assert_problem(foreign, 404, "order-not-found")
    assert foreign.content == missing.content
    assert await changes(order.id) == []


@pytest.mark.parametrize("restock", [True, False])
async def test_what_was_sent_back_is_received_and_announced_once_as_it_was_said_the_first_time(
    client, delivered, read_outbox, restock
):
    order = await delivered()
    asked = (await request_return(client, order.id)).json()

    first = await receive(client, order.id, asked["id"], restock=restock)
    again = await receive(client, order.id, asked["id"], restock=not restock)

    assert first.status_code == again.status_code == 200
    assert first.json() == again.json() == {**asked, "status": "RECEIVED"}
    [event] = await read_outbox()
    assert event["type"] == "order.reduced"
    assert event["data"] == {
        "change_id": asked["id"],
        "kind": "return",
        "items": asked["items"],
        "amount_cents": PRICE,
        "currency": "EUR",
        "restock": restock,
    }
    assert len((await client.get(f"/order/v1/orders/{order.id}", headers=ASHA.headers)).json()["changes"]) == 1


async def test_two_admins_who_receive_it_at_once_pay_it_back_once(client, delivered, read_outbox_types):
    order = await delivered()
    asked = (await request_return(client, order.id)).json()["id"]

    answers = await asyncio.gather(*(receive(client, order.id, asked) for _ in range(4)))

    assert [answer.status_code for answer in answers] == [200] * 4
    assert await read_outbox_types() == ["order.reduced"]


async def test_what_nobody_asked_to_send_back_is_not_received(client, delivered, reduction, changes, read_outbox_types):
    order, other = await delivered(lines=[lamps(3)]), await delivered()
    cancelled = await reduction.cancel_items(order.id, {LAMP: 1})
    asked = (await request_return(client, order.id)).json()["id"]

    for order_id, return_id in ((order.id, UNKNOWN), (order.id, cancelled.id), (other.id, asked)):
        assert_problem(await receive(client, order_id, return_id), 404, "return-not-found")
    assert_problem(await receive(client, UNKNOWN, asked), 404, "order-not-found")

    assert await changes(order.id) == ["AGREED", "REQUESTED"]
    assert await read_outbox_types() == ["order.reduced"]  # of the cancellation


async def test_only_admins_receive_what_was_sent_back(client, delivered, changes, read_outbox_types):
    order = await delivered()
    asked = (await request_return(client, order.id)).json()["id"]

    assert_problem(await receive(client, order.id, asked, caller=ASHA), 403, "forbidden")

    assert (await changes(order.id), await read_outbox_types()) == (["REQUESTED"], [])


async def test_an_order_is_refunded_when_everything_came_back_and_was_paid_back(
    client, delivered, subscribers, orders, changes
):
    order = await delivered()
    asked = [(await request_return(client, order.id)).json()["id"] for _ in range(2)]
    for one in asked:
        await receive(client, order.id, one)

    seen = []
    for one in asked:
        await deliver(subscribers, refunded(order.id, amount_cents=PRICE, refund_id=UUID(one)))
        seen.append((await orders.find(order.id)).status)

    assert seen == [OrderStatus.PAID, OrderStatus.REFUNDED]
    assert await changes(order.id) == ["PAID_BACK", "PAID_BACK"]
    shown = (await client.get(f"/order/v1/orders/{order.id}", headers=ASHA.headers)).json()
    assert (shown["status"], shown["cancel_reason"]) == ("REFUNDED", None)


async def test_what_is_not_received_is_not_paid_back(client, delivered, subscribers, changes):
    order = await delivered()
    asked = (await request_return(client, order.id)).json()["id"]

    await deliver(subscribers, refunded(order.id, amount_cents=PRICE, refund_id=UUID(asked)))

    assert await changes(order.id) == ["REQUESTED"]


async def test_the_last_pieces_of_an_order_that_cost_nothing_end_it(client, delivered, orders):
    card = a_line("Colour card", 0)
    order = await delivered(lines=[card])
    asked = (await request_return(client, order.id, product=card.product_id)).json()["id"]

    answer = await receive(client, order.id, asked)

    assert answer.json()["status"] == "PAID_BACK"
    assert (await orders.find(order.id)).status is OrderStatus.REFUNDED
