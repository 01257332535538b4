"""One method per message the shipping service receives, under its operation in asyncapi/shipping.yaml."""

import structlog

from chassis.events.delivery import Delivery
from chassis.events.messages import InvalidMessage
from generated.events import OrderCancelled, PaymentSucceeded
from services.money import Money
from services.shipping.application import ShipmentService
from services.shipping.errors import AlreadyDispatched, PaymentAmountMismatch

log = structlog.get_logger()


class ShippingSubscribers:
    def __init__(self, shipments: ShipmentService) -> None:
        self._shipments = shipments

    async def on_payment_succeeded(self, event: PaymentSucceeded, delivery: Delivery) -> None:
        """Raises: InvalidMessage when it is of another amount than the order costs."""
        paid = Money(event.data.amount_cents, event.data.currency)
        try:
            await self._shipments.make_ready(event.order_id, paid, delivery)
        except PaymentAmountMismatch as error:
            raise InvalidMessage(f"payment {event.data.payment_id}: {error}") from error

    async def on_order_cancelled(self, event: OrderCancelled, delivery: Delivery) -> None:
        try:
            await self._shipments.cancel(event.order_id, delivery)
        except AlreadyDispatched:
            # Order asks us before it cancels, so it should not come to this; no repeat would bring the parcel back.
            log.error("order cancelled after its parcel had left", order_id=str(event.order_id))
