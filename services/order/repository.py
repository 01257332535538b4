"""Orders as rows."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import convert, to_builtins
from psycopg.errors import ForeignKeyViolation
from psycopg.types.json import Jsonb

from chassis.data.database import Database, Transaction
from chassis.data.retention import RetentionRule
from chassis.events.outbox import Outbox
from chassis.unit_of_work import UnitOfWork
from generated.statements import order as statements
from generated.states import OrderStatus
from services.order.domain import (
    CancelReason,
    Change,
    CheckoutDetails,
    Line,
    Order,
    OrderFilter,
    PriorOrders,
    Shopper,
    TimelineEntry,
)
from services.order.errors import OrderNotFound, OutOfStock, PriceChanged, ProductUnavailable
from services.order_retention import ORDER_RETENTION


def _to_order(**row: Any) -> Order:
    order = Order(
        **{name: row[name] for name in statements.ORDER_COLUMNS},
        shopper=Shopper(row["user_id"], row["user_email"]),
        details=CheckoutDetails(*(row[name] for name in statements.DETAILS_COLUMNS)),
        lines=convert(row["lines"], tuple[Line, ...]),
        changes=convert(row["changes"] or (), tuple[Change, ...]),
        cancellation_requested=row["cancelling_since"] is not None,
        refusal=row["refusal"] and _decode_refusal(**row["refusal"]),
    )
    order.status, order.cancel_reason = (
        OrderStatus(order.status),
        order.cancel_reason and CancelReason(order.cancel_reason),
    )
    return order


REFUSAL_TYPES: dict[str, type[Exception]] = {
    kind.__name__: kind for kind in (OutOfStock, ProductUnavailable, PriceChanged)
}


def _decode_refusal(kind: str, args: list[Any]) -> Exception:
    return REFUSAL_TYPES[kind](*args)


def _encode_refusal(refusal: Exception | None) -> dict[str, Any] | None:
    if refusal is None:
        return None
    args = [refusal.members["lines"]] if isinstance(refusal, PriceChanged) else list(refusal.args)
    return {"kind": type(refusal).__name__, "args": args}


def _to_id(**row: Any) -> UUID:
    order_id: UUID = row["id"]
    return order_id


def _to_change(**row: Any) -> Change:
    return convert(row, Change)


STATUSES_WITH_CHANGES = (OrderStatus.PAID, OrderStatus.CANCELLED, OrderStatus.REFUNDED)
FIND_CHANGES = statements.FIND_CHANGES.into(_to_change)
FIND_ORDER = statements.FIND_ORDER.into(_to_order)
LOCK_ORDER = statements.LOCK_ORDER.into(_to_order)
SELECT_ORDERS_OF_USER = statements.SELECT_ORDERS_OF_USER.into(_to_order)
LIST_ORDERS = {choice: statement.into(_to_order) for choice, statement in statements.LIST_ORDERS.items()}
MIN_TIME, MAX_TIME = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
# An order's id is made by the clock of a process, and its time is the database's.
CLOCK_SKEW = timedelta(minutes=1)
MAX_UUID = UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")
LOCK_PENDING_ORDERS_OF_USER = statements.LOCK_PENDING_ORDERS_OF_USER.into(_to_order)
FIND_LATEST_ORDER = statements.FIND_LATEST_ORDER.into(_to_order)
SELECT_ABANDONED_ORDERS = statements.SELECT_ABANDONED_ORDERS.into(_to_id)
SELECT_ORDERS_TO_CHANGE = statements.SELECT_ORDERS_TO_CHANGE.into(_to_id)
SELECT_ORDERS_TO_CANCEL = statements.SELECT_ORDERS_TO_CANCEL.into(_to_id)
SELECT_ORDERS_WITH_PAYMENT = statements.SELECT_ORDERS_WITH_PAYMENT.into(_to_id)
SELECT_OVERDUE_ORDERS = statements.SELECT_OVERDUE_ORDERS.into(_to_id)
# An Idempotency-Key that names such an order is forgotten long before.
REJECTED_ORDERS_RETENTION_RULE = RetentionRule("rejected orders", statements.PURGE_REJECTED_ORDERS, timedelta(days=30))
# Each may have two hundred lines.
SETTLED_ORDERS_RETENTION_RULE = RetentionRule(
    "settled orders", statements.PURGE_SETTLED_ORDERS, ORDER_RETENTION, batch=100
)


def _first_id_at(time: datetime, skew: timedelta) -> UUID:
    """The lowest id (UUIDv7, RFC 9562) that is made so long after that time."""
    milliseconds = int((time.timestamp() + skew.total_seconds()) * 1000)
    return UUID(int=min(max(milliseconds, 0), 2**48 - 1) << 80)


class OrderRepository:
    """The orders, read directly or within a transaction."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def find(self, order_id: UUID) -> Order | None:
        return await self._rows.fetch_one(FIND_ORDER, order_id=order_id)

    async def list_by_user(self, user_id: UUID, *, before: UUID | None, most: int) -> Sequence[Order]:
        return await self._rows.fetch_all(SELECT_ORDERS_OF_USER, user_id=user_id, before=before or MAX_UUID, most=most)

    async def list_by_filter(self, wanted: OrderFilter, *, before: UUID | None, limit: int) -> Sequence[Order]:
        named = {"email": wanted.email, "status": wanted.status}
        created_from, created_before = wanted.created_from or MIN_TIME, wanted.created_before or MAX_TIME
        return await self._rows.fetch_all(
            LIST_ORDERS[wanted.email is not None, wanted.status is not None],
            **{name: value for name, value in named.items() if value is not None},
            created_from=created_from,
            created_before=created_before,
            not_before=_first_id_at(created_from, -CLOCK_SKEW),
            before=min(before or MAX_UUID, _first_id_at(created_before, CLOCK_SKEW)),
            limit=limit,
        )

    async def lock(self, order_id: UUID) -> Order | None:
        order = await self._rows.lock(LOCK_ORDER, order_id=order_id)
        if order and order.status in STATUSES_WITH_CHANGES:
            # Another statement, which sees those that were committed while the order's row was waited for.
            order.changes = await self._rows.fetch_all(FIND_CHANGES, order_id=order_id)
        return order

    async def lock_prior_orders(self, shopper: Shopper, lines: Collection[UUID]) -> PriorOrders:
        await self._rows.fetch_one(statements.LOCK_CHECKOUTS_OF_USER, shopper=f"checkout of {shopper.id}")
        pending = await self._rows.fetch_all(LOCK_PENDING_ORDERS_OF_USER, user_id=shopper.id)
        # Another statement, which sees what was committed while the pending orders were waited for.
        row: Any = await self._rows.fetch_one(
            statements.SELECT_CHECKOUT_STATE,
            user_id=shopper.id,
            email=shopper.email,
            not_before=_first_id_at(datetime.now(UTC) - statements.ONE_DAY, -CLOCK_SKEW),
            lines=list(lines),
        )
        open_ids = {order.id for order in pending}
        ordered = convert(row["ordered"], dict[UUID, UUID])
        placed = {line_id: order_id for line_id, order_id in ordered.items() if order_id not in open_ids}
        return PriorOrders(pending, placed, row["revision"], row["unpaid"], row["within_a_day"], row["now"])

    async def find_latest(self, order_ids: Collection[UUID]) -> Order:
        last: Order = await self._rows.fetch_one(FIND_LATEST_ORDER, order_ids=list(order_ids))  # type: ignore[assignment]
        return last  # its lines are there, and so is the order

    async def add(self, order: Order) -> None:
        columns = {f"{name}s": [getattr(line, name) for line in order.lines] for name in statements.LINE_COLUMNS}
        await self._rows.write(
            statements.INSERT_ORDER,
            user_id=order.shopper.id,
            user_email=order.shopper.email,
            **{name: getattr(order, name) for name in statements.ORDER_COLUMNS},
            **vars(order.details),
            positions=list(range(len(order.lines))),
            **columns,
        )

    async def save(self, order: Order) -> None:
        await self._rows.require(
            statements.UPDATE_ORDER,
            order_id=order.id,
            new_status=order.status,
            reason=order.cancel_reason,
            refusal=_encode_refusal(order.refusal),
            cancellation_requested=order.cancellation_requested,
            rest_refunded=order.rest_refunded,
        )
        if order.changes:
            columns = {
                f"{name}_list": [getattr(change, name) for change in order.changes]
                for name in statements.CHANGE_COLUMNS
            }
            columns["items_list"] = [Jsonb(to_builtins(change.items)) for change in order.changes]
            await self._rows.write(statements.SAVE_CHANGES, order=order.id, **columns)
        if order.status is OrderStatus.REJECTED:
            await self._rows.write(statements.RELEASE_LINES, order=order.id)

    async def save_prices(self, order: Order) -> None:
        line_ids, prices = ([getattr(line, name) for line in order.lines] for name in ("line_id", "unit_price_cents"))
        await self._rows.write(statements.UPDATE_LINE_PRICES, order=order.id, line_ids=line_ids, prices=prices)

    async def list_abandoned(self, after: timedelta) -> Sequence[UUID]:
        return await self._rows.fetch_all(SELECT_ABANDONED_ORDERS, after=after)

    async def list_cancellation_requested_ids(self, after: timedelta) -> Sequence[UUID]:
        return await self._rows.fetch_all(SELECT_ORDERS_TO_CANCEL, after=after)

    async def list_change_intended_ids(self, after: timedelta) -> Sequence[UUID]:
        return await self._rows.fetch_all(SELECT_ORDERS_TO_CHANGE, after=after)

    async def list_overdue_ids(self) -> Sequence[UUID]:
        return await self._rows.fetch_all(SELECT_OVERDUE_ORDERS)

    async def list_payment_received(self) -> Sequence[UUID]:
        return await self._rows.fetch_all(SELECT_ORDERS_WITH_PAYMENT)

    async def postpone(self, order_id: UUID) -> None:
        await self._rows.execute(statements.POSTPONE_ORDER, order_id=order_id)

    async def record_payment_received(self, order_id: UUID) -> None:
        await self._rows.write(statements.RECORD_PAYMENT_RECEIVED, order_id=order_id)


