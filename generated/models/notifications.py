# Generated from contracts/notifications.yaml by scripts/generate.py. Do not edit.

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct


class NotificationKind(StrEnum):
    """The news; the type of the event that brought it."""

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
    VERIFICATION_REQUESTED = "verification.requested"
    PASSWORD_FORGOTTEN = "password.forgotten"
    EMAIL_REQUESTED = "email.requested"
    ACCOUNT_DELETED = "account.deleted"


class NotificationStatus(StrEnum):
    """`QUEUED` waits to be sent, or to be sent again; `SENT` was taken by the mail server; `FAILED` was refused by it so often, or not answered to for so long, that nobody tries again, unless an admin asks for it. Also a mail that it was given whole three times, and said nothing to, is `FAILED`, though it may have arrived. It becomes `SENT` if it turns out that the mail server took it all the same."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    FAILED = "FAILED"


class Notification(Struct, frozen=True, kw_only=True):
    id: UUID
    order_id: UUID | None
    kind: NotificationKind
    recipient: str
    status: NotificationStatus
    queued_at: datetime
    sent_at: datetime | None


class NotificationPage(Struct, frozen=True, kw_only=True):
    items: list[Notification]
    next_cursor: str | None


class SentMail(Struct, frozen=True, kw_only=True):
    id: UUID
    kind: NotificationKind
    sent_at: datetime


class SentMails(Struct, frozen=True, kw_only=True):
    items: list[SentMail]
