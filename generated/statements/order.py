# Generated from services/order/statements.py by scripts/generate.py. Do not edit.

"""What the order service asks its database, compiled when the project is generated."""

import datetime
from typing import Any

from chassis.data.statement import RowLock, Statement

COUNT_UNSETTLED_ORDERS = Statement(
    """SELECT count(*) FILTER (WHERE orders.orders.status = %(status_1)s::VARCHAR) AS pending, count(*) FILTER (WHERE orders.orders.status = %(status_2)s::VARCHAR) AS created, count(*) FILTER (WHERE orders.orders.status = %(status_3)s::VARCHAR AND orders.orders.pay_by < now()) AS overdue
FROM orders.orders
WHERE status IN ('PENDING', 'CREATED')""",
    {"status_1": "PENDING", "status_2": "CREATED", "status_3": "CREATED"},
)
COUNT_POSTPONED_ORDERS = Statement("""SELECT count(*) AS postponed
FROM orders.orders
WHERE sweep_failures > 0""")
COUNT_CANCELLATIONS_REQUESTED = Statement("""SELECT count(*) AS cancelling
FROM orders.orders
WHERE orders.orders.cancelling_since IS NOT NULL""")
COUNT_CHANGES_INTENDED = Statement("""SELECT count(*) AS reducing
FROM orders.changes
WHERE status = 'INTENDED'""")
LINE_COLUMNS = ["line_id", "product_id", "title", "qty", "unit_price_cents", "priced_at"]
DETAILS_COLUMNS = ["address_line1", "address_line2", "city", "country", "postcode"]
ORDER_COLUMNS = [
    "id",
    "currency",
    "created_at",
    "pay_by",
    "status",
    "cancel_reason",
    "cart_revision",
    "replaces",
    "rest_refunded",
]
CHANGE_COLUMNS = ["id", "kind", "items", "created_at", "status"]
FIND_ORDER = Statement("""SELECT orders.orders.id, orders.orders.user_id, orders.orders.user_email, orders.orders.status, orders.orders.currency, orders.orders.address_line1, orders.orders.address_line2, orders.orders.city, orders.orders.country, orders.orders.postcode, orders.orders.created_at, orders.orders.pay_by, orders.orders.sweep_failures, orders.orders.look_again_at, orders.orders.payment_received_at, orders.orders.cancel_reason, orders.orders.cancelling_since, orders.orders.cart_revision, orders.orders.replaces, orders.orders.rest_refunded, orders.orders.refusal, (SELECT jsonb_agg(jsonb_build_object('line_id', orders.lines.line_id, 'product_id', orders.lines.product_id, 'title', orders.lines.title, 'qty', orders.lines.qty, 'unit_price_cents', orders.lines.unit_price_cents, 'priced_at', orders.lines.priced_at) ORDER BY orders.lines.position) AS jsonb_agg_1
FROM orders.lines
WHERE orders.lines.order_id = orders.orders.id) AS lines, (SELECT jsonb_agg(jsonb_build_object('id', orders.changes.id, 'kind', orders.changes.kind, 'items', orders.changes.items, 'created_at', orders.changes.created_at, 'status', orders.changes.status) ORDER BY orders.changes.id) AS jsonb_agg_2
FROM orders.changes
WHERE orders.changes.order_id = orders.orders.id) AS changes
FROM orders.orders
WHERE orders.orders.id = %(order_id)s::UUID""")
LOCK_ORDER = RowLock(
    locked=Statement("""SELECT orders.orders.id, orders.orders.user_id, orders.orders.user_email, orders.orders.status, orders.orders.currency, orders.orders.address_line1, orders.orders.address_line2, orders.orders.city, orders.orders.country, orders.orders.postcode, orders.orders.created_at, orders.orders.pay_by, orders.orders.sweep_failures, orders.orders.look_again_at, orders.orders.payment_received_at, orders.orders.cancel_reason, orders.orders.cancelling_since, orders.orders.cart_revision, orders.orders.replaces, orders.orders.rest_refunded, orders.orders.refusal, (SELECT jsonb_agg(jsonb_build_object('line_id', orders.lines.line_id, 'product_id', orders.lines.product_id, 'title', orders.lines.title, 'qty', orders.lines.qty, 'unit_price_cents', orders.lines.unit_price_cents, 'priced_at', orders.lines.priced_at) ORDER BY orders.lines.position) AS jsonb_agg_1
FROM orders.lines
WHERE orders.lines.order_id = orders.orders.id) AS lines, (SELECT jsonb_agg(jsonb_build_object('id', orders.changes.id, 'kind', orders.changes.kind, 'items', orders.changes.items, 'created_at', orders.changes.created_at, 'status', orders.changes.status) ORDER BY orders.changes.id) AS jsonb_agg_2
FROM orders.changes
WHERE orders.changes.order_id = orders.orders.id) AS changes
FROM orders.orders
WHERE orders.orders.id = %(order_id)s::UUID FOR UPDATE OF orders"""),
    unlocked=Statement("""SELECT orders.orders.id, orders.orders.user_id, orders.orders.user_email, orders.orders.status, orders.orders.currency, orders.orders.address_line1, orders.orders.address_line2, orders.orders.city, orders.orders.country, orders.orders.postcode, orders.orders.created_at, orders.orders.pay_by, orders.orders.sweep_failures, orders.orders.look_again_at, orders.orders.payment_received_at, orders.orders.cancel_reason, orders.orders.cancelling_since, orders.orders.cart_revision, orders.orders.replaces, orders.orders.rest_refunded, orders.orders.refusal, (SELECT jsonb_agg(jsonb_build_object('line_id', orders.lines.line_id, 'product_id', orders.lines.product_id, 'title', orders.lines.title, 'qty', orders.lines.qty, 'unit_price_cents', orders.lines.unit_price_cents, 'priced_at', orders.lines.priced_at) ORDER BY orders.lines.position) AS jsonb_agg_1
FROM orders.lines
WHERE orders.lines.order_id = orders.orders.id) AS lines, (SELECT jsonb_agg(jsonb_build_object('id', orders.changes.id, 'kind', orders.changes.kind, 'items', orders.changes.items, 'created_at', orders.changes.created_at, 'status', orders.changes.status) ORDER BY orders.changes.id) AS jsonb_agg_2
FROM orders.changes
WHERE orders.changes.order_id = orders.orders.id) AS changes, orders.orders.xmin AS row_version
FROM orders.orders
WHERE orders.orders.id = %(order_id)s::UUID"""),
    unchanged=Statement("""SELECT 1
FROM orders.orders
WHERE orders.orders.id = %(order_id)s::UUID AND orders.orders.xmin = %(row_version)s FOR UPDATE OF orders"""),
)
SELECT_ORDERS_OF_USER = Statement(
    """SELECT orders.orders.id, orders.orders.user_id, orders.orders.user_email, orders.orders.status, orders.orders.currency, orders.orders.address_line1, orders.orders.address_line2, orders.orders.city, orders.orders.country, orders.orders.postcode, orders.orders.created_at, orders.orders.pay_by, orders.orders.sweep_failures, orders.orders.look_again_at, orders.orders.payment_received_at, orders.orders.cancel_reason, orders.orders.cancelling_since, orders.orders.cart_revision, orders.orders.replaces, orders.orders.rest_refunded, orders.orders.refusal, (SELECT jsonb_agg(jsonb_build_object('line_id', orders.lines.line_id, 'product_id', orders.lines.product_id, 'title', orders.lines.title, 'qty', orders.lines.qty, 'unit_price_cents', orders.lines.unit_price_cents, 'priced_at', orders.lines.priced_at) ORDER BY orders.lines.position) AS jsonb_agg_1
FROM orders.lines
WHERE orders.lines.order_id = orders.orders.id) AS lines, (SELECT jsonb_agg(jsonb_build_object('id', orders.changes.id, 'kind', orders.changes.kind, 'items', orders.changes.items, 'created_at', orders.changes.created_at, 'status', orders.changes.status) ORDER BY orders.changes.id) AS jsonb_agg_2
FROM orders.changes
WHERE orders.changes.order_id = orders.orders.id) AS changes
FROM orders.orders
WHERE orders.orders.user_id = %(user_id)s::UUID AND orders.orders.id < %(before)s::UUID AND (orders.orders.status NOT IN (%(status_1_1)s::VARCHAR, %(status_1_2)s::VARCHAR)) ORDER BY orders.orders.id DESC
 LIMIT %(most)s::INTEGER""",
    {"status_1_1": "PENDING", "status_1_2": "REJECTED"},
)
LIST_ORDERS: dict[Any, Statement[dict[str, Any]]] = {
    (
        False,
        False,
    ): Statement("""SELECT orders.orders.id, orders.orders.user_id, orders.orders.user_email, orders.orders.status, orders.orders.currency, orders.orders.address_line1, orders.orders.address_line2, orders.orders.city, orders.orders.country, orders.orders.postcode, orders.orders.created_at, orders.orders.pay_by, orders.orders.sweep_failures, orders.orders.look_again_at, orders.orders.payment_received_at, orders.orders.cancel_reason, orders.orders.cancelling_since, orders.orders.cart_revision, orders.orders.replaces, orders.orders.rest_refunded, orders.orders.refusal, (SELECT jsonb_agg(jsonb_build_object('line_id', orders.lines.line_id, 'product_id', orders.lines.product_id, 'title', orders.lines.title, 'qty', orders.lines.qty, 'unit_price_cents', orders.lines.unit_price_cents, 'priced_at', orders.lines.priced_at) ORDER BY orders.lines.position) AS jsonb_agg_1
FROM orders.lines
WHERE orders.lines.order_id = orders.orders.id) AS lines, (SELECT jsonb_agg(jsonb_build_object('id', orders.changes.id, 'kind', orders.changes.kind, 'items', orders.changes.items, 'created_at', orders.changes.created_at, 'status', orders.changes.status) ORDER BY orders.changes.id) AS jsonb_agg_2
FROM orders.changes
WHERE orders.changes.order_id = orders.orders.id) AS changes
FROM orders.orders
WHERE orders.orders.id >= %(not_before)s::UUID AND orders.orders.created_at >= %(created_from)s::TIMESTAMP WITH TIME ZONE AND orders.orders.created_at < %(created_before)s::TIMESTAMP WITH TIME ZONE AND orders.orders.id < %(before)s::UUID ORDER BY orders.orders.id DESC
 LIMIT %(limit)s::INTEGER"""),
    (
        False,
        True,
    ): Statement("""SELECT orders.orders.id, orders.orders.user_id, orders.orders.user_email, orders.orders.status, orders.orders.currency, orders.orders.address_line1, orders.orders.address_line2, orders.orders.city, orders.orders.country, orders.orders.postcode, orders.orders.created_at, orders.orders.pay_by, orders.orders.sweep_failures, orders.orders.look_again_at, orders.orders.payment_received_at, orders.orders.cancel_reason, orders.orders.cancelling_since, orders.orders.cart_revision, orders.orders.replaces, orders.orders.rest_refunded, orders.orders.refusal, (SELECT jsonb_agg(jsonb_build_object('line_id', orders.lines.line_id, 'product_id', orders.lines.product_id, 'title', orders.lines.title, 'qty', orders.lines.qty, 'unit_price_cents', orders.lines.unit_price_cents, 'priced_at', orders.lines.priced_at) ORDER BY orders.lines.position) AS jsonb_agg_1
FROM orders.lines
WHERE orders.lines.order_id = orders.orders.id) AS lines, (SELECT jsonb_agg(jsonb_build_object('id', orders.changes.id, 'kind', orders.changes.kind, 'items', orders.changes.items, 'created_at', orders.changes.created_at, 'status', orders.changes.status) ORDER BY orders.changes.id) AS jsonb_agg_2
FROM orders.changes
WHERE orders.changes.order_id = orders.orders.id) AS changes
FROM orders.orders
WHERE orders.orders.id >= %(not_before)s::UUID AND orders.orders.created_at >= %(created_from)s::TIMESTAMP WITH TIME ZONE AND orders.orders.created_at < %(created_before)s::TIMESTAMP WITH TIME ZONE AND (orders.orders.status, orders.orders.id) < (%(status)s::VARCHAR, %(before)s::UUID) AND orders.orders.status >= %(status)s::VARCHAR ORDER BY orders.orders.status DESC, orders.orders.id DESC
 LIMIT %(limit)s::INTEGER"""),
    (
        True,
        False,
    ): Statement("""SELECT orders.orders.id, orders.orders.user_id, orders.orders.user_email, orders.orders.status, orders.orders.currency, orders.orders.address_line1, orders.orders.address_line2, orders.orders.city, orders.orders.country, orders.orders.postcode, orders.orders.created_at, orders.orders.pay_by, orders.orders.sweep_failures, orders.orders.look_again_at, orders.orders.payment_received_at, orders.orders.cancel_reason, orders.orders.cancelling_since, orders.orders.cart_revision, orders.orders.replaces, orders.orders.rest_refunded, orders.orders.refusal, (SELECT jsonb_agg(jsonb_build_object('line_id', orders.lines.line_id, 'product_id', orders.lines.product_id, 'title', orders.lines.title, 'qty', orders.lines.qty, 'unit_price_cents', orders.lines.unit_price_cents, 'priced_at', orders.lines.priced_at) ORDER BY orders.lines.position) AS jsonb_agg_1
FROM orders.lines
WHERE orders.lines.order_id = orders.orders.id) AS lines, (SELECT jsonb_agg(jsonb_build_object('id', orders.changes.id, 'kind', orders.changes.kind, 'items', orders.changes.items, 'created_at', orders.changes.created_at, 'status', orders.changes.status) ORDER BY orders.changes.id) AS jsonb_agg_2
FROM orders.changes
WHERE orders.changes.order_id = orders.orders.id) AS changes
FROM orders.orders
WHERE orders.orders.id >= %(not_before)s::UUID AND orders.orders.created_at >= %(created_from)s::TIMESTAMP WITH TIME ZONE AND orders.orders.created_at < %(created_before)s::TIMESTAMP WITH TIME ZONE AND (orders.orders.user_email, orders.orders.id) < (%(email)s::VARCHAR, %(before)s::UUID) AND orders.orders.user_email >= %(email)s::VARCHAR ORDER BY orders.orders.user_email DESC, orders.orders.id DESC
 LIMIT %(limit)s::INTEGER"""),
    (
        True,
        True,
    ): Statement("""SELECT orders.orders.id, orders.orders.user_id, orders.orders.user_email, orders.orders.status, orders.orders.currency, orders.orders.address_line1, orders.orders.address_line2, orders.orders.city, orders.orders.country, orders.orders.postcode, orders.orders.created_at, orders.orders.pay_by, orders.orders.sweep_failures, orders.orders.look_again_at, orders.orders.payment_received_at, orders.orders.cancel_reason, orders.orders.cancelling_since, orders.orders.cart_revision, orders.orders.replaces, orders.orders.rest_refunded, orders.orders.refusal, (SELECT jsonb_agg(jsonb_build_object('line_id', orders.lines.line_id, 'product_id', orders.lines.product_id, 'title', orders.lines.title, 'qty', orders.lines.qty, 'unit_price_cents', orders.lines.unit_price_cents, 'priced_at', orders.lines.priced_at) ORDER BY orders.lines.position) AS jsonb_agg_1
FROM orders.lines
WHERE orders.lines.order_id = orders.orders.id) AS lines, (SELECT jsonb_agg(jsonb_build_object('id', orders.changes.id, 'kind', orders.changes.kind, 'items', orders.changes.items, 'created_at', orders.changes.created_at, 'status', orders.changes.status) ORDER BY orders.changes.id) AS jsonb_agg_2
FROM orders.changes
WHERE orders.changes.order_id = orders.orders.id) AS changes
FROM orders.orders
WHERE orders.orders.id >= %(not_before)s::UUID AND orders.orders.created_at >= %(created_from)s::TIMESTAMP WITH TIME ZONE AND orders.orders.created_at < %(created_before)s::TIMESTAMP WITH TIME ZONE AND orders.orders.status IS NOT DISTINCT FROM %(status)s::VARCHAR AND (orders.orders.user_email, orders.orders.id) < (%(email)s::VARCHAR, %(before)s::UUID) AND orders.orders.user_email >= %(email)s::VARCHAR ORDER BY orders.orders.user_email DESC, orders.orders.id DESC
 LIMIT %(limit)s::INTEGER"""),
}
LOCK_CHECKOUTS_OF_USER = Statement(
    """SELECT pg_advisory_xact_lock(hashtextextended(%(shopper)s::VARCHAR, %(hashtextextended_1)s::INTEGER)) AS pg_advisory_xact_lock_1""",
    {"hashtextextended_1": 0},
)
LOCK_PENDING_ORDERS_OF_USER = Statement("""SELECT orders.orders.id, orders.orders.user_id, orders.orders.user_email, orders.orders.status, orders.orders.currency, orders.orders.address_line1, orders.orders.address_line2, orders.orders.city, orders.orders.country, orders.orders.postcode, orders.orders.created_at, orders.orders.pay_by, orders.orders.sweep_failures, orders.orders.look_again_at, orders.orders.payment_received_at, orders.orders.cancel_reason, orders.orders.cancelling_since, orders.orders.cart_revision, orders.orders.replaces, orders.orders.rest_refunded, orders.orders.refusal, (SELECT jsonb_agg(jsonb_build_object('line_id', orders.lines.line_id, 'product_id', orders.lines.product_id, 'title', orders.lines.title, 'qty', orders.lines.qty, 'unit_price_cents', orders.lines.unit_price_cents, 'priced_at', orders.lines.priced_at) ORDER BY orders.lines.position) AS jsonb_agg_1
FROM orders.lines
WHERE orders.lines.order_id = orders.orders.id) AS lines, (SELECT jsonb_agg(jsonb_build_object('id', orders.changes.id, 'kind', orders.changes.kind, 'items', orders.changes.items, 'created_at', orders.changes.created_at, 'status', orders.changes.status) ORDER BY orders.changes.id) AS jsonb_agg_2
FROM orders.changes
WHERE orders.changes.order_id = orders.orders.id) AS changes
FROM orders.orders
WHERE orders.orders.user_id = %(user_id)s::UUID AND orders.status = 'PENDING' FOR UPDATE OF orders""")
ONE_DAY = datetime.timedelta(days=1)
SELECT_CHECKOUT_STATE = Statement(
    """SELECT coalesce((SELECT jsonb_object_agg(orders.lines.line_id, orders.lines.order_id) AS jsonb_object_agg_1
FROM orders.lines
WHERE orders.lines.live AND orders.lines.line_id = ANY (%(lines)s::UUID[])), CAST(%(param_1)s::JSONB AS JSONB)) AS ordered, coalesce((SELECT max(orders.orders.cart_revision) AS max_1
FROM orders.orders
WHERE orders.orders.user_id = %(user_id)s::UUID), %(coalesce_1)s::INTEGER) AS revision, (SELECT count(*) AS count_1
FROM orders.orders
WHERE orders.orders.user_id = %(user_id)s::UUID AND orders.status = 'CREATED' AND (EXISTS (SELECT *
FROM orders.lines
WHERE orders.lines.order_id = orders.orders.id AND orders.lines.unit_price_cents > %(unit_price_cents_1)s::BIGINT))) AS unpaid, (SELECT count(*) AS count_2
FROM orders.orders
WHERE orders.orders.user_email = %(email)s::VARCHAR AND orders.orders.id >= %(not_before)s::UUID AND orders.orders.created_at > now() - %(param_2)s::INTERVAL AND (orders.orders.status IN (%(status_1_1)s::VARCHAR, %(status_1_2)s::VARCHAR, %(status_1_3)s::VARCHAR) OR orders.orders.status = %(status_2)s::VARCHAR AND NOT (EXISTS (SELECT *
FROM orders.lines
WHERE orders.lines.order_id = orders.orders.id AND orders.lines.unit_price_cents > %(unit_price_cents_1)s::BIGINT)))) AS within_a_day, now() AS now""",
    {
        "param_1": {},
        "coalesce_1": 0,
        "unit_price_cents_1": 0,
        "param_2": datetime.timedelta(days=1),
        "status_2": "PAID",
        "status_1_1": "CREATED",
        "status_1_2": "CANCELLED",
        "status_1_3": "REFUNDED",
    },
)
FIND_LATEST_ORDER = Statement(
    """SELECT orders.orders.id, orders.orders.user_id, orders.orders.user_email, orders.orders.status, orders.orders.currency, orders.orders.address_line1, orders.orders.address_line2, orders.orders.city, orders.orders.country, orders.orders.postcode, orders.orders.created_at, orders.orders.pay_by, orders.orders.sweep_failures, orders.orders.look_again_at, orders.orders.payment_received_at, orders.orders.cancel_reason, orders.orders.cancelling_since, orders.orders.cart_revision, orders.orders.replaces, orders.orders.rest_refunded, orders.orders.refusal, (SELECT jsonb_agg(jsonb_build_object('line_id', orders.lines.line_id, 'product_id', orders.lines.product_id, 'title', orders.lines.title, 'qty', orders.lines.qty, 'unit_price_cents', orders.lines.unit_price_cents, 'priced_at', orders.lines.priced_at) ORDER BY orders.lines.position) AS jsonb_agg_1
FROM orders.lines
WHERE orders.lines.order_id = orders.orders.id) AS lines, (SELECT jsonb_agg(jsonb_build_object('id', orders.changes.id, 'kind', orders.changes.kind, 'items', orders.changes.items, 'created_at', orders.changes.created_at, 'status', orders.changes.status) ORDER BY orders.changes.id) AS jsonb_agg_2
FROM orders.changes
WHERE orders.changes.order_id = orders.orders.id) AS changes
FROM orders.orders
WHERE orders.orders.id = ANY (%(order_ids)s::UUID[]) ORDER BY orders.orders.cart_revision DESC NULLS LAST, orders.orders.id DESC
 LIMIT %(param_1)s::INTEGER""",
    {"param_1": 1},
)
INSERT_ORDER = Statement("""WITH new_order AS
(INSERT INTO orders.orders (id, user_id, user_email, status, currency, address_line1, address_line2, city, country, postcode, created_at, pay_by, cancel_reason, cart_revision, replaces, rest_refunded) VALUES (%(id)s::UUID, %(user_id)s::UUID, %(user_email)s::VARCHAR, %(status)s::VARCHAR, %(currency)s::VARCHAR, %(address_line1)s::VARCHAR, %(address_line2)s::VARCHAR, %(city)s::VARCHAR, %(country)s::VARCHAR, %(postcode)s::VARCHAR, %(created_at)s::TIMESTAMP WITH TIME ZONE, %(pay_by)s::TIMESTAMP WITH TIME ZONE, %(cancel_reason)s::VARCHAR, %(cart_revision)s::BIGINT, %(replaces)s::UUID, %(rest_refunded)s) RETURNING orders.orders.id)
 INSERT INTO orders.lines (order_id, position, line_id, product_id, title, qty, unit_price_cents, priced_at) SELECT new_order.id, anon_1.position, anon_1.line_id, anon_1.product_id, anon_1.title, anon_1.qty, anon_1.unit_price_cents, anon_1.priced_at
FROM new_order JOIN unnest(%(positions)s::SMALLINT[], %(line_ids)s::UUID[], %(product_ids)s::UUID[], %(titles)s::TEXT[], %(qtys)s::INTEGER[], %(unit_price_centss)s::BIGINT[], %(priced_ats)s::TIMESTAMP WITH TIME ZONE[]) AS anon_1(position, line_id, product_id, title, qty, unit_price_cents, priced_at) ON true""")
UPDATE_ORDER = Statement(
    """UPDATE orders.orders SET status=%(new_status)s::VARCHAR, sweep_failures=%(sweep_failures)s::INTEGER, look_again_at=%(look_again_at)s::TIMESTAMP WITH TIME ZONE, cancel_reason=%(reason)s::VARCHAR, cancelling_since=CASE WHEN %(cancellation_requested)s THEN coalesce(orders.orders.cancelling_since, now()) END, rest_refunded=%(rest_refunded)s, refusal=%(refusal)s::JSONB WHERE orders.orders.id = %(order_id)s::UUID""",
    {"sweep_failures": 0, "look_again_at": None},
)
FIND_CHANGES = Statement("""SELECT orders.changes.id, orders.changes.kind, orders.changes.items, orders.changes.created_at, orders.changes.status
FROM orders.changes
WHERE orders.changes.order_id = %(order_id)s::UUID ORDER BY orders.changes.id""")
SAVE_CHANGES = Statement("""INSERT INTO orders.changes (order_id, id, kind, items, created_at, status) SELECT CAST(%(order)s AS UUID) AS anon_1, CAST(anon_2.id AS UUID) AS id, CAST(anon_2.kind AS TEXT) AS kind, CAST(anon_2.items AS JSONB) AS items, CAST(anon_2.created_at AS TIMESTAMP WITH TIME ZONE) AS created_at, CAST(anon_2.status AS TEXT) AS status
FROM unnest(%(id_list)s::UUID[], %(kind_list)s::TEXT[], %(items_list)s::JSONB[], %(created_at_list)s::TIMESTAMP WITH TIME ZONE[], %(status_list)s::TEXT[]) AS anon_2(id, kind, items, created_at, status) ON CONFLICT (id) DO UPDATE SET status = excluded.status""")
UPDATE_LINE_PRICES = Statement(
    """UPDATE orders.lines SET unit_price_cents=anon_1.price FROM unnest(%(line_ids)s::UUID[], %(prices)s::BIGINT[]) AS anon_1(line_id, price) WHERE orders.lines.order_id = %(order)s::UUID AND orders.lines.line_id = anon_1.line_id"""
)
RELEASE_LINES = Statement(
    """UPDATE orders.lines SET live=%(live)s WHERE orders.lines.order_id = %(order)s::UUID""", {"live": False}
)
BATCH_SIZE = 100
SELECT_ABANDONED_ORDERS = Statement(
    """SELECT orders.orders.id
FROM orders.orders
WHERE orders.orders.status = %(status_1)s::VARCHAR AND orders.orders.created_at < now() - %(after)s::INTERVAL AND coalesce(orders.orders.look_again_at, '-infinity') < now() ORDER BY coalesce(orders.orders.look_again_at, orders.orders.created_at)
 LIMIT %(param_1)s::INTEGER""",
    {"status_1": "PENDING", "param_1": 100},
)
SELECT_ORDERS_TO_CANCEL = Statement(
    """SELECT orders.orders.id
FROM orders.orders
WHERE orders.orders.cancelling_since < now() - %(after)s::INTERVAL AND coalesce(orders.orders.look_again_at, '-infinity') < now() ORDER BY coalesce(orders.orders.look_again_at, orders.orders.cancelling_since)
 LIMIT %(param_1)s::INTEGER""",
    {"param_1": 100},
)
SELECT_ORDERS_TO_CHANGE = Statement(
    """SELECT orders.orders.id
FROM orders.orders JOIN orders.changes ON orders.changes.order_id = orders.orders.id
WHERE changes.status = 'INTENDED' AND orders.changes.created_at < now() - %(after)s::INTERVAL AND coalesce(orders.orders.look_again_at, '-infinity') < now() GROUP BY orders.orders.id ORDER BY min(coalesce(orders.orders.look_again_at, orders.changes.created_at))
 LIMIT %(param_1)s::INTEGER""",
    {"param_1": 100},
)
SELECT_ORDERS_WITH_PAYMENT = Statement(
    """SELECT orders.orders.id
FROM orders.orders
WHERE status = 'CREATED' AND payment_received_at IS NOT NULL AND coalesce(orders.orders.look_again_at, '-infinity') < now() ORDER BY coalesce(orders.orders.look_again_at, orders.orders.payment_received_at)
 LIMIT %(param_1)s::INTEGER""",
    {"param_1": 100},
)
SELECT_OVERDUE_ORDERS = Statement(
    """SELECT orders.orders.id
FROM orders.orders
WHERE orders.orders.status = %(status_1)s::VARCHAR AND orders.orders.payment_received_at IS NULL AND now() > greatest(orders.orders.pay_by, orders.orders.look_again_at) AND (EXISTS (SELECT *
FROM orders.lines
WHERE orders.lines.order_id = orders.orders.id AND orders.lines.unit_price_cents > %(unit_price_cents_1)s::BIGINT)) ORDER BY greatest(orders.orders.pay_by, orders.orders.look_again_at)
 LIMIT %(param_1)s::INTEGER""",
    {"status_1": "CREATED", "unit_price_cents_1": 0, "param_1": 100},
)
PURGE_REJECTED_ORDERS = Statement("""WITH expired AS
(SELECT orders.orders.id AS id
FROM orders.orders
WHERE orders.status = 'REJECTED' AND orders.orders.created_at < now() - %(retention)s::INTERVAL ORDER BY orders.orders.created_at
 LIMIT %(batch)s::INTEGER),
expired_changes AS
(DELETE FROM orders.changes WHERE orders.changes.order_id = ANY (array((SELECT expired.id
FROM expired)))),
expired_lines AS
(DELETE FROM orders.lines WHERE orders.lines.order_id = ANY (array((SELECT expired.id
FROM expired)))),
expired_order_history AS
(DELETE FROM orders.order_history WHERE orders.order_history.order_id = ANY (array((SELECT expired.id
FROM expired))))
 DELETE FROM orders.orders WHERE orders.orders.id = ANY (array((SELECT expired.id
FROM expired)))""")
PURGE_SETTLED_ORDERS = Statement(
    """WITH expired AS
(SELECT orders.orders.id AS id
FROM orders.orders
WHERE orders.orders.id < CAST(rpad(lpad(to_hex(CAST(EXTRACT(epoch FROM now() - %(retention)s::INTERVAL) * %(param_1)s::INTEGER AS BIGINT)), %(lpad_1)s::INTEGER, %(lpad_2)s::VARCHAR), %(rpad_1)s::INTEGER, %(rpad_2)s::VARCHAR) AS UUID) AND substr(CAST(orders.orders.id AS TEXT), %(substr_1)s::INTEGER, %(substr_2)s::INTEGER) >= %(substr_3)s::VARCHAR AND orders.status NOT IN ('PENDING', 'CREATED') AND orders.cancelling_since IS NULL ORDER BY orders.orders.id
 LIMIT %(batch)s::INTEGER),
expired_changes AS
(DELETE FROM orders.changes WHERE orders.changes.order_id = ANY (array((SELECT expired.id
FROM expired)))),
expired_lines AS
(DELETE FROM orders.lines WHERE orders.lines.order_id = ANY (array((SELECT expired.id
FROM expired)))),
expired_order_history AS
(DELETE FROM orders.order_history WHERE orders.order_history.order_id = ANY (array((SELECT expired.id
FROM expired))))
 DELETE FROM orders.orders WHERE orders.orders.id = ANY (array((SELECT expired.id
FROM expired)))""",
    {
        "param_1": 1000,
        "lpad_1": 12,
        "lpad_2": "0",
        "rpad_1": 32,
        "rpad_2": "0",
        "substr_1": 15,
        "substr_2": 1,
        "substr_3": "7",
    },
)
ERASE_EMAILS = Statement(
    """WITH due AS
(SELECT orders.deleted_accounts.user_id AS user_id
FROM orders.deleted_accounts
WHERE orders.deleted_accounts.deleted_at < now() - %(retention)s::INTERVAL ORDER BY orders.deleted_accounts.deleted_at
 LIMIT %(batch)s::INTEGER FOR UPDATE SKIP LOCKED),
erased_orders AS
(UPDATE orders.orders SET user_email=%(param_1)s::VARCHAR WHERE orders.orders.user_id = ANY (array((SELECT due.user_id
FROM due))))
 DELETE FROM orders.deleted_accounts WHERE orders.deleted_accounts.user_id = ANY (array((SELECT due.user_id
FROM due)))""",
    {"param_1": "erased@account.invalid"},
)
INSERT_DELETED_ACCOUNT = Statement(
    """INSERT INTO orders.deleted_accounts (user_id) VALUES (%(user_id)s::UUID) ON CONFLICT DO NOTHING"""
)
POSTPONE_ORDER = Statement(
    """UPDATE orders.orders SET sweep_failures=(orders.orders.sweep_failures + %(sweep_failures_1)s::INTEGER), look_again_at=(now() + least(%(least_1)s::INTEGER, power(%(power_1)s::INTEGER, least(orders.orders.sweep_failures, %(least_2)s::INTEGER))) * (%(param_1)s + %(random_1)s * random()) * interval '1 second') WHERE orders.orders.id = %(order_id)s::UUID""",
    {"sweep_failures_1": 1, "least_1": 60, "power_1": 2, "least_2": 10, "param_1": 0.8, "random_1": 0.4},
)
RECORD_PAYMENT_RECEIVED = Statement(
    """UPDATE orders.orders SET payment_received_at=coalesce(orders.orders.payment_received_at, now()) WHERE orders.orders.id = %(order_id)s::UUID"""
)
INSERT_HISTORY_ENTRY = Statement(
    """INSERT INTO orders.order_history (order_id, happened_at, event_id, kind, facts) VALUES (%(order_id)s::UUID, %(happened_at)s::TIMESTAMP WITH TIME ZONE, %(event_id)s::UUID, %(kind)s::VARCHAR, %(facts)s::JSONB) ON CONFLICT DO NOTHING"""
)
FIND_HISTORY_ENTRY = Statement(
    """SELECT orders.order_history.event_id
FROM orders.order_history
WHERE orders.order_history.order_id = %(order_id)s::UUID AND orders.order_history.kind = %(kind)s::VARCHAR
 LIMIT %(param_1)s::INTEGER""",
    {"param_1": 1},
)
SELECT_HISTORY = Statement("""SELECT orders.order_history.happened_at, orders.order_history.event_id AS id, orders.order_history.kind, orders.order_history.facts
FROM orders.order_history
WHERE (orders.order_history.order_id, orders.order_history.happened_at, orders.order_history.event_id) > (%(order_id)s::UUID, %(after_time)s::TIMESTAMP WITH TIME ZONE, %(after_id)s::UUID) AND orders.order_history.order_id <= %(order_id)s::UUID ORDER BY orders.order_history.order_id, orders.order_history.happened_at, orders.order_history.event_id
 LIMIT %(limit)s::INTEGER""")
