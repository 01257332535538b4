"""Turns a cart into an order, in steps that can each be repeated, by one row that decides."""

from datetime import timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from services.order.announcements import cancelled, created
from services.order.domain import Address, Order, Reason, Shopper, Status
from services.order.errors import CartIsEmpty, CheckoutGivenUp, OutOfStock, PriceChanged, ProductUnavailable
from services.order.ports import Carts, Inventory, OrderCancelled, Orders, Shipments, UnitOfWork


class Checkout:
    """The order row is written first, and moves first: what was set aside for an order that came to nothing is
    cleaned up by whoever hears that it did. Whatever dies on the way, the sweeper gives the order up.
    """  # fmt: skip

    def __init__(
        self, orders: Orders, unit_of_work: UnitOfWork, carts: Carts, inventory: Inventory, shipments: Shipments, *,
        patience: timedelta, honoured: timedelta,
    ) -> None:  # fmt: skip
        """An order has to be paid within `patience`; a cart's prices are honoured for `honoured`."""
        self._orders, self._unit_of_work = orders, unit_of_work
        self._carts, self._inventory, self._shipments = carts, inventory, shipments
        self._patience, self._honoured = patience, honoured

    async def place(self, shopper: Shopper, ship_to: Address, key: str | None = None) -> Order:
        """Order what is in the shopper's cart; the same cart again is the same order.

        Raises:
            CartIsEmpty, OutOfStock, ProductUnavailable, PriceChanged: There is no order, and nothing is set aside.
            CheckoutGivenUp: It took so long that the order was given up.
        """
        return await self.finish(await self._begun(shopper, ship_to, key))

    async def finish(self, order: Order) -> Order:
        """Go on with an order, from wherever it stands."""
        if order.status is Status.REJECTED:
            raise CheckoutGivenUp
        if order.status is not Status.PENDING:
            return order
        old = order.created_at - self._honoured
        try:
            await self._inventory.reserve(order, {line.product_id for line in order.lines if line.priced_at < old})
            await self._shipments.draft(order)
        except (OutOfStock, ProductUnavailable, PriceChanged):
            await self.give_up(order.id, Reason.REJECTED)
            raise
        except OrderCancelled:
            raise CheckoutGivenUp from None
        return await self._confirmed(order.id)

    async def give_up(self, order_id: UUID, reason: Reason) -> None:
        """Reject an order that is still `PENDING`, and tell everybody to let go of what they set aside for it."""
        async with self._unit_of_work() as work:
            order = await work.orders.locked(order_id)
            if order and order.reject(reason):
                await work.orders.save(order)
                await work.announce(cancelled(order))

    async def _begun(self, shopper: Shopper, ship_to: Address, key: str | None) -> Order:
        cart = await self._carts.of(shopper.id)
        async with self._unit_of_work() as work:
            ordered = await work.orders.ordered_from(shopper.id, [line.line_id for line in cart.lines])
            left = cart.without(ordered)
            # Version 7 ids grow: the largest is the order made last.
            order = await work.orders.find(max(ordered.values())) if ordered and not left.lines else None
            if order is None:
                now = await work.orders.clock()
                order = Order.place(uuid7(), shopper, ship_to, left, now=now, patience=self._patience)
                await work.orders.add(order)
            elif order.came_to_nothing:
                raise CartIsEmpty
            if key is not None:
                await work.requests.link(shopper.id, key, order.id)
        return order

    async def _confirmed(self, order_id: UUID) -> Order:
        async with self._unit_of_work() as work:
            order = await work.orders.locked(order_id)
            if order is None or order.status is Status.REJECTED:
                raise CheckoutGivenUp
            if order.status is Status.PENDING and order.confirm():
                await work.orders.save(order)
                await work.announce(created(order))
        return order
