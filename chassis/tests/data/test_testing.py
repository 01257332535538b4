"""What tests get of a database that others had before them."""

from uuid import uuid4

import sqlalchemy as sa

from chassis.data.statement import Statement
from chassis.tests.data.tables import entries
from chassis.tests.ledger import ENTER

IDS = Statement(sa.select(entries.c.id).order_by(entries.c.id))


async def test_an_emptied_database_has_no_rows_and_counts_from_one_again(databases, ledger):
    for _ in range(2):
        await ledger.execute(ENTER, account=uuid4(), text="rent")
    databases.truncate_tables("ledger")
    assert databases.count_rows("ledger") == {
        "alembic_version": 1, "dead_letters": 0, "entries": 0, "idempotency_keys": 0, "inbox": 0, "outbox": 0
    }  # fmt: skip

    await ledger.execute(ENTER, account=uuid4(), text="rent")

    assert [row["id"] for row in await ledger.fetch_all(IDS)] == [1]


async def test_a_database_that_was_away_is_emptied_and_counted_as_before(databases, ledger):
    databases.truncate_tables("ledger")
    with databases.unavailable():
        pass
    await ledger.execute(ENTER, account=uuid4(), text="rent")

    assert databases.count_rows("ledger")["entries"] == 1
