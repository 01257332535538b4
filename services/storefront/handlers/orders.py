"""Orders, and the payment for them."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID, uuid4

from chassis.web.responses import Response
from generated.clients.order import OrderClient
from generated.clients.payment import PaymentClient
from generated.clients.shipping import ShippingClient
from generated.models.order import TimelineEntry
from generated.models.payment import FailedAttempt, FailureCode, Payment, SuccessfulAttempt
from generated.models.shipping import Shipment
from generated.models.storefront import BareForm, PaymentForm, PaymentOutcome
from services.storefront.application.visits import Visit
from services.storefront.clients import unless_away
from services.storefront.domain import OrderProgress
from services.storefront.ports import ProductClient

PAGE_SIZE = 10
MAX_TIMELINE_PAGES = 5  # of a hundred entries each


class OrderHandlers:
    def __init__(
        self,
        products: ProductClient,
        orders: OrderClient,
        payments: PaymentClient,
        shipments: ShippingClient,
        now: Callable[[], datetime],
    ) -> None:
        self._products, self._orders, self._payments, self._shipments = products, orders, payments, shipments
        self._now = now

    async def show_orders(self, visit: Visit, cursor: str | None = None) -> Response:
        page = await self._orders.list_orders(limit=PAGE_SIZE, cursor=cursor, token=await visit.token())
        more = f"/orders?{urlencode({'cursor': page.next_cursor})}" if page.next_cursor else None
        return visit.page("orders.html", orders=page.items, more=more)

    async def show_order(self, visit: Visit, order_id: UUID) -> Response:
        token = await visit.token()
        order, timeline, shipments, payment = await asyncio.gather(
            self._orders.get_order(order_id=order_id, token=token),
            read_timeline(self._orders, order_id, token),
            unless_away(self._shipments.list_shipments(order_id=order_id, token=token)),
            self._payment(order_id, token),
        )
        shipment: Shipment | None = next(iter(shipments or []), None)
        progress = OrderProgress(
            order.status, payment.status if payment is not None else None, shipment.status if shipment else None
        )
        return visit.page(
            "order.html",
            order=order,
            progress=progress,
            shipment=shipment,
            shipping_is_away=shipments is None,
            entries=timeline[0],
            missing_sources=timeline[1],
            pictures=await self._products.pictures([line.product_id for line in order.items]),
            is_late=order.pay_by <= self._now(),
        )

    async def show_payment(self, visit: Visit, order_id: UUID) -> Response:
        token = await visit.token()
        order, payment = await asyncio.gather(
            self._orders.get_order(order_id=order_id, token=token), self._payment(order_id, token)
        )
        progress = OrderProgress(order.status, payment.status if payment is not None else None)
        return visit.page(
            "pay.html",
            order=order,
            progress=progress,
            failure=payment.failures[-1] if payment is not None and payment.failures else None,
            pictures=await self._products.pictures([line.product_id for line in order.items]),
            key=uuid4().hex,
        )

    async def pay_order(self, visit: Visit, order_id: UUID, body: PaymentForm) -> Response:
        token = await visit.token()
        if body.outcome is PaymentOutcome.PAID:
            attempt = SuccessfulAttempt(order_id=order_id, amount_cents=body.amount_cents, currency=body.currency)
            await self._payments.succeed_payment(body=attempt, token=token)  # an order is paid once, without a key
            return visit.see_other(f"/orders/{order_id}")
        refused = FailedAttempt(order_id=order_id, code=FailureCode(body.outcome.value))
        key = f"{body.key}-{body.outcome}"
        await self._payments.fail_payment(body=refused, idempotency_key=key, token=token)
        return visit.see_other(f"/orders/{order_id}/pay")

    async def show_order_cancellation(self, visit: Visit, order_id: UUID) -> Response:
        token = await visit.token()
        return visit.page("cancel-order.html", order=await self._orders.get_order(order_id=order_id, token=token))

    async def cancel_own_order(self, visit: Visit, order_id: UUID, body: BareForm) -> Response:
        await self._orders.cancel_order(order_id=order_id, token=await visit.token())
        return visit.see_other(f"/orders/{order_id}")

    async def _payment(self, order_id: UUID, token: str) -> Payment | None:
        """The order's payment, if payment knows of it and can be asked."""
        page = await unless_away(self._payments.list_payments(order_id=order_id, token=token))
        return next(iter(page.items if page is not None else []), None)


async def read_timeline(orders: OrderClient, order_id: UUID, token: str) -> tuple[list[TimelineEntry], bool]:
    """What has happened, the last first, and whether mails are missing."""
    entries, cursor, is_incomplete = list[TimelineEntry](), None, False
    for _page in range(MAX_TIMELINE_PAGES):
        page = await orders.list_timeline(order_id=order_id, limit=100, cursor=cursor, token=token)
        entries += page.items
        is_incomplete = is_incomplete or bool(page.missing_sources)
        cursor = page.next_cursor
        if cursor is None:
            break
    return entries[::-1], is_incomplete
