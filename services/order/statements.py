"""What the order service asks its database, compiled when the project is generated."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import timedelta
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, JSONB, aggregate_order_by, insert

from chassis.data.clauses import (
    delete_with_dependents_statement,
    ids_older_than_retention,
    is_any_of,
    row_lock,
)
from chassis.data.keyset import keyset_page
from chassis.data.statement import Statement
from generated.states import OrderStatus
from services.order.domain import (
    ERASED_EMAIL,
    Change,
    CheckoutDetails,
    Line,
    Order,
)
from services.order.tables import changes, deleted_accounts, lines, order_history, orders

COUNT_UNSETTLED_ORDERS = Statement(
    sa.select(
        sa.func.count().filter(orders.c.status == OrderStatus.PENDING.value).label("pending"),
        sa.func.count().filter(orders.c.status == OrderStatus.CREATED.value).label("created"),
        sa.func.count()
        .filter(orders.c.status == OrderStatus.CREATED.value, orders.c.pay_by < sa.func.now())
        .label("overdue"),
    ).where(
        sa.text("status IN ('PENDING', 'CREATED')")  # in the words of the partial index (a prepared statement, too)
    )
)
_waits_for_another_try = sa.text("sweep_failures > 0")
COUNT_POSTPONED_ORDERS = Statement(
    sa.select(sa.func.count().label("postponed")).select_from(orders).where(_waits_for_another_try)
)
COUNT_CANCELLATIONS_REQUESTED = Statement(
    sa.select(sa.func.count().label("cancelling")).where(orders.c.cancelling_since.is_not(None))
)
COUNT_CHANGES_INTENDED = Statement(
    sa.select(sa.func.count().label("reducing")).select_from(changes).where(sa.text("status = 'INTENDED'"))
)
LINE_COLUMNS, DETAILS_COLUMNS = ([field.name for field in fields(value)] for value in (Line, CheckoutDetails))
# Those that are a column just as they are; the others are written and read below.
ORDER_COLUMNS = [field.name for field in fields(Order) if field.name in orders.c and field.name != "refusal"]
CHANGE_COLUMNS = [field.name for field in fields(Change)]


def _json_object(table: sa.Table, names: Iterable[str]) -> Any:
    return sa.func.jsonb_build_object(*chain(*((sa.literal_column(f"'{name}'"), table.c[name]) for name in names)))


_lines_json = (
    sa.select(sa.func.jsonb_agg(aggregate_order_by(_json_object(lines, LINE_COLUMNS), lines.c.position)))
    .where(lines.c.order_id == orders.c.id)
    .scalar_subquery()
    .label("lines")
)
_changes_json = (
    sa.select(sa.func.jsonb_agg(aggregate_order_by(_json_object(changes, CHANGE_COLUMNS), changes.c.id)))
    .where(changes.c.order_id == orders.c.id)
    .scalar_subquery()
    .label("changes")
)
SELECT_ORDERS = sa.select(orders, _lines_json, _changes_json)
IS_THIS_ORDER = orders.c.id == bindparam("order_id")
FIND_ORDER = Statement(SELECT_ORDERS.where(IS_THIS_ORDER))
LOCK_ORDER = row_lock(SELECT_ORDERS.where(IS_THIS_ORDER), orders)
SELECT_ORDERS_OF_USER = Statement(
    SELECT_ORDERS.where(
        orders.c.user_id == bindparam("user_id"),
        orders.c.id < bindparam("before"),
        orders.c.status.not_in([OrderStatus.PENDING.value, OrderStatus.REJECTED.value]),
    )
    .order_by(orders.c.id.desc())
    .limit(bindparam("most", type_=sa.Integer)),
)
CREATION_BOUNDS = (
    orders.c.id >= bindparam("not_before", type_=sa.Uuid),
    orders.c.created_at >= bindparam("created_from", type_=sa.DateTime(timezone=True)),
    orders.c.created_at < bindparam("created_before", type_=sa.DateTime(timezone=True)),
)


def _list_orders_statement(by_email: bool, by_status: bool) -> Statement[dict[str, Any]]:
    """Orders in the order of an index: of a shopper's, which are not many, those in another state are read past."""
    group = {"email": orders.c.user_email} if by_email else {"status": orders.c.status} if by_status else None
    rows = SELECT_ORDERS.where(*CREATION_BOUNDS)
    if by_email and by_status:
        # As no index has it: that of states would have the orders of everybody else, too.
        rows = rows.where(orders.c.status.is_not_distinct_from(bindparam("status", type_=sa.Text)))
    page = keyset_page(rows, {"before": orders.c.id}, group=group, descending=True)
    return Statement(page.limit(bindparam("limit", type_=sa.Integer)))


