"""Carts as hashes in Redis."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from datetime import timedelta
from itertools import chain
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec
from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript

from services.cart.changes import ADD, CHANGE, TAKE_ORDERED
from services.cart.domain import MOST_LINES, MOST_PIECES, Cart, Line
from services.cart.errors import CartFull, CurrencyMix, LineNotFound, TooManyPieces
from services.chassis.refusals import Unavailable

KEEP = int(timedelta(days=30).total_seconds())  # a cart that nobody changes, and an event; no topic keeps one longer
PATIENCE = 1.0  # seconds for a connection, and for an answer
AWAY = (
    exceptions.ConnectionError,  # also while it loads its data, and when all connections are taken
    exceptions.TimeoutError,
    exceptions.OutOfMemoryError,
    exceptions.ReadOnlyError,  # it has become a replica
    exceptions.ClusterDownError,
    OSError,
)

REFUSED = {"cart-full": CartFull, "too-many-pieces": TooManyPieces, "line-not-found": LineNotFound}
_decoder = msgspec.json.Decoder(Line, strict=False)


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
        self._take_ordered = redis.register_script(TAKE_ORDERED)

    async def probe(self) -> None:
        """Raise unless the server answers."""
        await self._redis.ping()

    async def of(self, user_id: UUID) -> Cart:
        with _faults_translated():
            return _cart(await self._redis.hvals(_key(user_id, "lines")))

    async def add(self, user_id: UUID, line: Line) -> Cart:
        # The price as text, for Lua, which writes the line anew, keeps 14 digits of a number.
        said = msgspec.json.encode({**asdict(line), "unit_price_cents": str(line.unit_price_cents)})
        args = (str(line.product_id), said, MOST_LINES, MOST_PIECES, KEEP)
        return _cart(await _run(self._add, [_key(user_id, "lines")], args))

    async def change(self, user_id: UUID, product_id: UUID, qty: int, *, line_id: UUID) -> Cart:
        args = (str(product_id), qty, str(line_id), KEEP)
        return _cart(await _run(self._change, [_key(user_id, "lines")], args))

    async def clear(self, user_id: UUID) -> Cart:
        with _faults_translated():
            await self._redis.delete(_key(user_id, "lines"))
        return Cart()

    async def take_ordered(self, user_id: UUID, lines: Mapping[UUID, UUID], *, event_id: UUID) -> None:
        keys = [_key(user_id, "lines"), _key(user_id, f"seen:{event_id}")]
        await _run(self._take_ordered, keys, (KEEP, *map(str, chain.from_iterable(lines.items()))))


def _key(user_id: UUID, what: str) -> str:
    """A key of one cart: what is in braces decides where a cluster keeps it, so that a script has all in one place."""
    return f"cart:{{{user_id}}}:{what}"


def _cart(kept: Iterable[bytes | str]) -> Cart:
    return Cart(tuple(sorted(map(_decoder.decode, kept), key=attrgetter("added_at", "product_id"))))


async def _run(script: AsyncScript, keys: list[str], args: tuple[Any, ...]) -> Any:
    with _faults_translated():
        code, *said = await script(keys, args)
    match code.decode():
        case "":
            return said[0]
        case "currency-mix":
            raise CurrencyMix(f"The cart is in {said[0].decode()}")
        case refused:
            raise REFUSED[refused]


@contextmanager
def _faults_translated() -> Iterator[None]:
    try:
        yield
    except AWAY as fault:
        raise Unavailable from fault
