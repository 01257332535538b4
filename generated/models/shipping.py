# Generated from contracts/shipping.yaml by scripts/generate.py. Do not edit.

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from generated.models.common import Problem


class ShipmentStatus(StrEnum):
    PENDING_PAYMENT = "PENDING_PAYMENT"
    READY_TO_SHIP = "READY_TO_SHIP"
    DISPATCHED = "DISPATCHED"
    DELIVERED = "DELIVERED"
    CANCELLED = "CANCELLED"


class PackedItem(Struct, frozen=True, kw_only=True):
    product_id: UUID
    title: str
    qty: int


class Dispatch(Struct, frozen=True, kw_only=True):
    carrier: str
    tracking_number: str


class ShipmentCancellation(Struct, frozen=True, kw_only=True):
    order_id: UUID


class CancelledShipment(Struct, frozen=True, kw_only=True):
    order_id: UUID
    status: Literal["CANCELLED"]


class TakenOutItem(Struct, frozen=True, kw_only=True):
    product_id: UUID
    qty: int


class TakenOut(Struct, frozen=True, kw_only=True):
    order_id: UUID
    change_id: UUID


class DispatchedDifferentlyProblem(Problem, frozen=True, kw_only=True):
    """The carrier and the number with which the parcel has left."""

    type: Literal["/problems/dispatched-differently"]
    carrier: str
    tracking_number: str


class Shipment(Struct, frozen=True, kw_only=True):
    id: UUID
    order_id: UUID
    status: ShipmentStatus
    carrier: str | None
    tracking_number: str | None
    address_line1: str
    city: str
    country: str
    address_line2: str | UnsetType = UNSET
    postcode: str | UnsetType = UNSET
    items: list[PackedItem] | UnsetType = UNSET


class ListedShipment(Shipment, frozen=True, kw_only=True):
    user_email: str
    created_at: datetime


class ShipmentPage(Struct, frozen=True, kw_only=True):
    items: list[ListedShipment]
    next_cursor: str | None


class ShipmentDraft(Struct, frozen=True, kw_only=True):
    order_id: UUID
    user_id: UUID
    user_email: str
    address_line1: str
    city: str
    country: str
    amount_cents: int
    currency: str
    address_line2: str | UnsetType = UNSET
    postcode: str | UnsetType = UNSET
    items: list[PackedItem] | UnsetType = UNSET


class TakeOut(Struct, frozen=True, kw_only=True):
    order_id: UUID
    change_id: UUID
    items: list[TakenOutItem]
