"""Carts as hashes in Redis."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec
from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from chassis.contracts.texts import without_forbidden_characters
from chassis.web import idempotency
from chassis.web.idempotency import IdempotencyKey
from chassis.web.problems import IdempotencyKeyReused
from services.cart.domain import MAX_ADDITIONS, MAX_PRODUCTS, MAX_QUANTITY, Addition, Cart
from services.cart.errors import (
    CartFull,
    CurrencyMix,
    KeyNotFound,
    LineNotFound,
    PriceRequired,
    ProductUnavailable,
    TooManyAdditions,
    TooManyPieces,
)
from services.cart.lua_scripts import (
    ADD_SCRIPT,
    CLEAR_SCRIPT,
    FIND_BY_KEY_SCRIPT,
    REMOVE_ORDERED_SCRIPT,
    SET_QUANTITY_SCRIPT,
    TAKE_PRICE_SCRIPT,
)
from services.redis_client import translate_errors

CART_TTL = int(timedelta(days=30).total_seconds())  # a cart that nobody changes
KEY_RETENTION_SECONDS = int(idempotency.RETENTION_RULE.retention.total_seconds())
CART_LIMITS = (MAX_PRODUCTS, MAX_QUANTITY, MAX_ADDITIONS, CART_TTL)


ERRORS_BY_CODE: dict[str, type[Exception]] = {
    "cart-full": CartFull,
    "too-many-pieces": TooManyPieces,
    "too-many-additions": TooManyAdditions,
    "line-not-found": LineNotFound,
    "price-required": PriceRequired,
    "product-unavailable": ProductUnavailable,
    "idempotency-key-reused": IdempotencyKeyReused,
    "key-not-found": KeyNotFound,
}
_decoder = msgspec.json.Decoder(Addition, strict=False)


class CartStore:
    """`ports.CartStore` in Redis.

    Each method raises Unavailable when the server fails; whether a change was made is then not known.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._add, self._set_quantity = redis.register_script(ADD_SCRIPT), redis.register_script(SET_QUANTITY_SCRIPT)
        self._clear, self._remove_ordered = (
            redis.register_script(CLEAR_SCRIPT),
            redis.register_script(REMOVE_ORDERED_SCRIPT),
        )
        self._take_price = redis.register_script(TAKE_PRICE_SCRIPT)
        self._find_by_key = redis.register_script(FIND_BY_KEY_SCRIPT)

    async def probe(self) -> None:
        """Raise unless the server answers."""
        await self._redis.ping()

    async def get(self, user_id: UUID) -> Cart:
        with translate_errors():
            (cart_key,) = _redis_keys(user_id)
            return _to_cart(await self._redis.hgetall(cart_key))

    async def find_by_key(self, user_id: UUID, key: IdempotencyKey) -> Cart | None:
        try:
            return await _run(self._find_by_key, user_id, key.fingerprint.hex(), key=key)
        except KeyNotFound:
            return None

    async def add(self, user_id: UUID, addition: Addition | None, key: IdempotencyKey | None = None) -> Cart:
        encoded = [_encode(addition)] if addition else []
        idempotency_args = (key.fingerprint.hex() if key else "", KEY_RETENTION_SECONDS)
        return await _run(self._add, user_id, *idempotency_args, *CART_LIMITS, *encoded, key=key)

    async def set_quantity(self, user_id: UUID, product_id: UUID, qty: int, addition: Addition | None = None) -> Cart:
        encoded = [_encode(addition)] if addition else []
        return await _run(self._set_quantity, user_id, *CART_LIMITS, str(product_id), qty, *encoded)

    async def take_price(self, user_id: UUID, line_id: UUID, addition: Addition) -> Cart:
        arguments = (str(addition.product_id), str(line_id), _encode(addition), CART_TTL)
        return await _run(self._take_price, user_id, *arguments)

    async def clear(self, user_id: UUID) -> Cart:
        return await _run(self._clear, user_id, CART_TTL)

    async def remove_ordered(self, user_id: UUID, addition_ids: Collection[UUID]) -> None:
        await _run(self._remove_ordered, user_id, *map(str, addition_ids))


def _redis_keys(user_id: UUID, key: IdempotencyKey | None = None) -> list[str]:
    """The keys of a cart and of a request's outcome; the hash tag in braces has a cluster keep both on one node."""
    cart = f"cart:{{{user_id}}}"
    return [f"{cart}:lines", f"{cart}:key:{key.value}"] if key else [f"{cart}:lines"]


def _encode(addition: Addition) -> bytes:
    # The price as text, for Lua, which writes it anew, keeps 14 digits of a number.
    return msgspec.json.encode({**asdict(addition), "unit_price_cents": str(addition.unit_price_cents)})


def _to_cart(fields: Mapping[Any, Any]) -> Cart:
    additions = [_decode(value) for name, value in fields.items() if name != b"revision"]
    oldest_first = sorted(additions, key=attrgetter("revision", "added_at", "product_id"))
    return Cart(tuple(oldest_first), int(fields.get(b"revision", 0)))


def _decode(value: bytes) -> Addition:
    addition = _decoder.decode(value)
    # Of version 1, whose titles could have characters that no answer may say any more.
    return addition if addition.revision else replace(addition, title=without_forbidden_characters(addition.title))


async def _run(script: AsyncScript, user_id: UUID, *args: Any, key: IdempotencyKey | None = None) -> Cart:
    with translate_errors():
        code, *details = await script(_redis_keys(user_id, key), args)
    match code.decode():
        case "":
            (fields,) = details
            return _to_cart(dict(zip(fields[::2], fields[1::2], strict=True)))
        case "currency-mix":
            raise CurrencyMix(f"The cart is in {details[0].decode()}")
        case error_code:
            raise ERRORS_BY_CODE[error_code]
