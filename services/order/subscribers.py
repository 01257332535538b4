"""One method per message the order service receives, under its operation in asyncapi/order.yaml."""

from contextlib import suppress
from uuid import UUID

import structlog

from chassis.events.delivery import Delivery
from chassis.events.messages import InvalidMessage
from chassis.runtime.retry import is_transient
from generated.events import PaymentRefunded, PaymentSucceeded
from generated.states import OrderStatus
from services.money import Money
from services.order.domain import Order
from services.order.errors import OrderCancelled, OrderNotFound
from services.order.ports import Inventory, Orders, UnitOfWorkFactory

log = structlog.get_logger()


class OrderSubscribers:
    def __init__(self, orders: Orders, unit_of_work: UnitOfWorkFactory, inventory: Inventory) -> None:
        self._orders, self._unit_of_work, self._inventory = orders, unit_of_work, inventory

    async def on_payment_succeeded(self, event: PaymentSucceeded, delivery: Delivery) -> None:
        """Turn the reservation into a sale and mark the order as paid.

        An order that was cancelled meanwhile stays cancelled: payment hears of it, and pays the money back. While its
        stock cannot be had from catalog, the payment is noted on the order's row and the sweeper goes on, so that the
        payments of other orders are not kept waiting.

        Raises:
            InvalidMessage: It is of another amount than the order asks for.
        """
        order = await self._orders.find(event.order_id)
        if order is None:
            raise OrderNotFound(f"payment {event.data.payment_id} is for order {event.order_id}")
        _require_total(order, event)
        committed = order.status is not OrderStatus.CREATED or await self._commit(order.id)
        async with self._unit_of_work() as work:
            if not await work.is_first_delivery(delivery):
                return
            if not committed:
                await work.orders.note_payment(event.order_id)
                return
            paid = await work.orders.locked(event.order_id)
            if paid and paid.pay():
                await work.orders.save(paid)

    async def _commit(self, order_id: UUID) -> bool:
        """Whether catalog has sold the stock, or never will."""
        try:
            # Refused only for an order that was cancelled, and then the row has moved before.
            with suppress(OrderCancelled):
                await self._inventory.commit(order_id)
        except Exception as error:  # noqa: BLE001 (whatever it is, a paid order is not given up for it)
            report = log.warning if is_transient(error) else log.exception
            report("order is paid later", order_id=str(order_id), error=repr(error))
            return False
        return True

    async def on_payment_refunded(self, event: PaymentRefunded, delivery: Delivery) -> None:
        """Mark the cancelled order as refunded.

        Raises:
            InvalidMessage: It is of another amount than the order asked for.
        """
        async with self._unit_of_work() as work:
            if not await work.is_first_delivery(delivery):
                return
            order = await work.orders.locked(event.order_id)
            if order is None:
                raise OrderNotFound(f"payment {event.data.payment_id} was for order {event.order_id}")
            _require_total(order, event)
            if order.refund():
                await work.orders.save(order)


def _require_total(order: Order, event: PaymentSucceeded | PaymentRefunded) -> None:
    """Only the order's own total pays for it, or goes back; what is of another amount no repeat would mend."""
    amount = Money(event.data.amount_cents, event.data.currency)
    if amount != order.total:
        raise InvalidMessage(f"payment {event.data.payment_id} is of {amount}, order {order.id} of {order.total}")
