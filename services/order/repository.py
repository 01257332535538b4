"""Orders and requests as rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from msgspec import convert
from psycopg.types.json import Json
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, aggregate_order_by, insert

from services.chassis.database import Database, Transaction
from services.chassis.outbox import Outbox
from services.chassis.statement import Statement
from services.chassis.unit_of_work import Work
from services.order.domain import Address, Line, Order, Reason, Shopper, Status
from services.order.tables import lines, orders, requests

LINE = ("line_id", "product_id", "title", "qty", "unit_price_cents", "priced_at")
ADDRESS = ("address_line1", "address_line2", "city", "country", "postcode")


def _order(**row: Any) -> Order:
    return Order(
        id=row["id"],
        shopper=Shopper(row["user_id"], row["user_email"]),
        ship_to=Address(*(row[name] for name in ADDRESS)),
        lines=convert(row["lines"], tuple[Line, ...]),
        currency=row["currency"],
        created_at=row["created_at"],
        pay_by=row["pay_by"],
        status=Status(row["status"]),
        cancel_reason=row["cancel_reason"] and Reason(row["cancel_reason"]),
        cancelling=row["cancelling_since"] is not None,
    )


def _ids(**row: Any) -> UUID:
    order_id: UUID = row["id"]
    return order_id


_named: list[Any] = []
for _name in LINE:
    _named += [sa.literal_column(f"'{_name}'"), lines.c[_name]]
_line = sa.func.jsonb_build_object(*_named)
_lines = (
    sa.select(sa.func.jsonb_agg(aggregate_order_by(_line, lines.c.position)))
    .where(lines.c.order_id == orders.c.id)
    .scalar_subquery()
    .label("lines")
)
WHOLE = sa.select(orders, _lines)
THIS = orders.c.id == bindparam("order_id")
FIND = Statement(WHOLE.where(THIS), into=_order)
LOCK = Statement(WHOLE.where(THIS).with_for_update(of=orders), into=_order)
OF_SHOPPER = Statement(
    WHOLE.where(orders.c.user_id == bindparam("user_id"), orders.c.id < bindparam("before"))
    .order_by(orders.c.id.desc())
    .limit(bindparam("most", type_=sa.Integer)),
    into=_order,
)
LAST_ID = UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")
CLOCK = Statement(sa.select(sa.func.now().label("now")))
# One checkout of a shopper at a time looks at what is ordered already, and adds to it.
SHOPPER_LOCK = Statement(
    sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(bindparam("shopper", type_=sa.Text), 0)))
)
ORDERED = Statement(
    sa.select(lines.c.line_id, lines.c.order_id).where(
        lines.c.live, lines.c.line_id == sa.any_(bindparam("lines", type_=ARRAY(sa.Uuid)))
    )
)
ADD = Statement(
    sa.insert(orders).values(
        {
            name: bindparam(name)
            for name in ("id", "user_id", "user_email", "status", "currency", *ADDRESS, "created_at", "pay_by")
        }
    )
)
_columns: dict[str, Any] = {"position": sa.SmallInteger, **{name: lines.c[name].type for name in LINE}}
_new = (
    sa.func.unnest(*(bindparam(f"{name}s", type_=ARRAY(kind)) for name, kind in _columns.items()))
    .table_valued(*_columns, name="new")
    .render_derived()
)
ADD_LINES = Statement(
    sa.insert(lines).from_select(
        ["order_id", *_columns],
        sa.select(sa.cast(bindparam("order_id"), sa.Uuid), *(_new.c[name] for name in _columns)),
    )
)
SAVE = Statement(
    sa.update(orders)
    .where(orders.c.id == bindparam("order_id"))
    .values(
        status=bindparam("new_status"),
        cancel_reason=bindparam("reason"),
        # What was tried in vain before does not delay what comes next.
        sweep_failures=0,
        look_again_at=None,
        cancelling_since=sa.case(
            (bindparam("cancelling", type_=sa.Boolean), sa.func.coalesce(orders.c.cancelling_since, sa.func.now()))
        ),
    )
)
GIVE_LINES_BACK = Statement(sa.update(lines).where(lines.c.order_id == bindparam("order")).values(live=False))
LONG_AGO = sa.func.now() - bindparam("after", type_=INTERVAL)
MOST_AT_ONCE = 100
NOT_POSTPONED = sa.func.coalesce(orders.c.look_again_at, sa.text("'-infinity'")) < sa.func.now()
ABANDONED = Statement(
    sa.select(orders.c.id)
    .where(orders.c.status == Status.PENDING.value, orders.c.created_at < LONG_AGO, NOT_POSTPONED)
    .order_by(sa.func.coalesce(orders.c.look_again_at, orders.c.created_at))
    .limit(MOST_AT_ONCE),
    into=_ids,
)
INTENDED = Statement(
    sa.select(orders.c.id)
    .where(orders.c.cancelling_since < LONG_AGO, NOT_POSTPONED)
    .order_by(sa.func.coalesce(orders.c.look_again_at, orders.c.cancelling_since))
    .limit(MOST_AT_ONCE),
    into=_ids,
)
PAYMENT_RECEIVED = Statement(
    sa.select(orders.c.id)
    # In the words of the partial index (a prepared statement, too).
    .where(sa.text("status = 'CREATED' AND payment_received_at IS NOT NULL"), NOT_POSTPONED)
    .order_by(sa.func.coalesce(orders.c.look_again_at, orders.c.payment_received_at))
    .limit(MOST_AT_ONCE),
    into=_ids,
)
# What costs nothing is paid as soon as payment hears of it, however late that is.
COSTS = sa.exists().where(lines.c.order_id == orders.c.id, lines.c.unit_price_cents > 0)
OVERDUE = Statement(
    sa.select(orders.c.id)
    .where(
        orders.c.status == Status.CREATED.value,
        orders.c.payment_received_at.is_(None),
        sa.func.greatest(orders.c.pay_by, orders.c.look_again_at) < sa.func.now(),
        COSTS,
    )
    .order_by(sa.func.greatest(orders.c.pay_by, orders.c.look_again_at))
    .limit(MOST_AT_ONCE),
    into=_ids,
)
LOOK_AGAIN = Statement(
    sa.update(orders).where(THIS).values(look_again_at=sa.func.now() + bindparam("after", type_=INTERVAL))
)
# A second, then twice as long each time, a minute at most; a little different each time.
_pause = sa.func.least(60, sa.func.power(2, sa.func.least(orders.c.sweep_failures, 10))) * (
    0.8 + 0.4 * sa.func.random()
)
POSTPONE = Statement(
    sa.update(orders)
    .where(THIS)
    .values(
        sweep_failures=orders.c.sweep_failures + 1,
        look_again_at=sa.func.now() + _pause * sa.literal_column("interval '1 second'"),
    )
)
NOTE_PAYMENT = Statement(
    sa.update(orders)
    .where(THIS)
    .values(payment_received_at=sa.func.coalesce(orders.c.payment_received_at, sa.func.now()))
)


class Orders:
    """The orders, read directly or within a transaction."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def find(self, order_id: UUID) -> Order | None:
        return await self._rows.fetch_one(FIND, order_id=order_id)

    async def of_shopper(self, user_id: UUID, *, before: UUID | None, most: int) -> Sequence[Order]:
        return await self._rows.fetch_all(OF_SHOPPER, user_id=user_id, before=before or LAST_ID, most=most)

    async def locked(self, order_id: UUID) -> Order | None:
        return await self._rows.fetch_one(LOCK, order_id=order_id)

    async def ordered_from(self, user_id: UUID, lines: Collection[UUID]) -> Mapping[UUID, UUID]:
        await self._rows.fetch_one(SHOPPER_LOCK, shopper=f"checkout of {user_id}")
        found = await self._rows.fetch_all(ORDERED, lines=list(lines))
        return {row["line_id"]: row["order_id"] for row in found}

    async def clock(self) -> datetime:
        row = await self._rows.fetch_one(CLOCK)
        now: datetime = row["now"]  # type: ignore[index]  # it has one row, whatever happens
        return now

    async def add(self, order: Order) -> None:
        await self._rows.execute(
            ADD,
            id=order.id,
            user_id=order.shopper.id,
            user_email=order.shopper.email,
            status=order.status,
            currency=order.currency,
            created_at=order.created_at,
            pay_by=order.pay_by,
            **asdict(order.ship_to),
        )
        columns = {f"{name}s": [getattr(line, name) for line in order.lines] for name in LINE}
        await self._rows.execute(ADD_LINES, order_id=order.id, positions=list(range(len(order.lines))), **columns)

    async def save(self, order: Order) -> None:
        await self._rows.execute(
            SAVE,
            order_id=order.id,
            new_status=order.status,
            reason=order.cancel_reason,
            cancelling=order.cancelling,
        )
        if order.status is Status.REJECTED:
            await self._rows.execute(GIVE_LINES_BACK, order=order.id)

    async def abandoned(self, after: timedelta) -> Sequence[UUID]:
        return await self._rows.fetch_all(ABANDONED, after=after)

    async def intended(self, after: timedelta) -> Sequence[UUID]:
        return await self._rows.fetch_all(INTENDED, after=after)

    async def overdue(self) -> Sequence[UUID]:
        return await self._rows.fetch_all(OVERDUE)

    async def payment_received(self) -> Sequence[UUID]:
        return await self._rows.fetch_all(PAYMENT_RECEIVED)

    async def look_again(self, order_id: UUID, after: timedelta) -> None:
        await self._rows.execute(LOOK_AGAIN, order_id=order_id, after=after)

    async def postpone(self, order_id: UUID) -> None:
        await self._rows.execute(POSTPONE, order_id=order_id)

    async def note_payment(self, order_id: UUID) -> None:
        await self._rows.execute(NOTE_PAYMENT, order_id=order_id)


