"""What Prometheus is told of the orders that are on their way."""

import sqlalchemy as sa

from services.chassis.database import Database
from services.chassis.metrics import Figure, Look
from services.chassis.statement import Statement
from services.order.domain import Status
from services.order.tables import orders

ORDERS = Figure("shop_orders_unsettled", "Orders that are neither settled nor rejected.", ("state",))
LATE = Figure("shop_orders_overdue", "Orders that are not paid though their deadline is over.")
UNSETTLED = Statement(
    sa.select(
        sa.func.count().filter(orders.c.status == Status.PENDING.value).label("pending"),
        sa.func.count().filter(orders.c.status == Status.CREATED.value).label("created"),
        sa.func.count()
        .filter(orders.c.status == Status.CREATED.value, orders.c.pay_by < sa.func.now())
        .label("overdue"),
    ).where(
        sa.text("status IN ('PENDING', 'CREATED')")  # in the words of the partial index (a prepared statement, too)
    )
)
INTENDED = Statement(sa.select(sa.func.count().label("cancelling")).where(orders.c.cancelling_since.is_not(None)))


def unsettled(database: Database) -> Look:
    """How many wait for what; an order to be cancelled is counted as that, and by its status."""

    async def see() -> tuple[dict[tuple[str, ...], float], int]:
        waiting, intended = await database.fetch_one(UNSETTLED), await database.fetch_one(INTENDED)
        if waiting is None or intended is None:
            return {}, 0
        states = {"PENDING": waiting["pending"], "CREATED": waiting["created"], "CANCELLING": intended["cancelling"]}
        return {(state,): number for state, number in states.items()}, waiting["overdue"]

    return Look(see, ORDERS, LATE)
