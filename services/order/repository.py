"""Orders as rows."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from msgspec import convert
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, JSONB, aggregate_order_by

from chassis.data.database import Database, Transaction
from chassis.data.retention import RetentionRule, is_any_of
from chassis.data.statement import Statement
from chassis.events.outbox import Outbox
from chassis.unit_of_work import UnitOfWork
from generated.states import OrderStatus
from services.order.domain import Line, Order, OrderDetails, Reason, Shopper, Standing
from services.order.errors import OutOfStock, PriceChanged, ProductUnavailable
from services.order.tables import lines, orders

LINE, DETAILS = ([field.name for field in fields(value)] for value in (Line, OrderDetails))
# Those that are a column just as they are; the others are written and read below.
OWN = [field.name for field in fields(Order) if field.name in orders.c and field.name != "refusal"]


def _order(**row: Any) -> Order:
    order = Order(
        **{name: row[name] for name in OWN},
        shopper=Shopper(row["user_id"], row["user_email"]),
        details=OrderDetails(*(row[name] for name in DETAILS)),
        lines=convert(row["lines"], tuple[Line, ...]),
        cancellation_requested=row["cancelling_since"] is not None,
        refusal=row["refusal"] and _refusal(**row["refusal"]),
    )
    order.status, order.cancel_reason = OrderStatus(order.status), order.cancel_reason and Reason(order.cancel_reason)
    return order


REFUSALS: dict[str, type[Exception]] = {kind.__name__: kind for kind in (OutOfStock, ProductUnavailable, PriceChanged)}


def _refusal(kind: str, args: list[Any]) -> Exception:
    return REFUSALS[kind](*args)


def _kept(refusal: Exception | None) -> dict[str, Any] | None:
    if refusal is None:
        return None
    args = [refusal.members["lines"]] if isinstance(refusal, PriceChanged) else list(refusal.args)
    return {"kind": type(refusal).__name__, "args": args}


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
    WHOLE.where(
        orders.c.user_id == bindparam("user_id"),
        orders.c.id < bindparam("before"),
        orders.c.status.not_in([OrderStatus.PENDING.value, OrderStatus.REJECTED.value]),
    )
    .order_by(orders.c.id.desc())
    .limit(bindparam("most", type_=sa.Integer)),
    into=_order,
)
LAST_ID = UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")
# One checkout of a shopper at a time looks at what is ordered already, and adds to it.
SHOPPER_LOCK = Statement(
    sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(bindparam("shopper", type_=sa.Text), 0)))
)
OF_USER = orders.c.user_id == bindparam("user_id")
# Spelled out, so that a plan for any parameters may use the index of these few.
IS_PENDING, IS_CREATED = sa.text("orders.status = 'PENDING'"), sa.text("orders.status = 'CREATED'")
PENDING_OF = Statement(WHOLE.where(OF_USER, IS_PENDING).with_for_update(of=orders), into=_order)
_ordered = sa.select(sa.func.jsonb_object_agg(lines.c.line_id, lines.c.order_id)).where(
    lines.c.live, lines.c.line_id == sa.any_(bindparam("lines", type_=ARRAY(sa.Uuid)))
)
_revision = sa.select(sa.func.max(orders.c.cart_revision)).where(OF_USER)
# What costs nothing is paid as soon as payment hears of it, however late that is.
COSTS = sa.exists().where(lines.c.order_id == orders.c.id, lines.c.unit_price_cents > 0)
_unpaid = sa.select(sa.func.count()).select_from(orders).where(OF_USER, IS_CREATED, COSTS)
STANDING = Statement(
    sa.select(
        sa.func.coalesce(_ordered.scalar_subquery(), sa.cast({}, JSONB)).label("ordered"),
        sa.func.coalesce(_revision.scalar_subquery(), 0).label("revision"),
        _unpaid.scalar_subquery().label("unpaid"),
        sa.func.now().label("now"),
    )
)
LAST_OF = Statement(
    WHOLE.where(orders.c.id == sa.any_(bindparam("order_ids", type_=ARRAY(sa.Uuid))))
    .order_by(orders.c.cart_revision.desc().nulls_last(), orders.c.id.desc())
    .limit(1),
    into=_order,
)
ADD = Statement(sa.insert(orders).values({name: bindparam(name) for name in (*OWN, *DETAILS, "user_id", "user_email")}))
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
        refusal=bindparam("refusal"),
        # What was tried in vain before does not delay what comes next.
        sweep_failures=0,
        look_again_at=None,
        cancelling_since=sa.case(
            (
                bindparam("cancellation_requested", type_=sa.Boolean),
                sa.func.coalesce(orders.c.cancelling_since, sa.func.now()),
            )
        ),
    )
)
_prices = (
    sa.func.unnest(bindparam("line_ids", type_=ARRAY(sa.Uuid)), bindparam("prices", type_=ARRAY(sa.BigInteger)))
    .table_valued("line_id", "price", name="charged")
    .render_derived()
)
SAVE_PRICES = Statement(
    sa.update(lines)
    .where(lines.c.order_id == bindparam("order"), lines.c.line_id == _prices.c.line_id)
    .values(unit_price_cents=_prices.c.price)
)
GIVE_LINES_BACK = Statement(sa.update(lines).where(lines.c.order_id == bindparam("order")).values(live=False))
LONG_AGO = sa.func.now() - bindparam("after", type_=INTERVAL)
BATCH_SIZE = 100
NOT_POSTPONED = sa.func.coalesce(orders.c.look_again_at, sa.text("'-infinity'")) < sa.func.now()
ABANDONED = Statement(
    sa.select(orders.c.id)
    .where(orders.c.status == OrderStatus.PENDING.value, orders.c.created_at < LONG_AGO, NOT_POSTPONED)
    .order_by(sa.func.coalesce(orders.c.look_again_at, orders.c.created_at))
    .limit(BATCH_SIZE),
    into=_ids,
)
CANCELLATIONS_REQUESTED = Statement(
    sa.select(orders.c.id)
    .where(orders.c.cancelling_since < LONG_AGO, NOT_POSTPONED)
    .order_by(sa.func.coalesce(orders.c.look_again_at, orders.c.cancelling_since))
    .limit(BATCH_SIZE),
    into=_ids,
)
PAYMENT_RECEIVED = Statement(
    sa.select(orders.c.id)
    # In the words of the partial index (a prepared statement, too).
    .where(sa.text("status = 'CREATED' AND payment_received_at IS NOT NULL"), NOT_POSTPONED)
    .order_by(sa.func.coalesce(orders.c.look_again_at, orders.c.payment_received_at))
    .limit(BATCH_SIZE),
    into=_ids,
)
OVERDUE = Statement(
    sa.select(orders.c.id)
    .where(
        orders.c.status == OrderStatus.CREATED.value,
        orders.c.payment_received_at.is_(None),
        sa.func.greatest(orders.c.pay_by, orders.c.look_again_at) < sa.func.now(),
        COSTS,
    )
    .order_by(sa.func.greatest(orders.c.pay_by, orders.c.look_again_at))
    .limit(BATCH_SIZE),
    into=_ids,
)
_rejected = (
    sa.select(orders.c.id)
    .where(
        sa.text("orders.status = 'REJECTED'"),
        orders.c.created_at < sa.func.now() - bindparam("retention", type_=INTERVAL),
    )
    .order_by(orders.c.created_at)
    .limit(bindparam("batch", type_=sa.Integer))
    .cte("rejected")
)
_their_lines = sa.delete(lines).where(is_any_of(lines.c.order_id, sa.select(_rejected.c.id))).cte("their_lines")
PURGE_REJECTED = Statement(
    sa.delete(orders).where(is_any_of(orders.c.id, sa.select(_rejected.c.id))).add_cte(_their_lines)
)
# An Idempotency-Key that names such an order is forgotten long before.
REJECTED_ORDERS_RETENTION_RULE = RetentionRule("rejected orders", PURGE_REJECTED, timedelta(days=30))
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


class OrderRepository:
    """The orders, read directly or within a transaction."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def find(self, order_id: UUID) -> Order | None:
        return await self._rows.fetch_one(FIND, order_id=order_id)

    async def of_shopper(self, user_id: UUID, *, before: UUID | None, most: int) -> Sequence[Order]:
        return await self._rows.fetch_all(OF_SHOPPER, user_id=user_id, before=before or LAST_ID, most=most)

    async def locked(self, order_id: UUID) -> Order | None:
        return await self._rows.fetch_one(LOCK, order_id=order_id)

    async def standing(self, user_id: UUID, lines: Collection[UUID]) -> Standing:
        await self._rows.fetch_one(SHOPPER_LOCK, shopper=f"checkout of {user_id}")
        pending = await self._rows.fetch_all(PENDING_OF, user_id=user_id)
        # Another statement, which sees what was committed while the pending orders were waited for.
        row: Any = await self._rows.fetch_one(STANDING, user_id=user_id, lines=list(lines))
        open_ids = {order.id for order in pending}
        ordered = convert(row["ordered"], dict[UUID, UUID])
        placed = {line_id: order_id for line_id, order_id in ordered.items() if order_id not in open_ids}
        return Standing(pending, placed, row["revision"], row["unpaid"], row["now"])

    async def last_of(self, order_ids: Collection[UUID]) -> Order:
        last: Order = await self._rows.fetch_one(LAST_OF, order_ids=list(order_ids))  # type: ignore[assignment]
        return last  # its lines are there, and so is the order

    async def add(self, order: Order) -> None:
        await self._rows.execute(
            ADD,
            user_id=order.shopper.id,
            user_email=order.shopper.email,
            **{name: getattr(order, name) for name in OWN},
            **vars(order.details),
        )
        columns = {f"{name}s": [getattr(line, name) for line in order.lines] for name in LINE}
        await self._rows.execute(ADD_LINES, order_id=order.id, positions=list(range(len(order.lines))), **columns)

    async def save(self, order: Order) -> None:
        await self._rows.execute(
            SAVE,
            order_id=order.id,
            new_status=order.status,
            reason=order.cancel_reason,
            refusal=_kept(order.refusal),
            cancellation_requested=order.cancellation_requested,
        )
        if order.status is OrderStatus.REJECTED:
            await self._rows.execute(GIVE_LINES_BACK, order=order.id)

    async def save_prices(self, order: Order) -> None:
        line_ids, prices = ([getattr(line, name) for line in order.lines] for name in ("line_id", "unit_price_cents"))
        await self._rows.execute(SAVE_PRICES, order=order.id, line_ids=line_ids, prices=prices)

    async def abandoned(self, after: timedelta) -> Sequence[UUID]:
        return await self._rows.fetch_all(ABANDONED, after=after)

    async def cancellations_requested(self, after: timedelta) -> Sequence[UUID]:
        return await self._rows.fetch_all(CANCELLATIONS_REQUESTED, after=after)

    async def overdue(self) -> Sequence[UUID]:
        return await self._rows.fetch_all(OVERDUE)

    async def payment_received(self) -> Sequence[UUID]:
        return await self._rows.fetch_all(PAYMENT_RECEIVED)

    async def postpone(self, order_id: UUID) -> None:
        await self._rows.execute(POSTPONE, order_id=order_id)

    async def note_payment(self, order_id: UUID) -> None:
        await self._rows.execute(NOTE_PAYMENT, order_id=order_id)


class OrderUnitOfWork(UnitOfWork):
    """One transaction of the order service."""

    def __init__(self, transaction: Transaction, outbox: Outbox | None, consumer: str) -> None:
        super().__init__(transaction, outbox, consumer)
        self.orders = OrderRepository(transaction)
