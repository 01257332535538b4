"""The tables and statements of a service that only these tests have: a ledger of entries."""

import pytest
import sqlalchemy as sa
from sqlalchemy import bindparam

from chassis.data.database import Database
from chassis.data.statement import Statement
from chassis.events.inbox import inbox_table
from chassis.events.outbox import outbox_table
from chassis.unit_of_work import UnitOfWork
from chassis.web.idempotency import idempotency_keys_table

SERVICE, SCHEMA = "../chassis/tests/data", "ledger"
metadata = sa.MetaData(schema=SCHEMA)
outbox = outbox_table(metadata)
inbox = inbox_table(metadata)
idempotency_keys_table(metadata)
entries = sa.Table(
    "entries", metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("account", sa.Uuid, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)  # fmt: skip

ENTER = Statement(sa.insert(entries).values(account=bindparam("account"), text=bindparam("text")).inline())
ENTRIES = Statement(sa.select(entries.c.account, entries.c.text).order_by(entries.c.id))
ANNOUNCED = Statement(sa.select(outbox).order_by(outbox.c.id))
REMEMBERED = Statement(sa.select(inbox.c.consumer, inbox.c.event_id))


class LedgerUnitOfWork(UnitOfWork):
    async def enter(self, account, text):
        await self.transaction.execute(ENTER, account=account, text=text)


@pytest.fixture
def ledger_url(empty_database_for):
    return empty_database_for(SERVICE, SCHEMA)


@pytest.fixture
async def ledger(ledger_url):
    async with Database(ledger_url, name="tests", connections=4) as database:
        yield database
