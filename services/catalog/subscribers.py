"""One method per message the catalog service receives, under its operation in asyncapi/catalog.yaml."""

from collections import Counter
from uuid import UUID

from chassis.events.delivery import Delivery
from chassis.events.messages import InvalidMessage
from generated.events import OrderCancelled, OrderReduced
from services.catalog.application.inventory import InventoryService
from services.catalog.errors import NotSold


class CatalogSubscribers:
    def __init__(self, inventory: InventoryService) -> None:
        self._inventory = inventory

    async def on_order_cancelled(self, event: OrderCancelled, delivery: Delivery) -> None:
        await self._inventory.release_cancelled_order(event.order_id, delivery)

    async def on_order_reduced(self, event: OrderReduced, delivery: Delivery) -> None:
        """Raises: InvalidMessage when there were not so many pieces in the order."""
        if not event.data.restock:
            return
        pieces = Counter[UUID]()
        for item in event.data.items:
            pieces[item.product_id] += item.qty
        try:
            await self._inventory.take_back(event.order_id, event.data.change_id, pieces, delivery)
        except NotSold as error:
            raise InvalidMessage(f"change {event.data.change_id}: more pieces than were sold") from error
