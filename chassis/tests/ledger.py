"""The statements of a service that only these tests have: a ledger of entries."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import bindparam

from chassis.data.clauses import row_lock
from chassis.data.statement import Statement
from chassis.tests.data.tables import entries, inbox, outbox
from chassis.unit_of_work import UnitOfWork

MIGRATIONS = Path(__file__).parent / "data" / "alembic"

ENTER = Statement(sa.insert(entries).values(account=bindparam("account"), text=bindparam("text")).inline())
LOCK_ENTRY = row_lock(
    sa.select(entries.c.account, entries.c.text).where(entries.c.account == bindparam("account")), entries
)
CHANGE_ENTRY = Statement(
    sa.update(entries).where(entries.c.account == bindparam("of_account")).values(text=bindparam("new_text"))
)
COPY_ENTRY = Statement(
    sa.insert(entries).from_select(
        ["account", "text"],
        sa.select(
            sa.insert(entries)
            .values(account=bindparam("account"), text=bindparam("text"))
            .inline()
            .returning(entries.c.account, entries.c.text)
            .cte()
        ),
    )
)
ENTRIES = Statement(sa.select(entries.c.account, entries.c.text).order_by(entries.c.id))
OUTBOX_ROWS = Statement(sa.select(outbox).order_by(outbox.c.id))
INBOX_ROWS = Statement(sa.select(inbox.c.consumer, inbox.c.event_id))


class LedgerUnitOfWork(UnitOfWork):
    async def enter(self, account, text):
        await self.transaction.write(ENTER, account=account, text=text)

    async def lock(self, account):
        entry = await self.transaction.lock(LOCK_ENTRY, account=account)
        return entry and entry["text"]

    async def change(self, account, text):
        await self.transaction.require(CHANGE_ENTRY, of_account=account, new_text=text)
