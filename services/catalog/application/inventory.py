"""How many pieces of each product there are, and what orders set aside."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from chassis.events.delivery import Delivery
from generated.states import ReservationStatus
from services.catalog.domain import (
    Line,
    RecordedMovement,
    Reservation,
    Stock,
    StockChange,
    StockMovement,
    check_availability,
    sum_quantities,
)
from services.catalog.errors import ProductNotFound, ReservationNotFound
from services.catalog.ports import StockMovementRepository, StockRepository, UnitOfWork, UnitOfWorkFactory


class InventoryService:
    def __init__(
        self, stock: StockRepository, movements: StockMovementRepository, unit_of_work: UnitOfWorkFactory
    ) -> None:
        self._stock, self._movements, self._unit_of_work = stock, movements, unit_of_work

    async def get(self, product_id: UUID) -> Stock:
        """Raises: ProductNotFound."""
        stock = await self._stock.find(product_id)
        if stock is None:
            raise ProductNotFound
        return stock

    async def list_movements(self, product_id: UUID, *, before: int | None, limit: int) -> Sequence[RecordedMovement]:
        """What admins did to the stock, the newest first, from the one after `before`. Raises: ProductNotFound."""
        await self.get(product_id)
        return await self._movements.list_by_product(product_id, before=before, limit=limit)

    async def adjust(self, quantities: Mapping[UUID, int], reason: str | None, admin_id: UUID) -> Sequence[Stock]:
        """Add so many pieces of each product, or take them out below zero; the stock as it then is.

        Raises:
            ProductNotFound, TooMuchStock, BelowReserved: Nothing is changed.
        """
        async with self._unit_of_work() as work:
            stock = await work.stock.lock(quantities)
            if stock.keys() != quantities.keys():
                raise ProductNotFound
            for product_id, qty in quantities.items():
                stock[product_id].ensure_capacity(qty)
            await work.stock.apply_change(quantities, StockChange.ADD)
            movements = [StockMovement(product_id, qty, reason, admin_id) for product_id, qty in quantities.items()]
            await work.stock_movements.add_all(movements)
        return [replace(stock[one], in_stock=stock[one].in_stock + qty) for one, qty in quantities.items()]

    async def reserve(self, order_id: UUID, lines: Sequence[Line], instead_of: UUID | None) -> Reservation:
        """Set aside what an order wants, and release what is held for the order that it replaces; a repeat sets
        nothing more aside.

        Raises:
            OrderCancelled, ProductUnavailable, PriceChanged, OutOfStock: Nothing is changed.
        """
        wanted = Reservation(order_id, sum_quantities(lines))
        async with self._unit_of_work() as work:
            # Every reservation's row before any product's, as everybody takes them: else two wait for each other.
            replaced = instead_of and await work.reservations.find_or_add(Reservation.tombstone(instead_of))
            reservation = await work.reservations.find_or_add(wanted)
            reservation.ensure_active()
            if replaced:
                await _release(work, replaced, wanted)
            if reservation is wanted:
                stock = await work.stock.reserve(wanted.order_id, wanted.pieces)
                check_availability(lines, stock)
                reservation.prices = {product_id: one.price_cents for product_id, one in stock.items()}
        return reservation

    async def check_availability(self, lines: Iterable[Line]) -> None:
        """Raises: ProductUnavailable, PriceChanged, OutOfStock."""
        lines = list(lines)
        check_availability(lines, await self._stock.find_many(sum_quantities(lines)))

    async def commit(self, order_id: UUID) -> Reservation:
        """Sell what is set aside for an order; a repeat changes nothing.

        Raises:
            ReservationNotFound: Nothing was set aside.
            OrderCancelled: The order came to nothing.
        """

        async def commit(work: UnitOfWork) -> Reservation:
            reservation = await work.reservations.lock(order_id)
            if reservation is None:
                raise ReservationNotFound
            if change := reservation.commit():
                await _save(work, reservation, change)
            return reservation

        return await self._unit_of_work.run(commit)

    async def release_cancelled_order(self, order_id: UUID, delivery: Delivery) -> None:
        """Release what is held, take back what was sold, and remember an order that was not met yet."""

        async def release(work: UnitOfWork) -> None:
            reservation = await work.reservations.find_or_add(Reservation.tombstone(order_id))
            if change := reservation.cancel():
                await _save(work, reservation, change)

        await self._unit_of_work.run_for_delivery(delivery, release)

    async def take_back(self, order_id: UUID, change_id: UUID, pieces: Mapping[UUID, int], delivery: Delivery) -> None:
        """Put pieces back on sale that went out of an order, once for each change of it.

        Raises:
            ReservationNotFound, NotSold.
        """

        async def take_back(work: UnitOfWork) -> None:
            reservation = await work.reservations.lock(order_id)
            if reservation is None:
                raise ReservationNotFound
            if change := reservation.take_back(change_id, pieces):
                await work.reservations.save(reservation)
                await work.stock.apply_change(pieces, change)

        await self._unit_of_work.run_for_delivery(delivery, take_back)


async def _release(work: UnitOfWork, reservation: Reservation, wanted: Reservation) -> None:
    """Set free what is held for an order that was given up."""
    if reservation.status is ReservationStatus.HELD and (change := reservation.cancel()):
        # In the order of their ids those as well that are wanted next.
        await work.stock.lock_including_deleted({*reservation.pieces, *wanted.pieces})
        await _save(work, reservation, change)


async def _save(work: UnitOfWork, reservation: Reservation, change: StockChange) -> None:
    await work.reservations.save(reservation)
    await work.stock.apply_change(reservation.left, change)
