"""Carts: what a shopper is about to buy, at the price that was seen."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

MOST_LINES = 50
MOST_PIECES = 99


@dataclass(frozen=True)
class Product:
    """What the catalog says of a product now."""

    id: UUID
    title: str
    price_cents: int
    currency: str


@dataclass(frozen=True)
class Line:
    """One product in a cart. Its `id` is new whenever the line changes, so that it names the line as it stands."""

    id: UUID
    product_id: UUID
    title: str
    unit_price_cents: int
    currency: str
    qty: int
    added_at: datetime

    @classmethod
    def of(cls, product: Product, qty: int, *, line_id: UUID, now: datetime) -> "Line":
        """So many pieces of a product, as it is now."""
        return cls(line_id, product.id, product.title, product.price_cents, product.currency, qty, now)


@dataclass(frozen=True)
class Cart:
    """The lines of one shopper, all of one currency, the one that was added first at the top."""

    lines: tuple[Line, ...] = ()

    @property
    def currency(self) -> str | None:
        return self.lines[0].currency if self.lines else None

    @property
    def total_cents(self) -> int:
        return sum(line.qty * line.unit_price_cents for line in self.lines)
