"""Of several processes one leads: the one that holds an advisory lock, for as long as its session lives."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

import psycopg
import structlog
from prometheus_client import Gauge
from psycopg import sql

from chassis.data.database import Connection, Database, abort_connection_after, has_pending_input
from chassis.data.statement import Statement
from chassis.runtime.background import background_context
from chassis.runtime.errors import describe_error
from chassis.runtime.metrics import REGISTRY
from chassis.runtime.retry import backoff_seconds, is_transient, sleep_unless, with_timeout

T = TypeVar("T")
log = structlog.get_logger(__name__)
LEADER_GAUGE = Gauge("duty_leads", "Whether this process leads the duty.", ["duty"], registry=REGISTRY)
IDLE_TIMEOUT, HEARTBEAT_INTERVAL = 15.0, 5.0  # seconds a session may be silent, and is while the leader works
STALL_TIMEOUT = 30.0  # seconds beyond its interval
TRY_LOCK_SQL = "SELECT pg_try_advisory_lock(hashtext(current_schema() || '.' || %s), 0)"
NOTIFY_STATEMENT = Statement("SELECT pg_notify(current_schema() || '.' || %(task)s::text, '') AS sent")
# Whether there is more to do at once; it is given the event that tells the process to stop.
LeaderWork = Callable[[asyncio.Event], Awaitable[bool | None]]


class LeaderTaskStalled(Exception):
    """The task has neither led nor stood by for too long."""


class Notifier:
    """Wakes whoever leads a task, at once if that is this process, else by NOTIFY; several in a hurry become one.

    To be called after the commit. Not pg_notify in the transaction: its cluster-wide lock is held over the commit's
    fsync, so that commits no longer share one (16 writers: 12,800 commits/s without it, 4,200 with it). A notification
    that is lost in a crash, or to a leader that has just lost its lock, costs one poll.
    """

    def __init__(self, database: Database, task: str) -> None:
        self._database, self._task_name = database, task
        self._pending = False
        self._sending: asyncio.Task[None] | None = None
        self.leader_wakeup: asyncio.Event | None = None  # while the leader is in this process

    def notify(self) -> None:
        """Wake the leader, soon; nobody waits for it."""
        if self.leader_wakeup is not None:
            self.leader_wakeup.set()
            return
        self._pending = True
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._notify(), context=background_context())

    async def _notify(self) -> None:
        while self._pending:
            self._pending = False
            with contextlib.suppress(psycopg.Error):  # the leader polls, and others will miss the database
                await self._database.fetch_one(NOTIFY_STATEMENT, task=self._task_name)


class LeaderTask:
    """Work that is done every so many seconds, and when the task is notified, in one process at a time.

    The lock spares work, it does not fence it: a former leader may still be busy when the next one starts, so the work
    claims its rows in its own transactions, or may be done twice.
    """

    def __init__(
        self, database: Database, name: str, work: LeaderWork, interval: float = 1.0, notifier: Notifier | None = None
    ) -> None:
        self._database, self._name, self._work, self._interval = database, name, work, interval
        self._notifier = notifier or Notifier(database, name)
        self._last_turn = monotonic()

    async def probe(self) -> None:
        """Raise when neither leading nor standing by has worked for half a minute."""
        if (silent := monotonic() - self._last_turn) > self._interval + STALL_TIMEOUT:
            raise LeaderTaskStalled(f"{self._name} has made no progress for {silent:.0f} s")

    async def run(self, stopping: asyncio.Event) -> None:
        """Lead when nobody else does. What passes by waiting is waited for; any other error ends the task, which then
        begins again (process.py).
        """  # fmt: skip
        failures = 0
        while not stopping.is_set():
            began = monotonic()
            try:
                # A process that hangs as a whole loses its idle session, and with it the lock, to another.
                idle_timeout = f"{int((self._interval + IDLE_TIMEOUT) * 1000)}ms"
                async with self._database.dedicated_connection(idle_session_timeout=idle_timeout) as connection:
                    await self._take_turns(connection, stopping)
            except Exception as error:
                if not is_transient(error):
                    raise
                failures = 1 if self._last_turn > began else failures + 1
                log.warning("a duty starts over", duty=self._name, trouble=describe_error(error))
                await sleep_unless(stopping, backoff_seconds(failures, most=3))

    async def _take_turns(self, connection: Connection, stopping: asyncio.Event) -> None:
        leads, checked_at, wakeup = False, 0.0, asyncio.Event()
        # One that comes with the answer to a statement is read with it, and no reader of the socket sees it.
        connection.add_notify_handler(lambda _: wakeup.set())
        gauge = LEADER_GAUGE.labels(self._name)
        gauge.set(0)
        with abort_connection_after(5, connection):
            await listen(connection, self._name)
        try:
            while not stopping.is_set():
                # Asking again is also how a lost session, and so a lost lock, is noticed.
                is_stale = monotonic() - checked_at > min(self._interval / 2, HEARTBEAT_INTERVAL)
                if not leads or is_stale or has_pending_input(connection):
                    with abort_connection_after(5, connection):
                        leads = await (_check_session(connection) if leads else try_lock(connection, self._name))
                    checked_at = monotonic()
                wakeup.clear()
                more: bool | None = False
                if leads:
                    gauge.set(1)
                    self._notifier.leader_wakeup = wakeup
                    more = await _keep_session_alive(connection, self._work(stopping))
                self._last_turn = monotonic()
                if not more:
                    await wait_for_notification(connection, wakeup, self._interval, stopping)
        finally:
            gauge.set(0)
            self._notifier.leader_wakeup = None


async def _keep_session_alive(connection: Connection, work: Awaitable[T]) -> T:
    """Do the work, however long that waits for others, on a session that is never idle for long.

    A session that is lost ends nothing of what was begun: it is finished before the task starts over.
    """
    working = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait([working], timeout=HEARTBEAT_INTERVAL))[0]:
            with abort_connection_after(5, connection):
                await _check_session(connection)
    except psycopg.Error:
        await working
        raise
    finally:
        working.cancel()
    return await working


async def try_lock(connection: Connection, task: str) -> bool:
    """Whether this session leads from now on."""
    answer = await (await connection.execute(TRY_LOCK_SQL, [task])).fetchone()
    return bool(answer and answer[0])


async def _check_session(connection: Connection) -> bool:
    await connection.execute("SELECT 1")
    return True


async def listen(connection: Connection, task: str) -> None:
    """Subscribe this session to the notifications of the task."""
    schema = await (await connection.execute("SELECT current_schema()")).fetchone()
    channel = sql.Identifier(f"{schema[0] if schema else ''}.{task}")
    await connection.execute(sql.SQL("LISTEN {}").format(channel))


async def wait_for_notification(
    connection: Connection, wakeup: asyncio.Event, seconds: float, stopping: asyncio.Event
) -> None:
    """Wait for the event, or until the server says something, or it is time to stop; so many seconds at most."""
    loop, descriptor = asyncio.get_running_loop(), connection.fileno()
    loop.add_reader(descriptor, wakeup.set)
    try:
        with contextlib.suppress(TimeoutError):
            await with_timeout(wakeup.wait(), seconds, unless=stopping)
    finally:
        loop.remove_reader(descriptor)
