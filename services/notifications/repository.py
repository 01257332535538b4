"""Mails, and what was ordered, as rows."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec import convert, to_builtins
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from chassis.data.database import Database, Transaction
from chassis.data.retention import RetentionRule, delete_expired_statement
from chassis.events.outbox import Outbox
from chassis.unit_of_work import UnitOfWork
from generated.statements import notifications as statements
from generated.states import NotificationStatus
from services.money import Money
from services.notifications.domain import Line, Mail, Notification, Order
from services.order_retention import ORDER_RETENTION

ACCOUNT_MAILS_RETENTION_RULE = RetentionRule(
    "mails about accounts",
    delete_expired_statement("notifications.mails", "queued_at", "order_id IS NULL"),
    timedelta(days=30),
)
# No order of an account is younger than its deletion: when its row here goes, there is none any more.
ORDER_RETENTION_RULES = (
    RetentionRule("mails about orders", statements.PURGE_MAILS_ABOUT_ORDERS, ORDER_RETENTION),
    RetentionRule("orders", statements.PURGE_ORDERS, ORDER_RETENTION),
    RetentionRule(
        "erased accounts", delete_expired_statement("notifications.deleted_accounts", "erased_at"), ORDER_RETENTION
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
    return _to_mail(**row), _to_order(**row)


def _to_order(**row: Any) -> Order:
    lines = tuple(convert(row["lines"], list[Line]))
    return Order(row["order_id"], Money(row["total_cents"], row["currency"]), lines)


SELECT_MAILS_OF_ORDER = statements.SELECT_MAILS_OF_ORDER.into(_to_mail)
LIST_MAILS = statements.LIST_MAILS.into(_to_mail)
SELECT_SENT_MAILS_OF_ORDER = statements.SELECT_SENT_MAILS_OF_ORDER.into(_to_mail)
FIND_MAIL = statements.FIND_MAIL.into(_to_mail)
MAX_UUID = UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")
LOCK_ORDER = statements.LOCK_ORDER.into(_to_order)
CLAIM_DUE_MAILS = statements.CLAIM_DUE_MAILS.into(_to_claimed)


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
        return await self._rows.execute(statements.REQUEUE_FAILED_MAIL, mail=mail_id) == 1

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
            await self._rows.execute(statements.MARK_MAILS_SENT, mails=sent)
        for mail in mails:
            if mail.is_withdrawn:
                await self._rows.execute(statements.DELETE_WITHDRAWN_MAIL, mail=mail.id, attempt=mail.attempts)
            elif mail.status is not NotificationStatus.SENT:
                await self._rows.execute(
                    statements.RECORD_MAIL_FAILURE,
                    mail=mail.id,
                    attempt=mail.attempts,
                    new_status=mail.status,
                    rejections=mail.rejections,
                    unconfirmed=mail.unconfirmed,
                    retry_delay=mail.retry_delay,
                )

    async def delete_about_account(self, user_id: UUID) -> None:
        await self._rows.write(statements.DELETE_MAILS_ABOUT_ACCOUNT, user_id=user_id)

    async def add(self, notification: Notification, message_id: str, account_erasure: timedelta) -> None:
        row = {name: value for name, value in vars(notification).items() if name != "payload"}
        facts = Jsonb(notification.payload)
        await self._rows.write(
            statements.INSERT_MAIL,
            id=uuid7(),
            message_id=message_id,
            facts=facts,
            account_erasure=account_erasure,
            **row,
        )

    async def is_queued(self, notification: Notification) -> bool:
        found = await self._rows.fetch_one(
            statements.FIND_MAIL_OF_NOTIFICATION,
            order=notification.order_id,
            kind=notification.kind,
            occurrence=notification.occurrence,
        )
        return found is not None


class DeletedAccountRepository:
    """`ports.DeletedAccountRepository` in PostgreSQL."""

    def __init__(self, rows: Transaction) -> None:
        self._rows = rows

    async def add(self, user_id: UUID) -> None:
        await self._rows.write(statements.INSERT_DELETED_ACCOUNT, user_id=user_id)


class OrderRepository:
    """`ports.OrderRepository` in PostgreSQL."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def add(self, order: Order) -> None:
        await self._rows.write(
            statements.INSERT_ORDER,
            order_id=order.id,
            currency=order.total.currency,
            total_cents=order.total.amount_cents,
            lines=Jsonb(to_builtins(order.lines)),
        )

    async def remove(self, removed: Order) -> None:
        order = await self._rows.fetch_one(LOCK_ORDER, order=removed.id)
        if order is not None:
            left = order.without(removed)
            await self._rows.write(
                statements.UPDATE_ORDER,
                order=left.id,
                total_cents=left.total.amount_cents,
                lines=Jsonb(to_builtins(left.lines)),
            )


class NotificationsUnitOfWork(UnitOfWork):
    """One transaction of the notifications service."""

    def __init__(self, transaction: Transaction, outbox: Outbox | None) -> None:
        super().__init__(transaction, outbox)
        self.mails, self.orders = MailRepository(transaction), OrderRepository(transaction)
        self.deleted_accounts = DeletedAccountRepository(transaction)
