"""Makes an order paid: its stock, set aside until now, is sold."""

from contextlib import suppress
from uuid import UUID

from services.order.errors import OrderCancelled
from services.order.ports import Inventory, UnitOfWorkFactory


class Completion:
    def __init__(self, unit_of_work: UnitOfWorkFactory, inventory: Inventory) -> None:
        self._unit_of_work, self._inventory = unit_of_work, inventory

    async def complete(self, order_id: UUID) -> None:
        """Mark an order as paid whose payment has come in; one that was cancelled meanwhile stays cancelled."""
        # Refused only for an order that was cancelled, and then the row has moved before.
        with suppress(OrderCancelled):
            await self._inventory.commit(order_id)
        async with self._unit_of_work() as work:
            order = await work.orders.locked(order_id)
            if order and order.pay():
                await work.orders.save(order)
