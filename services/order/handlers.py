"""One method per operation of contracts/order.yaml, under its operationId."""

from uuid import UUID

from msgspec import UNSET

from chassis.web.access import User
from chassis.web.cursors import decode_cursor, encode_cursor
from chassis.web.responses import Response, created, ok
from generated.models import order as api
from services.order import domain
from services.order.application.cancellation import Cancellation
from services.order.application.checkout import Checkout
from services.order.domain import Address, Order
from services.order.errors import OrderNotFound
from services.order.ports import Orders


class OrderHandlers:
    def __init__(self, orders: Orders, checkout: Checkout, cancellation: Cancellation) -> None:
        self._orders, self._checkout, self._cancellation = orders, checkout, cancellation

    async def check_out(self, body: api.CheckOut, user: User, resumed_id: UUID | None = None) -> Response:
        if resumed_id is None:
            line2, postcode = body.address_line2 or None, body.postcode or None
            ship_to = Address(body.address_line1, line2, body.city, body.country, postcode)
            order = await self._checkout.place(domain.Shopper(user.id, user.email), ship_to)
        else:
            order = await self._checkout.resume(resumed_id)
        return created(_placed(order), location=f"/order/v1/orders/{order.id}")

    async def list_orders(self, user: User, limit: int, cursor: str | None = None) -> Response:
        (before,) = decode_cursor(cursor, UUID) if cursor else (None,)
        found = await self._orders.of_shopper(user.id, before=before, most=limit + 1)
        page = found[:limit]
        more = encode_cursor(page[-1].id) if len(found) > limit else None
        return ok(api.OrderPage(items=[_as_api(order) for order in page], next_cursor=more))

    async def get_order(self, order_id: UUID, owner: UUID | None) -> Response:
        return ok(_as_api(await self._authorized(order_id, owner)))

    async def cancel_order(self, order_id: UUID, owner: UUID | None) -> Response:
        await self._authorized(order_id, owner)
        return ok(_as_api(await self._cancellation.request(order_id)))

    async def get_payable(self, order_id: UUID) -> Response:
        order = await self._authorized(order_id, None)
        return ok(
            api.Payable(
                order_id=order.id,
                user_id=order.shopper.id,
                user_email=order.shopper.email,
                status=api.OrderStatus(order.status),
                amount_cents=order.total_cents,
                currency=order.currency,
            )
        )

    async def _authorized(self, order_id: UUID, owner: UUID | None) -> Order:
        """The order, if whoever asks may see it; somebody else's looks like a missing one."""
        order = await self._orders.find(order_id)
        if order is None or owner not in (None, order.shopper.id):
            raise OrderNotFound
        return order


def _lines(order: Order) -> list[api.OrderLine]:
    return [
        api.OrderLine(
            product_id=line.product_id, title=line.title, qty=line.qty, unit_price_cents=line.unit_price_cents
        )
        for line in order.merged_lines()
    ]


def _placed(order: Order) -> api.PlacedOrder:
    """The order as it was placed, whatever has become of it since: a repeat is answered as the first time."""
    to = order.ship_to
    return api.PlacedOrder(
        order_id=order.id,
        status=api.OrderStatus.CREATED,
        total_cents=order.total_cents,
        currency=order.currency,
        items=_lines(order),
        address_line1=to.address_line1,
        address_line2=UNSET if to.address_line2 is None else to.address_line2,
        city=to.city,
        country=to.country,
        postcode=UNSET if to.postcode is None else to.postcode,
        pay_by=order.pay_by,
    )


def _as_api(order: Order) -> api.Order:
    to = order.ship_to
    return api.Order(
        id=order.id,
        status=api.OrderStatus(order.status),
        total_cents=order.total_cents,
        currency=order.currency,
        items=_lines(order),
        address_line1=to.address_line1,
        address_line2=UNSET if to.address_line2 is None else to.address_line2,
        city=to.city,
        country=to.country,
        postcode=UNSET if to.postcode is None else to.postcode,
        created_at=order.created_at,
        pay_by=order.pay_by,
        cancel_reason=None if order.cancel_reason is None else api.CancelReason(order.cancel_reason),
    )
