# Generated from contracts/payment.yaml by scripts/generate.py. Do not edit.

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, TypeAlias
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType


class PaymentInfo(Struct, frozen=True, kw_only=True):
    service: str
    version: str
    provider: str | UnsetType = UNSET


class PaymentStatus(StrEnum):
    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    SUCCEEDED = "SUCCEEDED"
    REFUNDED = "REFUNDED"
    VOIDED = "VOIDED"


class AttemptStatus(StrEnum):
    """One that was taken for ended and was charged all the same is paid back."""

    UNDECIDED = "OPEN"
    CHARGED = "CHARGED"
    DECLINED = "DECLINED"
    CANCELLED = "CANCELLED"


class AttemptRequest(Struct, frozen=True, kw_only=True):
    order_id: UUID
    method: str


class Attempt(Struct, frozen=True, kw_only=True):
    order_id: UUID
    status: AttemptStatus
    payment_status: PaymentStatus


Signature: TypeAlias = str


Webhook: TypeAlias = Any


class SuccessfulAttempt(Struct, frozen=True, kw_only=True):
    order_id: UUID
    amount_cents: int
    currency: str


class FailureCode(StrEnum):
    """Why a provider does not take the money; what is none of these is `card_declined`."""

    CARD_DECLINED = "card_declined"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    EXPIRED_CARD = "expired_card"
    INCORRECT_CVC = "incorrect_cvc"
    AUTHENTICATION_REQUIRED = "authentication_required"
    PROCESSING_ERROR = "processing_error"


class FailedAttempt(Struct, frozen=True, kw_only=True):
    order_id: UUID
    code: FailureCode
    reason: str | UnsetType = UNSET


class VoidRequest(Struct, frozen=True, kw_only=True):
    order_id: UUID


class VoidedPayment(Struct, frozen=True, kw_only=True):
    order_id: UUID
    status: Literal["VOIDED"]


class Failure(Struct, frozen=True, kw_only=True):
    code: str
    reason: str
    failed_at: datetime


class Payment(Struct, frozen=True, kw_only=True):
    id: UUID
    order_id: UUID
    status: PaymentStatus
    amount_cents: int
    currency: str
    provider: str
    failures: list[Failure]


class PaymentPage(Struct, frozen=True, kw_only=True):
    items: list[Payment]
    next_cursor: str | None
