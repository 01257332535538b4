"""One method per operation of contracts/shipping.yaml, under its operationId."""

from uuid import UUID

from msgspec import UNSET

from chassis.web.responses import Response, created, ok
from generated.models import shipping as api
from generated.states import ShipmentStatus
from services.money import Money
from services.shipping.announcements import corrected, delivered, dispatched, ready
from services.shipping.domain import Label, Recipient, Shipment
from services.shipping.errors import ShipmentNotFound
from services.shipping.ports import Carrier, Shipments, UnitOfWork, UnitOfWorkFactory


class ShippingHandlers:
    def __init__(self, shipments: Shipments, unit_of_work: UnitOfWorkFactory, carrier: Carrier) -> None:
        self._shipments, self._unit_of_work, self._carrier = shipments, unit_of_work, carrier

    async def list_shipments(self, order_id: UUID, owner: UUID | None) -> Response:
        shipment = await self._shipments.of(order_id)
        return ok([_as_api(shipment)] if shipment and _is_seen_by(owner, shipment) else [])

    async def get_shipment(self, shipment_id: UUID, owner: UUID | None) -> Response:
        shipment = await self._shipments.find(shipment_id)
        if shipment is None or not _is_seen_by(owner, shipment):
            raise ShipmentNotFound
        return ok(_as_api(shipment))

    async def draft_shipment(self, body: api.ShipmentDraft) -> Response:
        async with self._unit_of_work() as work:
            shipment = await work.shipments.locked_of(body.order_id)
            if shipment.draft(_recipient(body), Money(body.amount_cents, body.currency)):
                await work.shipments.save(shipment)
                if shipment.status is ShipmentStatus.READY_TO_SHIP:  # its payment was heard of first
                    await work.publish(ready(shipment))
        return created(_as_api(shipment), location=f"/shipping/v1/shipments/{shipment.id}")

    async def dispatch_shipment(self, shipment_id: UUID, body: api.Dispatch | None = None) -> Response:
        if body:
            label = Label(body.carrier, body.tracking_number)
        else:
            shipment = _known(await self._shipments.find(shipment_id))
            if not shipment.needs_label():
                return ok(_as_api(shipment))
            label = await self._carrier.label(shipment_id)
        async with self._unit_of_work() as work:
            shipment = await _locked(work, shipment_id)
            # Who named no carrier asks for no other than whoever has come between.
            if (body or shipment.needs_label()) and shipment.dispatch(label):
                await work.shipments.save(shipment)
                await work.publish(dispatched(shipment))
        return ok(_as_api(shipment))

    async def correct_shipment(self, shipment_id: UUID, body: api.Dispatch) -> Response:
        async with self._unit_of_work() as work:
            shipment = await _locked(work, shipment_id)
            if shipment.correct(Label(body.carrier, body.tracking_number)):
                await work.shipments.save(shipment)
                await work.publish(corrected(shipment))
        return ok(_as_api(shipment))

    async def deliver_shipment(self, shipment_id: UUID) -> Response:
        async with self._unit_of_work() as work:
            shipment = await _locked(work, shipment_id)
            if shipment.deliver():
                await work.shipments.save(shipment)
                await work.publish(delivered(shipment))
        return ok(_as_api(shipment))

    async def cancel_shipment(self, body: api.ShipmentCancellation) -> Response:
        async with self._unit_of_work() as work:
            shipment = await work.shipments.locked_of(body.order_id)
            if shipment.cancel():
                await work.shipments.save(shipment)
        return ok(api.CancelledShipment(order_id=body.order_id, status="CANCELLED"))


def _is_seen_by(owner: UUID | None, shipment: Shipment) -> bool:
    return shipment.recipient is not None and owner in (None, shipment.recipient.user_id)


async def _locked(work: UnitOfWork, shipment_id: UUID) -> Shipment:
    return _known(await work.shipments.locked(shipment_id))


def _known(shipment: Shipment | None) -> Shipment:
    """The shipment, if there is one to speak of: not one that only a payment or a cancellation is known of."""
    if shipment is None or shipment.recipient is None:
        raise ShipmentNotFound
    return shipment


def _recipient(body: api.ShipmentDraft) -> Recipient:
    return Recipient(
        user_id=body.user_id,
        user_email=body.user_email,
        address_line1=body.address_line1,
        address_line2=body.address_line2 or None,
        city=body.city,
        country=body.country,
        postcode=body.postcode or None,
    )


def _as_api(shipment: Shipment) -> api.Shipment:
    if shipment.recipient is None:
        raise ShipmentNotFound
    return api.Shipment(
        id=shipment.id,
        order_id=shipment.order_id,
        status=api.ShipmentStatus(shipment.status),
        carrier=shipment.label.carrier if shipment.label else None,
        tracking_number=shipment.label.tracking_number if shipment.label else None,
        address_line1=shipment.recipient.address_line1,
        address_line2=shipment.recipient.address_line2 or UNSET,
        city=shipment.recipient.city,
        country=shipment.recipient.country,
        postcode=shipment.recipient.postcode or UNSET,
    )
