"""What order hears, and what it needs of it."""

from uuid import UUID

import pytest

from chassis.data.statement import Statement
from chassis.events.tables import INBOX
from generated.states import OrderStatus
from services.order.repository import OrderHistory
from services.order.tables import deleted_accounts
from tests.accounts import ASHA

DELETED_ACCOUNTS = Statement(deleted_accounts.select())
SEEN = Statement(INBOX.select())
MONEY = {"amount_cents": 25998, "currency": "EUR", "provider": "mock", "payment_id": UUID(int=7)}


@pytest.fixture
def became(empty_database_for, database, orders, unit_of_work, inventory, order, subscribers):
    """What becomes of an order in that state, and of its stock, by what is heard."""

    def became(status):
        async def becoming(hear):
            empty_database_for("order")
            inventory.state.clear()
            order.status = status
            async with unit_of_work() as work:
                await work.orders.add(order)
            await hear(subscribers)
            seen = [row["event_id"] for row in await database.fetch_all(SEEN)]
            return (await orders.find(order.id)).status, dict(inventory.state), seen

        return becoming

    return became


async def test_an_order_becomes_paid_and_its_stock_is_sold(message_consumer, became, order):
    status, stock, _ = await message_consumer("payment.succeeded", MONEY, became(OrderStatus.CREATED))

    assert (status, stock) == (OrderStatus.PAID, {order.id: "committed"})


async def test_a_cancelled_order_becomes_refunded(message_consumer, became):
    status, _, _ = await message_consumer("payment.refunded", MONEY, became(OrderStatus.CANCELLED))

    assert status is OrderStatus.REFUNDED


PARCEL = {"shipment_id": UUID(int=8)}
LABEL = {"carrier": "An Post", "tracking_number": "AP123456789IE"}


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("payment.failed", {"reason": "The card was declined", "code": "card_declined"}),
        ("shipping.ready", PARCEL),
        ("shipping.dispatched", {**PARCEL, **LABEL}),
        ("shipping.corrected", {**PARCEL, **LABEL}),
        ("shipping.delivered", PARCEL),
    ],
)
async def test_what_happens_to_a_payment_and_a_parcel_is_kept_for_the_timeline(
    message_consumer, empty_database_for, database, unit_of_work, order, subscribers, kind, data
):
    async def kept(hear):
        empty_database_for("order")
        async with unit_of_work() as work:
            await work.orders.add(order)
        await hear(subscribers)
        return await OrderHistory(database).list_by_order(order.id, after=None, limit=9)

    [entry] = await message_consumer(kind, data, kept)

    assert (entry.kind, entry.facts) == (kind, {name: data[name] for name in data if name != "shipment_id"})


async def test_a_deleted_account_is_remembered(message_consumer, empty_database_for, database, subscribers):
    async def delete_account(deliver):
        empty_database_for("order")
        await deliver(subscribers)
        seen = [row["event_id"] for row in await database.fetch_all(SEEN)]
        return [row["user_id"] for row in await database.fetch_all(DELETED_ACCOUNTS)], seen

    accounts, _ = await message_consumer("account.deleted", {"email_verified": True}, delete_account)

    assert accounts == [ASHA.id]
