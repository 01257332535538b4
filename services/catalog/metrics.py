"""What Prometheus is told of the stock that is kept aside, and of pictures that cannot be removed."""

from chassis.data.database import Database
from chassis.runtime.metrics import Collector, GaugeSpec
from generated.statements import catalog as statements

HELD_RESERVATIONS_GAUGE = GaugeSpec("reservations_held", "Reservations that keep stock aside and are not settled.")
OLDEST_RESERVATION_AGE_GAUGE = GaugeSpec("reservations_oldest_age_seconds", "How long ago the oldest of them was made.")
UNREMOVABLE_IMAGES_GAUGE = GaugeSpec(
    "unremovable_images", "Pictures without an image that the image store did not remove when it was last asked."
)


def held_reservations_collector(database: Database) -> Collector:
    """How much waits for its order to be paid or cancelled."""

    async def see() -> tuple[int, float]:
        row = await database.fetch_one(statements.COUNT_HELD_RESERVATIONS)
        return (row["held"], row["age"]) if row else (0, 0.0)

    return Collector(see, HELD_RESERVATIONS_GAUGE, OLDEST_RESERVATION_AGE_GAUGE)


def unremovable_images_collector(database: Database) -> Collector:
    """How many pictures wait to be tried again."""

    async def count() -> tuple[int]:
        row = await database.fetch_one(statements.COUNT_UNREMOVABLE_IMAGES)
        return (row["postponed"] if row else 0,)

    return Collector(count, UNREMOVABLE_IMAGES_GAUGE)
