"""The news the payment service hears: once, twice, too late, and of orders it never met."""

from uuid import UUID

import pytest

from chassis.events.messages import InvalidMessage
from chassis.testing.deliveries import deliver
from generated.events import (
    OrderCancelledData,
    OrderCreatedData,
    OrderedLine,
    OrderReducedData,
    ReducedItem,
    order_cancelled,
    order_created,
    order_reduced,
)
from generated.states import PaymentStatus
from services.money import Money
from services.payment.repository import PaymentUnitOfWork
from tests.accounts import ASHA

pytestmark = pytest.mark.both_ways

ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")
LAMPS = OrderedLine(
    product_id=UUID(int=5), title="Walnut desk lamp", qty=2, unit_price_cents=12999, line_id=UUID(int=6)
)
FOR_ASHA = {"order_id": ORDER, "user_id": ASHA.id, "user_email": ASHA.email}
CREATED = order_created(**FOR_ASHA, data=OrderCreatedData(amount_cents=25998, currency="EUR", items=[LAMPS])).event
CANCELLED = order_cancelled(**FOR_ASHA, data=OrderCancelledData(reason="requested")).event

CHANGE = UUID(int=11)


def reduced(amount_cents=12999, currency="EUR", change_id=CHANGE):
    items = [ReducedItem(product_id=UUID(int=5), title="Walnut desk lamp", qty=1, unit_price_cents=amount_cents)]
    data = OrderReducedData(
        change_id=change_id,
        kind="cancellation",
        items=items,
        amount_cents=amount_cents,
        currency=currency,
        restock=True,
    )
    return order_reduced(**FOR_ASHA, data=data).event


FREE = order_created(**FOR_ASHA, data=OrderCreatedData(amount_cents=0, currency="EUR", items=[LAMPS])).event


@pytest.fixture
def pay(payment_service):
    async def pay():
        await payment_service.pay(ORDER, Money(25998, "EUR"), "mock_succeeds", owner=None)

    return pay


async def test_a_new_order_waits_for_its_payment(subscribers, payments):
    await deliver(subscribers, CREATED)
    await deliver(subscribers, CREATED)

    payment = await payments.find(ORDER)
    assert (payment.status, payment.due.money) == (PaymentStatus.PENDING, Money(25998, "EUR"))


async def test_cancelling_an_unpaid_order_closes_its_payment_and_pays_nothing_back(
    subscribers, payments, provider, read_outbox_types
):
    await deliver(subscribers, CREATED)

    await deliver(subscribers, CANCELLED)

    assert (await payments.find(ORDER)).status is PaymentStatus.VOIDED
    assert provider.refunds == {}
    assert await read_outbox_types() == []


async def test_cancelling_a_paid_order_pays_it_back_once(
    subscribers, payments, provider, refund_notifications, dispatch_refunds, read_outbox, pay
):
    await deliver(subscribers, CREATED)
    await pay()

    await deliver(subscribers, CANCELLED)
    await deliver(subscribers, CANCELLED)
    await dispatch_refunds()
    await dispatch_refunds()

    payment = await payments.find(ORDER)
    assert payment.status is PaymentStatus.REFUNDED
    assert provider.refunds == {ORDER: (payment.attempt.ref, Money(25998, "EUR"))}
    _, event = await read_outbox()
    assert (event["type"], event["data"]["refund_id"]) == ("payment.refunded", str(ORDER))
    assert (event["data"]["amount_cents"], event["data"]["remaining_cents"]) == (25998, 0)
    assert refund_notifications


async def test_a_free_order_is_paid_once_however_often_its_event_arrives(subscribers, payments, read_outbox_types):
    await deliver(subscribers, FREE)
    await deliver(subscribers, FREE)

    payment = await payments.find(ORDER)
    assert (payment.status, payment.due.money) == (PaymentStatus.SUCCEEDED, Money(0, "EUR"))
    assert await read_outbox_types() == ["payment.succeeded"]


