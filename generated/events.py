# Generated from asyncapi/shop.yaml by scripts/generate.py. Do not edit.

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType
from uuid_utils.compat import uuid7

from chassis.events.outbox import OutgoingEvent


class CancelReason(StrEnum):
    """`requested` by the shopper or an admin; `not-paid-in-time`; `rejected` at the checkout, or `given-up` by it: these two were never announced as created."""

    REQUESTED = "requested"
    NOT_PAID_IN_TIME = "not-paid-in-time"
    REJECTED = "rejected"
    GIVEN_UP = "given-up"


class ReductionKind(StrEnum):
    """`cancellation` of pieces before the parcel has left, or `return` of some after it has arrived."""

    CANCELLATION = "cancellation"
    RETURN = "return"


class ReducedItem(Struct, frozen=True, kw_only=True):
    product_id: UUID
    title: str
    qty: int
    unit_price_cents: int


class PaymentSucceededData(Struct, frozen=True, kw_only=True):
    amount_cents: int
    currency: str
    provider: str
    payment_id: UUID


class PaymentRefundedData(Struct, frozen=True, kw_only=True):
    amount_cents: int
    currency: str
    provider: str
    payment_id: UUID
    refund_id: UUID | UnsetType = UNSET
    remaining_cents: int | UnsetType = UNSET


class AccountEnvelope(Struct, frozen=True, kw_only=True):
    """What every event about an account says, beside its type and its data."""

    event_id: UUID
    user_id: UUID
    user_email: str
    timestamp: datetime
    version: int


class VerificationRequestedData(Struct, frozen=True, kw_only=True):
    link_id: UUID


class PasswordForgottenData(Struct, frozen=True, kw_only=True):
    link_id: UUID


class EmailRequestedData(Struct, frozen=True, kw_only=True):
    link_id: UUID


class AccountDeletedData(Struct, frozen=True, kw_only=True):
    email_verified: bool


class ShippingReadyData(Struct, frozen=True, kw_only=True):
    shipment_id: UUID


class ShippingCorrectedData(Struct, frozen=True, kw_only=True):
    shipment_id: UUID
    carrier: str
    tracking_number: str


class ShippingDeliveredData(Struct, frozen=True, kw_only=True):
    shipment_id: UUID


class Envelope(Struct, frozen=True, kw_only=True):
    """What every event about an order says, beside its type and its data."""

    event_id: UUID
    order_id: UUID
    user_id: UUID
    user_email: str
    timestamp: datetime
    version: int


class OrderedLine(Struct, frozen=True, kw_only=True):
    product_id: UUID
    title: str
    qty: int
    unit_price_cents: int
    line_id: UUID


class OrderCancelledData(Struct, frozen=True, kw_only=True):
    reason: CancelReason


class OrderReducedData(Struct, frozen=True, kw_only=True):
    change_id: UUID
    kind: ReductionKind
    items: list[ReducedItem]
    amount_cents: int
    currency: str
    restock: bool


class PaymentSucceeded(Envelope, frozen=True, kw_only=True):
    type: Literal["payment.succeeded"]
    data: PaymentSucceededData


class PaymentFailedData(Struct, frozen=True, kw_only=True):
    reason: str
    code: str


class PaymentRefunded(Envelope, frozen=True, kw_only=True):
    type: Literal["payment.refunded"]
    data: PaymentRefundedData


class VerificationRequested(AccountEnvelope, frozen=True, kw_only=True):
    type: Literal["verification.requested"]
    data: VerificationRequestedData


class PasswordForgotten(AccountEnvelope, frozen=True, kw_only=True):
    type: Literal["password.forgotten"]
    data: PasswordForgottenData


class EmailRequested(AccountEnvelope, frozen=True, kw_only=True):
    type: Literal["email.requested"]
    data: EmailRequestedData


class AccountDeleted(AccountEnvelope, frozen=True, kw_only=True):
    type: Literal["account.deleted"]
    data: AccountDeletedData


class ShippingReady(Envelope, frozen=True, kw_only=True):
    type: Literal["shipping.ready"]
    data: ShippingReadyData


class ShippingDispatchedData(Struct, frozen=True, kw_only=True):
    shipment_id: UUID
    carrier: str
    tracking_number: str


class ShippingCorrected(Envelope, frozen=True, kw_only=True):
    type: Literal["shipping.corrected"]
    data: ShippingCorrectedData


class ShippingDelivered(Envelope, frozen=True, kw_only=True):
    type: Literal["shipping.delivered"]
    data: ShippingDeliveredData


