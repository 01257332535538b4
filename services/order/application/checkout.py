"""Turns a cart into an order, in steps that can each be repeated, by one row that decides."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from generated.states import OrderStatus
from services.order.application.outgoing_events import order_created_event
from services.order.application.timeline import announce_cancelled
from services.order.domain import CancelReason, Cart, CheckoutDetails, Order, PriorOrders, Shopper
from services.order.errors import (
    CartChanged,
    CheckoutGivenUp,
    EmailNotVerified,
    OrderCancelled,
    OrderExists,
    OutOfStock,
    PriceChanged,
    ProductUnavailable,
    TooManyUnpaidOrders,
)
from services.order.ports import (
    CartClient,
    InventoryClient,
    OrderRepository,
    ShipmentClient,
    UnitOfWork,
    UnitOfWorkFactory,
)


class Checkout:
    """The order row is written first, and moves first: what was set aside for an order that came to nothing is
    cleaned up by whoever hears that it did. Whatever dies on the way, the sweeper gives the order up.
    """  # fmt: skip

    def __init__(
        self, orders: OrderRepository, unit_of_work: UnitOfWorkFactory,
        carts: CartClient, inventory: InventoryClient, shipments: ShipmentClient,
        *, payment_window: timedelta, price_validity: timedelta, max_unpaid: int,
    ) -> None:  # fmt: skip
        self._orders, self._unit_of_work = orders, unit_of_work
        self._carts, self._inventory, self._shipments = carts, inventory, shipments
        self._payment_window, self._price_validity, self._max_unpaid = payment_window, price_validity, max_unpaid

    async def place(self, shopper: Shopper, details: CheckoutDetails, *, email_verified: bool) -> Order:
        """Order what is in the shopper's cart, to that address; the same again is the same order.

        Raises:
            CartIsEmpty, OrderExists: There is nothing that was not ordered.
            EmailNotVerified: Too many orders under the address came to nothing lately, whosever it is.
            TooManyUnpaidOrders, OutOfStock, ProductUnavailable, PriceChanged: There is no order, and nothing is set
                aside.
            CheckoutGivenUp: It took so long that the order was given up, or another checkout followed.
        """
        return await self.finish(await self._begin(shopper, details, email_verified))

    async def resume(self, order_id: UUID) -> Order:
        """Go on with a checkout that was begun, from wherever it stands; refused as `place` is."""
        order = await self._orders.find(order_id)
        if order is None:
            raise CheckoutGivenUp
        return await self.finish(order)

    async def finish(self, order: Order) -> Order:
        """Set aside what a pending order needs, and confirm it; the order's row says how that ended, whoever did it."""
        if order.status is OrderStatus.PENDING:
            order = await self._set_aside(order)
        order.require_placed()
        return order

    async def abandon(self, order_id: UUID, reason: CancelReason, refusal: Exception | None = None) -> Order:
        """Reject an order that is still `PENDING`, and tell everybody to let go of what they set aside for it."""
        async with self._unit_of_work() as work:
            order = await work.orders.lock(order_id)
            if order is None:
                raise CheckoutGivenUp
            await _reject(work, order, reason, refusal)
        return order

    async def _begin(self, shopper: Shopper, details: CheckoutDetails, email_verified: bool) -> Order:
        revision = 0
        while True:
            cart = await self._carts.get_cart(shopper.id)
            refusal = await self._foreseen(shopper, details, cart)
            try:
                return await self._place(
                    shopper, details, cart, refusal, max(cart.revision, revision), email_verified=email_verified
                )
            except CartChanged as change:
                # What is read from now on is later than that order, even if the cart has forgotten its revision.
                revision = change.revision

    async def _foreseen(self, shopper: Shopper, details: CheckoutDetails, cart: Cart) -> Exception | None:
        """What catalog would refuse, asked before anything is written: a rejected order leaves rows everywhere."""
        if not cart.lines:
            return None
        order = self._order(shopper, details, cart, datetime.now(UTC))
        try:
            await self._inventory.check_availability(order, self._lines_with_valid_price(order))
        except (OutOfStock, ProductUnavailable, PriceChanged) as refusal:
            return refusal
        return None

    async def _place(
        self,
        shopper: Shopper,
        details: CheckoutDetails,
        cart: Cart,
        foreseen: Exception | None,
        revision: int,
        *,
        email_verified: bool,
    ) -> Order:
        async with self._unit_of_work() as work:
            prior = await work.orders.lock_prior_orders(shopper, [line.line_id for line in cart.lines])
            if prior.revision > revision:
                raise CartChanged(prior.revision)
            left = cart.without_lines(prior.ordered)
            order = next((order for order in prior.pending if order.matches_checkout(left, details)), None)
            if order is None and prior.ordered and not left.lines:
                order = await self._placed_before(work, prior, cart, details)
            elif order is None:
                order = self._order(shopper, details, left, prior.now)
                self._must_be_allowed(prior, foreseen, email_verified)
                # Their lines are given back before they are ordered anew, their stock with the reservation. What was
                # held for orders given up earlier is free once catalog has heard of them: a refusal until then is safe.
                for other in prior.pending:
                    await _reject(work, other, CancelReason.GIVEN_UP)
                    order.replaces = other.id
                await work.orders.add(order)
            await work.link_idempotency_key(order.id)
        return order

    async def _placed_before(self, work: UnitOfWork, prior: PriorOrders, cart: Cart, details: CheckoutDetails) -> Order:
        """The last order that took from this cart, if it is what is asked for."""
        last = await work.orders.find_latest(set(prior.ordered.values()))
        asked = [line for line in cart.lines if prior.ordered[line.line_id] == last.id]
        if last.is_terminated or last.details != details or not last.contains_exactly(asked):
            raise OrderExists(last.id)
        return last

    def _must_be_allowed(self, prior: PriorOrders, foreseen: Exception | None, email_verified: bool) -> None:
        if prior.unpaid >= self._max_unpaid:
            raise TooManyUnpaidOrders(f"{prior.unpaid} orders await their payment")
        # Somebody may be mailed about each of them who never heard of us.
        if not email_verified and prior.within_a_day >= self._max_unpaid:
            raise EmailNotVerified
        # What is missing may be set aside for an order of the shopper's own: then only the reservation can tell.
        if foreseen and not prior.pending and not prior.ordered:
            raise foreseen

    async def _set_aside(self, order: Order) -> Order:
        """The order as its row says that it became: not what was learned here, if somebody else moved it first."""
        try:
            prices = await self._inventory.reserve(order, self._lines_with_valid_price(order))
            order.cap_prices(prices)  # as the row will be when it is confirmed, for that is what will be paid
            await self._shipments.create_draft(order)
        except (OutOfStock, ProductUnavailable, PriceChanged) as refusal:
            return await self.abandon(order.id, CancelReason.REJECTED, refusal)
        except OrderCancelled:
            return await self.abandon(order.id, CancelReason.GIVEN_UP)
        return await self._confirm(order.id, prices)

    async def _confirm(self, order_id: UUID, prices: Mapping[UUID, int]) -> Order:
        async def confirm(work: UnitOfWork) -> Order:
            order = await work.orders.lock(order_id)
            if order is None:
                raise CheckoutGivenUp
            if order.status is OrderStatus.PENDING and order.confirm():
                if order.cap_prices(prices):
                    await work.orders.save_prices(order)
                await work.orders.save(order)
                await work.publish(order_created_event(order))
            return order

        return await self._unit_of_work.run(confirm)

    def _order(self, shopper: Shopper, details: CheckoutDetails, cart: Cart, now: datetime) -> Order:
        return Order.place(uuid7(), shopper, details, cart, now=now, payment_window=self._payment_window)

    def _lines_with_valid_price(self, order: Order) -> set[UUID]:
        """The lines whose price was seen so lately that it is kept where the product has become dearer."""
        old = order.created_at - self._price_validity
        return {line.line_id for line in order.lines if line.priced_at >= old}


async def _reject(work: UnitOfWork, order: Order, reason: CancelReason, refusal: Exception | None = None) -> None:
    if order.reject(reason, refusal):
        await work.orders.save(order)
        await announce_cancelled(work, order)