_request = (requests.c.user_id == bindparam("shopper")) & (requests.c.key == bindparam("said"))
_lease = sa.func.now() + bindparam("lease", type_=INTERVAL)
_claim = insert(requests).values(
    user_id=bindparam("user_id"),
    key=bindparam("key"),
    fingerprint=bindparam("fingerprint"),
    claimed_until=_lease,
)
CLAIM = Statement(
    _claim.on_conflict_do_update(
        index_elements=["user_id", "key"],
        set_={"claimed_until": _lease},
        where=(requests.c.fingerprint == _claim.excluded.fingerprint)
        & requests.c.outcome.is_(None)
        & (requests.c.claimed_until < sa.func.now()),
    )
)
REQUEST = Statement(sa.select(requests).where(_request))
LINK = Statement(sa.update(requests).where(_request).values(order_id=bindparam("order")))
KEEP = Statement(sa.update(requests).where(_request).values(outcome=bindparam("told")))
LET_GO = Statement(
    sa.update(requests).where(_request, requests.c.outcome.is_(None)).values(claimed_until=sa.text("'-infinity'"))
)
_old = (
    sa.select(requests.c.user_id, requests.c.key)
    .where(requests.c.created_at < LONG_AGO)
    .order_by(requests.c.created_at)
    .limit(1000)
)
FORGET = Statement(sa.delete(requests).where(sa.tuple_(requests.c.user_id, requests.c.key).in_(_old)))