async def test_an_order_that_costs_nothing_and_was_cancelled_before_its_creation_was_received_stays_unpaid(
    subscribers, payments, read_outbox_types
):
    await deliver(subscribers, CANCELLED)

    await deliver(subscribers, FREE)

    assert (await payments.find(ORDER)).status is PaymentStatus.VOIDED
    assert await read_outbox_types() == []


async def test_a_crash_before_a_free_order_is_published_as_paid_leaves_neither(
    subscribers, unit_of_work, payments, read_outbox_types, monkeypatch
):
    async def dies(work, *events):
        raise ConnectionResetError

    with monkeypatch.context() as context, pytest.raises(ConnectionResetError):
        context.setattr(PaymentUnitOfWork, "publish", dies)
        await deliver(subscribers, FREE)

    assert await payments.find(ORDER) is None
    await deliver(subscribers, FREE)
    assert (await payments.find(ORDER)).status is PaymentStatus.SUCCEEDED
    assert await read_outbox_types() == ["payment.succeeded"]


async def test_cancelling_a_free_order_calls_no_provider_and_publishes_once(
    subscribers, payments, provider, dispatch_refunds, read_outbox_types
):
    await deliver(subscribers, FREE)

    await deliver(subscribers, CANCELLED)
    await deliver(subscribers, CANCELLED)
    await dispatch_refunds()

    assert (await payments.find(ORDER)).status is PaymentStatus.REFUNDED
    assert provider.calls == 0
    assert await read_outbox_types() == ["payment.succeeded", "payment.refunded"]


async def test_an_order_cancelled_before_its_creation_was_received_stays_closed(subscribers, payments):
    await deliver(subscribers, CANCELLED)
    await deliver(subscribers, CREATED)

    assert (await payments.find(ORDER)).status is PaymentStatus.VOIDED


async def test_what_went_out_of_an_order_is_paid_back_once_and_with_its_end_only_the_rest(
    subscribers, payments, provider, dispatch_refunds, read_outbox, pay
):
    await deliver(subscribers, CREATED)
    await pay()

    await deliver(subscribers, reduced())
    await deliver(subscribers, reduced())  # told again, long after
    await deliver(subscribers, CANCELLED)
    await dispatch_refunds()

    payment = await payments.find(ORDER)
    assert payment.status is PaymentStatus.REFUNDED
    assert provider.refunds == {refund: (payment.attempt.ref, Money(12999, "EUR")) for refund in (CHANGE, ORDER)}
    _, *refunded = await read_outbox()
    told = {event["data"]["refund_id"]: event["data"]["amount_cents"] for event in refunded}
    assert told == {str(CHANGE): 12999, str(ORDER): 12999}


async def test_pieces_that_cost_nothing_are_not_paid_back(
    subscribers, payments, provider, dispatch_refunds, read_outbox_types, pay
):
    await deliver(subscribers, CREATED)
    await pay()

    await deliver(subscribers, reduced(0))
    await dispatch_refunds()

    assert (await payments.find(ORDER)).status is PaymentStatus.SUCCEEDED
    assert (provider.refunds, await read_outbox_types()) == ({}, ["payment.succeeded"])


@pytest.mark.parametrize(
    "event", [reduced(25999), reduced(currency="USD")], ids=["more than was paid", "another currency"]
)
async def test_what_was_not_paid_is_not_paid_back(subscribers, provider, dispatch_refunds, pay, event):
    await deliver(subscribers, CREATED)
    await pay()

    with pytest.raises(InvalidMessage):
        await deliver(subscribers, event)
    await dispatch_refunds()

    assert provider.refunds == {}


async def test_an_order_that_was_never_paid_pays_nothing_back(subscribers, provider, dispatch_refunds):
    with pytest.raises(InvalidMessage):
        await deliver(subscribers, reduced())
    await dispatch_refunds()

    assert provider.refunds == {}
