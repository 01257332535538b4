"""Statements run by psycopg's pool: bounded in time, and not in the way of a PostgreSQL that restarts."""

import asyncio
import logging
import os
import select
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any, Protocol, Self, TypeVar
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor, AsyncRawCursor, OperationalError
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from chassis.data.statement import Row, RowLock, Statement
from chassis.runtime.background import IS_BACKGROUND_TASK
from chassis.runtime.deadline import time_left
from chassis.runtime.metrics import Collector, GaugeSpec

Result = TypeVar("Result")
Connection = AsyncConnection[TupleRow]
PING_STATEMENT = Statement("SELECT 1 AS alive")
POOL_LABELS = ("pool",)  # requests, background, or as a database calls its own
CONNECTIONS_GAUGE = GaugeSpec("pool_connections", "Connections to the database.", POOL_LABELS)
IDLE_CONNECTIONS_GAUGE = GaugeSpec("pool_idle_connections", "Connections that nobody uses.", POOL_LABELS)
WAITING_REQUESTS_GAUGE = GaugeSpec(
    "pool_waiting_requests", "Requests and events that wait for a connection.", POOL_LABELS
)

# The pool says at every failed attempt to reconnect what the refused requests say too.
logging.getLogger("psycopg.pool").setLevel(logging.ERROR)


class Conflict(Exception):
    """Somebody else came first, and nothing was changed: to be done again, from what there is to read now."""


class Rows:
    """What repositories write to: a database or a transaction."""

    async def execute(self, statement: Statement[Any], **values: Any) -> int:
        """The number of rows touched."""
        raise NotImplementedError

    async def write(self, statement: Statement[Any], **values: Any) -> None:
        """Execute it, however many rows it touches: that may be later, but is before the transaction ends."""
        await self.execute(statement, **values)

    async def require(self, statement: Statement[Any], **values: Any) -> None:
        """The same for what must touch a row.

        Raises:
            Conflict: It touched none, since somebody else came first.
        """
        if not await self.execute(statement, **values):
            raise Conflict


class Transaction(Rows):
    """What is done through it is committed together, or not at all."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def fetch_one(self, statement: Statement[Row], **values: Any) -> Row | None:
        return await (await self._run(statement, values)).fetchone()

    async def fetch_all(self, statement: Statement[Row], **values: Any) -> list[Row]:
        return await (await self._run(statement, values)).fetchall()

    async def execute(self, statement: Statement[Any], **values: Any) -> int:
        """The number of rows touched; in a pipeline -1, because nothing has been answered yet."""
        return (await self._run(statement, values)).rowcount

    async def lock(self, row: RowLock[Row], **values: Any) -> Row | None:
        """Read the row that is to be changed, and keep it from everybody else until the transaction ends."""
        return await self.fetch_one(row.locked, **values)

    def pipeline(self) -> AbstractAsyncContextManager[object]:
        """What is executed inside is sent without waiting for answers; the first error is raised at the end."""
        return self._connection.pipeline()

    async def _run(self, statement: Statement[Row], values: dict[str, Any]) -> AsyncCursor[Row]:
        cursor = AsyncRawCursor(self._connection, row_factory=statement.rows)
        return await cursor.execute(statement.query, statement.arguments(values))


class EnclosingTransaction(Protocol):
    """The transaction of a whole request (web/idempotency.py)."""

    is_finished: bool

    @property
    def is_open(self) -> bool: ...
    def encloses(self, database: "Database", *, only_reads: bool = False) -> bool: ...
    def savepoint(self) -> AbstractAsyncContextManager[Transaction]: ...
    def after_commit(self, callback: Callable[[], None]) -> None: ...
    async def link_idempotency_key(self, resource_id: UUID) -> None: ...
    async def commit_without_reply(self) -> None: ...


# Every transaction of a request that has one of its own is a savepoint in it, whoever begins it.
REQUEST_TRANSACTION: ContextVar[EnclosingTransaction | None] = ContextVar("REQUEST_TRANSACTION", default=None)


class Database(Rows):
    """Pools of connections that outlive restarts of PostgreSQL and never wait without end.

    Requests have one, and background tasks another: however many requests wait for a connection, events are handled
    and sent. Without `background_connections` both share one, which is called `pool` in metrics.

    `psycopg.OperationalError` says that the database is away, overloaded or too slow. After one from a transaction
    nobody knows whether it was committed: only an idempotent use case may be repeated. `parameters` are PostgreSQL's.
    """

    def __init__(
        self, url: str, *, name: str, connections: int = 8, background_connections: int = 4,
        pool: str = "requests", pool_timeout: float = 2.0, transaction_timeout: float = 5.0, **parameters: str,
    ) -> None:  # fmt: skip
        self.url, self._pool_timeout, self._transaction_timeout = url, pool_timeout, transaction_timeout
        defaults = {
            "timezone": "UTC", "statement_timeout": f"{transaction_timeout * 0.9}s", "lock_timeout": "2s",
            # What is left open by a process that hangs, or whose host is gone, must not keep others waiting for long.
            "idle_in_transaction_session_timeout": f"{transaction_timeout}s",
            "tcp_keepalives_idle": "2", "tcp_keepalives_interval": "1", "tcp_keepalives_count": "3",
        }  # fmt: skip
        self._keywords: dict[str, Any] = {"autocommit": True, "prepare_threshold": 0, "connect_timeout": 2}
        self._keywords |= {"application_name": name, "options": _options(defaults | parameters)}
        self._request_pool = self._background_pool = self._create_pool(connections, name)
        self.pools = {pool: self._request_pool}
        if background_connections:
            self._background_pool = self._create_pool(background_connections, f"{name} in the background")
            self.pools["background"] = self._background_pool

    def _create_pool(self, connections: int, name: str) -> AsyncConnectionPool[Connection]:
        # Few are kept while few are needed: one that is used often finds its plans and caches warm on the server.
        return AsyncConnectionPool[Connection](
            self.url, kwargs=self._keywords, name=name, open=False, min_size=min(2, connections), max_size=connections,
            timeout=self._pool_timeout, max_waiting=16 * connections,
            reconnect_timeout=0.2, reconnect_failed=_reconnect,
        )  # fmt: skip

    async def __aenter__(self) -> Self:
        for pool in self.pools.values():
            await pool.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        for pool in self.pools.values():
            await pool.close()

    async def fetch_one(self, statement: Statement[Row], **values: Any) -> Row | None:
        return await self._run(statement, lambda tx: tx.fetch_one(statement, **values))

    async def fetch_all(self, statement: Statement[Row], **values: Any) -> list[Row]:
        return await self._run(statement, lambda tx: tx.fetch_all(statement, **values))

    async def execute(self, statement: Statement[Any], **values: Any) -> int:
        return await self._run(statement, lambda tx: tx.execute(statement, **values))

    async def lock(self, row: RowLock[Row], **values: Any) -> Row | None:
        """Raises: TypeError, because nothing stays locked outside a transaction."""
        raise TypeError("rows are locked in a transaction")

    async def probe(self) -> None:
        """Raise unless the database answers."""
        await self.fetch_one(PING_STATEMENT)

    async def _run(self, statement: Statement[Any], run: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """A read that lost its connection is made again; a write never is."""
        request = REQUEST_TRANSACTION.get()
        if request is not None and request.encloses(self, only_reads=statement.only_reads):
            async with request.savepoint() as transaction:
                return await run(transaction)
        repeat_until = monotonic() + self._pool_timeout if statement.only_reads else 0.0
        while True:
            async with self.pooled_connection() as connection:
                try:
                    return await run(Transaction(connection))
                except OperationalError:
                    if not connection.closed or monotonic() > repeat_until:
                        raise

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        request = REQUEST_TRANSACTION.get()
        if request is not None and request.encloses(self):
            async with request.savepoint() as transaction:
                yield transaction
        else:
            async with self.pooled_connection() as connection, connection.transaction():
                yield Transaction(connection)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call it now, or once the transaction that encloses the one just left is committed."""
        request = REQUEST_TRANSACTION.get()
        if request is not None and request.encloses(self):
            request.after_commit(callback)
        else:
            callback()

    @asynccontextmanager
    async def dedicated_connection(self, **parameters: str) -> AsyncIterator[Connection]:
        """A connection of one's own, for LISTEN and for locks that live exactly as long as it does."""
        keywords = dict(self._keywords)
        keywords["options"] += _options(parameters)
        async with await AsyncConnection.connect(self.url, **keywords) as connection:
            yield connection

    def pooled_connection(self) -> "PooledConnection":
        """A connection of the pool, for as long as a transaction may take."""
        pool = self._background_pool if IS_BACKGROUND_TASK.get() else self._request_pool
        return PooledConnection(pool, self._transaction_timeout)


