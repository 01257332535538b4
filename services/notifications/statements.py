"""What the notifications service asks its database, compiled when the project is generated."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, insert

from chassis.data.clauses import (
    delete_with_dependents_statement,
    ids_older_than_retention,
    is_any_of,
    seconds_since,
)
from chassis.data.keyset import keyset_page
from chassis.data.statement import Statement
from services.notifications.domain import ERASED_EMAIL, UNCONFIRMED_DELAYS
from services.notifications.tables import deleted_accounts, mails, orders

COUNT_QUEUED_MAILS = Statement(
    sa.select(sa.func.count().label("queued"), seconds_since(sa.func.min(mails.c.queued_at)).label("age")).where(
        sa.text("status = 'QUEUED'")  # in the words of the partial index, or a prepared statement cannot use it
    )
)
# From the end of its time on nothing is queued for a deleted account; by now nobody is queueing what was queued before.
ERASURE_MARGIN = timedelta(minutes=1)
_due_accounts = (
    sa.select(deleted_accounts.c.user_id)
    .where(
        sa.text("erased_at IS NULL"),
        deleted_accounts.c.deleted_at
        < sa.func.now() - bindparam("retention", type_=INTERVAL) - sa.literal(ERASURE_MARGIN, INTERVAL),
    )
    .order_by(deleted_accounts.c.deleted_at)
    .limit(bindparam("batch", type_=sa.Integer))
    .with_for_update(skip_locked=True)
    .cte("due")
)
# What waits still goes to nobody.
_erased_mails = (
    sa.update(mails)
    .where(is_any_of(mails.c.user_id, sa.select(_due_accounts.c.user_id)))
    .values(recipient=ERASED_EMAIL, status=sa.case((mails.c.status == "QUEUED", "FAILED"), else_=mails.c.status))
    .cte("erased_mails")
)
# In one statement: no account is done with whose mails still have its address. What it counts are the accounts.
ERASE_RECIPIENTS = Statement(
    sa.update(deleted_accounts)
    .where(is_any_of(deleted_accounts.c.user_id, sa.select(_due_accounts.c.user_id)))
    .values(erased_at=sa.func.now())
    .add_cte(_erased_mails)
)
INSERT_DELETED_ACCOUNT = Statement(
    insert(deleted_accounts).values(user_id=bindparam("user_id")).on_conflict_do_nothing()
)
DELETE_MAILS_ABOUT_ACCOUNT = Statement(
    sa.delete(mails).where(mails.c.user_id == bindparam("user_id"), mails.c.order_id.is_(None))
)
INSERT_ORDER = Statement(
    insert(orders)
    .values({name: bindparam(name) for name in ("order_id", "currency", "total_cents", "lines")})
    .on_conflict_do_nothing()
)
MAX_LEASE_DOUBLINGS = 6  # of a lease of 27 seconds: 29 minutes
MAIL_COLUMNS = (
    "id",
    "order_id",
    "kind",
    "user_id",
    "recipient",
    "facts",
    "happened_at",
    "occurrence",
    "message_id",
)
IS_TO_BE_ERASED = sa.exists().where(
    deleted_accounts.c.user_id == bindparam("user_id"),
    deleted_accounts.c.deleted_at < sa.func.now() - bindparam("account_erasure", type_=INTERVAL),
)
INSERT_MAIL = Statement(
    insert(mails)
    .from_select(
        MAIL_COLUMNS,
        sa.select(*(sa.cast(bindparam(name), mails.c[name].type) for name in MAIL_COLUMNS)).where(~IS_TO_BE_ERASED),
    )
    .on_conflict_do_nothing()
)
FIND_MAIL_OF_NOTIFICATION = Statement(
    sa.select(mails.c.id).where(
        mails.c.order_id == bindparam("order"),
        mails.c.kind == bindparam("kind"),
        mails.c.occurrence == bindparam("occurrence"),
    )
)
LOCK_ORDER = Statement(sa.select(orders).where(orders.c.order_id == bindparam("order")).with_for_update())
UPDATE_ORDER = Statement(
    sa.update(orders)
    .where(orders.c.order_id == bindparam("order"))
    .values(total_cents=bindparam("total_cents"), lines=bindparam("lines"))
)
SELECT_MAILS_OF_ORDER = Statement(
    sa.select(mails)
    .where(
        mails.c.order_id == bindparam("order"),
        sa.or_(bindparam("owner", type_=sa.Uuid).is_(None), mails.c.user_id == bindparam("owner", type_=sa.Uuid)),
        # The ids are made in the order of time.
        sa.or_(bindparam("after", type_=sa.Uuid).is_(None), mails.c.id > bindparam("after", type_=sa.Uuid)),
    )
    .order_by(mails.c.id)
    .limit(bindparam("max_rows", type_=sa.Integer)),
)
LIST_MAILS = Statement(
    keyset_page(sa.select(mails), {"before": mails.c.id}, group={"status": mails.c.status}, descending=True).limit(
        bindparam("limit", type_=sa.Integer)
    ),
)
SELECT_SENT_MAILS_OF_ORDER = Statement(
    sa.select(mails)
    .where(mails.c.order_id == bindparam("order"), mails.c.status == "SENT")
    .order_by(mails.c.sent_at, mails.c.id)
    .limit(bindparam("max_rows", type_=sa.Integer)),
)
FIND_MAIL = Statement(sa.select(mails).where(mails.c.id == bindparam("mail_id")))
# Literals, in the words of the partial index: a plan for any parameter could not use it, and each claim would be
# planned anew.
QUEUED_LITERAL: sa.ColumnElement[str] = sa.literal_column("'QUEUED'")
ZERO_LITERAL: sa.ColumnElement[int] = sa.literal_column("0")
ONE_LITERAL: sa.ColumnElement[int] = sa.literal_column("1")
earlier_mails = mails.alias("earlier")
IS_FIRST_OF_ORDER = ~(
    sa.select(earlier_mails.c.id)
    .where(
        earlier_mails.c.order_id == mails.c.order_id,
        earlier_mails.c.status == QUEUED_LITERAL,
        earlier_mails.c.refusals == ZERO_LITERAL,
        sa.tuple_(earlier_mails.c.happened_at, earlier_mails.c.id) < sa.tuple_(mails.c.happened_at, mails.c.id),
    )
    .exists()
)
DUE_MAILS = (
    sa.select(mails.c.id)
    .outerjoin(orders, orders.c.order_id == mails.c.order_id)
    .where(
        mails.c.status == QUEUED_LITERAL,
        mails.c.next_try_at <= sa.func.now(),
        IS_FIRST_OF_ORDER,
        sa.or_(
            orders.c.order_id.is_not(None),
            mails.c.order_id.is_(None),
            mails.c.queued_at <= sa.func.now() - bindparam("order_details_timeout", type_=INTERVAL),
        ),
    )
    # What has failed before is tried after what has not, so that no number of bad mails delays the others.
    .order_by(mails.c.refusals > ZERO_LITERAL, mails.c.next_try_at, mails.c.happened_at, mails.c.id)
    .limit(bindparam("max_rows", type_=sa.Integer))
    .with_for_update(of=mails, skip_locked=True)
    .cte("due")
)
CLAIMED_MAILS = (
    sa.update(mails)
    .where(mails.c.id == DUE_MAILS.c.id)
    .values(
        attempts=mails.c.attempts + 1,
        next_try_at=sa.func.now()
        + bindparam("lease_seconds", type_=sa.Float)
        * sa.func.power(2, sa.func.least(mails.c.attempts, MAX_LEASE_DOUBLINGS))
        * sa.literal_column("interval '1 second'"),
    )
    .returning(mails)
    .cte("taken")
)
corrections = mails.alias("correction")
LATEST_CORRECTION_PAYLOAD = (
    sa.select(corrections.c.facts)
    .where(corrections.c.order_id == CLAIMED_MAILS.c.order_id, corrections.c.kind == "shipping.corrected")
    .order_by(corrections.c.happened_at.desc(), corrections.c.id.desc())
    .limit(1)
    .scalar_subquery()
    .label("corrected")
)
CLAIM_DUE_MAILS = Statement(
    sa.select(CLAIMED_MAILS, orders.c.currency, orders.c.total_cents, orders.c.lines, LATEST_CORRECTION_PAYLOAD)
    .outerjoin(orders, orders.c.order_id == CLAIMED_MAILS.c.order_id)
    .order_by(CLAIMED_MAILS.c.refusals > ZERO_LITERAL, CLAIMED_MAILS.c.happened_at, CLAIMED_MAILS.c.id),
)
MARK_MAILS_SENT = Statement(
    sa.update(mails)
    # Also when it was given up meanwhile: who took too long to send it has sent it, and nobody is to try again.
    .where(mails.c.id == sa.any_(bindparam("mails", type_=ARRAY(sa.Uuid))), mails.c.status != "SENT")
    .values(status="SENT", sent_at=sa.func.now())
)
# Who took too long to be refused has nothing more to say: somebody else may be sending it.
IS_STILL_CLAIMED = (
    (mails.c.id == bindparam("mail")) & (mails.c.status == QUEUED_LITERAL) & (mails.c.attempts == bindparam("attempt"))
)
DELETE_WITHDRAWN_MAIL = Statement(sa.delete(mails).where(IS_STILL_CLAIMED))
RECORD_MAIL_FAILURE = Statement(
    sa.update(mails)
    .where(IS_STILL_CLAIMED)
    .values(
        status=bindparam("new_status"),
        refusals=bindparam("rejections"),
        unconfirmed=bindparam("unconfirmed"),
        next_try_at=sa.func.now() + bindparam("retry_delay", type_=INTERVAL),
    )
)
# It counts as refused once, so that no mail of its order waits for it, and as claimed once more, so that whoever gave
# it up has nothing more to say. What the mail server did not confirm is sent once more only.
REQUEUE_FAILED_MAIL = Statement(
    sa.update(mails)
    .where(mails.c.id == bindparam("mail"), mails.c.status == "FAILED", mails.c.recipient != ERASED_EMAIL)
    .values(
        status="QUEUED",
        refusals=ONE_LITERAL,
        unconfirmed=sa.func.least(mails.c.unconfirmed, len(UNCONFIRMED_DELAYS)),
        attempts=mails.c.attempts + ONE_LITERAL,
        next_try_at=sa.func.now(),
    )
)
PURGE_MAILS_ABOUT_ORDERS = delete_with_dependents_statement(
    mails.c.order_id, ids_older_than_retention(mails.c.order_id, sa.text("mails.status <> 'QUEUED'"))
)
PURGE_ORDERS = delete_with_dependents_statement(orders.c.order_id, ids_older_than_retention(orders.c.order_id))
