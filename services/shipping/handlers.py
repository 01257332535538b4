"""One method per operation of contracts/shipping.yaml, under its operationId."""

from collections import Counter
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import asdict

from chassis.web.cursors import decode_cursor, encode_cursor
from chassis.web.responses import Response, created, ok
from generated.models import shipping as api
from generated.states import ShipmentStatus
from services.money import Money
from services.shipping.application import ShipmentService
from services.shipping.domain import Item, Label, ListedShipment, Recipient, Shipment
from services.shipping.errors import ShipmentNotFound


class ShippingHandlers:
    def __init__(self, shipments: ShipmentService) -> None:
        self._shipments = shipments

    async def list_shipments(self, order_id: UUID, owner: UUID | None) -> Response:
        shipment = await self._shipments.find_by_order(order_id, owner)
        return ok([_to_api(shipment)] if shipment else [])

    async def list_all_shipments(self, status: ShipmentStatus, limit: int, cursor: str | None = None) -> Response:
        after = decode_cursor(cursor, UUID)[0] if cursor else None
        found = await self._shipments.list_by_status(status, after=after, limit=limit + 1)
        page = found[:limit]
        next_cursor = encode_cursor(page[-1].shipment.id) if len(found) > limit else None
        return ok(api.ShipmentPage(items=[_to_api_listed(one) for one in page], next_cursor=next_cursor))

    async def get_shipment(self, shipment_id: UUID, owner: UUID | None) -> Response:
        return ok(_to_api(await self._shipments.get(shipment_id, owner)))

    async def draft_shipment(self, body: api.ShipmentDraft) -> Response:
        amount = Money(body.amount_cents, body.currency)
        items = [Item(item.product_id, item.title, item.qty) for item in body.items or ()]
        shipment = await self._shipments.create_draft(body.order_id, _recipient(body), amount, items)
        return created(_to_api(shipment), location=f"/shipping/v1/shipments/{shipment.id}")

    async def dispatch_shipment(self, shipment_id: UUID, body: api.Dispatch | None = None) -> Response:
        return ok(_to_api(await self._shipments.dispatch(shipment_id, _label(body) if body else None)))

    async def correct_shipment(self, shipment_id: UUID, body: api.Dispatch) -> Response:
        return ok(_to_api(await self._shipments.correct(shipment_id, _label(body))))

    async def deliver_shipment(self, shipment_id: UUID) -> Response:
        return ok(_to_api(await self._shipments.deliver(shipment_id)))

    async def cancel_shipment(self, body: api.ShipmentCancellation) -> Response:
        await self._shipments.cancel(body.order_id)
        return ok(api.CancelledShipment(order_id=body.order_id, status="CANCELLED"))

    async def take_out_items(self, body: api.TakeOut) -> Response:
        pieces = Counter[UUID]()
        for item in body.items:
            pieces[item.product_id] += item.qty
        await self._shipments.take_out(body.order_id, body.change_id, pieces)
        return ok(api.TakenOut(order_id=body.order_id, change_id=body.change_id))


def _label(body: api.Dispatch) -> Label:
    return Label(body.carrier, body.tracking_number)


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


def _to_api(shipment: Shipment) -> api.Shipment:
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
        items=[api.PackedItem(**vars(item)) for item in shipment.items] or UNSET,
    )


def _to_api_listed(listed: ListedShipment) -> api.ListedShipment:
    shipment = asdict(_to_api(listed.shipment))
    return api.ListedShipment(**shipment, user_email=listed.user_email, created_at=listed.created_at)