LIST_ORDERS = {
    (by_email, by_status): _list_orders_statement(by_email, by_status)
    for by_email in (False, True)
    for by_status in (False, True)
}
# One checkout of a shopper at a time looks at what is ordered already, and adds to it.
LOCK_CHECKOUTS_OF_USER = Statement(
    sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(bindparam("shopper", type_=sa.Text), 0)))
)
IS_OF_USER = orders.c.user_id == bindparam("user_id")
# Spelled out, so that a plan for any parameters may use the index of these few.
IS_PENDING, IS_CREATED = sa.text("orders.status = 'PENDING'"), sa.text("orders.status = 'CREATED'")
LOCK_PENDING_ORDERS_OF_USER = Statement(SELECT_ORDERS.where(IS_OF_USER, IS_PENDING).with_for_update(of=orders))
_ordered_lines = sa.select(sa.func.jsonb_object_agg(lines.c.line_id, lines.c.order_id)).where(
    lines.c.live, lines.c.line_id == sa.any_(bindparam("lines", type_=ARRAY(sa.Uuid)))
)
_cart_revision = sa.select(sa.func.max(orders.c.cart_revision)).where(IS_OF_USER)
# What costs nothing is paid as soon as payment hears of it, however late that is.
IS_NOT_FREE = sa.exists().where(lines.c.order_id == orders.c.id, lines.c.unit_price_cents > 0)
_unpaid_count = sa.select(sa.func.count()).select_from(orders).where(IS_OF_USER, IS_CREATED, IS_NOT_FREE)
ONE_DAY = timedelta(days=1)
_within_a_day_count = (
    sa.select(sa.func.count())
    .select_from(orders)
    .where(
        orders.c.user_email == bindparam("email"),
        orders.c.id >= bindparam("not_before", type_=sa.Uuid),  # by which they are found
        orders.c.created_at > sa.func.now() - sa.literal(ONE_DAY, INTERVAL),
        orders.c.status.in_(["CREATED", "CANCELLED", "REFUNDED"]) | ((orders.c.status == "PAID") & ~IS_NOT_FREE),
    )
)
SELECT_CHECKOUT_STATE = Statement(
    sa.select(
        sa.func.coalesce(_ordered_lines.scalar_subquery(), sa.cast({}, JSONB)).label("ordered"),
        sa.func.coalesce(_cart_revision.scalar_subquery(), 0).label("revision"),
        _unpaid_count.scalar_subquery().label("unpaid"),
        _within_a_day_count.scalar_subquery().label("within_a_day"),
        sa.func.now().label("now"),
    )
)
FIND_LATEST_ORDER = Statement(
    SELECT_ORDERS.where(orders.c.id == sa.any_(bindparam("order_ids", type_=ARRAY(sa.Uuid))))
    .order_by(orders.c.cart_revision.desc().nulls_last(), orders.c.id.desc())
    .limit(1),
)
_new_order = (
    sa.insert(orders)
    .values({name: bindparam(name) for name in (*ORDER_COLUMNS, *DETAILS_COLUMNS, "user_id", "user_email")})
    .returning(orders.c.id)
    .cte("new_order")
)
_line_columns: dict[str, Any] = {"position": sa.SmallInteger, **{name: lines.c[name].type for name in LINE_COLUMNS}}
_new_lines = (
    sa.func.unnest(*(bindparam(f"{name}s", type_=ARRAY(kind)) for name, kind in _line_columns.items()))
    .table_valued(*_line_columns, name="new")
    .render_derived()
)
INSERT_ORDER = Statement(
    sa.insert(lines).from_select(
        ["order_id", *_line_columns],
        sa.select(_new_order.c.id, *(_new_lines.c[name] for name in _line_columns)).join_from(
            _new_order, _new_lines, sa.true()
        ),
    )
)
UPDATE_ORDER = Statement(
    sa.update(orders)
    .where(orders.c.id == bindparam("order_id"))
    .values(
        status=bindparam("new_status"),
        cancel_reason=bindparam("reason"),
        refusal=bindparam("refusal"),
        rest_refunded=bindparam("rest_refunded"),
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
FIND_CHANGES = Statement(
    sa.select(*(changes.c[name] for name in CHANGE_COLUMNS))
    .where(changes.c.order_id == bindparam("order_id"))
    .order_by(changes.c.id)
)
_saved_changes = (
    sa.func.unnest(*(bindparam(f"{name}_list", type_=ARRAY(changes.c[name].type)) for name in CHANGE_COLUMNS))
    .table_valued(*CHANGE_COLUMNS, name="saved")
    .render_derived()
)
_upserted_changes = insert(changes).from_select(
    ["order_id", *CHANGE_COLUMNS],
    sa.select(
        sa.cast(bindparam("order"), sa.Uuid),
        *(sa.cast(_saved_changes.c[name], changes.c[name].type) for name in CHANGE_COLUMNS),
    ),
)
SAVE_CHANGES = Statement(
    _upserted_changes.on_conflict_do_update(index_elements=["id"], set_={"status": _upserted_changes.excluded.status})
)
_charged_prices = (
    sa.func.unnest(bindparam("line_ids", type_=ARRAY(sa.Uuid)), bindparam("prices", type_=ARRAY(sa.BigInteger)))
    .table_valued("line_id", "price", name="charged")
    .render_derived()
)
UPDATE_LINE_PRICES = Statement(
    sa.update(lines)
    .where(lines.c.order_id == bindparam("order"), lines.c.line_id == _charged_prices.c.line_id)
    .values(unit_price_cents=_charged_prices.c.price)
)
RELEASE_LINES = Statement(sa.update(lines).where(lines.c.order_id == bindparam("order")).values(live=False))
AGE_LIMIT = sa.func.now() - bindparam("after", type_=INTERVAL)
BATCH_SIZE = 100
NOT_POSTPONED = sa.func.coalesce(orders.c.look_again_at, sa.text("'-infinity'")) < sa.func.now()
SELECT_ABANDONED_ORDERS = Statement(
    sa.select(orders.c.id)
    .where(orders.c.status == OrderStatus.PENDING.value, orders.c.created_at < AGE_LIMIT, NOT_POSTPONED)
    .order_by(sa.func.coalesce(orders.c.look_again_at, orders.c.created_at))
    .limit(BATCH_SIZE),
)
SELECT_ORDERS_TO_CANCEL = Statement(
    sa.select(orders.c.id)
    .where(orders.c.cancelling_since < AGE_LIMIT, NOT_POSTPONED)
    .order_by(sa.func.coalesce(orders.c.look_again_at, orders.c.cancelling_since))
    .limit(BATCH_SIZE),
)
SELECT_ORDERS_TO_CHANGE = Statement(
    sa.select(orders.c.id)
    .select_from(orders.join(changes, changes.c.order_id == orders.c.id))
    # In the words of the partial index (a prepared statement, too).
    .where(sa.text("changes.status = 'INTENDED'"), changes.c.created_at < AGE_LIMIT, NOT_POSTPONED)
    .group_by(orders.c.id)
    .order_by(sa.func.min(sa.func.coalesce(orders.c.look_again_at, changes.c.created_at)))
    .limit(BATCH_SIZE)
)
SELECT_ORDERS_WITH_PAYMENT = Statement(
    sa.select(orders.c.id)
    # In the words of the partial index (a prepared statement, too).
    .where(sa.text("status = 'CREATED' AND payment_received_at IS NOT NULL"), NOT_POSTPONED)
    .order_by(sa.func.coalesce(orders.c.look_again_at, orders.c.payment_received_at))
    .limit(BATCH_SIZE),
)
SELECT_OVERDUE_ORDERS = Statement(
    sa.select(orders.c.id)
    .where(
        orders.c.status == OrderStatus.CREATED.value,
        orders.c.payment_received_at.is_(None),
        sa.func.greatest(orders.c.pay_by, orders.c.look_again_at) < sa.func.now(),
        IS_NOT_FREE,
    )
    .order_by(sa.func.greatest(orders.c.pay_by, orders.c.look_again_at))
    .limit(BATCH_SIZE),
)
_rejected_orders = (
    sa.select(orders.c.id)
    .where(
        sa.text("orders.status = 'REJECTED'"),
        orders.c.created_at < sa.func.now() - bindparam("retention", type_=INTERVAL),
    )
    .order_by(orders.c.created_at)
    .limit(bindparam("batch", type_=sa.Integer))
)
PURGE_REJECTED_ORDERS = delete_with_dependents_statement(orders.c.id, _rejected_orders)
_settled_orders = ids_older_than_retention(
    orders.c.id, sa.text("orders.status NOT IN ('PENDING', 'CREATED') AND orders.cancelling_since IS NULL")
)
PURGE_SETTLED_ORDERS = delete_with_dependents_statement(orders.c.id, _settled_orders)
_due_accounts = (
    sa.select(deleted_accounts.c.user_id)
    .where(deleted_accounts.c.deleted_at < sa.func.now() - bindparam("retention", type_=INTERVAL))
    .order_by(deleted_accounts.c.deleted_at)
    .limit(bindparam("batch", type_=sa.Integer))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_erased_orders = (
    sa.update(orders)
    .where(is_any_of(orders.c.user_id, sa.select(_due_accounts.c.user_id)))
    .values(user_email=ERASED_EMAIL)
    .cte("erased_orders")
)
# In one statement: no account is forgotten whose orders still have its address. What it counts are the accounts.
ERASE_EMAILS = Statement(
    sa.delete(deleted_accounts)
    .where(is_any_of(deleted_accounts.c.user_id, sa.select(_due_accounts.c.user_id)))
    .add_cte(_erased_orders)
)
INSERT_DELETED_ACCOUNT = Statement(
    insert(deleted_accounts).values(user_id=bindparam("user_id")).on_conflict_do_nothing()
)
# A second, then twice as long each time, a minute at most; a little different each time.
_backoff_seconds = sa.func.least(60, sa.func.power(2, sa.func.least(orders.c.sweep_failures, 10))) * (
    0.8 + 0.4 * sa.func.random()
)
POSTPONE_ORDER = Statement(
    sa.update(orders)
    .where(IS_THIS_ORDER)
    .values(
        sweep_failures=orders.c.sweep_failures + 1,
        look_again_at=sa.func.now() + _backoff_seconds * sa.literal_column("interval '1 second'"),
    )
)
RECORD_PAYMENT_RECEIVED = Statement(
    sa.update(orders)
    .where(IS_THIS_ORDER)
    .values(payment_received_at=sa.func.coalesce(orders.c.payment_received_at, sa.func.now()))
)
INSERT_HISTORY_ENTRY = Statement(
    insert(order_history)
    .values({name: bindparam(name) for name in ("order_id", "happened_at", "event_id", "kind", "facts")})
    .on_conflict_do_nothing()
)
FIND_HISTORY_ENTRY = Statement(
    sa.select(order_history.c.event_id)
    .where(order_history.c.order_id == bindparam("order_id"), order_history.c.kind == bindparam("kind"))
    .limit(1)
)
SELECT_HISTORY = Statement(
    keyset_page(
        sa.select(
            order_history.c.happened_at,
            order_history.c.event_id.label("id"),
            order_history.c.kind,
            order_history.c.facts,
        ),
        {"after_time": order_history.c.happened_at, "after_id": order_history.c.event_id},
        group={"order_id": order_history.c.order_id},
    ).limit(bindparam("limit", type_=sa.Integer)),
)
