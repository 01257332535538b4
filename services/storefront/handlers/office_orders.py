"""Orders and parcels, as admins see them."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import UNSET

from chassis.web.problems import InvalidRequest
from chassis.web.responses import Response
from generated.clients.notifications import NotificationsClient
from generated.clients.order import OrderClient
from generated.clients.payment import PaymentClient
from generated.clients.shipping import ShippingClient
from generated.models.order import OrderLine, OrderStatus
from generated.models.shipping import Dispatch, PackedItem, ShipmentStatus
from generated.models.storefront import ParcelForm, SureForm
from services.storefront.application.visits import Visit
from services.storefront.clients import unless_away
from services.storefront.handlers.orders import read_timeline
from services.storefront.handlers.paging import next_page
from services.storefront.ports import ProductClient

PAGE_SIZE = 25
MAX_MAILS = 100  # of an order


class OfficeOrderHandlers:
    def __init__(
        self,
        *,
        products: ProductClient,
        orders: OrderClient,
        payments: PaymentClient,
        shipments: ShippingClient,
        mails: NotificationsClient,
        time_zone: ZoneInfo,
    ) -> None:
        self._products, self._orders, self._payments = products, orders, payments
        self._shipments, self._mails, self._time_zone = shipments, mails, time_zone

    async def show_all_orders(
        self,
        visit: Visit,
        *,
        status: str | None = None,
        email: str | None = None,
        since: str | None = None,
        until: str | None = None,
        cursor: str | None = None,
    ) -> Response:
        before = self._day(until, "until") + timedelta(days=1) if until else None
        page = await self._orders.list_all_orders(
            status=OrderStatus(status) if status else None,
            email=email,
            created_from=self._midnight(self._day(since, "since")) if since else None,
            created_before=self._midnight(before) if before else None,
            limit=PAGE_SIZE,
            cursor=cursor,
            token=await visit.token(),
        )
        asked = {"status": status, "email": email, "since": since, "until": until}
        more = next_page("/admin/orders", page.next_cursor, **asked)
        return visit.page(
            "admin-orders.html", orders=page.items, more=more, state=status, email=email, since=since, until=until
        )

    async def show_any_order(self, visit: Visit, order_id: UUID) -> Response:
        token = await visit.token()
        order, timeline, shipments, payments, mails = await asyncio.gather(
            self._orders.get_order(order_id=order_id, token=token),
            read_timeline(self._orders, order_id, token),
            unless_away(self._shipments.list_shipments(order_id=order_id, token=token)),
            unless_away(self._payments.list_payments(order_id=order_id, token=token)),
            unless_away(self._mails.list_notifications(order_id=order_id, limit=MAX_MAILS, token=token)),
        )
        entries, is_incomplete = timeline
        return visit.page(
            "admin-order.html",
            order=order,
            entries=entries,
            missing_sources=is_incomplete,
            shipments=shipments,
            payments=payments,
            mails=mails,
            pictures=await self._products.pictures([line.product_id for line in order.items]),
        )

    async def cancel_any_order(self, visit: Visit, order_id: UUID, body: SureForm) -> Response:
        await self._orders.cancel_order(order_id=order_id, token=await visit.token())
        return visit.see_other(f"/admin/orders/{order_id}")

    async def show_parcels(self, visit: Visit, status: str, cursor: str | None = None) -> Response:
        page = await self._shipments.list_all_shipments(
            status=ShipmentStatus(status), limit=PAGE_SIZE, cursor=cursor, token=await visit.token()
        )
        more = next_page("/admin/parcels", page.next_cursor, status=status)
        return visit.page("admin-parcels.html", parcels=page.items, state=status, more=more)

    async def show_parcel(self, visit: Visit, shipment_id: UUID) -> Response:
        token = await visit.token()
        parcel = await self._shipments.get_shipment(shipment_id=shipment_id, token=token)
        lines: Sequence[PackedItem | OrderLine] | None
        if parcel.items is not UNSET:
            lines = parcel.items
        else:  # it was drafted before parcels told
            order = await unless_away(self._orders.get_order(order_id=parcel.order_id, token=token))
            lines = order.items if order is not None else None
        pictures = await self._products.pictures([line.product_id for line in lines or []])
        return visit.page("admin-parcel.html", parcel=parcel, lines=lines, pictures=pictures)

    async def dispatch_parcel(self, visit: Visit, shipment_id: UUID, body: ParcelForm) -> Response:
        await self._shipments.dispatch_shipment(
            shipment_id=shipment_id, body=_dispatch(body), token=await visit.token()
        )
        return visit.see_other(f"/admin/parcels/{shipment_id}")

    async def correct_parcel(self, visit: Visit, shipment_id: UUID, body: ParcelForm) -> Response:
        await self._shipments.correct_shipment(shipment_id=shipment_id, body=_dispatch(body), token=await visit.token())
        return visit.see_other(f"/admin/parcels/{shipment_id}")

    async def deliver_parcel(self, visit: Visit, shipment_id: UUID, body: SureForm) -> Response:
        await self._shipments.deliver_shipment(shipment_id=shipment_id, token=await visit.token())
        return visit.see_other(f"/admin/parcels/{shipment_id}")

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._time_zone)

    def _day(self, text: str, name: str) -> date:
        """A day that there is, and after which there is another."""
        try:
            day = date.fromisoformat(text)
            day + timedelta(days=1)
        except (ValueError, OverflowError):
            raise InvalidRequest(errors=[{"pointer": f"/query/{name}", "rule": "format"}]) from None
        return day


def _dispatch(form: ParcelForm) -> Dispatch:
    return Dispatch(carrier=form.carrier, tracking_number=form.tracking_number)
