"""What catalog hears, and what it needs of it."""

from uuid import UUID

from chassis.data.statement import Statement
from chassis.events.tables import INBOX
from services.catalog.domain import Line
from services.catalog.tests.conftest import LAMP, WALNUT
from tests.pacts.matchers import ExactValue, one_of
from tests.pacts.message_consumer import ORDER

SEEN = Statement(INBOX.select())


async def test_what_was_held_for_an_order_is_let_go(
    message_consumer, empty_database_for, database, offer, inventory, subscribers, counted
):
    async def releasing(hear):
        empty_database_for("catalog")
        await offer(WALNUT, in_stock=5)
        await inventory.reserve(ORDER, [Line(LAMP, 2)], None)
        await hear(subscribers)
        return await counted(), [row["event_id"] for row in await database.fetch_all(SEEN)]

    reasons = one_of("requested", "not-paid-in-time", "rejected", "given-up")
    stock, _ = await message_consumer("order.cancelled", {"reason": reasons}, releasing)

    assert stock == (5, 0)


async def test_what_went_out_of_an_order_is_back_in_stock(
    message_consumer, empty_database_for, database, offer, inventory, subscribers, counted
):
    async def taking_back(hear):
        empty_database_for("catalog")
        await offer(WALNUT, in_stock=5)
        await inventory.reserve(ORDER, [Line(LAMP, 2)], None)
        await inventory.commit(ORDER)
        await hear(subscribers)
        return await counted(), [row["event_id"] for row in await database.fetch_all(SEEN)]

    item = {"product_id": LAMP, "title": "Walnut desk lamp", "qty": 1, "unit_price_cents": 12999}
    data = {
        "change_id": UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a101"),
        "kind": one_of("cancellation", "return"),
        "items": [item],
        "amount_cents": 12999,
        "currency": "EUR",
        "restock": ExactValue(True),
    }
    stock, _ = await message_consumer("order.reduced", data, taking_back)

    assert stock == (4, 0)
