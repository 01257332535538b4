"""What is older than its rule allows goes: by its index, to the last row, and nothing else."""

import asyncio
from datetime import timedelta

import pytest

from chassis.data.retention import RetentionRule, apply_retention_rules
from chassis.testing.retention import apply_to_its_end, fill, scans
from generated.statements.order import ERASE_EMAILS
from services.order.repository import REJECTED_ORDERS_RETENTION_RULE, SETTLED_ORDERS_RETENTION_RULE

HALF = 10_000
ORDERS = """
INSERT INTO orders (id, user_id, user_email, status, currency, address_line1, city, country, created_at, pay_by)
SELECT to_uuid7(moment), gen_random_uuid(), 'asha@example.com', {status}, 'EUR', 'Canal 1', 'Utrecht', 'NL', moment,
    moment
FROM generate_series(1, 20000) n, LATERAL (SELECT now() - (n - 0.5) * interval '{days} days' / 20000) AS ages (moment);
INSERT INTO lines (order_id, position, line_id, product_id, title, qty, unit_price_cents, priced_at)
SELECT id, position, gen_random_uuid(), id, 'Walnut desk lamp', 1, 100, created_at
FROM orders, generate_series(1, 2) position;
INSERT INTO order_history (order_id, happened_at, event_id, kind, facts)
SELECT id, created_at, id, 'payment.succeeded', '{{}}' FROM orders;
INSERT INTO changes (id, order_id, kind, status, items, created_at)
SELECT gen_random_uuid(), id, 'return', 'PAID_BACK', '[]', created_at FROM orders
"""
# Half of them of more than ten years; one in a hundred is open still.
SETTLED = ORDERS.format(days=7306, status="CASE WHEN n % 100 = 0 THEN 'CREATED' ELSE 'PAID' END")
# Half of them of more than thirty days; of these, one in a hundred was paid.
REJECTED = ORDERS.format(days=60, status="CASE WHEN n % 100 = 0 THEN 'PAID' ELSE 'REJECTED' END")
# Half of them thirty days ago; none of them has ordered anything.
DELETED_ACCOUNTS = """
INSERT INTO deleted_accounts (user_id, deleted_at)
SELECT gen_random_uuid(), now() - (n - 0.5) * interval '60 days' / 20000 FROM generate_series(1, 20000) n
"""
LEFT = HALF + HALF // 100
KEYS = {"orders_pkey", "lines_pkey", "order_history_pkey", "changes_of_an_order"}
CASES = [
    (
        SETTLED_ORDERS_RETENTION_RULE,
        SETTLED,
        KEYS,
        {"orders": LEFT, "lines": 2 * LEFT, "order_history": LEFT, "changes": LEFT},
    ),
    (
        REJECTED_ORDERS_RETENTION_RULE,
        REJECTED,
        KEYS | {"orders_rejected"},
        {"orders": LEFT, "lines": 2 * LEFT, "order_history": LEFT, "changes": LEFT},
    ),
    (
        RetentionRule("addresses of deleted accounts", ERASE_EMAILS, timedelta(days=30), batch=50),
        ORDERS.format(days=60, status="'PAID'") + ";" + DELETED_ACCOUNTS,
        {"ix_orders_deleted_accounts_deleted_at", "deleted_accounts_pkey", "orders_of_a_shopper", "orders_from_a_cart"},
        {"deleted_accounts": HALF, "orders": 2 * HALF},
    ),
]


@pytest.mark.parametrize(("rule", "rows", "indexes", "left"), CASES, ids=[rule.name for rule, *_ in CASES])
async def test_what_has_expired_goes_by_its_index_to_the_last_row_and_nothing_else_does(
    database, databases, rule, rows, indexes, left
):
    fill(database.url, rows)

    read = scans(database.url, rule)
    await apply_to_its_end(database, rule)

    counts = databases.count_rows("order")
    assert {table: counts[table] for table in left} == left
    assert read <= indexes, "and by nothing else"


async def test_an_order_that_is_being_cancelled_stays_however_old_it_is(database, databases):
    fill(database.url, SETTLED)
    fill(database.url, "UPDATE orders SET cancelling_since = now() WHERE status = 'PAID'")

    await apply_retention_rules(database, [SETTLED_ORDERS_RETENTION_RULE], asyncio.Event())

    assert databases.count_rows("order")["orders"] == 2 * HALF
