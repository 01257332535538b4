"""Takes pieces out of orders that were paid: before the parcel leaves, or when they were sent back."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from generated.states import ChangeStatus
from services.order.application.cancellation import lock_order
from services.order.application.timeline import announce_reduced
from services.order.domain import Change, Order
from services.order.errors import AlreadyDispatched, NotDelivered, OrderCancelled, OrderNotFound, OrderNotPaid
from services.order.ports import OrderRepository, ShipmentClient, UnitOfWorkFactory


class Reduction:
    def __init__(self, orders: OrderRepository, unit_of_work: UnitOfWorkFactory, shipments: ShipmentClient) -> None:
        self._orders, self._unit_of_work, self._shipments = orders, unit_of_work, shipments

    async def cancel_items(self, order_id: UUID, wanted: Mapping[UUID, int]) -> Change:
        """Cancel so many pieces of each product; a repeat cancels more.

        The intent is written down before shipping is asked, so that the sweeper can finish what is begun here.

        Raises:
            OrderNotPaid, NotEnoughPieces, NothingWouldBeLeft, TooManyChanges: Nothing is changed.
            AlreadyDispatched: The parcel has left; the intent is dropped.
        """
        async with self._unit_of_work() as work:
            order = await lock_order(work.orders, order_id)
            change = order.request_partial_cancellation(uuid7(), wanted, datetime.now(UTC))
            await work.orders.save(order)
            await work.link_idempotency_key(change.id)
        return await self.finish(order_id, change.id)

    async def finish(self, order_id: UUID, change_id: UUID) -> Change:
        """Do what an intent asks for, from wherever it was left; the order's row says how that ended, whoever did it.

        Raises:
            AlreadyDispatched: The parcel had left.
            OrderNotPaid: The whole order was cancelled meanwhile.
        """
        order = await self._orders.find(order_id)
        if order is None:
            raise OrderNotFound
        change = order.find_change(change_id)
        if change.status is ChangeStatus.INTENDED:
            order = await self._decide(order_id, change)
            change = order.find_change(change_id)
        if change.status is ChangeStatus.DROPPED:
            if order.cancellation_requested or order.cancel_reason:
                raise OrderNotPaid("The order is cancelled")
            raise AlreadyDispatched
        return change

    async def finish_all(self, order_id: UUID) -> None:
        """Finish everything that is left open of an order."""
        order = await self._orders.find(order_id)
        for change in order.changes if order else ():
            with suppress(AlreadyDispatched, OrderNotPaid):
                await self.finish(order_id, change.id)

    async def request_return(self, order_id: UUID, wanted: Mapping[UUID, int]) -> Change:
        """Let so many pieces of each product of a delivered order be sent back; a repeat lets more.

        Raises:
            OrderNotPaid, NotEnoughPieces, TooManyChanges, NotDelivered: Nothing is changed.
        """
        async with self._unit_of_work() as work:
            order = await lock_order(work.orders, order_id)
            change = order.request_return(uuid7(), wanted, datetime.now(UTC))
            if not await work.history.contains(order_id, "shipping.delivered"):
                raise NotDelivered
            await work.orders.save(order)
        return change

    async def receive_return(self, order_id: UUID, change_id: UUID, *, restock: bool) -> Change:
        """Note that the pieces are back, and whether they can be sold again; a repeat changes nothing.

        Raises:
            ReturnNotFound: Nobody has asked to send them back.
        """
        async with self._unit_of_work() as work:
            order = await lock_order(work.orders, order_id)
            if order.receive_return(change_id):
                await work.orders.save(order)
                await announce_reduced(work, order, change_id, restock=restock)
        return order.find_change(change_id)

    async def _decide(self, order_id: UUID, change: Change) -> Order:
        try:
            await self._shipments.take_out(order_id, change)
            is_out = True
        except (AlreadyDispatched, OrderCancelled):
            is_out = False
        async with self._unit_of_work() as work:
            order = await lock_order(work.orders, order_id)
            if is_out and order.agree_to_change(change.id):
                await work.orders.save(order)
                await announce_reduced(work, order, change.id, restock=True)
            elif not is_out and order.drop_change(change.id):
                await work.orders.save(order)
        return order
