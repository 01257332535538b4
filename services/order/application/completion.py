"""What a payment makes of an order: its stock, set aside until now, is sold, or the money went back."""

from contextlib import suppress
from functools import partial
from uuid import UUID

import structlog

from chassis.events.delivery import Delivery
from chassis.runtime.errors import describe_error
from chassis.runtime.retry import is_transient
from generated.states import OrderStatus
from services.money import Money
from services.order.domain import Order, TimelineEntry
from services.order.errors import OrderCancelled, OrderNotFound, PaymentAmountMismatch
from services.order.ports import InventoryClient, OrderRepository, UnitOfWork, UnitOfWorkFactory

log = structlog.get_logger()


class Completion:
    def __init__(self, orders: OrderRepository, unit_of_work: UnitOfWorkFactory, inventory: InventoryClient) -> None:
        self._orders, self._unit_of_work, self._inventory = orders, unit_of_work, inventory

    async def pay(self, order_id: UUID, paid: Money, entry: TimelineEntry, delivery: Delivery) -> None:
        """Turn the reservation into a sale and mark the order as paid; the payment is kept in its history.

        An order that was cancelled meanwhile stays cancelled: payment hears of it, and pays the money back. While its
        stock cannot be had from catalog, the payment is noted on the order's row and the sweeper goes on, so that the
        payments of other orders are not kept waiting.

        Raises: OrderNotFound, PaymentAmountMismatch.
        """
        order = _require_total(await self._orders.find(order_id), paid)
        committed = order.status is not OrderStatus.CREATED or await self._try_commit(order_id)

        async def pay(work: UnitOfWork) -> None:
            if committed:
                await _pay(work, order_id)
            else:
                await work.orders.record_payment_received(order_id)
            await work.history.add(order_id, entry)

        await self._unit_of_work.run_for_delivery(delivery, pay)

    async def complete(self, order_id: UUID) -> None:
        """Mark an order as paid whose payment has come in; one that was cancelled meanwhile stays cancelled."""
        await self._commit(order_id)
        await self._unit_of_work.run(partial(_pay, order_id=order_id))

    async def refund(
        self, order_id: UUID, change_id: UUID | None, refunded: Money, entry: TimelineEntry, delivery: Delivery
    ) -> None:
        """Mark the change as paid back or, without one, the cancelled order as refunded; it is kept in the history.

        Raises: OrderNotFound, ChangeUnknown, PaymentAmountMismatch.
        """

        async def refund(work: UnitOfWork) -> None:
            order = await work.orders.lock(order_id)
            if order is None:
                raise OrderNotFound
            expected = order.expected_refund(change_id)
            if refunded != expected:
                raise PaymentAmountMismatch(f"{refunded}, order {order_id} of {expected}")
            if order.refund(change_id):
                await work.orders.save(order)
            await work.history.add(order_id, entry)

        await self._unit_of_work.run_for_delivery(delivery, refund)

    async def _commit(self, order_id: UUID) -> None:
        # Refused only for an order that was cancelled, and then the row has moved before.
        with suppress(OrderCancelled):
            await self._inventory.commit(order_id)

    async def _try_commit(self, order_id: UUID) -> bool:
        """Whether catalog has sold the stock, or never will."""
        try:
            await self._commit(order_id)
        except Exception as error:  # noqa: BLE001 (whatever it is, a paid order is not given up for it)
            report = log.warning if is_transient(error) else log.exception
            report("order is paid later", order_id=str(order_id), error=describe_error(error))
            return False
        return True


async def _pay(work: UnitOfWork, order_id: UUID) -> None:
    order = await work.orders.lock(order_id)
    if order and order.pay():
        await work.orders.save(order)


def _require_total(order: Order | None, amount: Money) -> Order:
    """The order, if there is one: only its own total pays for it, or goes back."""
    if order is None:
        raise OrderNotFound
    if amount != order.total:
        raise PaymentAmountMismatch(f"{amount}, order {order.id} of {order.total}")
    return order
