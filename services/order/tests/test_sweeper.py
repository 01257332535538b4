"""What ends by itself: abandoned checkouts, intents left behind, orders nobody paid."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from chassis.data.clauses import seconds_since
from chassis.data.statement import Statement
from chassis.testing.deliveries import deliver
from chassis.testing.eventually import eventually
from chassis.web.http_client import UndeclaredProblem
from chassis.web.problems import Unavailable
from generated.states import OrderStatus
from services.order.application import sweeper as module
from services.order.errors import AlreadyDispatched
from services.order.tables import orders as table
from services.order.tests.test_subscribers import succeeded

pytestmark = pytest.mark.both_ways

LATE_INTERVAL = timedelta(seconds=-1)
PAUSES = Statement(sa.select(table.c.sweep_failures, (-seconds_since(table.c.look_again_at)).label("pause")))
END_POSTPONEMENTS = Statement(sa.update(table).values(look_again_at=sa.func.now()))


@pytest.fixture(autouse=True)
def no_request_grace(monkeypatch):
    monkeypatch.setattr(module, "REQUEST_GRACE", timedelta())


async def test_a_crashed_checkout_is_abandoned_once(sweep, an_order, orders, read_outbox_types):
    order = await an_order(OrderStatus.PENDING)

    await sweep()
    await sweep()

    assert (await orders.find(order.id)).status is OrderStatus.REJECTED
    assert await read_outbox_types() == ["order.cancelled given-up"]


async def test_an_order_that_is_not_paid_in_time_is_cancelled_once(
    sweep, an_order, orders, payments, read_outbox_types
):
    order = await an_order(payment_window=LATE_INTERVAL)

    await sweep()
    await sweep()

    assert (await orders.find(order.id)).status is OrderStatus.CANCELLED
    assert payments.state == {order.id: "voided"}
    assert await read_outbox_types() == ["order.cancelled not-paid-in-time"]


async def test_an_order_that_may_still_be_paid_is_left_alone(sweep, an_order, orders, payments, read_outbox_types):
    order = await an_order()

    await sweep()

    assert (await orders.find(order.id)).status is OrderStatus.CREATED
    assert (payments.state, await read_outbox_types()) == ({}, [])


async def test_an_order_that_costs_nothing_is_never_too_late(sweep, an_order, orders, payments, read_outbox_types):
    order = await an_order(payment_window=LATE_INTERVAL, price=0)

    await sweep()

    assert (await orders.find(order.id)).status is OrderStatus.CREATED
    assert (payments.state, await read_outbox_types()) == ({}, [])


async def test_an_order_paid_at_the_last_moment_waits_for_the_event(
    sweep, an_order, orders, payments, read_outbox_types
):
    order = await an_order(payment_window=LATE_INTERVAL)
    payments.state[order.id] = "succeeded"

    await sweep()

    assert (await orders.find(order.id)).status is OrderStatus.CREATED
    assert await read_outbox_types() == []
    assert await orders.list_overdue_ids() == []


async def test_an_order_whose_payment_never_counts_is_asked_for_after_pauses_that_grow(
    sweep, an_order, database, orders, payments
):
    order = await an_order(payment_window=LATE_INTERVAL)
    payments.state[order.id] = "succeeded"
    pauses = []
    for _ in range(5):
        await sweep()
        (row,) = await database.fetch_all(PAUSES)
        pauses.append(row["pause"])
        await database.execute(END_POSTPONEMENTS)

    assert all(0.7 * 2**tries < pause < 1.3 * 2**tries for tries, pause in enumerate(pauses))
    assert row["sweep_failures"] == 5
    assert (await orders.find(order.id)).status is OrderStatus.CREATED


async def test_a_crash_after_the_void_leaves_an_order_that_the_next_sweep_cancels(
    sweep, an_order, orders, payments, read_outbox_types
):
    order = await an_order(payment_window=LATE_INTERVAL)
    payments.state[order.id] = "voided"

    await sweep()

    assert (await orders.find(order.id)).status is OrderStatus.CANCELLED
    assert await read_outbox_types() == ["order.cancelled not-paid-in-time"]


@pytest.mark.parametrize("status", [OrderStatus.CREATED, OrderStatus.PAID])
async def test_a_crash_after_the_cancellation_request_leaves_an_order_that_is_cancelled(
    sweep, an_order, orders, unit_of_work, read_outbox_types, status
):
    order = await an_order(status)
    async with unit_of_work() as work:
        order.request_cancellation()
        await work.orders.save(order)

    await sweep()

    kept = await orders.find(order.id)
    assert (kept.status, kept.cancellation_requested) == (OrderStatus.CANCELLED, False)
    assert await read_outbox_types() == ["order.cancelled requested"]


async def test_a_cancellation_request_is_withdrawn_when_the_parcel_has_left(
    sweep, an_order, orders, unit_of_work, shipments
):
    order = await an_order(OrderStatus.PAID)
    shipments.state[order.id] = "dispatched"
    async with unit_of_work() as work:
        order.request_cancellation()
        await work.orders.save(order)

    await sweep()

    kept = await orders.find(order.id)
    assert (kept.status, kept.cancellation_requested) == (OrderStatus.PAID, False)


async def test_one_order_that_cannot_be_settled_delays_no_other(sweep, an_order, orders, payments):
    stuck, other = await an_order(payment_window=LATE_INTERVAL), await an_order(payment_window=LATE_INTERVAL)
    void = payments.void

    async def away_for_one(order_id):
        if order_id == stuck.id:
            raise Unavailable
        await void(order_id)

    payments.void = away_for_one
    await sweep()

    assert (await orders.find(stuck.id)).status is OrderStatus.CREATED
    assert (await orders.find(other.id)).status is OrderStatus.CANCELLED


@pytest.mark.parametrize(
    "error",
    [UndeclaredProblem(401, {"type": "/problems/unauthorized"}), ZeroDivisionError("a bug")],
    ids=["refused as a stranger", "a bug"],
)
async def test_one_order_whose_neighbour_always_answers_badly_keeps_twenty_others_neither_waiting_nor_open(
    sweep, an_order, orders, payments, read_outbox_types, error
):
    stuck, *others = [await an_order(payment_window=LATE_INTERVAL) for _ in range(21)]
    void = payments.void

    async def bad_for_one(order_id):
        if order_id == stuck.id:
            raise error
        await void(order_id)

    payments.void = bad_for_one
    await sweep()

    assert (await orders.find(stuck.id)).status is OrderStatus.CREATED
    assert {(await orders.find(order.id)).status for order in others} == {OrderStatus.CANCELLED}
    assert await read_outbox_types() == ["order.cancelled not-paid-in-time"] * 20


async def test_an_order_that_cannot_be_settled_is_tried_again_after_a_pause_that_grows_and_settles_when_it_can(
    sweep, an_order, database, orders, payments
):
    order, payments.trouble = await an_order(payment_window=LATE_INTERVAL), Unavailable()
    pauses = []
    for _ in range(8):
        await sweep()
        (row,) = await database.fetch_all(PAUSES)
        pauses.append(row["pause"])
        assert await orders.list_overdue_ids() == []
        await database.execute(END_POSTPONEMENTS)

    assert all(0.7 * 2**tries < pause < 1.3 * 2**tries for tries, pause in enumerate(pauses[:6]))
    assert all(45 < pause < 73 for pause in pauses[6:])
    payments.trouble = None
    await sweep()

    assert (await orders.find(order.id)).status is OrderStatus.CANCELLED
    assert [row["sweep_failures"] for row in await database.fetch_all(PAUSES)] == [0]


async def test_neighbours_that_hang_are_waited_for_side_by_side_and_keep_no_other_kind_of_order_waiting(
    sweep, an_order, orders, payments
):
    waiting, answered = set(), asyncio.Event()

    async def hangs(order_id):
        waiting.add(order_id)
        await answered.wait()

    payments.void = hangs
    hanging = [await an_order(payment_window=LATE_INTERVAL) for _ in range(7)]
    abandoned = await an_order(OrderStatus.PENDING)
    round_of_the_sweeper = asyncio.create_task(sweep())

    await eventually(lambda: waiting == {order.id for order in hanging})
    await eventually(lambda: _is_rejected(orders, abandoned))
    answered.set()
    await round_of_the_sweeper


async def _is_rejected(orders, order):
    return (await orders.find(order.id)).status is OrderStatus.REJECTED


async def test_a_sweeper_that_is_told_to_stop_begins_no_other_order(sweeper, an_order, payments):
    for _ in range(3 * module.CONCURRENCY):
        await an_order(payment_window=LATE_INTERVAL)
    stopping = asyncio.Event()
    stopping.set()

    await sweeper.run_once(stopping)

    assert len(payments.state) == module.CONCURRENCY


async def test_a_payment_whose_stock_cannot_be_had_at_first_is_completed_by_the_sweeper(
    sweep, subscribers, an_order, orders, inventory, database
):
    order, inventory.trouble = (
        await an_order(payment_window=LATE_INTERVAL),
        UndeclaredProblem(400, {"type": "/problems/invalid-request"}),
    )
    await deliver(subscribers, succeeded(order.id))

    await sweep()
    assert (await orders.find(order.id)).status is OrderStatus.CREATED
    inventory.trouble = None
    await database.execute(END_POSTPONEMENTS)
    await sweep()
    await sweep()

    assert (await orders.find(order.id)).status is OrderStatus.PAID
    assert inventory.state == {order.id: "committed"}


async def test_an_order_cancelled_while_its_payment_waits_for_its_stock_stays_cancelled(
    sweep, subscribers, cancellation, an_order, orders, inventory, payments, read_outbox_types
):
    order, inventory.trouble = await an_order(), Unavailable()
    payments.state[order.id] = "succeeded"
    await deliver(subscribers, succeeded(order.id))

    await cancellation.request(order.id)
    inventory.trouble = None
    await sweep()

    assert (await orders.find(order.id)).status is OrderStatus.CANCELLED
    assert await read_outbox_types() == ["order.cancelled requested"]
    assert inventory.state == {}


async def test_dispatching_and_cancelling_are_decided_by_the_shipment(cancellation, an_order, shipments, orders):
    order = await an_order(OrderStatus.PAID)
    shipments.state[order.id] = "dispatched"

    with pytest.raises(AlreadyDispatched):
        await cancellation.request(order.id)

    assert (await orders.find(order.id)).status is OrderStatus.PAID
