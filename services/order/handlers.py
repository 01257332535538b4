"""One method per operation of contracts/order.yaml, under its operationId."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from msgspec import convert

from chassis.web.access import User
from chassis.web.cursors import decode_cursor, encode_cursor
from chassis.web.responses import Response, created, ok
from generated.models import order as api
from generated.states import OrderStatus
from services.order import domain
from services.order.application.cancellation import Cancellation
from services.order.application.checkout import Checkout
from services.order.application.reduction import Reduction
from services.order.application.timeline import TimelineService
from services.order.domain import CheckoutDetails, Order, OrderFilter, TimelineEntry
from services.order.errors import EmailNotVerified, OrderNotFound
from services.order.ports import OrderRepository

Model = TypeVar("Model")


class OrderHandlers:
    def __init__(
        self,
        orders: OrderRepository,
        checkout: Checkout,
        cancellation: Cancellation,
        reduction: Reduction,
        timeline: TimelineService,
        *,
        verified_email_required: bool = False,
    ) -> None:
        self._orders, self._checkout, self._cancellation = orders, checkout, cancellation
        self._reduction, self._timeline = reduction, timeline
        self._verified_email_required = verified_email_required

    async def check_out(self, body: api.CheckOut, user: User, resumed_id: UUID | None = None) -> Response:
        if self._verified_email_required and not user.email_verified:
            raise EmailNotVerified
        if resumed_id is None:
            shopper = domain.Shopper(user.id, user.email)
            order = await self._checkout.place(shopper, _details(body), email_verified=user.email_verified)
        else:
            order = await self._checkout.resume(resumed_id)
        return created(_placed(order), location=f"/order/v1/orders/{order.id}")

    async def list_orders(self, user: User, limit: int, cursor: str | None = None) -> Response:
        (before,) = decode_cursor(cursor, UUID) if cursor else (None,)
        found = await self._orders.list_by_user(user.id, before=before, most=limit + 1)
        page = found[:limit]
        more = encode_cursor(page[-1].id) if len(found) > limit else None
        return ok(api.OrderPage(items=[_as_api(order) for order in page], next_cursor=more))

    async def list_all_orders(
        self,
        *,
        limit: int,
        status: OrderStatus | None = None,
        email: str | None = None,
        created_from: datetime | None = None,
        created_before: datetime | None = None,
        cursor: str | None = None,
    ) -> Response:
        (before,) = decode_cursor(cursor, UUID) if cursor else (None,)
        wanted = OrderFilter(status, email and email.lower(), created_from, created_before)
        if wanted.email == domain.ERASED_EMAIL:  # all that were ever erased, of which few may be in that state
            return ok(api.ListedOrderPage(items=[], next_cursor=None))
        found = await self._orders.list_by_filter(wanted, before=before, limit=limit + 1)
        page = found[:limit]
        more = encode_cursor(page[-1].id) if len(found) > limit else None
        return ok(api.ListedOrderPage(items=[_as_listed(order) for order in page], next_cursor=more))

    async def get_order(self, order_id: UUID, owner: UUID | None) -> Response:
        return ok(_as_api(await self._authorized(order_id, owner)))

    async def list_timeline(
        self, order_id: UUID, owner: UUID | None, limit: int, cursor: str | None = None
    ) -> Response:
        order = await self._authorized(order_id, owner)
        after = decode_cursor(cursor, datetime, UUID) if cursor else None
        timeline = await self._timeline.read(order, after=after, limit=limit + 1)
        page = timeline.entries[:limit]
        more = encode_cursor(*page[-1].position) if len(timeline.entries) > limit else None
        missing = [api.TimelineSource(source) for source in timeline.missing_sources]
        return ok(api.Timeline(items=[_as_entry(entry) for entry in page], missing_sources=missing, next_cursor=more))

    async def cancel_order(self, order_id: UUID, owner: UUID | None) -> Response:
        await self._authorized(order_id, owner)
        return ok(_as_api(await self._cancellation.request(order_id)))

    async def cancel_items(
        self, order_id: UUID, owner: UUID | None, body: api.ItemsToCancel, resumed_id: UUID | None = None
    ) -> Response:
        await self._authorized(order_id, owner)
        if resumed_id is None:
            change = await self._reduction.cancel_items(order_id, _quantities(body.items))
        else:
            change = await self._reduction.finish(order_id, resumed_id)
        return created(_as_change(change), location=f"/order/v1/orders/{order_id}")

    async def request_return(self, order_id: UUID, owner: UUID | None, body: api.ReturnRequest) -> Response:
        await self._authorized(order_id, owner)
        change = await self._reduction.request_return(order_id, _quantities(body.items))
        return created(_as_change(change), location=f"/order/v1/orders/{order_id}")

    async def receive_return(self, order_id: UUID, return_id: UUID, body: api.ReceivedReturn) -> Response:
        return ok(_as_change(await self._reduction.receive_return(order_id, return_id, restock=body.restock)))

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


def _as_change(change: domain.Change) -> api.OrderChange:
    return convert(change, api.OrderChange, from_attributes=True)


def _quantities(items: Iterable[api.ChangedItem]) -> Counter[UUID]:
    quantities = Counter[UUID]()
    for item in items:
        quantities[item.product_id] += item.qty
    return quantities


def _as_entry(entry: TimelineEntry) -> api.TimelineEntry:
    said = {"happened_at": entry.happened_at, "source": entry.source, "kind": entry.kind, **entry.facts}
    return convert(said, api.TimelineEntry)


def _details(body: api.CheckOut) -> CheckoutDetails:
    given: dict[str, Any] = {field.name: getattr(body, field.name) or None for field in fields(CheckoutDetails)}
    return CheckoutDetails(**given)


def _placed(order: Order) -> api.PlacedOrder:
    """The order as it was placed, whatever has become of it since: a repeat is answered as the first time."""
    return _answer(api.PlacedOrder, order, order_id=order.id, status=OrderStatus.CREATED)


def _as_api(order: Order) -> api.Order:
    return _answer(api.Order, order, cancel_reason=order.cancel_reason)


def _as_listed(order: Order) -> api.ListedOrder:
    shopper = {"user_id": order.shopper.id, "user_email": order.shopper.email}
    return _answer(api.ListedOrder, order, cancel_reason=order.cancel_reason, **shopper)


def _answer(model: type[Model], order: Order, **values: object) -> Model:
    """The order's values under the names that the model has."""
    return convert({**order.values(), "items": order.merged_lines(), **values}, model, from_attributes=True)
