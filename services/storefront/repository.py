"""Sessions, and carts of guests, as hashes in Redis."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
import structlog
from redis.asyncio import Redis

from chassis.web.problems import Unavailable
from services.redis_client import translate_errors
from services.storefront.domain import Account, GuestLine, Session, Tokens, TypedForm

log = structlog.get_logger()

GUEST_TTL = timedelta(days=30)  # as long as a cart
NEW_GUEST_TTL = timedelta(hours=1)  # until the cookie comes back for the first time
MAX_NEW_GUESTS, NEW_GUESTS_SECONDS = 300, 3600  # from one network address, behind which a whole company may be
SIGNED_IN_TTL = timedelta(days=14)  # as long as auth continues a session
MAX_SESSIONS = 20  # of one account, of which the oldest end first
REFRESH_SECONDS = 5.0  # in which a refresh ends, whatever becomes of it
MAX_PRODUCTS, MAX_QUANTITY = 50, 99  # as in services/cart
MAX_KEYS, KEY_LENGTH = 100, 22  # of the newest forms that a guest's cart knows, and of the hash of each
CLOSED_TTL = timedelta(days=1)  # for what is still on its way to a cart that was merged
# A session that has ended meanwhile does not come back.
SAVE_FIELD_SCRIPT = "return redis.call('EXISTS', KEYS[1]) == 1 and redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])"
# Sessions of an account by the time they began; a second is too long to tell the oldest by.
INDEX_SCRIPT = """
local session, ttl, max_sessions = unpack(ARGV)
local seconds, microseconds = unpack(redis.call('TIME'))
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', seconds - ttl)
redis.call('ZADD', KEYS[1], string.format('%d.%06d', seconds, microseconds), session)
for _, oldest in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1 - max_sessions)) do
    redis.call('DEL', oldest)
    redis.call('ZREM', KEYS[1], oldest)
end
redis.call('EXPIRE', KEYS[1], ttl)
"""
# In one step, so that a session that begins meanwhile is ended by it or in the index for the next time.
END_ALL_SCRIPT = """
for _, session in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do redis.call('DEL', session) end
redis.call('DEL', KEYS[1])
"""
CHECKOUT_KEY_SCRIPT = """
local fingerprint, proposed, renew = unpack(ARGV)
local stored, key = string.match(redis.call('HGET', KEYS[1], 'checkout') or '', '^(%S+) (%S+)$')
if stored == fingerprint and renew ~= '1' then return key end
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'checkout', fingerprint .. ' ' .. proposed) end
return proposed
"""
ADD_SCRIPT = """
local product, qty, currency, max_products, max_quantity, max_keys, ttl, key = unpack(ARGV)
if redis.call('HEXISTS', KEYS[1], 'closed') == 1 then return 'cart-closed' end
local keys = {}
for known in string.gmatch(redis.call('HGET', KEYS[1], 'keys') or '', '%S+') do
    if known == key then return '' end
    table.insert(keys, known)
end
local products, present = 0, 0
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
    if fields[i] ~= 'keys' then
        local line = cjson.decode(fields[i + 1])
        if line.currency ~= currency then return 'currency-mix' end
        products = products + 1
        if fields[i] == product then present = line.qty end
    end
end
if present == 0 and products >= tonumber(max_products) then return 'cart-full' end
if present + qty > tonumber(max_quantity) then return 'too-many-pieces' end
table.insert(keys, key)
if #keys > tonumber(max_keys) then table.remove(keys, 1) end
redis.call('HSET', KEYS[1], 'keys', table.concat(keys, ' '))
redis.call('HSET', KEYS[1], product, cjson.encode({qty = present + qty, currency = currency}))
redis.call('EXPIRE', KEYS[1], ttl)
return ''
"""
SET_QUANTITY_SCRIPT = """
local product, qty, ttl = unpack(ARGV)
if redis.call('HEXISTS', KEYS[1], 'closed') == 1 then return 'cart-closed' end
local line = redis.call('HGET', KEYS[1], product)
if not line then return '' end
if qty == '0' then
    redis.call('HDEL', KEYS[1], product)
else
    line = cjson.decode(line)
    line.qty = tonumber(qty)
    redis.call('HSET', KEYS[1], product, cjson.encode(line))
