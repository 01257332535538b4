"""A ledger in a database, for all tests of the chassis."""

import pytest

from chassis.data.database import Database


@pytest.fixture
def ledger_url(empty_database_for):
    return empty_database_for("ledger", "chassis.tests.data")


@pytest.fixture
async def ledger(ledger_url):
    async with Database(ledger_url, name="tests", connections=4) as database:
        yield database
