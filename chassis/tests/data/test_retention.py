"""Rules that delete: to their end, however much there is, each by itself, and aloud when they cannot."""

import asyncio
from datetime import timedelta

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from structlog.testing import capture_logs

from chassis.data.clauses import delete_with_dependents_statement, ids_older_than_retention
from chassis.data.database import Database
from chassis.data.retention import (
    MAX_BATCHES,
    PURGE_FAILURES_COUNTER,
    RetentionRule,
    apply_retention_rules,
    delete_expired_statement,
)
from chassis.data.statement import Statement
from chassis.events.inbox import RETENTION_RULE
from chassis.testing.retention import apply_to_its_end, fill, scans

FILL_INBOX = """
INSERT INTO inbox (consumer, event_id, digest, received_at)
SELECT 'ledger', gen_random_uuid(), '', now() - CASE WHEN n % 2 = 0 THEN interval '31 days' ELSE interval '29 days' END
FROM generate_series(1, 40000) n
"""
# A tenth of a second for each row of a batch.
SLOW_RULE = RetentionRule(
    "slow",
    Statement("SELECT pg_sleep(%(batch)s::integer * 0.1) AS slept WHERE %(retention)s::interval IS NOT NULL"),
    timedelta(0),
    batch=64,
)
metadata = sa.MetaData()
things = sa.Table("things", metadata, sa.Column("id", sa.Uuid, primary_key=True), sa.Column("kept", sa.Boolean))
parts = sa.Table(
    "parts",
    metadata,
    sa.Column("thing_id", sa.Uuid, sa.ForeignKey(things.c.id), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
)
THINGS_RULE = RetentionRule(
    "things",
    delete_with_dependents_statement(things.c.id, ids_older_than_retention(things.c.id, ~things.c.kept)),
    timedelta(days=365),
    batch=100,
)


@pytest.fixture
async def database(empty_database_for):
    async with Database(
        empty_database_for("ledger", "chassis.tests.data"), name="ledger", transaction_timeout=1
    ) as database:
        yield database


@pytest.fixture
def count(database):
    def count_rows(table):
        with psycopg.connect(database.url) as connection:
            return connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()[0]

    return count_rows


def failures_of(rule):
    return PURGE_FAILURES_COUNTER.labels(rule.name)._value.get()


async def test_what_has_expired_goes_to_the_last_row_and_nothing_else_does(database, count):
    fill(database.url, FILL_INBOX)

    turns = await apply_to_its_end(database, RETENTION_RULE)

    assert scans(database.url, RETENTION_RULE) == {"inbox_by_age"}
    assert (count("inbox"), turns) == (20_000, 1)


async def test_a_turn_has_an_end_and_says_that_there_is_more(database, count):
    fill(database.url, FILL_INBOX)
    small = RETENTION_RULE._replace(batch=300)

    more = await apply_retention_rules(database, [small], asyncio.Event())

    assert more
    assert count("inbox") == 40_000 - 300 * MAX_BATCHES
    assert await apply_to_its_end(database, small) == 1
    assert count("inbox") == 20_000


async def test_nothing_is_deleted_any_more_once_the_process_is_to_stop(database, count):
    fill(database.url, FILL_INBOX)
    stopping = asyncio.Event()
    stopping.set()

    assert not await apply_retention_rules(database, [RETENTION_RULE], stopping)

    assert count("inbox") == 40_000


async def test_a_batch_that_takes_too_long_is_halved_until_it_does_not(database):
    before = failures_of(SLOW_RULE)

    with capture_logs() as logs:
        more = await apply_retention_rules(database, [SLOW_RULE], asyncio.Event())

    assert not more
    assert [entry["next_batch"] for entry in logs] == [32, 16, 8]  # 0.8 s of the 0.9 that a statement has
    assert failures_of(SLOW_RULE) - before == 3


async def test_a_rule_that_fails_is_counted_and_logged_and_stops_no_other(database, count):
    fill(database.url, FILL_INBOX)
    missing = RetentionRule("missing", delete_expired_statement("nothing", "age"), timedelta(0))
    before = failures_of(missing)

    with capture_logs() as logs:
        more = await apply_retention_rules(database, [missing, RETENTION_RULE], asyncio.Event())

    assert not more
    assert [(entry["event"], entry["log_level"], entry["rule"]) for entry in logs] == [
        ("rows could not be purged", "error", "missing")
    ]
    assert failures_of(missing) - before == 1
    assert count("inbox") == 20_000


async def test_a_cancelled_clean_up_stays_cancelled(database):
    purging = asyncio.create_task(
        apply_retention_rules(database, [SLOW_RULE._replace(batch=8), RETENTION_RULE], asyncio.Event())
    )
    await asyncio.sleep(0)

    purging.cancel()

    with pytest.raises(asyncio.CancelledError):
        await purging


@pytest.fixture
def tables_of_things(database):
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE things (id uuid PRIMARY KEY, kept boolean)")
        connection.execute(
            "CREATE TABLE parts (thing_id uuid REFERENCES things, position integer, PRIMARY KEY (thing_id, position))"
        )
        yield
        connection.execute("DROP TABLE parts, things")


@pytest.mark.usefixtures("tables_of_things")
async def test_old_ids_go_with_all_that_refers_to_them_and_others_stay(database, count):
    # 5,000 of two years, a tenth of which is kept; 5,000 of half a year; and some whose ids say nothing of their age
    fill(
        database.url,
        """
        INSERT INTO things SELECT to_uuid7(now() - CASE WHEN n <= 5000 THEN interval '2 years'
            ELSE interval '6 months' END), n % 10 = 0 FROM generate_series(1, 10000) n;
        INSERT INTO things VALUES (overlay(gen_random_uuid()::text PLACING '00000000-0000-4' FROM 1)::uuid, false);
        INSERT INTO parts SELECT id, position FROM things, generate_series(1, 2) position;
        """,
    )

    read = scans(database.url, THINGS_RULE)
    await apply_to_its_end(database, THINGS_RULE)

    assert (count("things"), count("parts")) == (5501, 11002)
    assert read == {"things_pkey", "parts_pkey"}
