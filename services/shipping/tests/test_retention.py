"""What is older than its rule allows goes: by its index, to the last row, and nothing else."""

from datetime import timedelta

import pytest

from chassis.data.retention import RetentionRule
from chassis.testing.retention import apply_to_its_end, fill, scans
from services.shipping.repository import PURGE_TOMBSTONES, SETTLED_SHIPMENTS_RETENTION_RULE

HALF = 10_000
# Half of them of more than ten years; one in a hundred has not left.
SHIPMENTS = """
INSERT INTO shipments (order_id, id, user_id, user_email, address_line1, city, country, status, carrier,
    tracking_number, created_at)
SELECT to_uuid7(moment), gen_random_uuid(), gen_random_uuid(), 'asha@example.com', 'Canal 1', 'Utrecht', 'NL',
    CASE WHEN n % 100 = 0 THEN 'READY_TO_SHIP' ELSE 'DELIVERED' END, 'An Post', n, moment
FROM generate_series(1, 20000) n, LATERAL (SELECT now() - (n - 0.5) * interval '7306 days' / 20000) AS ages (moment)
"""
# Half of them of more than thirty days.
TOMBSTONES = """
INSERT INTO shipments (order_id, id, status, created_at)
SELECT gen_random_uuid(), gen_random_uuid(), 'CANCELLED', now() - (n - 0.5) * interval '60 days' / 20000
FROM generate_series(1, 20000) n
"""
CASES = [
    (SETTLED_SHIPMENTS_RETENTION_RULE, SHIPMENTS, {"shipments_pkey"}, {"shipments": HALF + HALF // 100}),
    (
        RetentionRule("tombstones", PURGE_TOMBSTONES, timedelta(days=30)),
        TOMBSTONES,
        {"shipments_tombstones"},
        {"shipments": HALF},
    ),
]


@pytest.mark.parametrize(("rule", "rows", "indexes", "left"), CASES, ids=[rule.name for rule, *_ in CASES])
async def test_what_has_expired_goes_by_its_index_to_the_last_row_and_nothing_else_does(
    database, databases, rule, rows, indexes, left
):
    fill(database.url, rows)

    read = scans(database.url, rule)
    await apply_to_its_end(database, rule)

    counts = databases.count_rows("shipping")
    assert {table: counts[table] for table in left} == left
    assert read <= indexes, "and by nothing else"
