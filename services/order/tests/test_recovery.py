"""What ends by itself: abandoned checkouts, intents left behind, orders nobody paid."""

from datetime import timedelta

import pytest

from services.chassis.refusals import Unavailable
from services.order import recovery as module
from services.order.domain import Status
from services.order.errors import AlreadyDispatched

LATE = timedelta(seconds=-1)


@pytest.fixture(autouse=True)
def nothing_in_hand(monkeypatch):
    monkeypatch.setattr(module, "IN_HAND", timedelta())


async def test_a_checkout_that_died_is_given_up_once(recovery, an_order, orders, announced):
    order = await an_order(Status.PENDING)

    await recovery.look_round()
    await recovery.look_round()

    assert (await orders.find(order.id)).status is Status.REJECTED
    assert await announced() == ["order.cancelled given-up"]


async def test_an_order_that_is_not_paid_in_time_is_cancelled_once(recovery, an_order, orders, payments, announced):
    order = await an_order(patience=LATE)

    await recovery.look_round()
    await recovery.look_round()

    assert (await orders.find(order.id)).status is Status.CANCELLED
    assert payments.state == {order.id: "voided"}
    assert await announced() == ["order.cancelled not-paid-in-time"]


async def test_an_order_that_may_still_be_paid_is_left_alone(recovery, an_order, orders, payments, announced):
    order = await an_order()

    await recovery.look_round()

    assert (await orders.find(order.id)).status is Status.CREATED
    assert (payments.state, await announced()) == ({}, [])


async def test_an_order_paid_at_the_last_moment_waits_for_the_news(recovery, an_order, orders, payments, announced):
    order = await an_order(patience=LATE)
    payments.state[order.id] = "succeeded"

    await recovery.look_round()

    assert (await orders.find(order.id)).status is Status.CREATED
    assert await announced() == []
    assert await orders.overdue() == []


async def test_a_death_after_the_payment_was_voided_leaves_an_order_that_is_cancelled_next_time(
    recovery, an_order, orders, payments, announced
):
    order = await an_order(patience=LATE)
    payments.state[order.id] = "voided"

    await recovery.look_round()

    assert (await orders.find(order.id)).status is Status.CANCELLED
    assert await announced() == ["order.cancelled not-paid-in-time"]


@pytest.mark.parametrize("status", [Status.CREATED, Status.PAID])
async def test_a_death_after_the_intent_was_written_leaves_an_order_that_is_cancelled(
    recovery, an_order, orders, unit_of_work, announced, status
):
    order = await an_order(status)
    async with unit_of_work() as work:
        order.intend_to_cancel()
        await work.orders.save(order)

    await recovery.look_round()

    kept = await orders.find(order.id)
    assert (kept.status, kept.cancelling) == (Status.CANCELLED, False)
    assert await announced() == ["order.cancelled requested"]


async def test_an_intent_whose_parcel_has_left_is_dropped(recovery, an_order, orders, unit_of_work, shipments):
    order = await an_order(Status.PAID)
    shipments.state[order.id] = "dispatched"
    async with unit_of_work() as work:
        order.intend_to_cancel()
        await work.orders.save(order)

    await recovery.look_round()

    kept = await orders.find(order.id)
    assert (kept.status, kept.cancelling) == (Status.PAID, False)


async def test_one_order_that_cannot_be_settled_keeps_no_other_waiting(recovery, an_order, orders, payments):
    stuck, other = await an_order(patience=LATE), await an_order(patience=LATE)
    void = payments.void

    async def away_for_one(order_id):
        if order_id == stuck.id:
            raise Unavailable
        await void(order_id)

    payments.void = away_for_one
    await recovery.look_round()

    assert (await orders.find(stuck.id)).status is Status.CREATED
    assert (await orders.find(other.id)).status is Status.CANCELLED


async def test_an_error_that_waiting_does_not_mend_is_not_swallowed(recovery, an_order, payments):
    await an_order(patience=LATE)
    payments.trouble = ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        await recovery.look_round()


async def test_dispatching_and_cancelling_are_decided_by_the_shipment(cancelling, an_order, shipments, orders):
    order = await an_order(Status.PAID)
    shipments.state[order.id] = "dispatched"

    with pytest.raises(AlreadyDispatched):
        await cancelling.request(order.id)

    assert (await orders.find(order.id)).status is Status.PAID
