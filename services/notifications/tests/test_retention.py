"""What is older than its rule allows goes: by its index, to the last row, and nothing else."""

from datetime import timedelta

import pytest

from chassis.data.retention import RetentionRule
from chassis.testing.retention import apply_to_its_end, fill, scans
from generated.statements.notifications import ERASE_RECIPIENTS
from services.notifications.repository import (
    ACCOUNT_MAILS_RETENTION_RULE,
    ORDER_RETENTION_RULES,
)

HALF = 10_000
ABOUT_ORDERS, ORDERS, ERASED_ACCOUNTS = ORDER_RETENTION_RULES
# Two of each order, half of them of more than ten years; of these, one in a hundred waits.
MAILS = """
INSERT INTO mails (id, order_id, kind, user_id, recipient, facts, happened_at, message_id, status, queued_at, sent_at)
SELECT gen_random_uuid(), order_id, kind, gen_random_uuid(), 'asha@example.com', '{}', moment, n,
    CASE WHEN waits THEN 'QUEUED' ELSE 'SENT' END, moment, CASE WHEN NOT waits THEN moment END
FROM (SELECT n, n % 100 = 0 AS waits, moment, to_uuid7(moment) AS order_id FROM generate_series(1, 20000) n,
    LATERAL (SELECT now() - (n - 0.5) * interval '7306 days' / 20000) AS ages (moment)) AS placed,
    unnest(ARRAY['order.created', 'payment.succeeded']) AS kind
"""
NOTES = """
INSERT INTO orders (order_id, currency, total_cents, lines)
SELECT to_uuid7(now() - (n - 0.5) * interval '7306 days' / 20000), 'EUR', 100, '[]' FROM generate_series(1, 20000) n
"""
# Half of them of more than thirty days.
ABOUT_ACCOUNTS = """
INSERT INTO mails (id, kind, occurrence, user_id, recipient, facts, happened_at, message_id, status, queued_at, sent_at)
SELECT gen_random_uuid(), 'password.forgotten', n, gen_random_uuid(), 'asha@example.com', '{}', moment, n, 'SENT',
    moment, moment
FROM generate_series(1, 20000) n, LATERAL (SELECT now() - (n - 0.5) * interval '60 days' / 20000) AS ages (moment)
"""
# Half of them ten years ago.
ERASED = """
INSERT INTO deleted_accounts (user_id, deleted_at, erased_at)
SELECT gen_random_uuid(), moment, moment
FROM generate_series(1, 20000) n, LATERAL (SELECT now() - (n - 0.5) * interval '7306 days' / 20000) AS ages (moment)
"""
CASES = [
    (
        ABOUT_ORDERS,
        MAILS,
        {"mails_tell_all_news_once"},
        {"mails": 2 * (HALF + HALF // 100)},
    ),
    (ORDERS, NOTES, {"orders_pkey"}, {"orders": HALF}),
    (ERASED_ACCOUNTS, ERASED, {"deleted_accounts_erased"}, {"deleted_accounts": HALF}),
    (ACCOUNT_MAILS_RETENTION_RULE, ABOUT_ACCOUNTS, {"mails_about_accounts"}, {"mails": HALF}),
    (
        RetentionRule("recipients of mails", ERASE_RECIPIENTS, timedelta(days=3653), batch=50),
        MAILS + ";" + ERASED.replace("deleted_at, erased_at", "deleted_at").replace("moment, moment", "moment"),
        {"deleted_accounts_to_erase", "deleted_accounts_pkey", "mails_of_a_user"},
        {"deleted_accounts": 2 * HALF},
    ),
]


@pytest.mark.parametrize(("rule", "rows", "indexes", "left"), CASES, ids=[rule.name for rule, *_ in CASES])
async def test_what_has_expired_goes_by_its_index_to_the_last_row_and_nothing_else_does(
    database, databases, rule, rows, indexes, left
):
    fill(database.url, rows)

    read = scans(database.url, rule)
    await apply_to_its_end(database, rule)

    counts = databases.count_rows("notifications")
    assert {table: counts[table] for table in left} == left
    assert read <= indexes, "and by nothing else"
