"""What the payment service asks its database, compiled when the project is generated."""

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from chassis.data.clauses import (
    delete_with_dependents_statement,
    ids_older_than_retention,
    row_lock,
    seconds_since,
)
from chassis.data.statement import Statement
from services.payment.tables import payments, refunds

COUNT_OPEN_REFUNDS = Statement(
    sa.select(
        sa.func.count().label("open"), seconds_since(sa.func.min(refunds.c.asked_at)).label("oldest_seconds")
    ).where(sa.text("refunds.status = 'ASKED'"))  # in the words of the partial index
)
SELECT_PAYMENT = sa.select(payments).where(payments.c.order_id == bindparam("order_id"))
FIND_PAYMENT = Statement(SELECT_PAYMENT)
LOCK_PAYMENT = row_lock(SELECT_PAYMENT, payments)
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
FIND_REFUND = Statement(sa.select(refunds).where(refunds.c.refund_id == bindparam("refund")))
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
)
COMPLETE_REFUND = Statement(
    sa.update(refunds)
    .where(refunds.c.refund_id == bindparam("refund"), _is_asked)
    .values(status="DONE", done_at=sa.func.now())
)
PURGE_SETTLED_PAYMENTS = delete_with_dependents_statement(
    payments.c.order_id,
    ids_older_than_retention(
        payments.c.order_id,
        sa.text("payments.status <> 'PENDING' AND payments.refunded_cents = payments.refund_requested_cents"),
    ),
)
