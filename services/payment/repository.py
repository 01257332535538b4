"""Payments as rows."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from msgspec import convert, to_builtins
from psycopg.types.json import Jsonb
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from chassis.data.database import Database, Transaction
from chassis.data.retention import delete_expired_statement
from chassis.data.statement import RowLock, Statement
from chassis.events.outbox import Outbox
from chassis.unit_of_work import UnitOfWork
from generated.states import PaymentStatus
from services.money import Money
from services.payment.domain import AmountDue, Failure, Payment, Refund
from services.payment.tables import payments, refunds


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


SELECT_PAYMENT = sa.select(payments).where(payments.c.order_id == bindparam("order_id"))
FIND_PAYMENT = Statement(SELECT_PAYMENT, into=_to_payment)
LOCK_PAYMENT = RowLock(SELECT_PAYMENT, payments, into=_to_payment)
AMOUNT_DUE_COLUMNS = ("user_id", "user_email", "amount_cents", "currency")
_new_payment = insert(payments).values(
    {name: bindparam(name) for name in ("order_id", "id", "status", *AMOUNT_DUE_COLUMNS)}
)
UPSERT_PAYMENT = Statement(
    _new_payment.on_conflict_do_update(
        index_elements=["order_id"],
        set_={name: _new_payment.excluded[name] for name in AMOUNT_DUE_COLUMNS},
        where=payments.c.user_id.is_(None),
    )
)
UPDATE_PAYMENT = Statement(
    sa.update(payments)
    .where(payments.c.order_id == bindparam("order"))
    .values({name: bindparam(name) for name in ("status", "failures", "refund_requested_cents", "refunded_cents")})
)
FIND_REFUND = Statement(sa.select(refunds).where(refunds.c.refund_id == bindparam("refund")), into=_to_refund)
INSERT_REFUND = Statement(
    insert(refunds).values(
        {name: bindparam(name) for name in ("refund_id", "order_id", "ref", "amount_cents", "currency")}
    )
)
# In the words of the partial index: a plan for any parameter could not use it.
_is_asked = sa.text("refunds.status = 'ASKED'")
_due_refunds = (
    sa.select(refunds.c.refund_id)
    .where(_is_asked, refunds.c.next_try_at <= sa.func.now())
    .order_by(refunds.c.next_try_at)
    .limit(bindparam("max_rows", type_=sa.Integer))
    .with_for_update(skip_locked=True)
    .cte("due")
)
MAX_DOUBLINGS = 8  # of the first pause: of 15 seconds 64 minutes
CLAIM_DUE_REFUNDS = Statement(
    sa.update(refunds)
    .where(refunds.c.refund_id == _due_refunds.c.refund_id)
    .values(
        attempts=refunds.c.attempts + 1,
        next_try_at=sa.func.now()
        + bindparam("retry_seconds", type_=sa.Float)
        * sa.func.power(2, sa.func.least(refunds.c.attempts, MAX_DOUBLINGS))
        * (0.8 + 0.4 * sa.func.random())
        * sa.literal_column("interval '1 second'"),
    )
    .returning(refunds),
    into=_to_refund,
)
COMPLETE_REFUND = Statement(
    sa.update(refunds)
    .where(refunds.c.refund_id == bindparam("refund"), _is_asked)
    .values(status="DONE", done_at=sa.func.now())
)

PURGE_TOMBSTONES = delete_expired_statement(payments.c.created_at, payments.c.user_id.is_(None))


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
            UPSERT_PAYMENT,
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
            UPDATE_PAYMENT,
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
            INSERT_REFUND,
            refund_id=refund.id,
            order_id=refund.order_id,
            ref=refund.ref,
            amount_cents=refund.money.amount_cents,
            currency=refund.money.currency,
        )

    async def claim_due(self, limit: int) -> list[Refund]:
        return await self._rows.fetch_all(CLAIM_DUE_REFUNDS, max_rows=limit, retry_seconds=self._retry_seconds)

    async def complete(self, refund_id: UUID) -> bool:
        return await self._rows.execute(COMPLETE_REFUND, refund=refund_id) == 1


class PaymentUnitOfWork(UnitOfWork):
    """One transaction of the payment service."""

    def __init__(self, transaction: Transaction, outbox: Outbox | None) -> None:
        super().__init__(transaction, outbox)
        self.payments = PaymentRepository(transaction)
        self.refunds = RefundRepository(transaction)
