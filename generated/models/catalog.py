# Generated from contracts/catalog.yaml by scripts/generate.py. Do not edit.

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from generated.models.common import Problem


class ProductSort(StrEnum):
    NEWEST = "newest"
    PRICE_ASC = "price_asc"
    PRICE_DESC = "price_desc"
    NAME = "name"


class ReservationStatus(StrEnum):
    HELD = "HELD"
    COMMITTED = "COMMITTED"
    RETURNED = "RETURNED"
    RELEASED = "RELEASED"


class CategoryDraft(Struct, frozen=True, kw_only=True):
    name: str


class Category(Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    product_count: int


class ProductDraft(Struct, frozen=True, kw_only=True):
    title: str
    price_cents: int
    currency: str
    sku: str
    description: str | UnsetType = UNSET
    category_id: UUID | None = None
    active: bool = True


class ProductChange(Struct, frozen=True, kw_only=True):
    title: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    price_cents: int | UnsetType = UNSET
    currency: str | UnsetType = UNSET
    sku: str | UnsetType = UNSET
    category_id: UUID | None | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class ImageUpload(Struct, frozen=True, kw_only=True):
    image: bytes
    alt: str | UnsetType = UNSET


class Image(Struct, frozen=True, kw_only=True):
    id: UUID
    url: str
    alt: str
    width: int
    height: int


class Stock(Struct, frozen=True, kw_only=True):
    product_id: UUID
    in_stock: int
    reserved: int
    available: int


class StockList(Struct, frozen=True, kw_only=True):
    items: list[Stock]


class StockMovement(Struct, frozen=True, kw_only=True):
    qty: int
    reason: str | None
    admin_id: UUID
    moved_at: datetime


class StockMovementPage(Struct, frozen=True, kw_only=True):
    items: list[StockMovement]
    next_cursor: str | None


class RestockLine(Struct, frozen=True, kw_only=True):
    product_id: UUID
    qty: int


class Restock(Struct, frozen=True, kw_only=True):
    items: list[RestockLine]


class CorrectionLine(Struct, frozen=True, kw_only=True):
    product_id: UUID
    qty: int


class Correction(Struct, frozen=True, kw_only=True):
    reason: str
    items: list[CorrectionLine]


class ReservedLine(Struct, frozen=True, kw_only=True):
    product_id: UUID
    qty: int
    unit_price_cents: int | UnsetType = UNSET
    currency: str | UnsetType = UNSET
    price_honoured: bool | UnsetType = UNSET


class ReservationRequest(Struct, frozen=True, kw_only=True):
    order_id: UUID
    items: list[ReservedLine]
    instead_of: UUID | UnsetType = UNSET


class Commitment(Struct, frozen=True, kw_only=True):
    order_id: UUID


class ReservedPrice(Struct, frozen=True, kw_only=True):
    product_id: UUID
    unit_price_cents: int


class Reservation(Struct, frozen=True, kw_only=True):
    order_id: UUID
    status: ReservationStatus
    prices: list[ReservedPrice]


class ShortLine(Struct, frozen=True, kw_only=True):
    product_id: UUID
    wanted: int
    available: int


class UnavailableLine(Struct, frozen=True, kw_only=True):
    product_id: UUID


class RepricedLine(Struct, frozen=True, kw_only=True):
    product_id: UUID
    old_price_cents: int
    new_price_cents: int
    old_currency: str
    new_currency: str


class Product(Struct, frozen=True, kw_only=True):
    id: UUID
    title: str
    description: str
    price_cents: int
    currency: str
    sku: str
    category_id: UUID | None
    active: bool
    available: int
    image: Image | UnsetType = UNSET


class ProductPage(Struct, frozen=True, kw_only=True):
    items: list[Product]
    next_cursor: str | None


class OutOfStockProblem(Problem, frozen=True, kw_only=True):
    type: Literal["/problems/out-of-stock"]
    lines: list[ShortLine]


class ProductUnavailableProblem(Problem, frozen=True, kw_only=True):
    type: Literal["/problems/product-unavailable"]
    lines: list[UnavailableLine]


class PriceChangedProblem(Problem, frozen=True, kw_only=True):
    type: Literal["/problems/price-changed"]
    lines: list[RepricedLine]
