"""What Prometheus is told of the money that is to go back."""

from chassis.data.database import Database
from chassis.runtime.metrics import Collector, GaugeSpec
from generated.statements import payment as statements

OPEN_REFUNDS_GAUGE = GaugeSpec("payment_refunds_open", "Refunds that the provider has not confirmed yet.")
OLDEST_OPEN_REFUND_GAUGE = GaugeSpec(
    "payment_refund_oldest_seconds", "How long ago the oldest refund was asked for that is not confirmed."
)


def open_refunds_collector(database: Database) -> Collector:
    async def collect() -> tuple[float, float]:
        row = await database.fetch_one(statements.COUNT_OPEN_REFUNDS)
        return (row["open"], row["oldest_seconds"]) if row else (0, 0)

    return Collector(collect, OPEN_REFUNDS_GAUGE, OLDEST_OPEN_REFUND_GAUGE)