SELECT_HISTORY = statements.SELECT_HISTORY.into(TimelineEntry)


class OrderHistory:
    """What happened to the orders, read directly or within a transaction."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def add(self, order_id: UUID, entry: TimelineEntry) -> None:
        try:
            await self._rows.write(
                statements.INSERT_HISTORY_ENTRY,
                order_id=order_id,
                happened_at=entry.happened_at,
                event_id=entry.id,
                kind=entry.kind,
                facts=dict(entry.facts),
            )
        except ForeignKeyViolation:
            raise OrderNotFound from None

    async def contains(self, order_id: UUID, kind: str) -> bool:
        return await self._rows.fetch_one(statements.FIND_HISTORY_ENTRY, order_id=order_id, kind=kind) is not None

    async def list_by_order(
        self, order_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
    ) -> Sequence[TimelineEntry]:
        after_time, after_id = after or (MIN_TIME, UUID(int=0))
        return await self._rows.fetch_all(
            SELECT_HISTORY, order_id=order_id, after_time=after_time, after_id=after_id, limit=limit
        )


class DeletedAccountRepository:
    """`ports.DeletedAccountRepository` in PostgreSQL."""

    def __init__(self, rows: Transaction) -> None:
        self._rows = rows

    async def add(self, user_id: UUID) -> None:
        await self._rows.write(statements.INSERT_DELETED_ACCOUNT, user_id=user_id)


class OrderUnitOfWork(UnitOfWork):
    """One transaction of the order service."""

    def __init__(self, transaction: Transaction, outbox: Outbox | None) -> None:
        super().__init__(transaction, outbox)
        self.orders = OrderRepository(transaction)
        self.history = OrderHistory(transaction)
        self.deleted_accounts = DeletedAccountRepository(transaction)
