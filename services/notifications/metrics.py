"""Prometheus metrics of the queue of mails."""

from chassis.data.database import Database
from chassis.runtime.metrics import Collector, GaugeSpec
from generated.statements import notifications as statements

QUEUED_MAILS_GAUGE = GaugeSpec("mails_queued", "Mails that are not sent yet.")
OLDEST_QUEUED_MAIL_AGE_GAUGE = GaugeSpec(
    "mails_oldest_queued_age_seconds", "How long ago the oldest of them was queued."
)


def queued_mails_collector(database: Database) -> Collector:
    """Collects the number of queued mails, and the age of the oldest in seconds."""

    async def collect() -> tuple[int, float]:
        row = await database.fetch_one(statements.COUNT_QUEUED_MAILS)
        return (row["queued"], row["age"]) if row else (0, 0.0)

    return Collector(collect, QUEUED_MAILS_GAUGE, OLDEST_QUEUED_MAIL_AGE_GAUGE)
