"""What catalog hears, and what it needs of it."""

from chassis.data.statement import Statement
from chassis.events.inbox import INBOX
from generated.models.catalog import ReservationRequest, ReservedLine
from services.catalog.handlers import InventoryHandlers
from services.catalog.tests.conftest import LAMP, WALNUT
from tests.pacts.matchers import one_of
from tests.pacts.message_consumer import ORDER

SEEN = Statement(INBOX.select())


async def test_what_was_held_for_an_order_is_let_go(
    message_consumer, empty_database_for, database, offer, stock_repository, unit_of_work, subscribers, counted
):
    async def releasing(hear):
        empty_database_for("catalog")
        await offer(WALNUT, in_stock=5)
        wanted = [ReservedLine(product_id=LAMP, qty=2)]
        await InventoryHandlers(stock_repository, unit_of_work).reserve_stock(
            ReservationRequest(order_id=ORDER, items=wanted)
        )
        await hear(subscribers)
        return await counted(), [row["event_id"] for row in await database.fetch_all(SEEN)]

    reasons = one_of("requested", "not-paid-in-time", "rejected", "given-up")
    stock, _ = await message_consumer("order.cancelled", {"reason": reasons}, releasing)

    assert stock == (5, 0)
