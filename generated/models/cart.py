# Generated from contracts/cart.yaml by scripts/generate.py. Do not edit.

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct


class LineChange(Struct, frozen=True, kw_only=True):
    qty: int


class LineWithOldPrice(Struct, frozen=True, kw_only=True):
    line_id: UUID


class LineAddition(Struct, frozen=True, kw_only=True):
    product_id: UUID
    qty: int


class CartLine(Struct, frozen=True, kw_only=True):
    """What the cart holds of one product. Its id, title and price are those of the newest addition that is in it."""

    line_id: UUID
    product_id: UUID
    title: str
    unit_price_cents: int
    qty: int
    total_cents: int
    added_at: datetime


class CartAddition(Struct, frozen=True, kw_only=True):
    """Pieces of one product that were added together, or what is left of them."""

    line_id: UUID
    product_id: UUID
    title: str
    unit_price_cents: int
    qty: int
    added_at: datetime


class Cart(Struct, frozen=True, kw_only=True):
    items: list[CartLine]
    currency: str | None
    total_cents: int


class CheckoutCart(Struct, frozen=True, kw_only=True):
    items: list[CartAddition]
    currency: str | None
    total_cents: int
    revision: int
