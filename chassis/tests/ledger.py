"""The statements of a service that only these tests have: a ledger of entries."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import bindparam

from chassis.data.statement import Statement
from chassis.tests.data.tables import entries, inbox, outbox
from chassis.unit_of_work import UnitOfWork

MIGRATIONS = Path(__file__).parent / "data" / "alembic"

ENTER = Statement(sa.insert(entries).values(account=bindparam("account"), text=bindparam("text")).inline())
ENTRIES = Statement(sa.select(entries.c.account, entries.c.text).order_by(entries.c.id))
OUTBOX_ROWS = Statement(sa.select(outbox).order_by(outbox.c.id))
INBOX_ROWS = Statement(sa.select(inbox.c.consumer, inbox.c.event_id))


class LedgerUnitOfWork(UnitOfWork):
    async def enter(self, account, text):
        await self.transaction.execute(ENTER, account=account, text=text)
