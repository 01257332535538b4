import asyncio
import sys

import psycopg
import pytest
from alembic.util import CommandError

from chassis.data.migrations import downgrade, upgrade
from chassis.data.schema_version import MigrationsPending, ensure_migrated, head
from chassis.testing.databases import schema_drift
from chassis.tests.data.tables import metadata
from chassis.tests.ledger import ENTRIES, MIGRATIONS


async def test_migrations_downgrade_and_upgrade(ledger, ledger_url):
    await ensure_migrated(ledger, head(MIGRATIONS))

    await asyncio.to_thread(downgrade, MIGRATIONS, ledger_url, "0001")
    with pytest.raises(MigrationsPending, match="0001"):
        await ensure_migrated(ledger, head(MIGRATIONS))
    await asyncio.to_thread(downgrade, MIGRATIONS, ledger_url, "base")
    await asyncio.to_thread(upgrade, MIGRATIONS, ledger_url)

    await ensure_migrated(ledger, head(MIGRATIONS))
    assert await ledger.fetch_all(ENTRIES) == []


@pytest.fixture
def ahead(ledger_url):
    """The tables as a later release leaves them, which has added a column; afterwards they are as before."""
    with psycopg.connect(ledger_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE entries ADD COLUMN note text NOT NULL DEFAULT ''")
        connection.execute("UPDATE alembic_version SET version_num = '0010'")
        yield "0010"
        connection.execute("UPDATE alembic_version SET version_num = %s", [head(MIGRATIONS)])
        connection.execute("ALTER TABLE entries DROP COLUMN note")


async def test_tables_that_are_ahead_are_good_enough(ledger, ahead):
    await ensure_migrated(ledger, head(MIGRATIONS))
    await ensure_migrated(ledger, ahead)
    with pytest.raises(MigrationsPending, match="the database is at 0010, the service needs 0011"):
        await ensure_migrated(ledger, "0011")


async def test_an_older_release_leaves_tables_that_are_ahead_as_they_are(ledger, ledger_url, ahead):
    assert await asyncio.to_thread(upgrade, MIGRATIONS, ledger_url) == ahead

    await ensure_migrated(ledger, ahead)
    assert await ledger.fetch_all(ENTRIES) == []


async def test_an_older_release_takes_nothing_back_that_it_does_not_know(ledger, ledger_url, ahead):
    with pytest.raises(CommandError, match="0010"):
        await asyncio.to_thread(downgrade, MIGRATIONS, ledger_url, "base")

    await ensure_migrated(ledger, ahead)


async def test_several_processes_may_migrate_at_once(ledger, ledger_url):
    await asyncio.to_thread(downgrade, MIGRATIONS, ledger_url, "base")
    code = "import pathlib; from chassis.data.migrations import upgrade; upgrade(pathlib.Path({!r}), {!r})"
    command = [sys.executable, "-c", code.format(str(MIGRATIONS), ledger_url)]
    at_once = [await asyncio.create_subprocess_exec(*command) for _ in range(3)]

    assert [await process.wait() for process in at_once] == [0, 0, 0]
    await ensure_migrated(ledger, head(MIGRATIONS))


def test_the_migrations_match_the_tables(ledger_url):
    assert schema_drift(ledger_url, metadata) == []


def test_preparing_again_changes_nothing_but_the_password(databases, ledger_url):
    assert databases.empty_schema_url("ledger") == ledger_url

    assert schema_drift(ledger_url, metadata) == []


def test_a_role_cannot_read_or_write_what_is_not_its_own(databases, ledger_url):
    url = databases.empty_schema_url("stranger")

    with psycopg.connect(url, autocommit=True) as connection:
        for refused in (
            "SELECT * FROM ledger.entries",
            "DELETE FROM ledger.entries",
            "CREATE TABLE ledger.mine ()",
            "CREATE TABLE public.mine ()",
            "CREATE SCHEMA mine",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(refused)
        connection.execute("CREATE TABLE mine (); DROP TABLE stranger.mine")