end
redis.call('EXPIRE', KEYS[1], ttl)
return ''
"""
COUNT_NEW_GUEST_SCRIPT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return count > tonumber(ARGV[1]) and redis.call('TTL', KEYS[1]) or 0
"""
CLOSE_SCRIPT = """
redis.call('HSETNX', KEYS[1], 'closed', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return redis.call('HGETALL', KEYS[1])
"""


class SessionStore:
    """`ports.SessionStore` in Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis, self._save_field = redis, redis.register_script(SAVE_FIELD_SCRIPT)
        self._checkout_key = redis.register_script(CHECKOUT_KEY_SCRIPT)
        self._count_new_guest = redis.register_script(COUNT_NEW_GUEST_SCRIPT)

    async def probe(self) -> None:
        """Raise unless the server answers."""
        await self._redis.ping()

    async def find(self, session_id: str) -> Session | None:
        with translate_errors():
            fields: Any = await self._redis.hgetall(_key(session_id))
        if not fields:
            return None
        account, tokens = fields.get(b"account"), fields.get(b"tokens")
        try:
            return Session(
                session_id,
                fields[b"csrf_token"].decode(),
                msgspec.json.decode(account, type=Account) if account else None,
                msgspec.json.decode(tokens, type=Tokens) if tokens else None,
                int(fields.get(b"cart_pieces", 0)),
                b"new" in fields,
                msgspec.json.decode(fields[b"typed"], type=TypedForm) if b"typed" in fields else None,
            )
        except (msgspec.DecodeError, KeyError, ValueError) as error:
            log.warning("session of another release", fault=type(error).__name__)
            return None

    async def add(self, session: Session, guest: Session | None = None) -> None:
        key = _key(session.id)
        fields: dict[Any, Any] = {"csrf_token": session.csrf_token}
        if session.is_new:
            fields["new"] = ""
        if session.typed is not None:
            fields["typed"] = msgspec.json.encode(session.typed)
        if session.tokens is not None:
            fields |= {"account": msgspec.json.encode(session.account), "tokens": msgspec.json.encode(session.tokens)}
        with translate_errors():
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.hset(key, mapping=fields)
                guest_ttl = NEW_GUEST_TTL if session.is_new else GUEST_TTL
                pipeline.expire(key, SIGNED_IN_TTL if session.tokens else guest_ttl)
                if session.account is not None:
                    index = _index(session.account.id)
                    pipeline.eval(INDEX_SCRIPT, 1, index, key, _seconds(SIGNED_IN_TTL), MAX_SESSIONS)
                if session.account is not None and guest is not None:
                    pipeline.sadd(_handed_over(session.account.id), _digest(guest.id))
                    pipeline.expire(_handed_over(session.account.id), GUEST_TTL)
                await pipeline.execute()

    async def save_tokens(self, session: Session, tokens: Tokens) -> None:
        with translate_errors():
            await self._save_field([_key(session.id)], ["tokens", msgspec.json.encode(tokens)])

    async def forget_typed(self, session: Session) -> None:
        with translate_errors():
            await self._redis.hdel(_key(session.id), "typed")

    async def wait_for_new_guest(self, address: str) -> int:
        with translate_errors():
            wait: Any = await self._count_new_guest(
                [f"new-guests:{_digest(address)}"], [MAX_NEW_GUESTS, NEW_GUESTS_SECONDS]
            )
        return int(wait)

    async def keep(self, session: Session) -> None:
        with translate_errors():
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.hdel(_key(session.id), "new")
                pipeline.expire(_key(session.id), GUEST_TTL)
                pipeline.expire(_cart(_digest(session.id)), GUEST_TTL)
                await pipeline.execute()

    async def extend(self, session: Session) -> None:
        with translate_errors():
            await self._redis.expire(_key(session.id), GUEST_TTL)

    async def save_cart_pieces(self, session: Session, pieces: int) -> None:
        with translate_errors():
            await self._save_field([_key(session.id)], ["cart_pieces", pieces])

    async def checkout_key(self, session: Session, fingerprint: str, proposed: str, *, renew: bool) -> str:
        with translate_errors():
            key: Any = await self._checkout_key([_key(session.id)], [fingerprint, proposed, int(renew)])
        return str(key.decode())

    async def remove(self, session: Session) -> None:
        with translate_errors():
            await self._redis.delete(_key(session.id))
            if session.account is not None:
                await self._redis.zrem(_index(session.account.id), _key(session.id))

    async def remove_all(self, account_id: UUID) -> None:
        with translate_errors():
            await self._redis.eval(END_ALL_SCRIPT, 1, _index(account_id))

    @asynccontextmanager
    async def refreshing(self, session: Session) -> AsyncIterator[None]:
        name = f"{_key(session.id)}:refresh"
        lock = self._redis.lock(name, timeout=REFRESH_SECONDS, blocking_timeout=REFRESH_SECONDS, sleep=0.05)
        with translate_errors():
            if not await lock.acquire():
                raise Unavailable
        try:
            yield
        finally:
            with translate_errors():
                if await lock.owned():
                    await lock.release()


class GuestCartStore:
    """`ports.GuestCartStore` in Redis: a hash for each cart, which each change reads and writes whole."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._add = redis.register_script(ADD_SCRIPT)
        self._set_quantity = redis.register_script(SET_QUANTITY_SCRIPT)
        self._close = redis.register_script(CLOSE_SCRIPT)

    def cart_id(self, session: Session) -> str:
        return _digest(session.id)

    async def read(self, cart_id: str) -> list[GuestLine]:
        with translate_errors():
            fields: Any = await self._redis.hgetall(_cart(cart_id))
        return _guest_lines(fields)

    async def add(self, cart_id: str, line: GuestLine, key: str, *, is_new: bool = False) -> str | None:
        limits = [MAX_PRODUCTS, MAX_QUANTITY, MAX_KEYS, _seconds(NEW_GUEST_TTL if is_new else GUEST_TTL)]
        arguments: list[str | int] = [str(line.product_id), line.qty, line.currency, *limits, _digest(key)[:KEY_LENGTH]]
        with translate_errors():
            code = await self._add([_cart(cart_id)], arguments)
        return code.decode() or None

    async def set_quantity(self, cart_id: str, product_id: UUID, qty: int) -> str | None:
        with translate_errors():
            code = await self._set_quantity([_cart(cart_id)], [str(product_id), qty, _seconds(GUEST_TTL)])
        return code.decode() or None

    async def handed_over(self, account_id: UUID) -> list[str]:
        with translate_errors():
            cart_ids: Any = await self._redis.smembers(_handed_over(account_id))
        return sorted(cart_id.decode() for cart_id in cart_ids)

    async def close(self, cart_id: str, now: datetime) -> tuple[datetime, list[GuestLine]]:
        with translate_errors():
            flat = await self._close([_cart(cart_id)], [now.timestamp(), _seconds(GUEST_TTL)])
        fields = dict(zip(flat[::2], flat[1::2], strict=True))
        return datetime.fromtimestamp(float(fields[b"closed"]), UTC), _guest_lines(fields)

    async def remove(self, cart_id: str, product_id: UUID) -> None:
        with translate_errors():
            await self._redis.hdel(_cart(cart_id), str(product_id))

    async def refuse(self, cart_id: str, line: GuestLine) -> None:
        value = msgspec.json.encode({"qty": line.qty, "currency": line.currency, "refusal": line.refusal})
        with translate_errors():
            await self._redis.hset(_cart(cart_id), str(line.product_id), value)

    async def forget(self, account_id: UUID, cart_id: str) -> None:
        with translate_errors():
            await self._redis.srem(_handed_over(account_id), cart_id)
            await self._redis.expire(_cart(cart_id), CLOSED_TTL)


def _guest_lines(fields: Mapping[bytes, bytes]) -> list[GuestLine]:
    return [
        msgspec.convert({"product_id": name.decode(), **msgspec.json.decode(value)}, GuestLine)
        for name, value in fields.items()
        if name not in (b"closed", b"keys")
    ]


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())


def _digest(session_id: str) -> str:
    """Whoever reads the store cannot sign in by what is in it."""
    return sha256(session_id.encode()).hexdigest()


def _key(session_id: str) -> str:
    return f"session:{_digest(session_id)}"


def _cart(cart_id: str) -> str:
    return f"guest-cart:{cart_id}"


def _handed_over(account_id: UUID) -> str:
    return f"guest-carts-of:{account_id}"


def _index(account_id: UUID) -> str:
    return f"sessions-by-age:{account_id}"
