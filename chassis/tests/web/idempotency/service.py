"""The operations of ledger.yaml, which can be held up, refused and cut off on their lines."""

import json
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import sqlalchemy as sa

from chassis.contracts.media_types import JSON
from chassis.data.statement import Statement
from chassis.tests.ledger import ENTER, ENTRIES, LedgerUnitOfWork, entries
from chassis.tests.web.shop import SIGNER, TRUSTED, bearer, call
from chassis.unit_of_work import DatabaseUnitOfWorkFactory
from chassis.web.access import ApiKeys, User
from chassis.web.application import build_application
from chassis.web.idempotency import IdempotencyKeyStore
from chassis.web.responses import Response, created
from chassis.web.tokens import JwtVerifier

CONTRACT = Path(__file__).with_name("ledger.yaml")
ACCOUNT = UUID(int=7)
LAST_OF = Statement(
    sa.select(entries.c.text).where(entries.c.account == sa.bindparam("account")).order_by(entries.c.id.desc())
)


class LedgerClosed(Exception):
    """The ledger is closed."""


async def noop() -> None:
    """What happens on a line on which nothing happens."""


class LedgerHandlers:
    def __init__(self, database, notifier=None) -> None:
        self._database = database
        self._unit_of_work = DatabaseUnitOfWorkFactory(database, LedgerUnitOfWork, notifier=notifier)
        self.closed = False
        self.hooks = SimpleNamespace(before_change=noop, in_transaction=noop, after_transaction=noop)
        self.executed = 0

    async def add_entry(self, body: dict, user: User) -> Response:
        self.executed += 1
        await self.hooks.before_change()
        async with self._unit_of_work() as work:
            await work.enter(user.id, body["text"])
            work.announced = True
            await self.hooks.in_transaction()
            if self.closed:
                raise LedgerClosed
        await self.hooks.after_transaction()
        entered = await self._database.fetch_all(ENTRIES)
        return created({"entries": [row["text"] for row in entered]}, location="/ledger/v1/entries/1")

    async def add_correction(self, body: dict, user: User) -> Response:
        """Makes its entry outside of any unit of work, once what a unit of work refused is undone."""
        try:
            async with self._unit_of_work() as work:
                await work.enter(user.id, "undone")
                raise LedgerClosed
        except LedgerClosed:
            await self._database.execute(ENTER, account=user.id, text=body["text"])
        await self.hooks.after_transaction()
        return created({}, location="/ledger/v1/entries/1")

    async def add_entry_of_account(self, account: str, body: dict, user: User) -> Response:
        await self._database.execute(ENTER, account=user.id, text=f"{account}: {body['text']}")
        return created({}, location="/ledger/v1/entries/1")

    async def transfer(self, body: dict, user: User, resumed_id: UUID | None = None) -> Response:
        """Two entries of one account with network between them, where the last one is the outcome."""
        account = resumed_id or ACCOUNT
        if resumed_id is None:
            async with self._unit_of_work() as work:
                if self.closed:
                    raise LedgerClosed
                await work.enter(account, f"{body['text']} begun")
                await work.link_idempotency_key(account)
        await self.hooks.after_transaction()
        async with self._unit_of_work() as work:
            last = await work.transaction.fetch_one(LAST_OF, account=account)
            if last["text"] != f"{body['text']} ended":
                await work.enter(account, f"{body['text']} ended")
        return created({"account": str(account)}, location="/ledger/v1/entries/1")


def application(handlers, database, compiled=True):
    tokens, store = JwtVerifier.from_jwks({"keys": [SIGNER.jwk]}, **TRUSTED), IdempotencyKeyStore(database)
    return build_application(CONTRACT, handlers, tokens=tokens, keys=ApiKeys({}), idempotency=store, compiled=compiled)


async def post(app, target="entries", text="rent", *, key="k", **claims):
    headers = {**bearer(**claims), "content-type": JSON, **({"idempotency-key": key} if key else {})}
    return await call(app, "POST", f"/ledger/v1/{target}", headers, json.dumps({"text": text}).encode())
