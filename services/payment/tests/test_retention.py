"""What is older than its rule allows goes: by its index, to the last row, and nothing else."""

from datetime import timedelta

import pytest

from chassis.data.retention import RetentionRule
from chassis.testing.retention import apply_to_its_end, fill, scans
from services.payment.repository import PURGE_MOCK_CHARGES, PURGE_TOMBSTONES, SETTLED_PAYMENTS_RETENTION_RULE

HALF = 10_000
# Half of them of more than ten years; one in a hundred is still to be paid, and of another one money is to go back.
PAYMENTS = """
INSERT INTO payments (order_id, id, user_id, amount_cents, currency, status, created_at)
SELECT to_uuid7(moment), gen_random_uuid(), gen_random_uuid(), 100, 'EUR',
    CASE WHEN n % 100 = 0 THEN 'PENDING' ELSE 'SUCCEEDED' END, moment
FROM generate_series(1, 20000) n, LATERAL (SELECT now() - (n - 0.5) * interval '7306 days' / 20000) AS ages (moment);
INSERT INTO refunds (refund_id, order_id, ref, amount_cents, currency, status)
SELECT gen_random_uuid(), order_id, '', 50, 'EUR', 'DONE' FROM payments WHERE status = 'SUCCEEDED';
INSERT INTO payment_attempts (attempt_id, order_id, ref, amount_cents, currency, status, next_lookup_at)
SELECT gen_random_uuid(), order_id, order_id::text, 100, 'EUR', 'CHARGED', now() FROM payments
WHERE status = 'SUCCEEDED';
UPDATE payments SET refund_requested_cents = 50, refunded_cents = CASE WHEN n % 100 = 50 THEN 0 ELSE 50 END
FROM (SELECT order_id, row_number() OVER (ORDER BY order_id) AS n FROM payments) AS numbered
WHERE payments.order_id = numbered.order_id AND status = 'SUCCEEDED'
"""
# Half of them of more than thirty days.
TOMBSTONES = """
INSERT INTO payments (order_id, id, status, created_at)
SELECT gen_random_uuid(), gen_random_uuid(), 'VOIDED', now() - (n - 0.5) * interval '60 days' / 20000
FROM generate_series(1, 20000) n
"""
CHARGES_OF_MOCK = """
INSERT INTO mock_charges (ref, status, decided_at)
SELECT n::text, 'CHARGED', now() - (n - 0.5) * interval '60 days' / 20000 FROM generate_series(1, 20000) n
"""
CASES = [
    (
        RetentionRule("charges of the mock", PURGE_MOCK_CHARGES, timedelta(days=30)),
        CHARGES_OF_MOCK,
        {"mock_charges_by_age"},
        {"mock_charges": HALF},
    ),
    (
        SETTLED_PAYMENTS_RETENTION_RULE,
        PAYMENTS,
        {"payments_pkey", "refunds_by_order", "payment_attempts_by_order"},
        {"payments": HALF + 2 * (HALF // 100)},
    ),
    (
        RetentionRule("tombstones", PURGE_TOMBSTONES, timedelta(days=30)),
        TOMBSTONES,
        {"payments_tombstones"},
        {"payments": HALF},
    ),
]


@pytest.mark.parametrize(("rule", "rows", "indexes", "left"), CASES, ids=[rule.name for rule, *_ in CASES])
async def test_what_has_expired_goes_by_its_index_to_the_last_row_and_nothing_else_does(
    database, databases, rule, rows, indexes, left
):
    fill(database.url, rows)

    read = scans(database.url, rule)
    await apply_to_its_end(database, rule)

    counts = databases.count_rows("payment")
    assert {table: counts[table] for table in left} == left
    assert read <= indexes, "and by nothing else"