class OrderCreatedData(Struct, frozen=True, kw_only=True):
    amount_cents: int
    currency: str
    items: list[OrderedLine]


class OrderCancelled(Envelope, frozen=True, kw_only=True):
    type: Literal["order.cancelled"]
    data: OrderCancelledData


class OrderReduced(Envelope, frozen=True, kw_only=True):
    type: Literal["order.reduced"]
    data: OrderReducedData


class PaymentFailed(Envelope, frozen=True, kw_only=True):
    type: Literal["payment.failed"]
    data: PaymentFailedData


class ShippingDispatched(Envelope, frozen=True, kw_only=True):
    type: Literal["shipping.dispatched"]
    data: ShippingDispatchedData


class OrderCreated(Envelope, frozen=True, kw_only=True):
    type: Literal["order.created"]
    data: OrderCreatedData


def order_created(
    *,
    order_id: UUID,
    user_id: UUID,
    user_email: str,
    data: OrderCreatedData,
    event_id: UUID | None = None,
    timestamp: datetime | None = None,
) -> OutgoingEvent:
    """An order was placed."""
    event = OrderCreated(
        event_id=event_id or uuid7(),
        type="order.created",
        order_id=order_id,
        user_id=user_id,
        user_email=user_email,
        timestamp=timestamp or datetime.now(UTC),
        version=1,
        data=data,
    )
    return OutgoingEvent("order.events", event, key=str(event.order_id))


def order_cancelled(
    *,
    order_id: UUID,
    user_id: UUID,
    user_email: str,
    data: OrderCancelledData,
    event_id: UUID | None = None,
    timestamp: datetime | None = None,
) -> OutgoingEvent:
    """An order came to nothing."""
    event = OrderCancelled(
        event_id=event_id or uuid7(),
        type="order.cancelled",
        order_id=order_id,
        user_id=user_id,
        user_email=user_email,
        timestamp=timestamp or datetime.now(UTC),
        version=1,
        data=data,
    )
    return OutgoingEvent("order.events", event, key=str(event.order_id))


def order_reduced(
    *,
    order_id: UUID,
    user_id: UUID,
    user_email: str,
    data: OrderReducedData,
    event_id: UUID | None = None,
    timestamp: datetime | None = None,
) -> OutgoingEvent:
    """Pieces went out of an order."""
    event = OrderReduced(
        event_id=event_id or uuid7(),
        type="order.reduced",
        order_id=order_id,
        user_id=user_id,
        user_email=user_email,
        timestamp=timestamp or datetime.now(UTC),
        version=1,
        data=data,
    )
    return OutgoingEvent("order.events", event, key=str(event.order_id))


def payment_succeeded(
    *,
    order_id: UUID,
    user_id: UUID,
    user_email: str,
    data: PaymentSucceededData,
    event_id: UUID | None = None,
    timestamp: datetime | None = None,
) -> OutgoingEvent:
    """An order was paid in full."""
    event = PaymentSucceeded(
        event_id=event_id or uuid7(),
        type="payment.succeeded",
        order_id=order_id,
        user_id=user_id,
        user_email=user_email,
        timestamp=timestamp or datetime.now(UTC),
        version=1,
        data=data,
    )
    return OutgoingEvent("payment.events", event, key=str(event.order_id))


def payment_failed(
    *,
    order_id: UUID,
    user_id: UUID,
    user_email: str,
    data: PaymentFailedData,
    event_id: UUID | None = None,
    timestamp: datetime | None = None,
) -> OutgoingEvent:
    """A payment was refused by the provider."""
    event = PaymentFailed(
        event_id=event_id or uuid7(),
        type="payment.failed",
        order_id=order_id,
        user_id=user_id,
        user_email=user_email,
        timestamp=timestamp or datetime.now(UTC),
        version=1,
        data=data,
    )
    return OutgoingEvent("payment.events", event, key=str(event.order_id))


def payment_refunded(
    *,
    order_id: UUID,
    user_id: UUID,
    user_email: str,
    data: PaymentRefundedData,
    event_id: UUID | None = None,
    timestamp: datetime | None = None,
) -> OutgoingEvent:
    """A payment was paid back."""
    event = PaymentRefunded(
        event_id=event_id or uuid7(),
        type="payment.refunded",
        order_id=order_id,
        user_id=user_id,
        user_email=user_email,
        timestamp=timestamp or datetime.now(UTC),
        version=1,
        data=data,
    )
    return OutgoingEvent("payment.events", event, key=str(event.order_id))


