"""What is older than its rule allows goes: by its index, to the last row, and nothing else."""

import pytest

from chassis.testing.retention import apply_to_its_end, fill, scans
from services.auth.repository import RETENTION_RULES

HALF = 10_000
SESSIONS, LINKS, ATTEMPTS, NETWORKS = RETENTION_RULES
ACCOUNTS = """
INSERT INTO accounts (id, email, role, password_hash)
SELECT lpad(to_hex(n), 32, '0')::uuid, n, 'customer', '' FROM generate_series(1, 20000) n;
"""
# Of each account, half of them ended a day ago; five tokens each.
ENDED_SESSIONS = """
INSERT INTO sessions (id, account_id, ends_at)
SELECT id, id, now() - CASE WHEN email::int <= 10000 THEN interval '20 hours' ELSE interval '30 hours' END
FROM accounts;
INSERT INTO refresh_tokens (digest, session_id)
SELECT decode(md5(id::text || position), 'hex'), id FROM sessions, generate_series(1, 5) position
"""
# Half of them have expired.
EXPIRED_LINKS = """
INSERT INTO links (id, account_id, purpose, email, expires_at)
SELECT id, id, 'verify-email', '', now() + (10000.5 - n) * interval '1 minute'
FROM (SELECT id, email::int AS n FROM accounts) AS shoppers;
INSERT INTO link_tokens (digest, link_id) SELECT decode(md5(id::text), 'hex'), id FROM links
"""
COUNTS = """
INSERT INTO attempts (key, count, began_at, counted_at)
SELECT n, 1, now() - CASE WHEN n <= 10000 THEN interval '20 hours' ELSE interval '30 hours' END, now()
FROM generate_series(1, 20000) n
"""
KNOWN_NETWORKS = """
INSERT INTO known_networks (account_id, network, used_at)
SELECT id, '192.0.2.1', now() - (n - 0.5) * interval '180 days' / 20000
FROM (SELECT id, email::int AS n FROM accounts) AS shoppers
"""
CASES = [
    (
        SESSIONS,
        ENDED_SESSIONS,
        {"ix_auth_sessions_ends_at"},
        {"sessions": HALF, "refresh_tokens": 5 * HALF, "accounts": 2 * HALF},
    ),
    (LINKS, EXPIRED_LINKS, {"ix_auth_links_expires_at"}, {"links": HALF, "link_tokens": HALF}),
    (ATTEMPTS, COUNTS, {"ix_auth_attempts_began_at"}, {"attempts": HALF}),
    (NETWORKS, KNOWN_NETWORKS, {"ix_auth_known_networks_used_at"}, {"known_networks": HALF}),
]


@pytest.mark.parametrize(("rule", "rows", "indexes", "left"), CASES, ids=[rule.name for rule, *_ in CASES])
async def test_what_has_expired_goes_by_its_index_to_the_last_row_and_nothing_else_does(
    database, databases, rule, rows, indexes, left
):
    fill(database.url, ACCOUNTS)
    fill(database.url, rows)

    read = scans(database.url, rule)
    await apply_to_its_end(database, rule)

    counts = databases.count_rows("auth")
    assert {table: counts[table] for table in left} == left
    assert read <= indexes, "and by nothing else"
