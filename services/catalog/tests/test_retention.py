"""What is older than its rule allows goes: by its index, to the last row, and nothing else."""

from datetime import timedelta

import pytest

from chassis.data.retention import RetentionRule
from chassis.testing.retention import apply_to_its_end, fill, scans
from services.catalog.repository import (
    PURGE_TOMBSTONES,
    SETTLED_RESERVATIONS_RETENTION_RULE,
    STOCK_MOVEMENT_RETENTION_RULE,
)

HALF = 10_000
# Half of them of more than ten years; one in a hundred is still held.
RESERVATIONS = """
INSERT INTO reservations (order_id, pieces, status, created_at)
SELECT to_uuid7(moment), '{"p": 1}', CASE WHEN n % 100 = 0 THEN 'HELD' ELSE 'COMMITTED' END, moment
FROM generate_series(1, 20000) n, LATERAL (SELECT now() - (n - 0.5) * interval '7306 days' / 20000) AS ages (moment)
"""
# Half of them of more than thirty days.
TOMBSTONES = """
INSERT INTO reservations (order_id, pieces, status, created_at)
SELECT gen_random_uuid(), '{}', 'RELEASED', now() - (n - 0.5) * interval '60 days' / 20000
FROM generate_series(1, 20000) n
"""
# Half of them of more than two years.
MOVEMENTS = """
INSERT INTO products (id, title, description, search_text, price_cents, currency, sku, active)
VALUES ('00000000-0000-0000-0000-000000000001', 'Lamp', '', 'lamp', 100, 'EUR', 'L', true);
INSERT INTO stock_movements (product_id, qty, admin_id, moved_at)
SELECT '00000000-0000-0000-0000-000000000001', 1, gen_random_uuid(), now() - (n - 0.5) * interval '1460 days' / 20000
FROM generate_series(1, 20000) n
"""
CASES = [
    (
        SETTLED_RESERVATIONS_RETENTION_RULE,
        RESERVATIONS,
        {"reservations_pkey"},
        {"reservations": HALF + HALF // 100},
    ),
    (
        RetentionRule("tombstones", PURGE_TOMBSTONES, timedelta(days=30)),
        TOMBSTONES,
        {"reservations_released"},
        {"reservations": HALF},
    ),
    (STOCK_MOVEMENT_RETENTION_RULE, MOVEMENTS, {"stock_movements_by_age"}, {"stock_movements": HALF}),
]


@pytest.mark.parametrize(("rule", "rows", "indexes", "left"), CASES, ids=[rule.name for rule, *_ in CASES])
async def test_what_has_expired_goes_by_its_index_to_the_last_row_and_nothing_else_does(
    database, databases, rule, rows, indexes, left
):
    fill(database.url, rows)

    read = scans(database.url, rule)
    await apply_to_its_end(database, rule)

    counts = databases.count_rows("catalog")
    assert {table: counts[table] for table in left} == left
    assert read <= indexes, "and by nothing else"
