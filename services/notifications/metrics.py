"""Prometheus metrics of the queue of mails."""

import sqlalchemy as sa

from chassis.data.database import Database
from chassis.data.statement import Statement, seconds_since
from chassis.runtime.metrics import Collector, GaugeSpec
from services.notifications.tables import mails

QUEUED_MAILS_GAUGE = GaugeSpec("mails_queued", "Mails that are not sent yet.")
OLDEST_QUEUED_MAIL_AGE_GAUGE = GaugeSpec(
    "mails_oldest_queued_age_seconds", "How long ago the oldest of them was queued."
)
COUNT_QUEUED_MAILS = Statement(
    sa.select(sa.func.count().label("queued"), seconds_since(sa.func.min(mails.c.queued_at)).label("age")).where(
        sa.text("status = 'QUEUED'")  # in the words of the partial index, or a prepared statement cannot use it
    )
)


def queued_mails_collector(database: Database) -> Collector:
    """Collects the number of queued mails, and the age of the oldest in seconds."""

    async def collect() -> tuple[int, float]:
        row = await database.fetch_one(COUNT_QUEUED_MAILS)
        return (row["queued"], row["age"]) if row else (0, 0.0)

    return Collector(collect, QUEUED_MAILS_GAUGE, OLDEST_QUEUED_MAIL_AGE_GAUGE)
