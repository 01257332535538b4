"""Payments as rows."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec import convert, to_builtins
from psycopg.types.json import Jsonb

from chassis.data.database import Database, Transaction
from chassis.data.retention import RetentionRule, delete_expired_statement
from chassis.events.outbox import Outbox
from chassis.unit_of_work import UnitOfWork
from generated.statements import payment as statements
from generated.states import AttemptStatus, PaymentStatus
from services.money import Money
from services.order_retention import ORDER_RETENTION
from services.payment.domain import AmountDue, Attempt, AttemptRef, AttemptResult, Failure, Payment, Refund


def _to_payment(**row: Any) -> Payment:
    due = None
    if row["user_id"] is not None:
        due = AmountDue(row["user_id"], row["user_email"], Money(row["amount_cents"], row["currency"]))
    return Payment(
        row["id"],
        row["order_id"],
        due,
        PaymentStatus(row["status"]),
        convert(row["failures"], list[Failure]),
        row["refund_requested_cents"],
        row["refunded_cents"],
        AttemptRef(row["attempt_id"], row["attempt_ref"]) if row["attempt_id"] else None,
    )


def _to_attempt(**row: Any) -> Attempt:
    return Attempt(
        row["attempt_id"],
        row["order_id"],
        row["ref"],
        Money(row["amount_cents"], row["currency"]),
        AttemptStatus(row["status"]),
        row["lookups"],
        row.get("is_overdue", False),
    )


def _to_refund(**row: Any) -> Refund:
    money = Money(row["amount_cents"], row["currency"])
    return Refund(row["refund_id"], row["order_id"], row["ref"], money, row["attempts"], row["is_stray"])


FIND_PAYMENT = statements.FIND_PAYMENT.into(_to_payment)
LOCK_PAYMENT = statements.LOCK_PAYMENT.into(_to_payment)
FIND_ATTEMPT = statements.FIND_ATTEMPT.into(_to_attempt)
FIND_ATTEMPT_BY_REF = statements.FIND_ATTEMPT_BY_REF.into(_to_attempt)
CLAIM_DUE_ATTEMPTS = statements.CLAIM_DUE_ATTEMPTS.into(_to_attempt)
FIND_REFUND = statements.FIND_REFUND.into(_to_refund)
CLAIM_DUE_REFUNDS = statements.CLAIM_DUE_REFUNDS.into(_to_refund)
PURGE_MOCK_CHARGES = delete_expired_statement("payment.mock_charges", "decided_at")
PURGE_TOMBSTONES = delete_expired_statement("payment.payments", "created_at", "user_id IS NULL")
SETTLED_PAYMENTS_RETENTION_RULE = RetentionRule("settled payments", statements.PURGE_SETTLED_PAYMENTS, ORDER_RETENTION)


class PaymentRepository:
    """The payments, read directly or within a transaction."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def find(self, order_id: UUID) -> Payment | None:
        return await self._rows.fetch_one(FIND_PAYMENT, order_id=order_id)

    async def lock(self, order_id: UUID) -> Payment | None:
        return await self._rows.lock(LOCK_PAYMENT, order_id=order_id)

    async def upsert(self, payment: Payment) -> None:
        due = payment.due
        await self._rows.write(
            statements.UPSERT_PAYMENT,
            order_id=payment.order_id,
            id=payment.id,
            status=payment.status,
            user_id=due and due.user_id,
            user_email=due and due.user_email,
            amount_cents=due and due.money.amount_cents,
            currency=due and due.money.currency,
        )

    async def save(self, payment: Payment) -> None:
        await self._rows.require(
            statements.UPDATE_PAYMENT,
            order=payment.order_id,
            status=payment.status,
            failures=Jsonb(to_builtins(payment.failures)),
            refund_requested_cents=payment.refund_requested_cents,
            refunded_cents=payment.refunded_cents,
            attempt_id=payment.attempt and payment.attempt.id,
            attempt_ref=payment.attempt and payment.attempt.ref,
        )


class AttemptRepository:
    """The attempts, read directly or within a transaction.

    One that is OPEN is looked up `retry_seconds` after it was begun, when whoever began it has given up, and then after
    pauses that grow; after `timeout` it is overdue.
    """

    def __init__(
        self,
        rows: Database | Transaction,
        retry_seconds: float = 10.0,
        timeout: timedelta = timedelta(minutes=5),
    ) -> None:
        self._rows, self._retry_seconds, self._timeout = rows, retry_seconds, timeout

    async def find(self, attempt_id: UUID) -> Attempt | None:
        return await self._rows.fetch_one(FIND_ATTEMPT, attempt=attempt_id)

    async def find_by_ref(self, ref: str) -> Attempt | None:
        return await self._rows.fetch_one(FIND_ATTEMPT_BY_REF, ref=ref)

    async def add(self, attempt: Attempt) -> None:
        await self._rows.write(
            statements.INSERT_ATTEMPT,
            attempt_id=attempt.id,
            order_id=attempt.order_id,
            ref=attempt.ref,
            amount_cents=attempt.money.amount_cents,
            currency=attempt.money.currency,
            first_lookup=timedelta(seconds=self._retry_seconds),
        )

    async def close(self, attempt_id: UUID, result: AttemptResult) -> None:
        declined = result.status is AttemptStatus.DECLINED
        await self._rows.write(
            statements.CLOSE_ATTEMPT,
            attempt=attempt_id,
            new_status=result.status,
            new_code=result.code if declined else None,
        )

    async def claim_due(self, limit: int) -> list[Attempt]:
        return await self._rows.fetch_all(
            CLAIM_DUE_ATTEMPTS, max_rows=limit, retry_seconds=self._retry_seconds, timeout=self._timeout
        )


class RefundRepository:
    """The refunds, read directly or within a transaction."""

    def __init__(self, rows: Database | Transaction, retry_seconds: float = 15.0) -> None:
        self._rows, self._retry_seconds = rows, retry_seconds

    async def find(self, refund_id: UUID) -> Refund | None:
        return await self._rows.fetch_one(FIND_REFUND, refund=refund_id)

    async def add(self, refund: Refund) -> None:
        await self._rows.write(
            statements.INSERT_REFUND,
            refund_id=refund.id,
            order_id=refund.order_id,
            ref=refund.ref,
            amount_cents=refund.money.amount_cents,
            currency=refund.money.currency,
            is_stray=refund.is_stray,
        )

    async def claim_due(self, limit: int) -> list[Refund]:
        return await self._rows.fetch_all(CLAIM_DUE_REFUNDS, max_rows=limit, retry_seconds=self._retry_seconds)

    async def complete(self, refund_id: UUID) -> bool:
        return await self._rows.execute(statements.COMPLETE_REFUND, refund=refund_id) == 1


class PaymentUnitOfWork(UnitOfWork):
    """One transaction of the payment service."""

    def __init__(self, transaction: Transaction, outbox: Outbox | None) -> None:
        super().__init__(transaction, outbox)
        self.payments = PaymentRepository(transaction)
        self.attempts, self.refunds = AttemptRepository(transaction), RefundRepository(transaction)
