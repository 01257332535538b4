"""What the payment service asks its database, compiled when the project is generated."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import INTERVAL, insert

from chassis.data.clauses import (
    delete_with_dependents_statement,
    ids_older_than_retention,
    row_lock,
    seconds_since,
)
from chassis.data.statement import Statement
from services.payment.tables import mock_charges, payment_attempts, payments, refunds

COUNT_OPEN_REFUNDS = Statement(
    sa.select(
        sa.func.count().label("open"), seconds_since(sa.func.min(refunds.c.asked_at)).label("oldest_seconds")
    ).where(sa.text("refunds.status = 'ASKED'"))  # in the words of the partial index
)
COUNT_OPEN_ATTEMPTS = Statement(
    sa.select(
        sa.func.count().label("open"),
        seconds_since(sa.func.min(payment_attempts.c.begun_at)).label("oldest_seconds"),
    ).where(sa.text("payment_attempts.status = 'OPEN'"))  # in the words of the partial index
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
UPDATED_COLUMNS = ("status", "failures", "refund_requested_cents", "refunded_cents", "attempt_id", "attempt_ref")
UPDATE_PAYMENT = Statement(
    sa.update(payments)
    .where(payments.c.order_id == bindparam("order"))
    .values({name: bindparam(name) for name in UPDATED_COLUMNS})
)
ATTEMPT_COLUMNS = ("attempt_id", "order_id", "ref", "amount_cents", "currency")
INSERT_ATTEMPT = Statement(
    insert(payment_attempts).values(
        {name: bindparam(name) for name in ATTEMPT_COLUMNS}
        | {"next_lookup_at": sa.func.now() + bindparam("first_lookup", type_=INTERVAL)}
    )
)
FIND_ATTEMPT = Statement(sa.select(payment_attempts).where(payment_attempts.c.attempt_id == bindparam("attempt")))
FIND_ATTEMPT_BY_REF = Statement(sa.select(payment_attempts).where(payment_attempts.c.ref == bindparam("ref")))
CLOSE_ATTEMPT = Statement(
    sa.update(payment_attempts)
    .where(payment_attempts.c.attempt_id == bindparam("attempt"))
    .values(status=bindparam("new_status"), code=bindparam("new_code"), ended_at=sa.func.now())
)
MAX_DOUBLINGS = 8  # of the first pause: of 15 seconds 64 minutes


def _pause(tries: sa.Column[int]) -> sa.ColumnElement[Any]:
    """From `retry_seconds` on twice as long each time, a little different each time."""
    return (
        bindparam("retry_seconds", type_=sa.Float)
        * sa.func.power(2, sa.func.least(tries, MAX_DOUBLINGS))
        * (0.8 + 0.4 * sa.func.random())
        * sa.literal_column("interval '1 second'")
    )


# In the words of the partial index, here and below: a plan for any parameter could not use it.
_due_attempts = (
    sa.select(payment_attempts.c.attempt_id)
    .where(sa.text("payment_attempts.status = 'OPEN'"), payment_attempts.c.next_lookup_at <= sa.func.now())
    .order_by(payment_attempts.c.next_lookup_at)
    .limit(bindparam("max_rows", type_=sa.Integer))
    .with_for_update(skip_locked=True)
    .cte("due")
)
CLAIM_DUE_ATTEMPTS = Statement(
    sa.update(payment_attempts)
    .where(payment_attempts.c.attempt_id == _due_attempts.c.attempt_id)
    .values(lookups=payment_attempts.c.lookups + 1, next_lookup_at=sa.func.now() + _pause(payment_attempts.c.lookups))
    .returning(
        payment_attempts,
        (payment_attempts.c.begun_at < sa.func.now() - bindparam("timeout", type_=INTERVAL)).label("is_overdue"),
    )
)
FIND_REFUND = Statement(sa.select(refunds).where(refunds.c.refund_id == bindparam("refund")))
INSERT_REFUND = Statement(
    insert(refunds).values(
        {name: bindparam(name) for name in ("refund_id", "order_id", "ref", "amount_cents", "currency", "is_stray")}
    )
)
_is_asked = sa.text("refunds.status = 'ASKED'")
_due_refunds = (
    sa.select(refunds.c.refund_id)
    .where(_is_asked, refunds.c.next_try_at <= sa.func.now())
    .order_by(refunds.c.next_try_at)
    .limit(bindparam("max_rows", type_=sa.Integer))
    .with_for_update(skip_locked=True)
    .cte("due")
)
CLAIM_DUE_REFUNDS = Statement(
    sa.update(refunds)
    .where(refunds.c.refund_id == _due_refunds.c.refund_id)
    .values(attempts=refunds.c.attempts + 1, next_try_at=sa.func.now() + _pause(refunds.c.attempts))
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
        sa.text(
            "payments.status NOT IN ('PENDING', 'PROCESSING')"
            " AND payments.refunded_cents = payments.refund_requested_cents"
        ),
    ),
)
# The mock provider's own books.
_is_decided = (mock_charges.c.decided_at <= sa.func.now()).label("is_decided")
_new_charge = insert(mock_charges).values(
    ref=bindparam("ref"),
    status=bindparam("status"),
    code=bindparam("code"),
    decided_at=sa.func.now() + bindparam("delay", type_=INTERVAL),
    webhook_due_at=sa.case(
        (bindparam("sends_webhook", type_=sa.Boolean), sa.func.now() + bindparam("delay", type_=INTERVAL))
    ),
)
# What it has heard of before stays as it is, and is what is answered.
CHARGE_AT_MOCK = Statement(
    _new_charge.on_conflict_do_update(index_elements=["ref"], set_={"ref": _new_charge.excluded.ref}).returning(
        mock_charges.c.status, mock_charges.c.code, _is_decided
    )
)
_cancelled = insert(mock_charges).values(ref=bindparam("ref"), status="CANCELLED", decided_at=sa.func.now())
CANCEL_AT_MOCK = Statement(
    _cancelled.on_conflict_do_update(
        index_elements=["ref"],
        set_={
            "status": sa.case((mock_charges.c.decided_at > sa.func.now(), "CANCELLED"), else_=mock_charges.c.status),
            "decided_at": sa.func.least(mock_charges.c.decided_at, sa.func.now()),
        },
    ).returning(mock_charges.c.status, mock_charges.c.code, _is_decided)
)
LOOK_UP_AT_MOCK = Statement(
    sa.select(mock_charges.c.status, mock_charges.c.code, _is_decided).where(mock_charges.c.ref == bindparam("ref"))
)
CLAIM_MOCK_WEBHOOKS = Statement(
    sa.update(mock_charges)
    .where(
        mock_charges.c.ref
        == sa.any_(
            sa.func.array(
                sa.select(mock_charges.c.ref)
                .where(sa.text("webhook_due_at <= now()"))
                .order_by(mock_charges.c.webhook_due_at)
                .limit(bindparam("max_rows", type_=sa.Integer))
                .scalar_subquery()
            )
        )
    )
    .values(webhook_due_at=sa.func.now() + bindparam("retry", type_=INTERVAL))
    .returning(mock_charges.c.ref)
)
COMPLETE_MOCK_WEBHOOK = Statement(
    sa.update(mock_charges).where(mock_charges.c.ref == bindparam("heard")).values(webhook_due_at=None)
)
