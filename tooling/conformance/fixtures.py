"""Fixtures of every service that has a database: the database itself, and the events in its outbox."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import orjson
import pytest

from chassis.data.database import Database
from chassis.data.statement import Statement
from chassis.events.tables import OUTBOX

SELECT_OUTBOX_ROWS = Statement(OUTBOX.select().order_by(OUTBOX.c.id))


@pytest.fixture
def database_url(request: pytest.FixtureRequest, empty_database_for: Callable[[str], str]) -> str:
    """The URL of the empty database of the service in whose folder `tests` the test is."""
    return empty_database_for(next(folder.parent.name for folder in request.path.parents if folder.name == "tests"))


@pytest.fixture(scope="session")
async def open_databases() -> AsyncIterator[Callable[[str], Awaitable[Database]]]:
    """Opens a database once for all tests, by its URL: to connect anew takes longer than most of them."""
    known = dict[str, Database]()
    async with AsyncExitStack() as stack:

        async def opened(url: str) -> Database:
            if url not in known:
                known[url] = await stack.enter_async_context(Database(url, name="test"))
            return known[url]

        yield opened


@pytest.fixture
async def database(database_url: str, open_databases: Callable[[str], Awaitable[Database]]) -> Database:
    """The empty database of the service."""
    return await open_databases(database_url)


@pytest.fixture
def read_outbox(database: Database) -> Callable[[], Awaitable[list[dict[str, Any]]]]:
    """Reads the events in the outbox, in order."""

    async def read_outbox() -> list[dict[str, Any]]:
        return [orjson.loads(row["value"]) for row in await database.fetch_all(SELECT_OUTBOX_ROWS)]

    return read_outbox


@pytest.fixture
def read_outbox_types(
    read_outbox: Callable[[], Awaitable[list[dict[str, Any]]]],
) -> Callable[[], Awaitable[list[str]]]:
    """Reads the types of the events in the outbox, in order."""

    async def read_outbox_types() -> list[str]:
        return [event["type"] for event in await read_outbox()]

    return read_outbox_types
