"""What order hears, and what it needs of it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from chassis.data.statement import Statement
from chassis.events.tables import INBOX
from generated.states import ChangeStatus, OrderStatus
from services.order.repository import OrderHistory
from services.order.tables import deleted_accounts
from services.order.tests.conftest import LAMP
from tests.accounts import ASHA
from tests.pacts.matchers import ExactValue

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


async def test_a_change_becomes_paid_back(
    message_consumer, empty_database_for, database, orders, unit_of_work, order, subscribers
):
    change_id = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a101")

    async def paid_back(hear):
        empty_database_for("order")
        order.status, order.changes = OrderStatus.PAID, ()
        order.request_partial_cancellation(change_id, {LAMP: 1}, datetime.now(UTC))
        order.agree_to_change(change_id)
        async with unit_of_work() as work:
            await work.orders.add(order)
            await work.orders.save(order)
        await hear(subscribers)
        seen = [row["event_id"] for row in await database.fetch_all(SEEN)]
        return (await orders.find(order.id)).changes[0].status, seen

    status, _ = await message_consumer(
        "payment.refunded", {**MONEY, "amount_cents": ExactValue(12999), "refund_id": change_id}, paid_back
    )

    assert status is ChangeStatus.PAID_BACK


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
