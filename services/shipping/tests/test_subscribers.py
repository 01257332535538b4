"""The news the shipping service hears: once, twice, too late, in any order, and of orders it never met."""

import asyncio
from dataclasses import replace
from itertools import permutations
from uuid import UUID

import msgspec
import pytest

from chassis.events.delivery import Delivery
from chassis.events.messages import InvalidMessage, MessageContract
from chassis.events.subscriptions import build_subscriptions
from chassis.testing.deliveries import make_record
from generated.events import OrderCancelledData, PaymentSucceededData, order_cancelled, payment_succeeded
from generated.states import ShipmentStatus
from services import EVENT_CONTRACTS_FOLDER
from services.money import Money
from services.shipping.domain import Label, Recipient
from services.shipping.errors import OrderCancelled
from tests.accounts import ASHA

pytestmark = pytest.mark.both_ways

MESSAGES = EVENT_CONTRACTS_FOLDER / "shipping.yaml"

ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")
QUAY = Recipient(ASHA.id, ASHA.email, "12 Quay Street", None, "Galway", "IE", "H91 XY00")
FOR_ASHA = {"order_id": ORDER, "user_id": ASHA.id, "user_email": ASHA.email}
PAYMENT = PaymentSucceededData(amount_cents=25998, currency="EUR", provider="mock", payment_id=UUID(int=1))
PAID = payment_succeeded(**FOR_ASHA, data=PAYMENT)
AMOUNT = Money(PAYMENT.amount_cents, PAYMENT.currency)
OTHER_AMOUNTS = pytest.mark.parametrize(
    "changed", [{"amount_cents": 25997}, {"currency": "USD"}], ids=["amount", "currency"]
)
CANCELLED = order_cancelled(**FOR_ASHA, data=OrderCancelledData(reason="requested"))


@pytest.fixture
def draft(shipment_service):
    """What the draft operation does."""

    async def draft(order=ORDER):
        await shipment_service.create_draft(order, QUAY, AMOUNT)

    return draft


@pytest.fixture
def deliver_event(subscribers):
    """Hear news as they come off Kafka: as bytes, by the contract."""
    messages = MessageContract.load(MESSAGES)
    subscribed = build_subscriptions(messages, subscribers)

    async def deliver_event(news):
        delivery = Delivery.decode(make_record(msgspec.json.encode(news.event), news.topic), messages)
        await subscribed[delivery.operation](delivery)

    return deliver_event


async def test_a_payment_makes_the_shipment_ready_and_is_published_once(
    deliver_event, draft, shipments, read_outbox_types
):
    await draft()

    await deliver_event(PAID)
    await deliver_event(PAID)

    assert (await shipments.find_by_order(ORDER)).status is ShipmentStatus.READY_TO_SHIP
    assert await read_outbox_types() == ["shipping.ready"]


async def test_the_same_event_from_two_consumers_at_once_counts_once(deliver_event, draft, read_outbox_types):
    await draft()

    await asyncio.gather(*(deliver_event(PAID) for _ in range(8)))

    assert await read_outbox_types() == ["shipping.ready"]


async def test_another_payment_of_the_same_order_is_not_published_again(deliver_event, draft, read_outbox_types):
    await draft()

    await deliver_event(PAID)
    await deliver_event(payment_succeeded(**FOR_ASHA, data=PAYMENT))

    assert await read_outbox_types() == ["shipping.ready"]


async def test_a_payment_received_before_the_draft_is_published_at_the_draft(
    deliver_event, draft, shipments, read_outbox_types
):
    await deliver_event(PAID)
    told_early = await read_outbox_types()

    await deliver_event(PAID)
    await draft()
    await deliver_event(PAID)

    assert told_early == []
    assert (await shipments.find_by_order(ORDER)).status is ShipmentStatus.READY_TO_SHIP
    assert await read_outbox_types() == ["shipping.ready"]


async def test_a_payment_and_the_draft_at_once_publish_it_once(deliver_event, draft, shipments, read_outbox_types):
    orders = [UUID(int=round_) for round_ in range(1, 11)]

    for order in orders:
        paid = payment_succeeded(**{**FOR_ASHA, "order_id": order}, data=PAYMENT)
        await asyncio.gather(deliver_event(paid), draft(order))

    assert {(await shipments.find_by_order(order)).status for order in orders} == {ShipmentStatus.READY_TO_SHIP}
    assert await read_outbox_types() == ["shipping.ready"] * len(orders)


def payment_of_other_amount(**changed):
    """The news of the payment as it is when it says something else."""
    event = msgspec.structs.replace(PAID.event, data=msgspec.structs.replace(PAYMENT, **changed))
    return replace(PAID, event=event)


