"""What shipping hears, and what it needs of it."""

from uuid import UUID

import pytest

from chassis.data.statement import Statement
from chassis.events.tables import INBOX
from generated.states import ShipmentStatus
from services.money import Money
from services.shipping.domain import Recipient
from tests.accounts import ASHA
from tests.pacts.matchers import one_of
from tests.pacts.message_consumer import ORDER

SEEN = Statement(INBOX.select())
QUAY = Recipient(ASHA.id, ASHA.email, "12 Quay Street", None, "Galway", "IE", "H91 XY00")


@pytest.fixture
def becomes(empty_database_for, database, unit_of_work, shipments, subscribers, read_outbox_types):
    """What becomes of a drafted parcel, and what is published, by what is heard."""

    async def becomes(hear):
        empty_database_for("shipping")
        async with unit_of_work() as work:
            shipment = await work.shipments.lock_or_create(ORDER)
            shipment.draft(QUAY, Money(25998, "EUR"))
            await work.shipments.save(shipment)
        await hear(subscribers)
        seen = [row["event_id"] for row in await database.fetch_all(SEEN)]
        return (await shipments.find_by_order(ORDER)).status, await read_outbox_types(), seen

    return becomes


async def test_a_parcel_is_ready_once_its_order_is_paid(message_consumer, becomes):
    money = {"amount_cents": 25998, "currency": "EUR", "provider": "mock", "payment_id": UUID(int=7)}

    status, told, _ = await message_consumer("payment.succeeded", money, becomes)

    assert (status, told) == (ShipmentStatus.READY_TO_SHIP, ["shipping.ready"])


async def test_the_parcel_of_a_cancelled_order_does_not_leave(message_consumer, becomes):
    reasons = one_of("requested", "not-paid-in-time", "rejected", "given-up")

    status, told, _ = await message_consumer("order.cancelled", {"reason": reasons}, becomes)

    assert (status, told) == (ShipmentStatus.CANCELLED, [])
