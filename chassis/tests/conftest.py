"""A ledger in a database, for all tests of the chassis."""

import pytest
import structlog

from chassis.data.database import Database


@pytest.fixture
def ledger_url(empty_database_for):
    return empty_database_for("ledger", "chassis.tests.data")


@pytest.fixture
async def ledger(ledger_url):
    async with Database(ledger_url, name="tests", connections=4) as database:
        yield database


@pytest.fixture(scope="session", autouse=True)
def _plain_lines():
    """Log lines without structlog's long drawings of what was raised."""
    structlog.configure(
        processors=[structlog.processors.KeyValueRenderer(["event"])],
        logger_factory=structlog.PrintLoggerFactory(),
    )