@OTHER_AMOUNTS
async def test_a_payment_of_another_amount_leaves_the_shipment_unready_and_raises(
    deliver_event, draft, shipments, read_outbox_types, changed
):
    await draft()
    before = await shipments.find_by_order(ORDER)

    for _ in range(2):
        with pytest.raises(InvalidMessage, match=r"its order is of 259\.98 EUR"):
            await deliver_event(payment_of_other_amount(**changed))

    assert await shipments.find_by_order(ORDER) == before
    assert await read_outbox_types() == []


async def test_a_payment_of_another_amount_still_counts_once_it_was_put_right(
    deliver_event, draft, shipments, read_outbox_types
):
    await draft()
    with pytest.raises(InvalidMessage):
        await deliver_event(payment_of_other_amount(amount_cents=1))

    await deliver_event(PAID)
    await deliver_event(PAID)

    assert (await shipments.find_by_order(ORDER)).status is ShipmentStatus.READY_TO_SHIP
    assert await read_outbox_types() == ["shipping.ready"]


@OTHER_AMOUNTS
async def test_a_payment_of_another_amount_does_not_count_at_a_later_draft_either(
    deliver_event, draft, shipments, read_outbox_types, changed
):
    await deliver_event(payment_of_other_amount(**changed))

    await draft()

    shipment = await shipments.find_by_order(ORDER)
    assert (shipment.status, shipment.amount) == (ShipmentStatus.PENDING_PAYMENT, AMOUNT)
    assert await read_outbox_types() == []


@pytest.mark.parametrize("drafted", ["before", "after"])
async def test_another_payment_puts_right_what_was_paid_before_the_draft(
    deliver_event, draft, shipments, read_outbox_types, drafted
):
    await deliver_event(payment_succeeded(**FOR_ASHA, data=msgspec.structs.replace(PAYMENT, amount_cents=1)))
    if drafted == "before":
        await draft()

    await deliver_event(PAID)
    await draft()

    assert (await shipments.find_by_order(ORDER)).status is ShipmentStatus.READY_TO_SHIP
    assert await read_outbox_types() == ["shipping.ready"]


async def test_the_amount_of_a_shipment_of_the_first_version_is_not_compared(
    deliver_event, draft, shipments, unit_of_work, read_outbox_types
):
    await draft()
    async with unit_of_work() as work:
        shipment = await work.shipments.lock_or_create(ORDER)
        shipment.amount = None
        await work.shipments.save(shipment)
    await draft()

    await deliver_event(payment_of_other_amount(amount_cents=1))

    assert (await shipments.find_by_order(ORDER)).status is ShipmentStatus.READY_TO_SHIP
    assert await read_outbox_types() == ["shipping.ready"]


@pytest.mark.parametrize("paid", [False, True], ids=["unpaid", "paid"])
async def test_a_cancelled_order_cancels_its_shipment(deliver_event, draft, shipments, paid):
    await draft()
    if paid:
        await deliver_event(PAID)

    await deliver_event(CANCELLED)
    await deliver_event(CANCELLED)

    assert (await shipments.find_by_order(ORDER)).status is ShipmentStatus.CANCELLED


async def test_a_payment_of_a_cancelled_order_is_too_late(deliver_event, draft, shipments, read_outbox_types):
    await draft()
    await deliver_event(CANCELLED)

    await deliver_event(PAID)

    assert (await shipments.find_by_order(ORDER)).status is ShipmentStatus.CANCELLED
    assert await read_outbox_types() == []


async def test_an_order_cancelled_before_its_draft_is_never_drafted(deliver_event, draft, shipments):
    await deliver_event(CANCELLED)

    with pytest.raises(OrderCancelled):
        await draft()

    shipment = await shipments.find_by_order(ORDER)
    assert (shipment.status, shipment.recipient) == (ShipmentStatus.CANCELLED, None)


async def test_no_event_reverts_a_dispatched_shipment(deliver_event, draft, shipments, unit_of_work):
    await draft()
    await deliver_event(PAID)
    async with unit_of_work() as work:
        shipment = await work.shipments.lock_or_create(ORDER)
        shipment.dispatch(Label("An Post", "AP123456789IE"))
        await work.shipments.save(shipment)

    await deliver_event(CANCELLED)
    await deliver_event(payment_succeeded(**FOR_ASHA, data=PAYMENT))

    assert (await shipments.find_by_order(ORDER)).status is ShipmentStatus.DISPATCHED


@pytest.mark.parametrize("order", list(permutations(["draft", "paid", "cancelled"])), ids=" ".join)
async def test_in_whatever_order_events_arrive_a_cancelled_order_is_not_dispatched(
    deliver_event, draft, shipments, read_outbox_types, order
):
    for step in order:
        try:
            await (draft() if step == "draft" else deliver_event(PAID if step == "paid" else CANCELLED))
        except OrderCancelled:
            assert order.index("cancelled") < order.index("draft")

    assert (await shipments.find_by_order(ORDER)).status is ShipmentStatus.CANCELLED
    assert await read_outbox_types() == (["shipping.ready"] if order[2] == "cancelled" else [])