def verification_requested(
    *,
    user_id: UUID,
    user_email: str,
    data: VerificationRequestedData,
    event_id: UUID | None = None,
    timestamp: datetime | None = None,
) -> OutgoingEvent:
    """An address is to be verified."""
    event = VerificationRequested(
        event_id=event_id or uuid7(),
        type="verification.requested",
        user_id=user_id,
        user_email=user_email,
        timestamp=timestamp or datetime.now(UTC),
        version=1,
        data=data,
    )
    return OutgoingEvent("auth.events", event, key=str(event.user_id))


def password_forgotten(
    *,
    user_id: UUID,
    user_email: str,
    data: PasswordForgottenData,
    event_id: UUID | None = None,
    timestamp: datetime | None = None,
) -> OutgoingEvent:
    """Somebody forgot their password."""
    event = PasswordForgotten(
        event_id=event_id or uuid7(),
        type="password.forgotten",
        user_id=user_id,
        user_email=user_email,
        timestamp=timestamp or datetime.now(UTC),
        version=1,
        data=data,
    )
    return OutgoingEvent("auth.events", event, key=str(event.user_id))


def email_requested(
    *,
    user_id: UUID,
    user_email: str,
    data: EmailRequestedData,
    event_id: UUID | None = None,
    timestamp: datetime | None = None,
) -> OutgoingEvent:
    """Another address was asked for."""
    event = EmailRequested(
        event_id=event_id or uuid7(),
        type="email.requested",
        user_id=user_id,
        user_email=user_email,
        timestamp=timestamp or datetime.now(UTC),
        version=1,
        data=data,
    )
    return OutgoingEvent("auth.events", event, key=str(event.user_id))


def account_deleted(
    *,
    user_id: UUID,
    user_email: str,
    data: AccountDeletedData,
    event_id: UUID | None = None,
    timestamp: datetime | None = None,
) -> OutgoingEvent:
    """An account was deleted."""
    event = AccountDeleted(
        event_id=event_id or uuid7(),
        type="account.deleted",
        user_id=user_id,
        user_email=user_email,
        timestamp=timestamp or datetime.now(UTC),
        version=1,
        data=data,
    )
    return OutgoingEvent("auth.events", event, key=str(event.user_id))


def shipping_ready(
    *,
    order_id: UUID,
    user_id: UUID,
    user_email: str,
    data: ShippingReadyData,
    event_id: UUID | None = None,
    timestamp: datetime | None = None,
) -> OutgoingEvent:
    """A parcel is ready to ship."""
    event = ShippingReady(
        event_id=event_id or uuid7(),
        type="shipping.ready",
        order_id=order_id,
        user_id=user_id,
        user_email=user_email,
        timestamp=timestamp or datetime.now(UTC),
        version=1,
        data=data,
    )
    return OutgoingEvent("shipping.events", event, key=str(event.order_id))


def shipping_dispatched(
    *,
    order_id: UUID,
    user_id: UUID,
    user_email: str,
    data: ShippingDispatchedData,
    event_id: UUID | None = None,
    timestamp: datetime | None = None,
) -> OutgoingEvent:
    """A parcel is on its way."""
    event = ShippingDispatched(
        event_id=event_id or uuid7(),
        type="shipping.dispatched",
        order_id=order_id,
        user_id=user_id,
        user_email=user_email,
        timestamp=timestamp or datetime.now(UTC),
        version=1,
        data=data,
    )
    return OutgoingEvent("shipping.events", event, key=str(event.order_id))


def shipping_corrected(
    *,
    order_id: UUID,
    user_id: UUID,
    user_email: str,
    data: ShippingCorrectedData,
    event_id: UUID | None = None,
    timestamp: datetime | None = None,
) -> OutgoingEvent:
    """The carrier or number of a parcel was corrected."""
    event = ShippingCorrected(
        event_id=event_id or uuid7(),
        type="shipping.corrected",
        order_id=order_id,
        user_id=user_id,
        user_email=user_email,
        timestamp=timestamp or datetime.now(UTC),
        version=1,
        data=data,
    )
    return OutgoingEvent("shipping.events", event, key=str(event.order_id))


def shipping_delivered(
    *,
    order_id: UUID,
    user_id: UUID,
    user_email: str,
    data: ShippingDeliveredData,
    event_id: UUID | None = None,
    timestamp: datetime | None = None,
) -> OutgoingEvent:
    """A parcel has arrived."""
    event = ShippingDelivered(
        event_id=event_id or uuid7(),
        type="shipping.delivered",
        order_id=order_id,
        user_id=user_id,
        user_email=user_email,
        timestamp=timestamp or datetime.now(UTC),
        version=1,
        data=data,
    )
    return OutgoingEvent("shipping.events", event, key=str(event.order_id))
