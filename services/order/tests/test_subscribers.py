"""The news the order service hears: once, twice, too late, and of orders it never made."""

from uuid import UUID

import msgspec
import pytest

from chassis.events.messages import InvalidMessage
from chassis.testing.deliveries import deliver
from chassis.web.http_client import UndeclaredProblem
from chassis.web.problems import Unavailable
from generated.clients.catalog import ReservationNotFound
from generated.events import (
    PaymentRefundedData,
    PaymentSucceededData,
    payment_refunded,
    payment_succeeded,
)
from generated.states import OrderStatus
from services.order.errors import OrderNotFound
from tests.accounts import ASHA

pytestmark = pytest.mark.both_ways

PAID = {"amount_cents": 25998, "currency": "EUR", "provider": "mock", "payment_id": UUID(int=7)}


def succeeded(order_id, **changed):
    data = PaymentSucceededData(**{**PAID, **changed})
    return payment_succeeded(order_id=order_id, user_id=ASHA.id, user_email=ASHA.email, data=data).event


def refunded(order_id, **changed):
    data = PaymentRefundedData(**{**PAID, **changed})
    return payment_refunded(order_id=order_id, user_id=ASHA.id, user_email=ASHA.email, data=data).event


async def test_a_payment_makes_the_order_paid_and_its_stock_sold(subscribers, an_order, orders, inventory):
    order = await an_order()

    await deliver(subscribers, succeeded(order.id))

    assert (await orders.find(order.id)).status is OrderStatus.PAID
    assert inventory.state == {order.id: "committed"}


async def test_a_payment_received_twice_counts_once(subscribers, an_order, orders, inventory):
    order, commits = await an_order(), []
    commit = inventory.commit

    async def counted(order_id):
        commits.append(order_id)
        await commit(order_id)

    inventory.commit = counted
    news = succeeded(order.id)
    await deliver(subscribers, news)
    await deliver(subscribers, news)

    assert (await orders.find(order.id)).status is OrderStatus.PAID
    assert commits == [order.id]


async def test_a_crash_between_committing_the_stock_and_storing_it_is_recovered_by_the_next_delivery(
    subscribers, an_order, orders, inventory
):
    order = await an_order()
    await inventory.commit(order.id)

    await deliver(subscribers, succeeded(order.id))

    assert (await orders.find(order.id)).status is OrderStatus.PAID


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.REFUNDED])
async def test_a_payment_after_the_cancellation_changes_nothing(subscribers, an_order, orders, inventory, status):
    order = await an_order(status)

    await deliver(subscribers, succeeded(order.id))

    assert (await orders.find(order.id)).status is status
    assert inventory.state == {}


async def test_an_order_cancelled_while_its_stock_is_asked_for_stays_cancelled(
    subscribers, an_order, orders, inventory, cancellation, payments, shipments
):
    order = await an_order()
    payments.state[order.id] = "succeeded"

    async def overtaken(order_id):
        await cancellation.request(order_id)

    inventory.commit = overtaken
    await deliver(subscribers, succeeded(order.id))

    assert (await orders.find(order.id)).status is OrderStatus.CANCELLED


@pytest.mark.parametrize(
    "away",
    [
        Unavailable(),
        UndeclaredProblem(401, {"type": "/problems/unauthorized"}),
        ReservationNotFound(404, {}),
        KeyError(),
    ],
    ids=["away", "refuses us as strangers", "knows of no reservation", "a bug of ours"],
)
async def test_a_payment_whose_stock_cannot_be_had_is_noted_and_other_orders_are_paid(
    subscribers, an_order, orders, inventory, away
):
    waiting, other = await an_order(), await an_order()
    inventory.trouble = away
    await deliver(subscribers, succeeded(waiting.id))
    inventory.trouble = None
    await deliver(subscribers, succeeded(other.id))

    assert (await orders.find(waiting.id)).status is OrderStatus.CREATED
    assert await orders.list_payment_received() == [waiting.id]
    assert (await orders.find(other.id)).status is OrderStatus.PAID


async def test_a_payment_for_an_unknown_order_raises(subscribers):
    with pytest.raises(OrderNotFound):
        await deliver(subscribers, succeeded(UUID(int=9)))


OTHER_AMOUNTS = pytest.mark.parametrize(
    "changed",
    [{"amount_cents": 25997}, {"amount_cents": 25999}, {"amount_cents": 0}, {"currency": "USD"}],
    ids=["a cent less", "a cent more", "nothing", "another currency"],
)


@OTHER_AMOUNTS
async def test_a_payment_of_another_amount_leaves_the_order_unpaid_and_raises(
    subscribers, an_order, orders, inventory, changed
):
    order = await an_order()

    with pytest.raises(InvalidMessage, match=r"order \S+ of 259\.98 EUR"):
        await deliver(subscribers, succeeded(order.id, **changed))

    assert (await orders.find(order.id)).status is OrderStatus.CREATED
    assert inventory.state == {}


@OTHER_AMOUNTS
async def test_a_refund_of_another_amount_changes_nothing_and_raises(subscribers, an_order, orders, changed):
    order = await an_order(OrderStatus.CANCELLED)

    with pytest.raises(InvalidMessage, match=r"order \S+ of 259\.98 EUR"):
        await deliver(subscribers, refunded(order.id, **changed))

    assert (await orders.find(order.id)).status is OrderStatus.CANCELLED


async def test_a_payment_of_another_amount_still_counts_once_it_was_put_right(subscribers, an_order, orders):
    order = await an_order()
    event = succeeded(order.id)
    wrong = msgspec.structs.replace(event, data=msgspec.structs.replace(event.data, amount_cents=1))
    with pytest.raises(InvalidMessage):
        await deliver(subscribers, wrong)

    await deliver(subscribers, event)

    assert (await orders.find(order.id)).status is OrderStatus.PAID


async def test_a_refund_ends_a_cancelled_order_once(subscribers, an_order, orders):
    order, news = await an_order(OrderStatus.CANCELLED), None
    news = refunded(order.id)

    await deliver(subscribers, news)
    await deliver(subscribers, news)

    assert (await orders.find(order.id)).status is OrderStatus.REFUNDED


async def test_a_refund_of_an_unknown_order_raises(subscribers):
    with pytest.raises(OrderNotFound):
        await deliver(subscribers, refunded(UUID(int=9)))
