"""Of several processes one leads: the one that holds an advisory lock, for as long as its session lives."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import psycopg
import structlog
from prometheus_client import Gauge
from psycopg import sql

from chassis.data.database import Connection, Database, at_most
from chassis.runtime.metrics import REGISTRY
from chassis.runtime.retry import is_transient, sleep_unless

log = structlog.get_logger(__name__)
LEADS = Gauge("shop_duty_leads", "Whether this process leads the duty.", ["duty"], registry=REGISTRY)
IDLE, HEARTBEAT = 30.0, 5.0  # seconds for which the session may be silent, and is while the leader works
LOCK = "SELECT pg_try_advisory_lock(hashtext(current_schema() || '.' || %s), 0)"


async def lead(
    database: Database, duty: str, work: Callable[[], Awaitable[object]], stopping: asyncio.Event, every: float = 1.0
) -> None:
    """Do `work` every so many seconds, and when the duty is notified, in one process at a time.

    The lock spares work, it does not fence it: a former leader may still be busy when the next one starts, so `work`
    claims its rows in its own transactions. What passes by waiting is waited for; any other error ends the duty, which
    then begins again (process.py).
    """
    while not stopping.is_set():
        try:
            # A process that hangs as a whole loses its idle session, and with it the lock, to another.
            async with database.session(idle_session_timeout=f"{int((every + IDLE) * 1000)}ms") as connection:
                await _lead(connection, duty, work, stopping, every)
        except Exception as trouble:
            if not is_transient(trouble):
                raise
            log.warning("a duty starts over", duty=duty, trouble=repr(trouble))
            await sleep_unless(stopping, min(every, 1))


async def _lead(
    connection: Connection, duty: str, work: Callable[[], Awaitable[object]], stopping: asyncio.Event, every: float
) -> None:
    leads = False
    with at_most(5, connection):
        await listen(connection, duty)
    with leader_gauge(duty) as leading:
        while not stopping.is_set():
            with at_most(5, connection):  # asking again is also how a lost session, and so a lost lock, is noticed
                leads = await try_lock(connection, duty) if not leads else await _check_session(connection)
            if leads:
                leading.set(1)
                await _keep_session_alive(connection, work())
            await wait_for_notification(connection, every, stopping)


async def _keep_session_alive(connection: Connection, work: Awaitable[object]) -> None:
    """Do the work, however long that waits for others, on a session that is never idle for long.

    A session that is lost ends nothing of what was begun: it is finished before the duty starts over.
    """
    working = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait([working], timeout=HEARTBEAT))[0]:
            with at_most(5, connection):
                await _check_session(connection)
    except psycopg.Error:
        await working
        raise
    finally:
        working.cancel()
    await working


@contextmanager
def leader_gauge(duty: str) -> Iterator[Gauge]:
    """The gauge that says who leads: this process does not yet, and no longer does afterwards."""
    leading = LEADS.labels(duty)
    leading.set(0)
    try:
        yield leading
    finally:
        leading.set(0)


async def try_lock(connection: Connection, duty: str) -> bool:
    """Whether this session leads from now on."""
    answer = await (await connection.execute(LOCK, [duty])).fetchone()
    return bool(answer and answer[0])


async def _check_session(connection: Connection) -> bool:
    await connection.execute("SELECT 1")
    return True


async def listen(connection: Connection, duty: str) -> None:
    """Subscribe this session to the notifications of the duty."""
    schema = await (await connection.execute("SELECT current_schema()")).fetchone()
    channel = sql.Identifier(f"{schema[0] if schema else ''}.{duty}")
    await connection.execute(sql.SQL("LISTEN {}").format(channel))


async def wait_for_notification(connection: Connection, seconds: float, stopping: asyncio.Event) -> None:
    """Wait for a notification, so many seconds at most, or until it is time to stop."""
    until = monotonic() + seconds
    while not stopping.is_set() and (left := until - monotonic()) > 0:
        # In short waits: psycopg takes its time to let go of one that is cancelled.
        async for _ in connection.notifies(timeout=min(left, 0.5), stop_after=1):
            return
