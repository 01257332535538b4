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
from services.payment.domain import AmountDue, Failure, Payment
from services.payment.tables import payments


def _to_payment(**row: Any) -> Payment:
    due = None
    if row["user_id"] is not None:
        due = AmountDue(row["user_id"], row["user_email"], Money(row["amount_cents"], row["currency"]))
    return Payment(
        row["id"], row["order_id"], due, PaymentStatus(row["status"]), convert(row["failures"], list[Failure])
    )


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
    .values(status=bindparam("status"), failures=bindparam("failures"))
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
            UPDATE_PAYMENT, order=payment.order_id, status=payment.status, failures=Jsonb(to_builtins(payment.failures))
        )


class PaymentUnitOfWork(UnitOfWork):
    """One transaction of the payment service."""

    def __init__(self, transaction: Transaction, outbox: Outbox | None) -> None:
        super().__init__(transaction, outbox)
        self.payments = PaymentRepository(transaction)
