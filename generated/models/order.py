# Generated from contracts/order.yaml by scripts/generate.py. Do not edit.

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from generated.models.common import Problem


class OrderStatus(StrEnum):
    PENDING = "PENDING"
    CREATED = "CREATED"
    PAID = "PAID"
    CANCELLED = "CANCELLED"
    REFUNDED = "REFUNDED"
    REJECTED = "REJECTED"


class CancelReason(StrEnum):
    """Why an order came to nothing."""

    REQUESTED = "requested"
    NOT_PAID_IN_TIME = "not-paid-in-time"
    REJECTED_AT_CHECKOUT = "rejected"
    GIVEN_UP = "given-up"


class CheckOut(Struct, frozen=True, kw_only=True):
    """Where the parcel shall go; with a postcode where the country has them."""

    address_line1: str
    city: str
    country: str
    address_line2: str | UnsetType = UNSET
    postcode: str | UnsetType = UNSET


class OrderLine(Struct, frozen=True, kw_only=True):
    product_id: UUID
    title: str
    qty: int
    unit_price_cents: int


class PlacedOrder(Struct, frozen=True, kw_only=True):
    """The order as it was placed; a repeat is answered with the same, whatever has become of it since."""

    order_id: UUID
    status: OrderStatus
    total_cents: int
    currency: str
    items: list[OrderLine]
    address_line1: str
    city: str
    country: str
    pay_by: datetime
    address_line2: str | UnsetType = UNSET
    postcode: str | UnsetType = UNSET


class ReceivedReturn(Struct, frozen=True, kw_only=True):
    restock: bool


class ChangedItem(Struct, frozen=True, kw_only=True):
    product_id: UUID
    qty: int


class ChangeKind(StrEnum):
    """`cancellation` of pieces before the parcel has left, or `return` of some after it has arrived."""

    CANCELLATION = "cancellation"
    RETURN = "return"


class ChangeStatus(StrEnum):
    """A cancellation is `INTENDED` until the pieces are out of the parcel, `AGREED` then, or `DROPPED` if that had left, or the whole order was cancelled meanwhile. A return is `REQUESTED` until the pieces are back, and `RECEIVED` then. Both are `PAID_BACK` once the money went back."""

    INTENDED = "INTENDED"
    AGREED = "AGREED"
    DROPPED = "DROPPED"
    RETURN_REQUESTED = "REQUESTED"
    RETURN_RECEIVED = "RECEIVED"
    PAID_BACK = "PAID_BACK"


class OrderChange(Struct, frozen=True, kw_only=True):
    """Pieces that went out of an order after it was paid."""

    id: UUID
    kind: ChangeKind
    status: ChangeStatus
    items: list[OrderLine]
    amount_cents: int
    created_at: datetime


class TimelineSource(StrEnum):
    """The service in which it happened."""

    ORDER = "order"
    PAYMENT = "payment"
    SHIPPING = "shipping"
    NOTIFICATIONS = "notifications"


class TimelineKind(StrEnum):
    """What happened, as events call it; `mail.sent` is one of the mails about it."""

    ORDER_CREATED = "order.created"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_REDUCED = "order.reduced"
    PAYMENT_SUCCEEDED = "payment.succeeded"
    PAYMENT_FAILED = "payment.failed"
    PAYMENT_REFUNDED = "payment.refunded"
    SHIPPING_READY = "shipping.ready"
    SHIPPING_DISPATCHED = "shipping.dispatched"
    SHIPPING_CORRECTED = "shipping.corrected"
    SHIPPING_DELIVERED = "shipping.delivered"
    MAIL_SENT = "mail.sent"


class TimelineEntry(Struct, frozen=True, kw_only=True):
    happened_at: datetime
    source: TimelineSource
    kind: TimelineKind
    amount_cents: int | UnsetType = UNSET
    currency: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    reason: str | UnsetType = UNSET
    carrier: str | UnsetType = UNSET
    tracking_number: str | UnsetType = UNSET
    mail: str | UnsetType = UNSET


class Timeline(Struct, frozen=True, kw_only=True):
    items: list[TimelineEntry]
    missing_sources: list[TimelineSource]
    next_cursor: str | None


class Payable(Struct, frozen=True, kw_only=True):
    order_id: UUID
    user_id: UUID
    user_email: str
    status: OrderStatus
    amount_cents: int
    currency: str


class ChangedPrice(Struct, frozen=True, kw_only=True):
    product_id: UUID
    title: str
    old_price_cents: int
    new_price_cents: int
    old_currency: str
    new_currency: str


class Order(Struct, frozen=True, kw_only=True):
    id: UUID
    status: OrderStatus
    total_cents: int
    currency: str
    items: list[OrderLine]
    address_line1: str
    city: str
    country: str
    created_at: datetime
    pay_by: datetime
    cancel_reason: CancelReason | None
    address_line2: str | UnsetType = UNSET
    postcode: str | UnsetType = UNSET
    changes: list[OrderChange] | UnsetType = UNSET


class OrderPage(Struct, frozen=True, kw_only=True):
    items: list[Order]
    next_cursor: str | None


class ListedOrder(Order, frozen=True, kw_only=True):
    user_id: UUID
    user_email: str


class ListedOrderPage(Struct, frozen=True, kw_only=True):
    items: list[ListedOrder]
    next_cursor: str | None


class OrderExistsProblem(Problem, frozen=True, kw_only=True):
    type: Literal["/problems/order-exists"]
    order_id: UUID


class CheckoutPriceChangedProblem(Problem, frozen=True, kw_only=True):
    type: Literal["/problems/price-changed"]
    lines: list[ChangedPrice]


class ItemsToCancel(Struct, frozen=True, kw_only=True):
    items: list[ChangedItem]


class ReturnRequest(Struct, frozen=True, kw_only=True):
    items: list[ChangedItem]