class Requests:
    """The requests that carry an Idempotency-Key."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def claim(self, user_id: UUID, key: str, fingerprint: bytes, lease: timedelta) -> bool:
        return bool(await self._rows.execute(CLAIM, user_id=user_id, key=key, fingerprint=fingerprint, lease=lease))

    async def find(self, user_id: UUID, key: str) -> Mapping[str, Any]:
        return await self._rows.fetch_one(REQUEST, shopper=user_id, said=key) or {}

    async def link(self, user_id: UUID, key: str, order_id: UUID) -> None:
        await self._rows.execute(LINK, shopper=user_id, said=key, order=order_id)

    async def keep(self, user_id: UUID, key: str, outcome: Mapping[str, Any]) -> None:
        await self._rows.execute(KEEP, shopper=user_id, said=key, told=Json(outcome))

    async def let_go(self, user_id: UUID, key: str) -> None:
        await self._rows.execute(LET_GO, shopper=user_id, said=key)

    async def forget(self, after: timedelta) -> None:
        await self._rows.execute(FORGET, after=after)


class OrderWork(Work):
    """One transaction of the order service."""

    def __init__(self, transaction: Transaction, outbox: Outbox | None, consumer: str) -> None:
        super().__init__(transaction, outbox, consumer)
        self.orders = Orders(transaction)
        self.requests = Requests(transaction)
