"""Pieces of a paid order are cancelled: asked for, repeated, raced, and left half done."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from chassis.events.messages import InvalidMessage
from chassis.testing.deliveries import deliver
from chassis.testing.problems import assert_problem
from chassis.web.problems import Unavailable
from generated.states import OrderStatus
from services.order.application import sweeper as sweeper_module
from services.order.domain import MAX_CHANGES
from services.order.errors import NothingWouldBeLeft, OrderNotPaid
from services.order.repository import OrderHistory
from services.order.tests.conftest import LAMP, a_line, lamps
from services.order.tests.test_subscribers import refunded
from tests.accounts import ADMIN, ASHA, BRAM

KEY = {"Idempotency-Key": "half-of-them"}
PRICE = 12999


async def cancel_items(client, order_id, qty=1, product=LAMP, *, caller=ASHA, headers=None):
    body = {"items": [{"product_id": str(product), "qty": qty}]}
    path = f"/order/v1/orders/{order_id}/cancellations"
    return await client.post(path, json=body, headers={**caller.headers, **(headers or {})})


@pytest.fixture
def changes(orders):
    """Reads the kinds of changes of an order, and where they stand."""

    async def changes(order_id):
        return [change.status.value for change in (await orders.find(order_id)).changes]

    return changes


@pytest.fixture
def intend(unit_of_work):
    """Write an intent down, and die."""

    async def intend(order, qty=1):
        async with unit_of_work() as work:
            locked = await work.orders.lock(order.id)
            change = locked.request_partial_cancellation(uuid7(), {LAMP: qty}, datetime.now(UTC))
            await work.orders.save(locked)
        return change

    return intend


@pytest.fixture
def no_request_grace(monkeypatch):
    monkeypatch.setattr(sweeper_module, "REQUEST_GRACE", timedelta())


@pytest.mark.parametrize("caller", [ASHA, ADMIN], ids=["its shopper", "an admin"])
async def test_pieces_are_taken_out_of_the_parcel_and_announced(
    client, an_order, orders, shipments, database, read_outbox, caller
):
    order = await an_order(OrderStatus.PAID)

    answer = await cancel_items(client, order.id, caller=caller)

    assert answer.status_code == 201
    change = answer.json()
    lamp = {"product_id": str(LAMP), "title": "Walnut desk lamp", "qty": 1, "unit_price_cents": PRICE}
    assert (change["kind"], change["status"], change["amount_cents"]) == ("cancellation", "AGREED", PRICE)
    assert change["items"] == [lamp]
    shown = await client.get(f"/order/v1/orders/{order.id}", headers=ASHA.headers)
    assert shown.json()["changes"] == [change]
    assert (shown.json()["status"], shown.json()["total_cents"]) == ("PAID", 2 * PRICE)
    assert shipments.taken_out == [UUID(change["id"])]
    [event] = await read_outbox()
    assert event["type"] == "order.reduced"
    assert event["data"] == {
        "change_id": change["id"],
        "kind": "cancellation",
        "items": [lamp],
        "amount_cents": PRICE,
        "currency": "EUR",
        "restock": True,
    }
    [entry] = await OrderHistory(database).list_by_order(order.id, after=None, limit=9)
    assert (entry.kind, entry.facts) == ("order.reduced", {"amount_cents": PRICE, "currency": "EUR"})


async def test_of_a_product_at_several_prices_the_dearest_pieces_go_first(client, an_order):
    lines = [lamps(2, price=10000), lamps(1, price=PRICE), a_line("Oak chair", 5000)]
    order = await an_order(OrderStatus.PAID, lines=lines)

    answer = await cancel_items(client, order.id, 2)

    assert [(item["qty"], item["unit_price_cents"]) for item in answer.json()["items"]] == [(1, PRICE), (1, 10000)]
    assert answer.json()["amount_cents"] == PRICE + 10000


async def test_a_product_that_is_named_twice_is_added_up(client, an_order, orders):
    order = await an_order(OrderStatus.PAID, lines=[lamps(3)])
    item = {"product_id": str(LAMP), "qty": 1}

    answer = await client.post(
        f"/order/v1/orders/{order.id}/cancellations", json={"items": [item, item]}, headers=ASHA.headers
    )

    assert answer.json()["items"][0]["qty"] == 2


@pytest.mark.parametrize(
    ("status", "qty", "product", "problem"),
    [
        (OrderStatus.PENDING, 1, LAMP, "order-not-paid"),
        (OrderStatus.CREATED, 1, LAMP, "order-not-paid"),
        (OrderStatus.CANCELLED, 1, LAMP, "order-not-paid"),
        (OrderStatus.REFUNDED, 1, LAMP, "order-not-paid"),
        (OrderStatus.PAID, 3, LAMP, "not-enough-pieces"),
        (OrderStatus.PAID, 1, UUID(int=1), "not-enough-pieces"),
        (OrderStatus.PAID, 2, LAMP, "nothing-would-be-left"),
    ],
)
async def test_what_cannot_be_cancelled_is_refused_and_nothing_is_changed(
    client, an_order, orders, shipments, read_outbox_types, status, qty, product, problem
):
    order = await an_order(status)
    before = await orders.find(order.id)

    assert_problem(await cancel_items(client, order.id, qty, product), 409, problem)

    assert await orders.find(order.id) == before
    assert (shipments.taken_out, await read_outbox_types()) == ([], [])


async def test_the_orders_of_others_look_like_missing_ones(client, an_order, orders, shipments):
    order = await an_order(OrderStatus.PAID)

    foreign = await cancel_items(client, order.id, caller=BRAM)
    missing = await cancel_items(client, UUID(int=9), caller=BRAM)

    assert_problem(foreign, 404, "order-not-found")
    assert foreign.content == missing.content
    assert ((await orders.find(order.id)).changes, shipments.taken_out) == ((), [])


async def test_changes_have_an_end(client, an_order, orders, unit_of_work):
    order = await an_order(OrderStatus.PAID, lines=[lamps(99)])
    async with unit_of_work() as work:
        for _ in range(MAX_CHANGES):
            order.request_partial_cancellation(uuid7(), {LAMP: 1}, datetime.now(UTC))
        await work.orders.save(order)

    assert_problem(await cancel_items(client, order.id), 409, "too-many-changes")

    assert len((await orders.find(order.id)).changes) == MAX_CHANGES


async def test_a_repeat_under_the_same_key_cancels_nothing_more(client, an_order, changes, read_outbox_types):
    order = await an_order(OrderStatus.PAID, lines=[lamps(3)])

    first = await cancel_items(client, order.id, headers=KEY)
    again = await cancel_items(client, order.id, headers=KEY)
    other = await cancel_items(client, order.id, 2, headers=KEY)

    assert (again.status_code, again.json()) == (201, first.json())
    assert_problem(other, 422, "idempotency-key-reused")
    assert await changes(order.id) == ["AGREED"]
    assert await read_outbox_types() == ["order.reduced"]


async def test_a_repeat_goes_on_where_shipping_was_away(client, an_order, changes, shipments, read_outbox_types):
    order = await an_order(OrderStatus.PAID)
    shipments.trouble = Unavailable()
    assert_problem(await cancel_items(client, order.id, headers=KEY), 503, "unavailable")
    assert (await changes(order.id), await read_outbox_types()) == (["INTENDED"], [])
    shipments.trouble = None

    answer = await cancel_items(client, order.id, headers=KEY)

    assert (answer.status_code, answer.json()["status"]) == (201, "AGREED")
    assert await changes(order.id) == ["AGREED"]
    assert await read_outbox_types() == ["order.reduced"]


@pytest.mark.parametrize("headers", [{}, KEY], ids=["without a key", "with a key"])
async def test_what_has_left_is_not_cancelled_and_a_repeat_says_the_same(
    client, an_order, changes, shipments, read_outbox_types, headers
):
    order = await an_order(OrderStatus.PAID)
    shipments.state[order.id] = "dispatched"

    first = await cancel_items(client, order.id, headers=headers)
    again = await cancel_items(client, order.id, headers=headers)

    assert_problem(first, 409, "already-dispatched")
    assert again.content == first.content
    assert set(await changes(order.id)) == {"DROPPED"}
    assert len(await changes(order.id)) == (1 if headers else 2)
    assert await read_outbox_types() == []


async def test_what_is_under_way_counts_as_gone(client, an_order, intend, changes, shipments):
    order = await an_order(OrderStatus.PAID)
    await intend(order)

    assert_problem(await cancel_items(client, order.id), 409, "nothing-would-be-left")

    assert (await changes(order.id), shipments.taken_out) == (["INTENDED"], [])


async def test_two_at_once_do_not_empty_the_parcel(reduction, an_order, changes, read_outbox_types):
    order = await an_order(OrderStatus.PAID)

    answers = await asyncio.gather(
        *(reduction.cancel_items(order.id, {LAMP: 1}) for _ in range(4)), return_exceptions=True
    )

    assert [type(one) for one in answers].count(NothingWouldBeLeft) == 3
    assert await changes(order.id) == ["AGREED"]
    assert await read_outbox_types() == ["order.reduced"]


# --- whatever dies on the way


@pytest.mark.usefixtures("no_request_grace")
async def test_a_crash_after_the_intent_leaves_a_change_that_the_sweeper_finishes_once(
    sweep, an_order, intend, changes, shipments, read_outbox_types
):
    order = await an_order(OrderStatus.PAID)
    change = await intend(order)

    await sweep()
    await sweep()

    assert (await changes(order.id), shipments.taken_out) == (["AGREED"], [change.id])
    assert await read_outbox_types() == ["order.reduced"]


@pytest.mark.usefixtures("no_request_grace")
async def test_a_crash_after_the_pieces_were_taken_out_takes_no_more_of_them(
    sweep, an_order, intend, changes, shipments, read_outbox_types
):
    order = await an_order(OrderStatus.PAID)
    change = await intend(order)
    await shipments.take_out(order.id, change)
    shipments.state[order.id] = "dispatched"  # without them

    await sweep()

    assert (await changes(order.id), shipments.taken_out) == (["AGREED"], [change.id])
    assert await read_outbox_types() == ["order.reduced"]


@pytest.mark.usefixtures("no_request_grace")
async def test_a_change_of_a_parcel_that_has_left_is_dropped_by_the_sweeper(
    sweep, an_order, intend, changes, shipments, read_outbox_types
):
    order = await an_order(OrderStatus.PAID)
    await intend(order)
    shipments.state[order.id] = "dispatched"

    await sweep()

    assert (await changes(order.id), await read_outbox_types()) == (["DROPPED"], [])


@pytest.mark.usefixtures("no_request_grace")
async def test_while_shipping_is_away_a_change_waits_for_longer_each_time_and_others_go_on(
    sweep, an_order, intend, orders, changes, shipments
):
    stuck, other = await an_order(OrderStatus.PAID), await an_order(OrderStatus.PAID)
    await intend(stuck)
    await intend(other)
    take_out = shipments.take_out

    async def away_for_one(order_id, change):
        if order_id == stuck.id:
            raise Unavailable
        await take_out(order_id, change)

    shipments.take_out = away_for_one
    await sweep()

    assert (await changes(stuck.id), await changes(other.id)) == (["INTENDED"], ["AGREED"])
    assert await orders.list_change_intended_ids(timedelta()) == []  # for a while
    shipments.take_out = take_out


async def test_a_change_that_is_just_asked_for_is_left_to_its_request(sweep, an_order, intend, changes):
    order = await an_order(OrderStatus.PAID)
    await intend(order)

    await sweep()

    assert await changes(order.id) == ["INTENDED"]


async def test_decided_by_two_at_once_it_is_announced_once(reduction, an_order, intend, changes, read_outbox_types):
    order = await an_order(OrderStatus.PAID)
    change = await intend(order)

    await asyncio.gather(*(reduction.finish(order.id, change.id) for _ in range(4)))

    assert await changes(order.id) == ["AGREED"]
    assert await read_outbox_types() == ["order.reduced"]


# --- against a cancellation of the whole


async def test_a_whole_cancellation_drops_what_is_not_decided(
    cancellation, reduction, an_order, intend, changes, orders, read_outbox_types
):
    order = await an_order(OrderStatus.PAID)
    change = await intend(order)

    await cancellation.request(order.id)

    with pytest.raises(OrderNotPaid):
        await reduction.finish(order.id, change.id)
    assert (await changes(order.id), (await orders.find(order.id)).status) == (["DROPPED"], OrderStatus.CANCELLED)
    assert await read_outbox_types() == ["order.cancelled requested"]


async def test_pieces_taken_out_while_the_whole_is_cancelled_are_announced_with_it_alone(
    cancellation, reduction, an_order, changes, shipments, read_outbox_types
):
    order = await an_order(OrderStatus.PAID)
    take_out = shipments.take_out

    async def overtaken(order_id, change):
        await take_out(order_id, change)
        await cancellation.request(order_id)

    shipments.take_out = overtaken
    with pytest.raises(OrderNotPaid):
        await reduction.cancel_items(order.id, {LAMP: 1})

    assert await changes(order.id) == ["DROPPED"]
    assert await read_outbox_types() == ["order.cancelled requested"]


async def test_a_parcel_that_was_stopped_loses_nothing_more(
    cancellation, reduction, an_order, changes, shipments, unit_of_work, read_outbox_types
):
    order = await an_order(OrderStatus.PAID)
    async with unit_of_work() as work:
        locked = await work.orders.lock(order.id)
        locked.request_cancellation()
        await work.orders.save(locked)
    await shipments.cancel(order.id)  # and there it died

    with pytest.raises(OrderNotPaid):
        await reduction.cancel_items(order.id, {LAMP: 1})

    assert (await changes(order.id), await read_outbox_types()) == (["DROPPED"], [])


async def test_what_is_left_of_a_reduced_order_is_cancelled(
    cancellation, reduction, an_order, changes, orders, read_outbox_types
):
    order = await an_order(OrderStatus.PAID)
    await reduction.cancel_items(order.id, {LAMP: 1})

    await cancellation.request(order.id)

    assert (await changes(order.id), (await orders.find(order.id)).status) == (["AGREED"], OrderStatus.CANCELLED)
    assert await read_outbox_types() == ["order.reduced", "order.cancelled requested"]


# --- what payment says


@pytest.fixture
def reduced(an_order, reduction):
    """A paid order of two lamps, one of which was cancelled; and that change."""

    async def reduced():
        order = await an_order(OrderStatus.PAID)
        return order, await reduction.cancel_items(order.id, {LAMP: 1})

    return reduced


@pytest.mark.parametrize("same", [True, False], ids=["the same news", "other news of the same"])
async def test_a_change_is_paid_back_once(subscribers, reduced, changes, orders, same):
    order, change = await reduced()
    news = refunded(order.id, amount_cents=PRICE, refund_id=change.id)

    await deliver(subscribers, news)
    await deliver(subscribers, news if same else refunded(order.id, amount_cents=PRICE, refund_id=change.id))

    assert (await changes(order.id), (await orders.find(order.id)).status) == (["PAID_BACK"], OrderStatus.PAID)


@pytest.mark.parametrize(
    "news",
    [
        {"amount_cents": PRICE - 1},
        {"amount_cents": 2 * PRICE},
        {"amount_cents": PRICE, "currency": "USD"},
        {"amount_cents": PRICE, "refund_id": UUID(int=3)},
    ],
    ids=["a cent less", "all of it", "another currency", "of no change"],
)
async def test_a_refund_that_is_not_of_the_change_changes_nothing_and_raises(subscribers, reduced, changes, news):
    order, change = await reduced()

    with pytest.raises(InvalidMessage):
        await deliver(subscribers, refunded(order.id, **{"refund_id": change.id, **news}))

    assert await changes(order.id) == ["AGREED"]


@pytest.mark.parametrize("first", ["the change", "the rest"])
async def test_an_order_is_refunded_once_the_change_and_the_rest_are_whichever_comes_first(
    subscribers, reduced, cancellation, orders, first
):
    order, change = await reduced()
    await cancellation.request(order.id)
    news = [
        refunded(order.id, amount_cents=PRICE, refund_id=change.id),
        refunded(order.id, amount_cents=PRICE, refund_id=order.id),
    ]

    one, other = news if first == "the change" else news[::-1]
    await deliver(subscribers, one)
    half_way = (await orders.find(order.id)).status
    await deliver(subscribers, other)

    assert half_way is OrderStatus.CANCELLED
    assert (await orders.find(order.id)).status is OrderStatus.REFUNDED


async def test_a_refund_of_the_whole_after_a_part_is_not_taken(subscribers, reduced, cancellation, orders):
    order, _ = await reduced()
    await cancellation.request(order.id)

    with pytest.raises(InvalidMessage):
        await deliver(subscribers, refunded(order.id))

    assert (await orders.find(order.id)).status is OrderStatus.CANCELLED


async def test_pieces_that_cost_nothing_are_settled_at_once(reduction, an_order, changes):
    order = await an_order(OrderStatus.PAID, price=0)

    await reduction.cancel_items(order.id, {LAMP: 1})

    assert await changes(order.id) == ["PAID_BACK"]


async def test_an_order_of_which_only_free_pieces_are_left_is_refunded_when_it_is_cancelled(
    subscribers, reduction, cancellation, an_order, orders
):
    order = await an_order(OrderStatus.PAID, lines=[lamps(1), a_line("Colour card", 0)])
    change = await reduction.cancel_items(order.id, {LAMP: 1})
    await deliver(subscribers, refunded(order.id, amount_cents=PRICE, refund_id=change.id))

    cancelled = await cancellation.request(order.id)

    assert cancelled.status is OrderStatus.REFUNDED
    await deliver(subscribers, refunded(order.id, amount_cents=0, refund_id=order.id))
    assert (await orders.find(order.id)).status is OrderStatus.REFUNDED


async def test_whoever_waits_for_an_order_sees_the_changes_that_were_made_meanwhile(unit_of_work, an_order, reduction):
    order = await an_order(OrderStatus.PAID, lines=[lamps(9)])
    async with unit_of_work() as work:
        locked = await work.orders.lock(order.id)
        waiting = asyncio.create_task(reduction.cancel_items(order.id, {LAMP: 8}))
        await asyncio.sleep(0)
        locked.request_partial_cancellation(uuid7(), {LAMP: 1}, datetime.now(UTC))
        await work.orders.save(locked)

    with pytest.raises(NothingWouldBeLeft):
        await waiting
