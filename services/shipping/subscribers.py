"""One method per message the shipping service receives, under its operation in asyncapi/shipping.yaml."""

import structlog

from chassis.events.messages import InvalidMessage
from generated.events import OrderCancelled, PaymentSucceeded
from services.money import Money
from services.shipping.announcements import ready
from services.shipping.errors import AlreadyDispatched
from services.shipping.ports import UnitOfWorkFactory

log = structlog.get_logger()


class ShippingSubscribers:
    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self._unit_of_work = unit_of_work

    async def on_payment_succeeded(self, event: PaymentSucceeded) -> None:
        """Let the parcel leave, unless its order is cancelled; one that is not drafted yet is told of at its draft.

        Raises:
            InvalidMessage: It is of another amount than the order costs.
        """
        paid = Money(event.data.amount_cents, event.data.currency)
        async with self._unit_of_work() as work:
            if not await work.is_first_delivery(event):
                return
            shipment = await work.shipments.locked_of(event.order_id)
            if not shipment.is_paid_by(paid):  # and no repeat would mend that
                raise InvalidMessage(f"payment {event.data.payment_id} is of {paid}, its order of {shipment.amount}")
            became_ready = shipment.make_ready(paid)
            await work.shipments.save(shipment)
            if became_ready and shipment.recipient:
                await work.publish(ready(shipment))

    async def on_order_cancelled(self, event: OrderCancelled) -> None:
        """Keep the parcel from leaving, and remember the order, met or not."""
        async with self._unit_of_work() as work:
            if not await work.is_first_delivery(event):
                return
            shipment = await work.shipments.locked_of(event.order_id)
            try:
                if shipment.cancel():
                    await work.shipments.save(shipment)
            except AlreadyDispatched:
                # Order asks us before it cancels, so it should not come to this; no repeat would bring the parcel back.
                log.error("order cancelled after its parcel had left", order_id=str(event.order_id))
