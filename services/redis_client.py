"""Redis as services use it: one connection's failure is told at once, and nothing is sent twice."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from chassis.web.problems import Unavailable

TIMEOUT_SECONDS = 1.0  # for a connection, and for an answer
AWAY = (
    exceptions.ConnectionError,  # also while it loads its data, and when all connections are taken
    exceptions.TimeoutError,
    exceptions.OutOfMemoryError,
    exceptions.ReadOnlyError,  # it has become a replica
    exceptions.ClusterDownError,  # or a replica without its master
    exceptions.LockError,
    exceptions.NoPermissionError,  # its user may not do this: an operator has to mend that
    OSError,
)
AWAY_CODES = ("NOREPLICAS", "MISCONF")  # it takes no writes: too few replicas, or a disk that is full


@asynccontextmanager
async def connect(url: str, *, max_connections: int = 32) -> AsyncIterator[Redis]:
    """A client whose commands are never retried: an addition must not be made twice."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=max_connections,
        timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        # redis-py 8.1 does not notice that a pooled connection of protocol 3 was closed, and would fail its next use.
        protocol=2,
    )
    async with Redis(connection_pool=pool) as redis:
        yield redis
    await pool.disconnect()


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise Unavailable for what another time may go well."""
    try:
        yield
    except AWAY as error:
        raise Unavailable from error
    except exceptions.ResponseError as error:
        if any(code in str(error) for code in AWAY_CODES):  # of a transaction, its text begins with the command
            raise Unavailable from error
        raise
