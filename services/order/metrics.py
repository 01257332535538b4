"""What Prometheus is told of the orders that are on their way."""

from chassis.data.database import Database
from chassis.runtime.metrics import Collector, GaugeSpec
from generated.statements import order as statements

UNSETTLED_ORDERS_GAUGE = GaugeSpec("orders_unsettled", "Orders that are neither settled nor rejected.", ("state",))
POSTPONED_ORDERS_GAUGE = GaugeSpec(
    "orders_postponed",
    "Orders that could not be brought to an end when it was last tried, and wait for the next try.",
)
OVERDUE_ORDERS_GAUGE = GaugeSpec("orders_overdue", "Orders that are not paid though their deadline is over.")


def unsettled_orders_collector(database: Database) -> Collector:
    """How many wait for what; an order to be cancelled, or a part of one, is counted as that, and by its status."""

    async def collect() -> tuple[dict[tuple[str, ...], float], int, int]:
        waiting = await database.fetch_one(statements.COUNT_UNSETTLED_ORDERS)
        requested = await database.fetch_one(statements.COUNT_CANCELLATIONS_REQUESTED)
        intended = await database.fetch_one(statements.COUNT_CHANGES_INTENDED)
        postponed = await database.fetch_one(statements.COUNT_POSTPONED_ORDERS)
        if waiting is None or requested is None or intended is None or postponed is None:
            return {}, 0, 0
        states = {
            "PENDING": waiting["pending"],
            "CREATED": waiting["created"],
            "CANCELLING": requested["cancelling"],
            "REDUCING": intended["reducing"],
        }
        return {(state,): number for state, number in states.items()}, waiting["overdue"], postponed["postponed"]

    return Collector(collect, UNSETTLED_ORDERS_GAUGE, OVERDUE_ORDERS_GAUGE, POSTPONED_ORDERS_GAUGE)
