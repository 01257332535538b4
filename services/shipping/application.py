"""The use cases of the shipping service: what requests and events come down to."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from chassis.events.delivery import Delivery
from generated.states import ShipmentStatus
from services.money import Money
from services.shipping.domain import Item, Label, ListedShipment, Recipient, Shipment
from services.shipping.errors import PaymentAmountMismatch, ShipmentNotFound
from services.shipping.outgoing_events import (
    shipping_corrected_event,
    shipping_delivered_event,
    shipping_dispatched_event,
    shipping_ready_event,
)
from services.shipping.ports import Carrier, ShipmentRepository, UnitOfWork, UnitOfWorkFactory


class ShipmentService:
    """An `owner` is the shopper whose shipments alone are found; None finds everybody's."""

    def __init__(self, shipments: ShipmentRepository, unit_of_work: UnitOfWorkFactory, carrier: Carrier) -> None:
        self._shipments, self._unit_of_work, self._carrier = shipments, unit_of_work, carrier

    async def find_by_order(self, order_id: UUID, owner: UUID | None) -> Shipment | None:
        shipment = await self._shipments.find_by_order(order_id)
        return shipment if shipment and shipment.is_visible_to(owner) else None

    async def list_by_status(
        self, status: ShipmentStatus, *, after: UUID | None, limit: int
    ) -> Sequence[ListedShipment]:
        """Everybody's, the oldest first, from the one after `after`."""
        return await self._shipments.list_by_status(status, after=after, limit=limit)

    async def get(self, shipment_id: UUID, owner: UUID | None) -> Shipment:
        """Raises: ShipmentNotFound."""
        shipment = await self._shipments.find(shipment_id)
        if shipment is None or not shipment.is_visible_to(owner):
            raise ShipmentNotFound
        return shipment

    async def create_draft(
        self, order_id: UUID, recipient: Recipient, amount: Money, items: Sequence[Item] = ()
    ) -> Shipment:
        """Begin the shipment of an order; a repeat leaves it as it is.

        Raises:
            OrderCancelled: Nothing is to be sent for this order.
        """

        async def draft(work: UnitOfWork) -> Shipment:
            shipment = await work.shipments.lock_or_create(order_id)
            if shipment.draft(recipient, amount, items):
                await work.shipments.save(shipment)
                if shipment.status is ShipmentStatus.READY_TO_SHIP:  # its payment was heard of first
                    await work.publish(shipping_ready_event(shipment))
            return shipment

        return await self._unit_of_work.run(draft)

    async def dispatch(self, shipment_id: UUID, label: Label | None) -> Shipment:
        """Hand it to a carrier, the usual one if none is named; a repeat changes nothing.

        Raises:
            ShipmentNotFound, ShipmentNotReady, DispatchedDifferently.
        """
        named = label is not None
        if label is None:
            shipment = await self.get(shipment_id, None)
            if not shipment.needs_label():
                return shipment
            label = await self._carrier.create_label(shipment_id)
        async with self._unit_of_work() as work:
            shipment = await _lock(work, shipment_id)
            # Who named no carrier asks for no other than whoever has come between.
            if (named or shipment.needs_label()) and shipment.dispatch(label):
                await work.shipments.save(shipment)
                await work.publish(shipping_dispatched_event(shipment))
        return shipment

    async def correct(self, shipment_id: UUID, label: Label) -> Shipment:
        """Raises: ShipmentNotFound, ShipmentNotReady."""
        async with self._unit_of_work() as work:
            shipment = await _lock(work, shipment_id)
            if shipment.correct(label):
                await work.shipments.save(shipment)
                await work.publish(shipping_corrected_event(shipment))
        return shipment

    async def deliver(self, shipment_id: UUID) -> Shipment:
        """Raises: ShipmentNotFound, ShipmentNotReady."""
        async with self._unit_of_work() as work:
            shipment = await _lock(work, shipment_id)
            if shipment.deliver():
                await work.shipments.save(shipment)
                await work.publish(shipping_delivered_event(shipment))
        return shipment

    async def make_ready(self, order_id: UUID, paid: Money, delivery: Delivery) -> None:
        """Let the parcel leave, unless its order is cancelled; one that is not drafted yet is told of at its draft.

        Raises:
            PaymentAmountMismatch: The order costs another.
        """

        async def make_ready(work: UnitOfWork) -> None:
            shipment = await work.shipments.lock_or_create(order_id)
            if not shipment.is_paid_by(paid):
                raise PaymentAmountMismatch(f"{paid} were paid, its order is of {shipment.amount}")
            became_ready = shipment.make_ready(paid)
            await work.shipments.save(shipment)
            if became_ready and shipment.recipient:
                await work.publish(shipping_ready_event(shipment))

        await self._unit_of_work.run_for_delivery(delivery, make_ready)

    async def cancel(self, order_id: UUID, delivery: Delivery | None = None) -> None:
        """Keep the parcel of an order from leaving, and remember the order, known or not; a repeat changes nothing.

        Raises:
            AlreadyDispatched: It has left.
        """

        async def cancel(work: UnitOfWork) -> None:
            shipment = await work.shipments.lock_or_create(order_id)
            if shipment.cancel():
                await work.shipments.save(shipment)

        await (self._unit_of_work.run_for_delivery(delivery, cancel) if delivery else self._unit_of_work.run(cancel))

    async def take_out(self, order_id: UUID, change_id: UUID, pieces: Mapping[UUID, int]) -> None:
        """Keep so many pieces of each product from leaving with the parcel of an order; a repeat changes nothing.

        Raises:
            ShipmentNotFound, AlreadyDispatched, OrderCancelled, ItemsNotInParcel.
        """

        async def take_out(work: UnitOfWork) -> None:
            shipment = await work.shipments.lock_or_create(order_id)
            if shipment.recipient is None and shipment.status is not ShipmentStatus.CANCELLED:
                raise ShipmentNotFound
            if shipment.take_out(change_id, pieces):
                await work.shipments.save(shipment)

        await self._unit_of_work.run(take_out)


async def _lock(work: UnitOfWork, shipment_id: UUID) -> Shipment:
    """The shipment, if there is one to speak of: not one that only a payment or a cancellation is known of."""
    shipment = await work.shipments.lock(shipment_id)
    if shipment is None or shipment.recipient is None:
        raise ShipmentNotFound
    return shipment
