"""Mails, and what was ordered, as rows."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from msgspec import convert, to_builtins
from psycopg.types.json import Jsonb
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import INTERVAL, insert
from uuid_utils.compat import uuid7

from services.chassis import unit_of_work
from services.chassis.database import Database, Transaction
from services.chassis.statement import Statement
from services.money import Money
from services.notifications.domain import Line, Mail, News, Order, Status
from services.notifications.tables import mails, orders

NUMBERED = ("shipping.dispatched", "shipping.corrected")


def _mail(**row: Any) -> Mail:
    news = News(**{name: row[name] for name in News.__dataclass_fields__})
    sent = {name: row[name] for name in ("sent_at", "attempts", "refusals")}
    return Mail(row["id"], news, row["message_id"], row["queued_at"], Status(row["status"]), **sent)


def _taken(**row: Any) -> tuple[Mail, Order | None]:
    # A mail that was refused leaves late, and must not be the last one with a number that was wrong.
    if row["kind"] in NUMBERED and row["corrected"] is not None:
        row["facts"] = row["corrected"]
    if row["lines"] is None:
        return _mail(**row), None
    lines = tuple(convert(row["lines"], list[Line]))
    return _mail(**row), Order(row["order_id"], Money(row["total_cents"], row["currency"]), lines)


REMEMBER = Statement(
    insert(orders)
    .values({name: bindparam(name) for name in ("order_id", "currency", "total_cents", "lines")})
    .on_conflict_do_nothing()
)
MOST_DOUBLINGS = 6  # of a lease of 16 seconds: 17 minutes
GIVEN = ("id", "order_id", "kind", "user_id", "recipient", "facts", "happened_at", "occurrence", "message_id")
QUEUE = Statement(insert(mails).values({name: bindparam(name) for name in GIVEN}).on_conflict_do_nothing())
ABOUT = Statement(
    sa.select(mails)
    .where(
        mails.c.order_id == bindparam("order"),
        sa.or_(bindparam("owner", type_=sa.Uuid).is_(None), mails.c.user_id == bindparam("owner", type_=sa.Uuid)),
        # The ids are made in the order of time.
        sa.or_(bindparam("after", type_=sa.Uuid).is_(None), mails.c.id > bindparam("after", type_=sa.Uuid)),
    )
    .order_by(mails.c.id)
    .limit(bindparam("most", type_=sa.Integer)),
    into=_mail,
)
earlier = mails.alias("earlier")
FIRST_OF_ITS_ORDER = ~(
    sa.select(earlier.c.id)
    .where(
        earlier.c.order_id == mails.c.order_id,
        earlier.c.status == "QUEUED",
        earlier.c.refusals == 0,
        sa.tuple_(earlier.c.happened_at, earlier.c.id) < sa.tuple_(mails.c.happened_at, mails.c.id),
    )
    .exists()
)
DUE = (
    sa.select(mails.c.id)
    .outerjoin(orders, orders.c.order_id == mails.c.order_id)
    .where(
        mails.c.status == "QUEUED",
        mails.c.next_try_at <= sa.func.now(),
        FIRST_OF_ITS_ORDER,
        sa.or_(
            orders.c.order_id.is_not(None),
            mails.c.queued_at <= sa.func.now() - bindparam("patience", type_=INTERVAL),
        ),
    )
    # What has failed before is tried after what has not, so that no number of bad mails delays the others.
    .order_by(mails.c.refusals > 0, mails.c.next_try_at, mails.c.happened_at, mails.c.id)
    .limit(1)
    .with_for_update(of=mails, skip_locked=True)
)
TAKEN = (
    sa.update(mails)
    .where(mails.c.id == DUE.scalar_subquery())
    .values(
        attempts=mails.c.attempts + 1,
        next_try_at=sa.func.now()
        + bindparam("lease_seconds", type_=sa.Float)
        * sa.func.power(2, sa.func.least(mails.c.attempts, MOST_DOUBLINGS))
        * sa.literal_column("interval '1 second'"),
    )
    .returning(mails)
    .cte("taken")
)
correction = mails.alias("correction")
CORRECTED = (
    sa.select(correction.c.facts)
    .where(correction.c.order_id == TAKEN.c.order_id, correction.c.kind == "shipping.corrected")
    .order_by(correction.c.happened_at.desc(), correction.c.id.desc())
    .limit(1)
    .scalar_subquery()
    .label("corrected")
)
TAKE = Statement(
    sa.select(TAKEN, orders.c.currency, orders.c.total_cents, orders.c.lines, CORRECTED).outerjoin(
        orders, orders.c.order_id == TAKEN.c.order_id
    ),
    into=_taken,
)
THIS = (mails.c.id == bindparam("mail")) & (mails.c.status == "QUEUED")
SENT = Statement(sa.update(mails).where(THIS).values(status="SENT", sent_at=sa.func.now()))
# Who took too long to be refused has nothing more to say: somebody else may be sending it.
NOT_SENT = Statement(
    sa.update(mails)
    .where(THIS, mails.c.attempts == bindparam("attempt"))
    .values(
        status=bindparam("became"),
        refusals=bindparam("refused"),
        next_try_at=sa.func.now() + bindparam("wait", type_=INTERVAL),
    )
)


class Mails:
    """The ledger of mails."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def about(self, order_id: UUID, owner: UUID | None, after: UUID | None, limit: int) -> list[Mail]:
        return await self._rows.fetch_all(ABOUT, order=order_id, owner=owner, after=after, most=limit)

    async def take(self, patience: timedelta, lease: timedelta) -> tuple[Mail, Order | None] | None:
        return await self._rows.fetch_one(TAKE, patience=patience, lease_seconds=lease.total_seconds())

    async def settle(self, mail: Mail) -> None:
        if mail.status is Status.SENT:
            await self._rows.execute(SENT, mail=mail.id)
        else:
            await self._rows.execute(
                NOT_SENT,
                mail=mail.id,
                attempt=mail.attempts,
                became=mail.status,
                refused=mail.refusals,
                wait=mail.wait,
            )


class NotificationsWork(unit_of_work.Work):
    """One transaction of the notifications service."""

    async def queue(self, news: News, message_id: str) -> None:
        given = {name: getattr(news, name) for name in News.__dataclass_fields__}
        given["facts"] = Jsonb(news.facts)
        await self.transaction.execute(QUEUE, id=uuid7(), message_id=message_id, **given)
        self.announced = True  # to the sender, by its bell

    async def remember(self, order: Order) -> None:
        await self.transaction.execute(
            REMEMBER,
            order_id=order.id,
            currency=order.total.currency,
            total_cents=order.total.amount_cents,
            lines=Jsonb(to_builtins(order.lines)),
        )
