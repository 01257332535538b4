"""Prometheus metrics of the queue of mails."""

import sqlalchemy as sa

from chassis.data.database import Database
from chassis.data.statement import Statement, seconds_since
from chassis.runtime.metrics import Collector, GaugeSpec
from services.notifications.tables import mails

QUEUED_MAILS = GaugeSpec("mails_queued", "Mails that are not sent yet.")
OLDEST_AGE = GaugeSpec("mails_oldest_queued_age_seconds", "How long ago the oldest of them was queued.")
SELECT_QUEUED = Statement(
    sa.select(sa.func.count().label("queued"), seconds_since(sa.func.min(mails.c.queued_at)).label("age")).where(
        sa.text("status = 'QUEUED'")  # in the words of the partial index, or a prepared statement cannot use it
    )
)


def queued_mails_collector(database: Database) -> Collector:
    """Collects the number of queued mails, and the age of the oldest in seconds."""

    async def collect() -> tuple[int, float]:
        row = await database.fetch_one(SELECT_QUEUED)
        return (row["queued"], row["age"]) if row else (0, 0.0)

    return Collector(collect, QUEUED_MAILS, OLDEST_AGE)
