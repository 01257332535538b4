"""What Prometheus is told of what the provider has not decided or done yet."""

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


OPEN_ATTEMPTS_GAUGE = GaugeSpec("payment_attempts_open", "Attempts to pay that the provider has not decided.")
OLDEST_OPEN_ATTEMPT_GAUGE = GaugeSpec(
    "payment_attempt_oldest_seconds", "How long ago the oldest attempt was begun that is not decided."
)


def open_attempts_collector(database: Database) -> Collector:
    async def collect() -> tuple[float, float]:
        row = await database.fetch_one(statements.COUNT_OPEN_ATTEMPTS)
        return (row["open"], row["oldest_seconds"]) if row else (0, 0)

    return Collector(collect, OPEN_ATTEMPTS_GAUGE, OLDEST_OPEN_ATTEMPT_GAUGE)
