"""Mails, and what was ordered, as rows."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from msgspec import convert, to_builtins
from psycopg.types.json import Jsonb
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, insert
from uuid_utils.compat import uuid7

from chassis.data.database import Database, Transaction
from chassis.data.keyset import keyset_page
from chassis.data.retention import RetentionRule, delete_expired_statement, is_any_of
from chassis.data.statement import Statement
from chassis.events.outbox import Outbox
from chassis.unit_of_work import UnitOfWork
from generated.states import NotificationStatus
from services.money import Money
from services.notifications.domain import ERASED_EMAIL, UNCONFIRMED_DELAYS, Line, Mail, Notification, Order
from services.notifications.tables import deleted_accounts, mails, orders

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
)
_erased_accounts = (
    sa.update(deleted_accounts)
    .where(is_any_of(deleted_accounts.c.user_id, _due_accounts))
    .values(erased_at=sa.func.now())
    .returning(deleted_accounts.c.user_id)
    .cte("erased")
)
# In one statement: no account is done with whose mails still have its address. What waits still goes to nobody.
ERASE_RECIPIENTS = Statement(
    sa.update(mails)
    .where(mails.c.user_id == _erased_accounts.c.user_id)
    .values(recipient=ERASED_EMAIL, status=sa.case((mails.c.status == "QUEUED", "FAILED"), else_=mails.c.status))
)
INSERT_DELETED_ACCOUNT = Statement(
    insert(deleted_accounts).values(user_id=bindparam("user_id")).on_conflict_do_nothing()
)
DELETE_MAILS_ABOUT_ACCOUNT = Statement(
    sa.delete(mails).where(mails.c.user_id == bindparam("user_id"), mails.c.order_id.is_(None))
)
RETENTION_RULES = (
    # Those about orders stay with them.
    RetentionRule(
        "mails about accounts",
        delete_expired_statement(mails.c.queued_at, sa.text("mails.order_id IS NULL")),
        timedelta(days=30),
    ),
)
TRACKED_KINDS = ("shipping.dispatched", "shipping.corrected")


def _to_mail(**row: Any) -> Mail:
    return Mail(
        id=row["id"],
        notification=Notification(
            order_id=row["order_id"],
            kind=row["kind"],
            user_id=row["user_id"],
            recipient=row["recipient"],
            payload=row["facts"],
            happened_at=row["happened_at"],
            occurrence=row["occurrence"],
        ),
        message_id=row["message_id"],
        queued_at=row["queued_at"],
        status=NotificationStatus(row["status"]),
        sent_at=row["sent_at"],
        attempts=row["attempts"],
        rejections=row["refusals"],
        unconfirmed=row["unconfirmed"],
    )


def _to_claimed(**row: Any) -> tuple[Mail, Order | None]:
    # A mail that was refused leaves late, and must not be the last one with a number that was wrong.
    if row["kind"] in TRACKED_KINDS and row["corrected"] is not None:
        row["facts"] = row["corrected"]
    if row["lines"] is None:
        return _to_mail(**row), None
    lines = tuple(convert(row["lines"], list[Line]))
    return _to_mail(**row), Order(row["order_id"], Money(row["total_cents"], row["currency"]), lines)


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
    into=_to_mail,
)
LIST_MAILS = Statement(
    keyset_page(sa.select(mails), {"before": mails.c.id}, group={"status": mails.c.status}, descending=True).limit(
        bindparam("limit", type_=sa.Integer)
    ),
    into=_to_mail,
)
SELECT_SENT_MAILS_OF_ORDER = Statement(
    sa.select(mails)
    .where(mails.c.order_id == bindparam("order"), mails.c.status == "SENT")
    .order_by(mails.c.sent_at, mails.c.id)
    .limit(bindparam("max_rows", type_=sa.Integer)),
    into=_to_mail,
)
FIND_MAIL = Statement(sa.select(mails).where(mails.c.id == bindparam("mail_id")), into=_to_mail)
MAX_UUID = UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")
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
    into=_to_claimed,
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


class MailRepository:
    """`ports.MailRepository` in PostgreSQL, directly or within a transaction."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def list_by_order(self, order_id: UUID, owner: UUID | None, after: UUID | None, limit: int) -> list[Mail]:
        return await self._rows.fetch_all(
            SELECT_MAILS_OF_ORDER, order=order_id, owner=owner, after=after, max_rows=limit
        )

    async def list_by_status(self, status: NotificationStatus, *, before: UUID | None, limit: int) -> list[Mail]:
        return await self._rows.fetch_all(LIST_MAILS, status=status, before=before or MAX_UUID, limit=limit)

    async def list_sent(self, order_id: UUID, limit: int) -> list[Mail]:
        return await self._rows.fetch_all(SELECT_SENT_MAILS_OF_ORDER, order=order_id, max_rows=limit)

    async def find(self, mail_id: UUID) -> Mail | None:
        return await self._rows.fetch_one(FIND_MAIL, mail_id=mail_id)

    async def requeue_failed(self, mail_id: UUID) -> bool:
        return await self._rows.execute(REQUEUE_FAILED_MAIL, mail=mail_id) == 1

    async def claim(
        self, limit: int, order_details_timeout: timedelta, lease: timedelta
    ) -> list[tuple[Mail, Order | None]]:
        return await self._rows.fetch_all(
            CLAIM_DUE_MAILS,
            max_rows=limit,
            order_details_timeout=order_details_timeout,
            lease_seconds=lease.total_seconds(),
        )

    async def complete(self, mails: Sequence[Mail]) -> None:
        if sent := [mail.id for mail in mails if mail.status is NotificationStatus.SENT]:
            await self._rows.execute(MARK_MAILS_SENT, mails=sent)
        for mail in mails:
            if mail.is_withdrawn:
                await self._rows.execute(DELETE_WITHDRAWN_MAIL, mail=mail.id, attempt=mail.attempts)
            elif mail.status is not NotificationStatus.SENT:
                await self._rows.execute(
                    RECORD_MAIL_FAILURE,
                    mail=mail.id,
                    attempt=mail.attempts,
                    new_status=mail.status,
                    rejections=mail.rejections,
                    unconfirmed=mail.unconfirmed,
                    retry_delay=mail.retry_delay,
                )

    async def delete_about_account(self, user_id: UUID) -> None:
        await self._rows.write(DELETE_MAILS_ABOUT_ACCOUNT, user_id=user_id)

    async def add(self, notification: Notification, message_id: str, account_erasure: timedelta) -> None:
        row = {name: value for name, value in vars(notification).items() if name != "payload"}
        facts = Jsonb(notification.payload)
        await self._rows.write(
            INSERT_MAIL, id=uuid7(), message_id=message_id, facts=facts, account_erasure=account_erasure, **row
        )


class DeletedAccountRepository:
    """`ports.DeletedAccountRepository` in PostgreSQL."""

    def __init__(self, rows: Transaction) -> None:
        self._rows = rows

    async def add(self, user_id: UUID) -> None:
        await self._rows.write(INSERT_DELETED_ACCOUNT, user_id=user_id)


class OrderRepository:
    """`ports.OrderRepository` in PostgreSQL."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def add(self, order: Order) -> None:
        await self._rows.write(
            INSERT_ORDER,
            order_id=order.id,
            currency=order.total.currency,
            total_cents=order.total.amount_cents,
            lines=Jsonb(to_builtins(order.lines)),
        )


class NotificationsUnitOfWork(UnitOfWork):
    """One transaction of the notifications service."""

    def __init__(self, transaction: Transaction, outbox: Outbox | None) -> None:
        super().__init__(transaction, outbox)
        self.mails, self.orders = MailRepository(transaction), OrderRepository(transaction)
        self.deleted_accounts = DeletedAccountRepository(transaction)
