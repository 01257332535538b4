"""The neighbours, behind the ports."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

from msgspec import UNSET, convert
from msgspec.structs import asdict

from chassis.web.http_client import UpstreamUnavailable
from generated.clients import cart, catalog, notifications, payment, shipping
from generated.models.catalog import Commitment, ReservationRequest, ReservedLine
from generated.models.payment import VoidRequest
from generated.models.shipping import ShipmentCancellation, ShipmentDraft, TakenOutItem, TakeOut
from services.order.domain import Cart, Change, Line, Order, TimelineEntry
from services.order.errors import (
    AlreadyDispatched,
    AlreadyPaid,
    OrderCancelled,
    OutOfStock,
    PriceChanged,
    ProductUnavailable,
)


class CartServiceClient:
    """`CartClient`, by the cart service."""

    def __init__(self, client: cart.CartClient) -> None:
        self._client = client

    async def get_cart(self, user_id: UUID) -> Cart:
        found = await self._client.get_cart_of(user_id=user_id)
        lines = [
            Line(item.line_id, item.product_id, item.title, item.qty, item.unit_price_cents, item.added_at)
            for item in found.items
        ]
        return Cart(lines, found.currency, found.revision)


class CatalogServiceClient:
    """`InventoryClient`, by the catalog service."""

    def __init__(self, client: catalog.CatalogClient) -> None:
        self._client = client

    async def check_availability(self, order: Order, honoured: Collection[UUID]) -> None:
        with _refusals(order):
            await self._client.check_stock(body=_wanted(order, honoured))

    async def reserve(self, order: Order, honoured: Collection[UUID]) -> Mapping[UUID, int]:
        with _refusals(order):
            reservation = await self._client.reserve_stock(body=_wanted(order, honoured))
        return {price.product_id: price.unit_price_cents for price in reservation.prices}

    async def commit(self, order_id: UUID) -> None:
        try:
            await self._client.commit_stock(body=Commitment(order_id=order_id))
        except catalog.OrderCancelled:
            raise OrderCancelled from None


def _wanted(order: Order, honoured: Collection[UUID]) -> ReservationRequest:
    return ReservationRequest(
        order_id=order.id,
        instead_of=order.replaces or UNSET,
        items=[
            ReservedLine(
                product_id=line.product_id,
                qty=line.qty,
                unit_price_cents=line.unit_price_cents,
                currency=order.currency,
                price_honoured=line.line_id in honoured,
            )
            for line in order.lines
        ],
    )


@contextmanager
def _refusals(order: Order) -> Iterator[None]:
    """Put what catalog refuses in words for the shopper; a refusal of what the order has not counts as an outage."""
    try:
        yield
    except catalog.OrderCancelled:
        raise OrderCancelled from None
    except (catalog.OutOfStock, catalog.ProductUnavailable, catalog.PriceChanged) as refusal:
        try:
            translated = _translated(refusal, order.titles())
        except KeyError as error:
            raise UpstreamUnavailable(f"catalog answered {refusal.type} for what the order has not") from error
        raise translated from None


def _translated(
    refusal: catalog.OutOfStock | catalog.ProductUnavailable | catalog.PriceChanged, titles: Mapping[UUID, str]
) -> Exception:
    if isinstance(refusal, catalog.PriceChanged):
        return PriceChanged([{**asdict(line), "title": titles[line.product_id]} for line in refusal.members.lines])
    if isinstance(refusal, catalog.OutOfStock):
        lines = refusal.members.lines
        each = (f"{titles[line.product_id]}: {line.wanted} wanted, {line.available} left" for line in lines)
        return OutOfStock("; ".join(each)[:1000])
    return ProductUnavailable("; ".join(titles[line.product_id] for line in refusal.members.lines)[:1000])


class ShippingServiceClient:
    """`ShipmentClient`, by the shipping service."""

    def __init__(self, client: shipping.ShippingClient) -> None:
        self._client = client

    async def create_draft(self, order: Order) -> None:
        of_order = {"order_id": order.id, "user_id": order.shopper.id, "user_email": order.shopper.email}
        told = {"amount_cents": order.total_cents, "items": [vars(line) for line in order.merged_lines()]}
        draft = convert({**order.values(), **of_order, **told}, ShipmentDraft)
        try:
            await self._client.draft_shipment(body=draft)
        except shipping.OrderCancelled:
            raise OrderCancelled from None

    async def cancel(self, order_id: UUID) -> None:
        try:
            await self._client.cancel_shipment(body=ShipmentCancellation(order_id=order_id))
        except shipping.AlreadyDispatched as refusal:
            raise AlreadyDispatched(*filter(None, [refusal.detail])) from None

    async def take_out(self, order_id: UUID, change: Change) -> None:
        items = [TakenOutItem(product_id=item.product_id, qty=item.qty) for item in change.items]
        try:
            await self._client.take_out_items(body=TakeOut(order_id=order_id, change_id=change.id, items=items))
        except shipping.AlreadyDispatched:
            raise AlreadyDispatched from None
        except shipping.OrderCancelled:
            raise OrderCancelled from None


class PaymentServiceClient:
    """`PaymentClient`, by the payment service."""

    def __init__(self, client: payment.PaymentClient) -> None:
        self._client = client

    async def void(self, order_id: UUID) -> None:
        try:
            await self._client.void_payment(body=VoidRequest(order_id=order_id))
        except payment.AlreadyPaid:
            raise AlreadyPaid from None


class NotificationsServiceClient:
    """`MailLog`, by the notifications service."""

    def __init__(self, client: notifications.NotificationsClient) -> None:
        self._client = client

    async def list_sent(self, order_id: UUID) -> list[TimelineEntry]:
        sent = await self._client.list_sent_mails(order_id=order_id)
        return [TimelineEntry(mail.sent_at, mail.id, "mail.sent", {"mail": str(mail.kind)}) for mail in sent.items]