class PooledConnection:
    """A connection of a pool, and a watchdog that hangs up on a server that does not answer for so many seconds.

    Not a generator: around every statement, that and `abort_connection_after` cost a sixth of it.
    """

    def __init__(self, pool: AsyncConnectionPool[Connection], seconds: float) -> None:
        self._pool, self._seconds = pool, seconds

    async def __aenter__(self) -> Connection:
        while has_pending_input(
            connection := await self._pool.getconn(time_left(self._pool.timeout))
        ):  # as a rule, the server has ended it
            await connection.close()
            await self._pool.putconn(connection)
        self._connection = connection
        self._watchdog = asyncio.get_running_loop().call_later(self._seconds, _hang_up, connection)
        return connection

    async def __aexit__(self, *_: object) -> None:
        self._watchdog.cancel()
        await self._pool.putconn(self._connection)


def pools_collector(databases: Iterable[Database]) -> Collector:
    """How the pools of the databases are used, for Prometheus, each of which has a label of its own."""

    async def collect() -> tuple[dict[tuple[str, ...], float], ...]:
        stats = {(label,): pool.get_stats() for database in databases for label, pool in database.pools.items()}
        return tuple(
            {labels: used.get(name, 0) for labels, used in stats.items()}
            for name in ("pool_size", "pool_available", "requests_waiting")
        )

    return Collector(collect, CONNECTIONS_GAUGE, IDLE_CONNECTIONS_GAUGE, WAITING_REQUESTS_GAUGE, cache_seconds=0)


def _options(parameters: Mapping[str, str]) -> str:
    return "".join(f" -c {name}={value}" for name, value in parameters.items())


@contextmanager
def abort_connection_after(seconds: float, connection: Connection) -> Iterator[None]:
    """Hang up on a server that does not answer: psycopg, waiting for the socket, then raises OperationalError."""
    watchdog = asyncio.get_running_loop().call_later(seconds, _hang_up, connection)
    try:
        yield
    finally:
        watchdog.cancel()


def _hang_up(connection: Connection) -> None:
    if not connection.closed:
        with socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)


def has_pending_input(connection: Connection) -> bool:
    """Whether the server has said something unasked: that it has ended the connection, a notification, or a setting."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


async def _reconnect(pool: AsyncConnectionPool[Any]) -> None:
    """Keep connecting, without the pool's doubling pauses: callers already waiting must see the server return."""
    await pool.check()
