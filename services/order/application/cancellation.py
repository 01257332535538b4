"""Calls orders off: an unpaid one after its payment was voided, a paid one after its parcel was stopped."""

from contextlib import suppress
from uuid import UUID

import structlog

from generated.states import OrderStatus
from services.order.application.timeline import announce_cancelled
from services.order.domain import CancelReason, Order
from services.order.errors import AlreadyDispatched, AlreadyPaid, OrderNotFound
from services.order.ports import OrderRepository, PaymentClient, ShipmentClient, UnitOfWorkFactory

log = structlog.get_logger()


class Cancellation:
    def __init__(
        self,
        orders: OrderRepository,
        unit_of_work: UnitOfWorkFactory,
        payments: PaymentClient,
        shipments: ShipmentClient,
    ) -> None:
        self._orders, self._unit_of_work = orders, unit_of_work
        self._payments, self._shipments = payments, shipments

    async def request(self, order_id: UUID) -> Order:
        """Cancel an order because its shopper, or an admin, wants to; one that came to nothing stays as it is.

        The intent is written down before anybody is asked, so that the sweeper can finish what is begun here.

        Raises:
            AlreadyDispatched: Its parcel has left. The order stays as it is.
            CheckoutInProgress: It is not known yet whether there will be an order.
        """
        async with self._unit_of_work() as work:
            order = await lock_order(work.orders, order_id)
            if not order.request_cancellation():
                return order
            await work.orders.save(order)
        return await self.finish(order_id)

    async def finish(self, order_id: UUID) -> Order:
        """Do what an intent asks for, from wherever it was left.

        Raises:
            AlreadyDispatched: Its parcel has left. The intent is dropped.
        """
        order = await self._orders.find(order_id)
        if order is None:
            raise OrderNotFound
        if not order.cancellation_requested:
            return order
        try:
            await self._stop(order)
        except AlreadyDispatched:
            async with self._unit_of_work() as work:
                order = await lock_order(work.orders, order_id)
                order.withdraw_cancellation()
                await work.orders.save(order)
            raise
        return await self._cancel(order_id, CancelReason.REQUESTED)

    async def expire(self, order_id: UUID) -> None:
        """Cancel an order that was not paid in time; one whose payment has succeeded waits for that event.

        It is asked for again after a pause that grows, since the event may never count: it may be of another amount.
        """
        try:
            await self._payments.void(order_id)
        except AlreadyPaid:
            log.warning("order awaits the event of its payment", order_id=str(order_id))
            await self._orders.postpone(order_id)
        else:
            await self._cancel(order_id, CancelReason.NOT_PAID_IN_TIME)

    async def _stop(self, order: Order) -> None:
        """Make sure that the order can be neither paid nor sent."""
        if order.status is OrderStatus.CREATED:
            with suppress(AlreadyPaid):
                await self._payments.void(order.id)
                return
        await self._shipments.cancel(order.id)

    async def _cancel(self, order_id: UUID, reason: CancelReason) -> Order:
        async with self._unit_of_work() as work:
            order = await lock_order(work.orders, order_id)
            if order.cancel(reason):
                await announce_cancelled(work, order)
            await work.orders.save(order)
        return order


async def lock_order(orders: OrderRepository, order_id: UUID) -> Order:
    order = await orders.lock(order_id)
    if order is None:
        raise OrderNotFound
    return order
