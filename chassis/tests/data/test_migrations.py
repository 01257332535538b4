import asyncio
import sys

import psycopg
import pytest

from chassis.data.migrations import downgrade, upgrade
from chassis.data.schema_version import MigrationsPending, ensure_at_head, head
from chassis.testing.databases import schema_drift
from chassis.tests.data.tables import metadata
from chassis.tests.ledger import ENTRIES, MIGRATIONS


async def test_migrations_downgrade_and_upgrade(ledger, ledger_url):
    await ensure_at_head(ledger, head(MIGRATIONS))

    await asyncio.to_thread(downgrade, MIGRATIONS, ledger_url, "0001")
    with pytest.raises(MigrationsPending, match="0001"):
        await ensure_at_head(ledger, head(MIGRATIONS))
    await asyncio.to_thread(downgrade, MIGRATIONS, ledger_url, "base")
    await asyncio.to_thread(upgrade, MIGRATIONS, ledger_url)

    await ensure_at_head(ledger, head(MIGRATIONS))
    assert await ledger.fetch_all(ENTRIES) == []


async def test_several_processes_may_migrate_at_once(ledger, ledger_url):
    await asyncio.to_thread(downgrade, MIGRATIONS, ledger_url, "base")
    code = "import pathlib; from chassis.data.migrations import upgrade; upgrade(pathlib.Path({!r}), {!r})"
    command = [sys.executable, "-c", code.format(str(MIGRATIONS), ledger_url)]
    at_once = [await asyncio.create_subprocess_exec(*command) for _ in range(3)]

    assert [await process.wait() for process in at_once] == [0, 0, 0]
    await ensure_at_head(ledger, head(MIGRATIONS))


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
