"""Payments as rows."""

from typing import Any
from uuid import UUID

from msgspec import convert, to_builtins
from psycopg.types.json import Jsonb

from chassis.data.database import Database, Transaction
from chassis.data.retention import RetentionRule, delete_expired_statement
from chassis.events.outbox import Outbox
from chassis.unit_of_work import UnitOfWork
from generated.statements import payment as statements
from generated.states import PaymentStatus
from services.money import Money
from services.order_retention import ORDER_RETENTION
from services.payment.domain import AmountDue, Failure, Payment, Refund


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
    )


def _to_refund(**row: Any) -> Refund:
    money = Money(row["amount_cents"], row["currency"])
    return Refund(row["refund_id"], row["order_id"], row["ref"], money, row["attempts"])


FIND_PAYMENT = statements.FIND_PAYMENT.into(_to_payment)
LOCK_PAYMENT = statements.LOCK_PAYMENT.into(_to_payment)
FIND_REFUND = statements.FIND_REFUND.into(_to_refund)
CLAIM_DUE_REFUNDS = statements.CLAIM_DUE_REFUNDS.into(_to_refund)
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
        self.refunds = RefundRepository(transaction)
