"""Carts as hashes in Redis."""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, replace
from datetime import timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec
from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript

from services.cart.changes import ADD, CHANGE, CLEAR, FIND, TAKE_ORDERED
from services.cart.domain import MOST_ADDITIONS, MOST_PIECES, MOST_PRODUCTS, Addition, Cart
from services.cart.errors import (
    CartFull,
    CurrencyMix,
    LineNotFound,
    ProductUnavailable,
    TooManyAdditions,
    TooManyPieces,
)
from services.cart.ports import PriceNeeded
from services.chassis import idempotency
from services.chassis.idempotency import IdempotencyKey
from services.chassis.refusals import IdempotencyKeyReused, Unavailable
from services.chassis.texts import without_refused

KEEP = int(timedelta(days=30).total_seconds())  # a cart that nobody changes
PATIENCE = 1.0  # seconds for a connection, and for an answer
AWAY = (
    exceptions.ConnectionError,  # also while it loads its data, and when all connections are taken
    exceptions.TimeoutError,
    exceptions.OutOfMemoryError,
    exceptions.ReadOnlyError,  # it has become a replica
    exceptions.ClusterDownError,
    OSError,
)

RETENTION = int(idempotency.RETENTION.total_seconds())
LIMITS = (MOST_PRODUCTS, MOST_PIECES, MOST_ADDITIONS, KEEP)


class NotKnown(Exception):
    """There was no request with this key."""


REFUSED: dict[str, type[Exception]] = {
    "cart-full": CartFull,
    "too-many-pieces": TooManyPieces,
    "too-many-additions": TooManyAdditions,
    "line-not-found": LineNotFound,
    "price-needed": PriceNeeded,
    "product-unavailable": ProductUnavailable,
    "idempotency-key-reused": IdempotencyKeyReused,
    "not-known": NotKnown,
}
_decoder = msgspec.json.Decoder(Addition, strict=False)


@asynccontextmanager
async def connected(url: str, *, connections: int = 32) -> AsyncIterator[Redis]:
    """Connections to a server, which is asked once and never again for the same: an addition must not be made twice."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=PATIENCE,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
        # redis-py 8.1 does not notice that a pooled connection of protocol 3 was closed, and would fail its next use.
        protocol=2,
    )
    async with Redis(connection_pool=pool) as redis:
        yield redis
    await pool.disconnect()


class Carts:
    """The carts. Faults of the server are Unavailable; whether a change was made is then not known."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._add, self._change = redis.register_script(ADD), redis.register_script(CHANGE)
        self._clear, self._take_ordered = redis.register_script(CLEAR), redis.register_script(TAKE_ORDERED)
        self._find = redis.register_script(FIND)

    async def probe(self) -> None:
        """Raise unless the server answers."""
        await self._redis.ping()

    async def of(self, user_id: UUID) -> Cart:
        with _faults_translated():
            (lines,) = _keys(user_id)
            return _cart(await self._redis.hgetall(lines))

    async def find(self, user_id: UUID, key: IdempotencyKey) -> Cart | None:
        try:
            return await _run(self._find, user_id, key.fingerprint.hex(), key=key)
        except NotKnown:
            return None

    async def add(self, user_id: UUID, addition: Addition | None, key: IdempotencyKey | None = None) -> Cart:
        added = [_encoded(addition)] if addition else []
        once = (key.fingerprint.hex() if key else "", RETENTION)
        return await _run(self._add, user_id, *once, *LIMITS, *added, key=key)

    async def change(self, user_id: UUID, product_id: UUID, qty: int, more: Addition | None = None) -> Cart:
        added = [_encoded(more)] if more else []
        return await _run(self._change, user_id, *LIMITS, str(product_id), qty, *added)

    async def clear(self, user_id: UUID) -> Cart:
        return await _run(self._clear, user_id, KEEP)

    async def take_ordered(self, user_id: UUID, addition_ids: Collection[UUID]) -> None:
        await _run(self._take_ordered, user_id, *map(str, addition_ids))


def _keys(user_id: UUID, key: IdempotencyKey | None = None) -> list[str]:
    """Where a cart is, and the outcome of a request: by what is in braces a cluster keeps them in one place."""
    cart = f"cart:{{{user_id}}}"
    return [f"{cart}:lines", f"{cart}:key:{key.value}"] if key else [f"{cart}:lines"]


def _encoded(addition: Addition) -> bytes:
    # The price as text, for Lua, which writes it anew, keeps 14 digits of a number.
    return msgspec.json.encode({**asdict(addition), "unit_price_cents": str(addition.unit_price_cents)})


def _cart(kept: Mapping[Any, Any]) -> Cart:
    additions = [_decoded(value) for field, value in kept.items() if field != b"revision"]
    oldest_first = sorted(additions, key=attrgetter("revision", "added_at", "product_id"))
    return Cart(tuple(oldest_first), int(kept.get(b"revision", 0)))


def _decoded(value: bytes) -> Addition:
    addition = _decoder.decode(value)
    # Of version 1, whose titles could have characters that no answer may say any more.
    return addition if addition.revision else replace(addition, title=without_refused(addition.title))


async def _run(script: AsyncScript, user_id: UUID, *args: Any, key: IdempotencyKey | None = None) -> Cart:
    with _faults_translated():
        code, *rest = await script(_keys(user_id, key), args)
    match code.decode():
        case "":
            (kept,) = rest
            return _cart(dict(zip(kept[::2], kept[1::2], strict=True)))
        case "currency-mix":
            raise CurrencyMix(f"The cart is in {rest[0].decode()}")
        case refused:
            raise REFUSED[refused]


@contextmanager
def _faults_translated() -> Iterator[None]:
    try:
        yield
    except AWAY as fault:
        raise Unavailable from fault
