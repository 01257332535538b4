"""One method per message the catalog service receives, under its operation in asyncapi/catalog.yaml."""

from chassis.events.delivery import Delivery
from generated.events import OrderCancelled
from services.catalog.domain import Reservation
from services.catalog.ports import UnitOfWorkFactory


class CatalogSubscribers:
    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self._unit_of_work = unit_of_work

    async def on_order_cancelled(self, event: OrderCancelled, delivery: Delivery) -> None:
        """Let go what is held, take back what was sold, and remember an order that was not met yet."""
        async with self._unit_of_work() as work:
            if not await work.is_first_delivery(delivery):
                return
            reservation = await work.reservations.find_or_add(Reservation.tombstone(event.order_id))
            if move := reservation.cancel():
                await work.reservations.save(reservation)
                await work.stock.move(reservation.pieces, move)
