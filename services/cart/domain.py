"""Carts: what a shopper is about to buy, at the price that was seen."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

MAX_PRODUCTS = 50
MAX_QUANTITY = 99
MAX_ADDITIONS = 200


@dataclass(frozen=True)
class Product:
    """What the catalog says of a product now."""

    id: UUID
    title: str
    price_cents: int
    currency: str


@dataclass(frozen=True)
class Addition:
    """Pieces of a product that were put in together, or what is left of them.

    Its `id` never changes and is never used again, so that it can be ordered once; `revision` is the cart's with which
    it came in, and 0 for what was put in before carts had any.
    """

    id: UUID
    product_id: UUID
    title: str
    unit_price_cents: int
    currency: str
    qty: int
    added_at: datetime
    revision: int = 0

    @classmethod
    def from_product(cls, product: Product, qty: int, *, addition_id: UUID, now: datetime) -> "Addition":
        """`qty` pieces of a product, at its present title and price."""
        return cls(addition_id, product.id, product.title, product.price_cents, product.currency, qty, now)

    @property
    def total_cents(self) -> int:
        return self.qty * self.unit_price_cents


@dataclass(frozen=True)
class Line:
    """What a cart holds of one product, as shoppers see it; `newest` is the addition that was made last."""

    newest: Addition
    qty: int
    total_cents: int


@dataclass(frozen=True)
class Cart:
    """The additions of one shopper, all of one currency, the oldest first; every change the shopper makes raises the
    revision.
    """

    additions: tuple[Addition, ...] = ()
    revision: int = 0

    @property
    def lines(self) -> list[Line]:
        """A line for each product, the one that was put in first at the top."""
        by_product = defaultdict[UUID, list[Addition]](list)
        for addition in self.additions:
            by_product[addition.product_id].append(addition)
        return [
            Line(
                additions[-1],
                sum(addition.qty for addition in additions),
                sum(addition.total_cents for addition in additions),
            )
            for additions in by_product.values()
        ]

    @property
    def currency(self) -> str | None:
        return self.additions[0].currency if self.additions else None

    @property
    def total_cents(self) -> int:
        return sum(addition.total_cents for addition in self.additions)
