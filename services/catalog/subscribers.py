"""One method per message the catalog service receives, under its operation in asyncapi/catalog.yaml."""

from chassis.events.delivery import Delivery
from generated.events import OrderCancelled
from services.catalog.application.inventory import InventoryService


class CatalogSubscribers:
    def __init__(self, inventory: InventoryService) -> None:
        self._inventory = inventory

    async def on_order_cancelled(self, event: OrderCancelled, delivery: Delivery) -> None:
        await self._inventory.release_cancelled_order(event.order_id, delivery)
