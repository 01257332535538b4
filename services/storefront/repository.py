"""Sessions as hashes in Redis."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from chassis.web.problems import Unavailable
from services.storefront.domain import Account, Session, Tokens

TIMEOUT_SECONDS = 1.0  # for a connection, and for an answer
GUEST_TTL = timedelta(days=30)  # as long as a cart
SIGNED_IN_TTL = timedelta(days=14)  # as long as auth continues a session
REFRESH_SECONDS = 5.0  # in which a refresh ends, whatever becomes of it
CONNECTION_ERRORS = (
    exceptions.ConnectionError,  # also while it loads its data, and when all connections are taken
    exceptions.TimeoutError,
    exceptions.OutOfMemoryError,
    exceptions.ReadOnlyError,  # it has become a replica
    exceptions.LockError,
    OSError,
)
# A session that has ended meanwhile does not come back.
SAVE_TOKENS = "return redis.call('EXISTS', KEYS[1]) == 1 and redis.call('HSET', KEYS[1], 'tokens', ARGV[1])"


@asynccontextmanager
async def connect(url: str, *, max_connections: int = 32) -> AsyncIterator[Redis]:
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=max_connections,
        timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,  # as in services/cart: with 3 a closed connection in the pool goes unnoticed
    )
    async with Redis(connection_pool=pool) as redis:
        yield redis
    await pool.disconnect()


class SessionStore:
    """`ports.SessionStore` in Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis, self._save_tokens = redis, redis.register_script(SAVE_TOKENS)

    async def probe(self) -> None:
        """Raise unless the server answers."""
        await self._redis.ping()

    async def find(self, session_id: str) -> Session | None:
        with _translate_errors():
            fields: Any = await self._redis.hgetall(_key(session_id))
        if not fields:
            return None
        account, tokens = fields.get(b"account"), fields.get(b"tokens")
        return Session(
            session_id,
            fields[b"csrf_token"].decode(),
            msgspec.json.decode(account, type=Account) if account else None,
            msgspec.json.decode(tokens, type=Tokens) if tokens else None,
        )

    async def add(self, session: Session) -> None:
        key = _key(session.id)
        fields: dict[Any, Any] = {"csrf_token": session.csrf_token}
        if session.tokens is not None:
            fields |= {"account": msgspec.json.encode(session.account), "tokens": msgspec.json.encode(session.tokens)}
        with _translate_errors():
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.hset(key, mapping=fields)
                pipeline.expire(key, SIGNED_IN_TTL if session.tokens else GUEST_TTL)
                if session.account is not None:
                    pipeline.sadd(_index(session.account.id), key)
                    pipeline.expire(_index(session.account.id), SIGNED_IN_TTL)
                await pipeline.execute()

    async def save_tokens(self, session: Session, tokens: Tokens) -> None:
        with _translate_errors():
            await self._save_tokens([_key(session.id)], [msgspec.json.encode(tokens)])

    async def remove(self, session: Session) -> None:
        with _translate_errors():
            await self._redis.delete(_key(session.id))
            if session.account is not None:
                await self._redis.srem(_index(session.account.id), _key(session.id))

    async def remove_all(self, account: Account) -> None:
        with _translate_errors():
            keys = await self._redis.smembers(_index(account.id))
            await self._redis.delete(*keys, _index(account.id))

    @asynccontextmanager
    async def refreshing(self, session: Session) -> AsyncIterator[None]:
        lock = self._redis.lock(
            f"{_key(session.id)}:refresh", timeout=REFRESH_SECONDS, blocking_timeout=REFRESH_SECONDS, sleep=0.05
        )
        with _translate_errors():
            if not await lock.acquire():
                raise Unavailable
        try:
            yield
        finally:
            with _translate_errors():
                if await lock.owned():
                    await lock.release()


def _key(session_id: str) -> str:
    """Whoever reads the store cannot sign in by what is in it."""
    return f"session:{sha256(session_id.encode()).hexdigest()}"


def _index(account_id: UUID) -> str:
    return f"sessions-of:{account_id}"


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except CONNECTION_ERRORS as error:
        raise Unavailable from error
