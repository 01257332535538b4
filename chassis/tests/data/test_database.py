import asyncio
import signal
import time
import uuid

import psycopg
import pytest
import sqlalchemy as sa
from psycopg_pool import PoolTimeout

from chassis.data.database import Database
from chassis.data.statement import Statement
from chassis.runtime.background import background_context
from chassis.runtime.deadline import start_deadline
from chassis.testing.databases import TemporaryDatabase
from chassis.testing.eventually import eventually
from chassis.testing.faults import TcpProxy
from chassis.tests.ledger import ENTER, ENTRIES

ACCOUNT = uuid.UUID(int=7)
SLEEP_STATEMENT = Statement(sa.select(sa.func.pg_sleep(sa.bindparam("seconds", type_=sa.Float)).label("slept")))


@pytest.fixture
async def proxy(ledger_url):
    async with TcpProxy(sa.make_url(ledger_url).port) as proxy:
        proxy.url = sa.make_url(ledger_url).set(port=proxy.port).render_as_string(hide_password=False)
        yield proxy


async def enter(database, text):
    await database.execute(ENTER, account=ACCOUNT, text=text)


async def read_texts(database):
    return [row["text"] for row in await database.fetch_all(ENTRIES)]


async def count_entries(database, text):
    return text in await read_texts(database)


async def responds(database):
    try:
        await database.probe()
    except psycopg.OperationalError:
        return False
    return True


async def test_a_failed_transaction_is_rolled_back(ledger):
    with pytest.raises(ZeroDivisionError):
        async with ledger.transaction() as transaction:
            await transaction.execute(ENTER, account=ACCOUNT, text="never")
            raise ZeroDivisionError

    assert await read_texts(ledger) == []


async def test_the_locks_of_a_hanging_process_are_released_within_seconds(ledger_url, ledger):
    await enter(ledger, "rent")
    lock = "SELECT 1 FROM entries FOR UPDATE"
    async with (
        Database(ledger_url, name="hangs", connections=1, transaction_timeout=0.5) as database,
        database.dedicated_connection() as hangs,
    ):
        await hangs.set_autocommit(False)
        await hangs.execute(lock)

        async with ledger.dedicated_connection() as waits, asyncio.timeout(2):
            await waits.execute(lock)

        with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
            await hangs.execute(lock)


async def test_a_restart_of_an_idle_database_fails_no_query(own_servers):
    databases = TemporaryDatabase(own_servers.start("postgres")["postgres"]["url"])
    async with Database(
        databases.migrated_url("ledger", "chassis.tests.data"), name="tests", connections=4
    ) as database:
        await asyncio.gather(*(database.probe() for _ in range(4)))

        await asyncio.to_thread(own_servers.kill, "postgres", signal.SIGQUIT)
        await asyncio.gather(*(enter(database, f"{n}") for n in range(20)), *(read_texts(database) for _ in range(20)))

        assert sorted(await read_texts(database)) == sorted(f"{n}" for n in range(20))
    databases.drop()


async def test_a_read_that_loses_its_connection_is_made_again(proxy):
    async with Database(proxy.url, name="tests", connections=1) as database:
        await database.probe()
        reading = asyncio.create_task(database.fetch_one(SLEEP_STATEMENT, seconds=0.3))

        asyncio.get_running_loop().call_later(0.1, proxy.cut)

        assert await reading is not None


async def test_a_write_that_loses_its_connection_fails_and_is_not_made_again(ledger, proxy):
    async with Database(proxy.url, name="tests", connections=1) as database:
        await enter(database, "before")
        proxy.hold()
        writing = asyncio.create_task(enter(database, "once"))
        await eventually(lambda: count_entries(ledger, "once"))

        proxy.cut()

        with pytest.raises(psycopg.OperationalError):
            await writing
        proxy.release()
        await eventually(lambda: responds(database))
        assert await read_texts(ledger) == ["before", "once"]


async def test_requests_that_take_all_connections_keep_no_background_task_waiting(ledger_url):
    async with Database(ledger_url, name="tests", connections=1, pool_timeout=1.0) as database, database.transaction():
        with pytest.raises(PoolTimeout):
            await database.probe()

        await asyncio.create_task(database.probe(), context=background_context())


async def test_a_database_without_connections_for_the_background_shares_those_of_requests(ledger_url):
    async with Database(
        ledger_url, name="tests", connections=1, background_connections=0, pool_timeout=1.0
    ) as database:
        await asyncio.create_task(database.probe(), context=background_context())
        async with database.transaction():
            with pytest.raises(PoolTimeout):
                await asyncio.create_task(database.probe(), context=background_context())


async def test_a_silent_server_times_out(proxy):
    async with Database(proxy.url, name="tests", connections=1, transaction_timeout=0.5, pool_timeout=0.5) as database:
        await database.probe()
        proxy.hold()
        began = time.monotonic()

        with pytest.raises(psycopg.OperationalError):
            await enter(database, "unheard")

        assert time.monotonic() - began < 1
        proxy.release()
        await eventually(lambda: responds(database))


async def test_an_exhausted_pool_times_out(ledger_url):
    async with Database(ledger_url, name="tests", connections=1, pool_timeout=1.0) as database:
        await database.probe()

        async with database.transaction():
            with pytest.raises(PoolTimeout):
                await enter(database, "too many")

        assert await read_texts(database) == []


async def test_nobody_waits_for_a_connection_longer_than_their_caller_does(ledger_url):
    start_deadline(b"100")
    began = time.monotonic()

    async with Database(ledger_url, name="tests", connections=1) as database, database.transaction():
        with pytest.raises(PoolTimeout):
            await enter(database, "too late")

    assert time.monotonic() - began < 1
