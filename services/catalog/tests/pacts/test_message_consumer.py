"""What catalog hears, and what it needs of it."""

from chassis.data.statement import Statement
from chassis.events.tables import INBOX
from services.catalog.domain import Line
from services.catalog.tests.conftest import LAMP, WALNUT
from tests.pacts.matchers import one_of
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
