"""What Prometheus is told of the orders that are on their way."""

import sqlalchemy as sa

from chassis.data.database import Database
from chassis.data.statement import Statement
from chassis.runtime.metrics import Collector, GaugeSpec
from generated.states import OrderStatus
from services.order.tables import orders

UNSETTLED_ORDERS_GAUGE = GaugeSpec("orders_unsettled", "Orders that are neither settled nor rejected.", ("state",))
POSTPONED_ORDERS_GAUGE = GaugeSpec(
    "orders_postponed",
    "Orders that could not be brought to an end when it was last tried, and wait for the next try.",
)
OVERDUE_ORDERS_GAUGE = GaugeSpec("orders_overdue", "Orders that are not paid though their deadline is over.")
COUNT_UNSETTLED_ORDERS = Statement(
    sa.select(
        sa.func.count().filter(orders.c.status == OrderStatus.PENDING.value).label("pending"),
        sa.func.count().filter(orders.c.status == OrderStatus.CREATED.value).label("created"),
        sa.func.count()
        .filter(orders.c.status == OrderStatus.CREATED.value, orders.c.pay_by < sa.func.now())
        .label("overdue"),
    ).where(
        sa.text("status IN ('PENDING', 'CREATED')")  # in the words of the partial index (a prepared statement, too)
    )
)
_waits_for_another_try = sa.text("sweep_failures > 0")
COUNT_POSTPONED_ORDERS = Statement(
    sa.select(sa.func.count().label("postponed")).select_from(orders).where(_waits_for_another_try)
)
COUNT_CANCELLATIONS_REQUESTED = Statement(
    sa.select(sa.func.count().label("cancelling")).where(orders.c.cancelling_since.is_not(None))
)


def unsettled_orders_collector(database: Database) -> Collector:
    """How many wait for what; an order to be cancelled is counted as that, and by its status."""

    async def collect() -> tuple[dict[tuple[str, ...], float], int, int]:
        waiting = await database.fetch_one(COUNT_UNSETTLED_ORDERS)
        requested = await database.fetch_one(COUNT_CANCELLATIONS_REQUESTED)
        postponed = await database.fetch_one(COUNT_POSTPONED_ORDERS)
        if waiting is None or requested is None or postponed is None:
            return {}, 0, 0
        states = {"PENDING": waiting["pending"], "CREATED": waiting["created"], "CANCELLING": requested["cancelling"]}
        return {(state,): number for state, number in states.items()}, waiting["overdue"], postponed["postponed"]

    return Collector(collect, UNSETTLED_ORDERS_GAUGE, OVERDUE_ORDERS_GAUGE, POSTPONED_ORDERS_GAUGE)
