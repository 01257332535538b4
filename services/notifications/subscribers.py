"""One method per message the notifications service receives, under its operation in asyncapi/notifications.yaml."""

from collections import Counter
from typing import Any, TypeAlias
from uuid import UUID

from msgspec import to_builtins

from chassis.events.delivery import Delivery
from chassis.events.messages import InvalidMessage
from generated.events import (
    OrderCancelled,
    OrderCreated,
    PaymentFailed,
    PaymentRefunded,
    PaymentSucceeded,
    ShippingCorrected,
    ShippingDelivered,
    ShippingDispatched,
    ShippingReady,
)
from services.money import Money
from services.notifications.domain import Line, Notification, Order, is_email_address
from services.notifications.ports import UnitOfWorkFactory

ConsumedEvent: TypeAlias = (
    OrderCreated
    | OrderCancelled
    | PaymentSucceeded
    | PaymentFailed
    | PaymentRefunded
    | ShippingReady
    | ShippingDispatched
    | ShippingCorrected
    | ShippingDelivered
)
# Whoever checked out was told by the answer, and no mail ever said that there was an order.
UNMAILED_REASONS = ("rejected", "given-up")


class NotificationsSubscribers:
    def __init__(self, unit_of_work: UnitOfWorkFactory, domain: str) -> None:
        self._unit_of_work, self._domain = unit_of_work, domain

    async def on_order_created(self, event: OrderCreated, delivery: Delivery) -> None:
        """Queue a mail, and keep what was ordered for this mail and all later ones."""
        total = Money(event.data.amount_cents, event.data.currency)
        quantities = Counter[tuple[UUID, str, int]]()  # a product that was added at one price several times is one line
        for item in event.data.items:
            quantities[item.product_id, item.title, item.unit_price_cents] += item.qty
        lines = tuple(Line(title, qty, price) for (_, title, price), qty in quantities.items())
        await self._queue(event, delivery, {}, Order(event.order_id, total, lines))

    async def on_order_cancelled(self, event: OrderCancelled, delivery: Delivery) -> None:
        """Queue a mail, if the shopper was ever told that there is an order."""
        if event.data.reason not in UNMAILED_REASONS:
            await self._queue(event, delivery, to_builtins(event.data))
        else:
            await self._ignore(delivery)

    async def on_payment_succeeded(self, event: PaymentSucceeded, delivery: Delivery) -> None:
        await self._queue_if_charged(event, delivery)

    async def on_payment_failed(self, event: PaymentFailed, delivery: Delivery) -> None:
        """Queue a mail about the first attempt that failed; a shopper who tries again sees the others fail."""
        await self._queue(event, delivery, to_builtins(event.data))

    async def on_payment_refunded(self, event: PaymentRefunded, delivery: Delivery) -> None:
        await self._queue_if_charged(event, delivery)

    async def on_shipping_ready(self, event: ShippingReady, delivery: Delivery) -> None:
        await self._queue(event, delivery, to_builtins(event.data))

    async def on_shipping_dispatched(self, event: ShippingDispatched, delivery: Delivery) -> None:
        await self._queue(event, delivery, to_builtins(event.data))

    async def on_shipping_corrected(self, event: ShippingCorrected, delivery: Delivery) -> None:
        """Queue a mail for each correction; the last one holds."""
        await self._queue(event, delivery, to_builtins(event.data), occurrence=str(event.event_id))

    async def on_shipping_delivered(self, event: ShippingDelivered, delivery: Delivery) -> None:
        await self._queue(event, delivery, to_builtins(event.data))

    async def _queue_if_charged(self, event: PaymentSucceeded | PaymentRefunded, delivery: Delivery) -> None:
        """Queue a mail about money that has moved; where none has, the mails about the order said so."""
        if event.data.amount_cents:
            await self._queue(event, delivery, to_builtins(event.data))
        else:
            await self._ignore(delivery)

    async def _ignore(self, delivery: Delivery) -> None:
        """Note that the event was handled, though there is nothing to write."""
        async with self._unit_of_work() as work:
            await work.is_first_delivery(delivery)

    async def _queue(
        self,
        event: ConsumedEvent,
        delivery: Delivery,
        payload: dict[str, Any],
        order: Order | None = None,
        occurrence: str = "",
    ) -> None:
        if not is_email_address(event.user_email):
            raise InvalidMessage("user_email is not one plain address")
        notification = Notification(
            event.order_id, event.type, event.user_id, event.user_email, payload, event.timestamp, occurrence
        )
        async with self._unit_of_work() as work:
            if not await work.is_first_delivery(delivery):
                return
            if order:
                await work.save_order(order)
            await work.queue(notification, notification.message_id(self._domain))
