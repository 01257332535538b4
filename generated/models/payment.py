# Generated from contracts/payment.yaml by scripts/generate.py. Do not edit.

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from msgspec import Struct


class PaymentStatus(StrEnum):
    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    REFUNDED = "REFUNDED"
    VOIDED = "VOIDED"


class SuccessfulAttempt(Struct, frozen=True, kw_only=True):
    order_id: UUID
    amount_cents: int
    currency: str


class FailedAttempt(Struct, frozen=True, kw_only=True):
    order_id: UUID
    code: str
    reason: str


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
