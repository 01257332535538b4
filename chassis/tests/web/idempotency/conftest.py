import asyncio
import sys

import pytest
import sqlalchemy as sa

from chassis.data.database import Database
from chassis.testing.faults import TcpProxy
from chassis.tests.ledger import ENTRIES
from chassis.tests.web.idempotency.service import LedgerHandlers, application


@pytest.fixture
def handlers(ledger):
    return LedgerHandlers(ledger)


@pytest.fixture
def app(handlers, ledger):
    return application(handlers, ledger)


@pytest.fixture
def texts(ledger):
    async def texts():
        return [row["text"] for row in await ledger.fetch_all(ENTRIES)]

    return texts


@pytest.fixture
async def proxy(ledger_url):
    """A proxy of the database, with an application that is connected through it and its handlers."""
    async with TcpProxy(sa.make_url(ledger_url).port) as proxy:
        url = sa.make_url(ledger_url).set(port=proxy.port).render_as_string(hide_password=False)
        async with Database(url, name="tests", connections=1) as database:
            proxy.handlers = LedgerHandlers(database)
            proxy.app = application(proxy.handlers, database)
            yield proxy


@pytest.fixture
def crash(ledger_url):
    """Execute a request in a process that kills itself on that line."""

    async def crash(line, target="entries", text="rent"):
        worker = [sys.executable, "-m", "chassis.tests.web.idempotency.worker"]
        process = await asyncio.create_subprocess_exec(*worker, line, target, text, ledger_url)
        assert await asyncio.wait_for(process.wait(), 20) == -9

    return crash
