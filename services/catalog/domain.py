"""What is for sale, how many pieces there are of it, and what orders set aside."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from typing import Self
from uuid import UUID

from generated.states import ReservationStatus
from services.catalog.errors import (
    BelowReserved,
    NotSold,
    OrderCancelled,
    OutOfStock,
    PriceChanged,
    ProductUnavailable,
    TooMuchStock,
)

MAX_CATEGORIES = 1000
MAX_IMAGES = 8
# A shelf is stocked up to here; the rest of what its column can count is for pieces that come back.
MAX_QUANTITY = 1_000_000_000


class StockChange(Enum):
    """What becomes of pieces; how each changes the number in stock, and the number reserved."""

    ADD = (1, 0)
    RELEASE = (0, -1)
    SELL = (-1, -1)


@dataclass(frozen=True)
class Category:
    id: UUID
    name: str
    product_count: int = 0  # of those that are for sale; the table of products keeps it


@dataclass(frozen=True)
class Product:
    id: UUID
    title: str
    description: str
    price_cents: int
    currency: str
    sku: str
    category_id: UUID | None
    active: bool
    in_stock: int = 0
    reserved: int = 0

    @property
    def available(self) -> int:
        return self.in_stock - self.reserved


@dataclass(frozen=True)
class Image:
    """A picture of a product; the pixels are kept elsewhere, under its id."""

    id: UUID
    product_id: UUID
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class Stock:
    """How many pieces of a product there are, and at what price they are sold, if they are."""

    product_id: UUID
    in_stock: int
    reserved: int
    price_cents: int
    currency: str
    active: bool

    @property
    def available(self) -> int:
        return self.in_stock - self.reserved

    def ensure_capacity(self, qty: int) -> None:
        """Whether so many more, or fewer below zero, can be in stock.

        Raises:
            TooMuchStock: They would be more than can be counted.
            BelowReserved: Fewer would be left than orders have set aside.
        """
        if self.in_stock + qty > MAX_QUANTITY:
            raise TooMuchStock
        if self.in_stock + qty < self.reserved:
            raise BelowReserved


class ProductSort(StrEnum):
    """What comes first in a list of products; those of one price or title are told apart by their age."""

    NEWEST = "newest"
    PRICE_ASC = "price_asc"
    PRICE_DESC = "price_desc"
    NAME = "name"

    @property
    def is_descending(self) -> bool:
        return self in (ProductSort.NEWEST, ProductSort.PRICE_DESC)


@dataclass(frozen=True)
class StockMovement:
    """Pieces that an admin added or took out, and why."""

    product_id: UUID
    qty: int
    reason: str | None
    admin_id: UUID


@dataclass(frozen=True)
class RecordedMovement(StockMovement):
    """A movement as it was kept; those that came later have higher ids."""

    id: int
    moved_at: datetime


@dataclass(frozen=True)
class Line:
    """What an order wants of one product, and the price that was seen. One that is honoured holds also when the product
    has become dearer.
    """

    product_id: UUID
    qty: int
    unit_price_cents: int | None = None
    currency: str | None = None
    price_honoured: bool = False

    def is_price_acceptable(self, stock: Stock) -> bool:
        """Whether the product can be sold at the price that was seen, or at a lower one."""
        if self.unit_price_cents is None:
            return True
        if self.currency not in (None, stock.currency):
            return False
        return self.price_honoured or stock.price_cents <= self.unit_price_cents


@dataclass
class Reservation:
    """What is set aside for one order: nothing when all that is known of the order is that it was cancelled.

    `prices` is what the products cost then; the first version did not note it. `returned` is what came back since,
    by the change of the order.
    """

    order_id: UUID
    pieces: Mapping[UUID, int]
    status: ReservationStatus = ReservationStatus.HELD
    prices: Mapping[UUID, int] = field(default_factory=dict)
    returned: Mapping[UUID, Mapping[UUID, int]] = field(default_factory=dict)

    @classmethod
    def tombstone(cls, order_id: UUID) -> Self:
        """What keeps an order that was cancelled before it was met from setting anything aside."""
        return cls(order_id, {}, ReservationStatus.RELEASED)

    def ensure_active(self) -> None:
        """Raises: OrderCancelled when the order came to nothing."""
        if self.status in (ReservationStatus.RELEASED, ReservationStatus.RETURNED):
            raise OrderCancelled

    def commit(self) -> StockChange | None:
        """Make it a sale; what that does to the pieces, or None if it is one already.

        Raises:
            OrderCancelled: The order came to nothing.
        """
        self.ensure_active()
        if self.status is ReservationStatus.COMMITTED:
            return None
        return self._become(ReservationStatus.COMMITTED, StockChange.SELL)

    @property
    def left(self) -> Mapping[UUID, int]:
        """The pieces that have not come back."""
        left = Counter(self.pieces)
        for pieces in self.returned.values():
            left.subtract(pieces)
        return +left

    def take_back(self, change_id: UUID, pieces: Mapping[UUID, int]) -> StockChange | None:
        """Take back a part of what was sold; what that does to these pieces, or None if it was done before.

        Raises:
            NotSold: There are not so many of them left.
        """
        if change_id in self.returned or self.status is ReservationStatus.RETURNED:
            return None
        if self.status is not ReservationStatus.COMMITTED or not Counter(pieces) <= Counter(self.left):
            raise NotSold
        self.returned = {**self.returned, change_id: pieces}
        return StockChange.ADD if self.left else self._become(ReservationStatus.RETURNED, StockChange.ADD)

    def cancel(self) -> StockChange | None:
        """Give up what is held, or take back what was sold; None if that was done before."""
        if not self.status.successors:
            return None
        if self.status is ReservationStatus.COMMITTED:
            return self._become(ReservationStatus.RETURNED, StockChange.ADD)
        return self._become(ReservationStatus.RELEASED, StockChange.RELEASE)

    def _become(self, status: ReservationStatus, move: StockChange) -> StockChange:
        self.status = self.status.transition_to(status)
        return move


def sum_quantities(lines: Iterable[Line]) -> Mapping[UUID, int]:
    """How many pieces of each product the lines want together."""
    pieces = Counter[UUID]()
    for line in lines:
        pieces[line.product_id] += line.qty
    return pieces


def check_availability(lines: Iterable[Line], stock: Mapping[UUID, Stock]) -> None:
    """Hold what an order wants against what there is.

    Raises:
        ProductUnavailable: Products are gone or not sold.
        PriceChanged: They are sold, but not all at the prices that were seen.
        OutOfStock: The prices hold, but there is too little of something.
    """
    lines = list(lines)
    pieces = sum_quantities(lines)
    if gone := [one for one in pieces if one not in stock or not stock[one].active]:
        raise ProductUnavailable([{"product_id": one} for one in gone])
    changed = {
        (line.product_id, line.unit_price_cents): {
            "product_id": line.product_id,
            "old_price_cents": line.unit_price_cents,
            "new_price_cents": stock[line.product_id].price_cents,
            "old_currency": line.currency or stock[line.product_id].currency,
            "new_currency": stock[line.product_id].currency,
        }
        for line in lines
        if not line.is_price_acceptable(stock[line.product_id])
    }
    if changed:
        raise PriceChanged(list(changed.values()))
    short = [
        {"product_id": one, "wanted": qty, "available": stock[one].available}
        for one, qty in pieces.items()
        if qty > stock[one].available
    ]
    if short:
        raise OutOfStock(short)
