"""What Prometheus is told of the mails that wait."""

import sqlalchemy as sa

from services.chassis.database import Database
from services.chassis.metrics import Figure, Look
from services.chassis.statement import Statement, seconds_since
from services.notifications.tables import mails

MAILS = Figure("shop_mails_queued", "Mails that are not sent yet.")
OLDEST = Figure("shop_mails_oldest_queued_age_seconds", "How long ago the oldest of them was queued.")
QUEUED = Statement(
    sa.select(sa.func.count().label("queued"), seconds_since(sa.func.min(mails.c.queued_at)).label("age")).where(
        sa.text("status = 'QUEUED'")  # in the words of the partial index, or a prepared statement cannot use it
    )
)


def queued(database: Database) -> Look:
    """How many wait, and how long the oldest has."""

    async def see() -> tuple[int, float]:
        row = await database.fetch_one(QUEUED)
        return (row["queued"], row["age"]) if row else (0, 0.0)

    return Look(see, MAILS, OLDEST)
