"""The list of dead letters in Redis, of which there may be so many that carts keep their room."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from redis.asyncio import Redis

from chassis.events import dead_letter_table
from chassis.events.dead_letters import DeadLetter, DeadLetterStatus
from services.redis_client import translate_errors

MAX_LETTERS = 5000  # in each state; beyond them the oldest are on their topics only
STATES = tuple(DeadLetterStatus)
# What is known of each letter, its state, when it was redriven, and for each state the ids in it, in their order. The
# hash tag in braces has a cluster keep all on one node.
KEYS = [f"{{dead-letters}}:{name}" for name in ("facts", "states", "redriven", *STATES)]
PUT_SCRIPT = """
local id, facts, oldest, most = unpack(ARGV)
for i = 4, #KEYS do redis.call('ZREM', KEYS[i], id) end
redis.call('ZADD', KEYS[4], 0, id)
redis.call('HSET', KEYS[1], id, facts)
redis.call('HSET', KEYS[2], id, 'OPEN')
for i = 4, #KEYS do
    local gone = redis.call('ZRANGEBYLEX', KEYS[i], '-', '(' .. oldest, 'LIMIT', 0, 100)
    for _, one in ipairs(redis.call('ZRANGE', KEYS[i], 0, -1 - most)) do gone[#gone + 1] = one end
    for _, one in ipairs(gone) do
        if one ~= id then
            redis.call('ZREM', KEYS[i], one)
            for hash = 1, 3 do redis.call('HDEL', KEYS[hash], one) end
        end
    end
end
"""
MOVE_SCRIPT = """
local id, to, allowed, facts, redriven_at = unpack(ARGV)
local state = redis.call('HGET', KEYS[2], id)
if not state then return end
if redriven_at ~= '' then redis.call('HSET', KEYS[3], id, redriven_at) end
if not string.find(allowed, state, 1, true) then return end
if facts ~= '' and redis.call('HGET', KEYS[1], id) ~= facts then return end
for i = 4, #KEYS do redis.call('ZREM', KEYS[i], id) end
redis.call('ZADD', KEYS[4 + to], 0, id)
redis.call('HSET', KEYS[2], id, string.match(KEYS[4 + to], '[A-Z]+'))
"""


class RedisDeadLetters:
    """`DeadLetterStore` in Redis.

    Each method raises Unavailable when the server fails.
    """

    def __init__(self, redis: Redis, *, max_letters: int = MAX_LETTERS) -> None:
        self._redis, self._max_letters = redis, max_letters
        self._put, self._move = redis.register_script(PUT_SCRIPT), redis.register_script(MOVE_SCRIPT)

    async def put(self, letter: DeadLetter) -> None:
        oldest = datetime.now(UTC) - dead_letter_table.RETENTION_RULE.retention
        oldest_id = UUID(int=int(oldest.timestamp() * 1000) << 80)
        with translate_errors():
            await self._put(KEYS, [str(letter.id), _facts(letter), str(oldest_id), self._max_letters])

    async def find(self, letter_id: UUID) -> DeadLetter | None:
        with translate_errors():
            async with self._redis.pipeline(transaction=True) as pipeline:
                for key in KEYS[:3]:
                    pipeline.hget(key, str(letter_id))
                facts, state, redriven_at = await pipeline.execute()
        return _to_letter(facts, DeadLetterStatus(state.decode()), redriven_at) if facts and state else None

    async def list_by_status(self, status: DeadLetterStatus, before: UUID | None, limit: int) -> Sequence[DeadLetter]:
        newest = f"({before}" if before else "+"
        with translate_errors():
            ids = await self._redis.zrevrangebylex(KEYS[3 + STATES.index(status)], newest, "-", start=0, num=limit)
            if not ids:
                return []
            found: list[list[bytes]] = [await self._redis.hmget(key, ids) for key in (KEYS[0], KEYS[2])]  # type: ignore[misc]
        return [_to_letter(facts, status, redriven_at) for facts, redriven_at in zip(*found, strict=True) if facts]

    async def mark_redriven(self, letter: DeadLetter) -> None:
        unhandled = set(STATES) - {DeadLetterStatus.HANDLED}
        now = datetime.now(UTC).isoformat()
        await self._move_to(DeadLetterStatus.REDRIVEN, letter.id, unhandled, _facts(letter), now)

    async def mark_handled(self, letter_id: UUID) -> None:
        await self._move_to(DeadLetterStatus.HANDLED, letter_id, set(STATES))

    async def dismiss(self, letter_id: UUID) -> None:
        await self._move_to(DeadLetterStatus.DISMISSED, letter_id, {DeadLetterStatus.OPEN})

    async def count_open(self) -> int:
        with translate_errors():
            return int(await self._redis.zcard(KEYS[3]))

    async def _move_to(
        self, to: DeadLetterStatus, letter_id: UUID, allowed: set[DeadLetterStatus], facts: bytes = b"", at: str = ""
    ) -> None:
        with translate_errors():
            await self._move(KEYS, [str(letter_id), STATES.index(to), " ".join(allowed), facts, at])


def _facts(letter: DeadLetter) -> bytes:
    """What is known of a letter, the same until it fails again."""
    return msgspec.json.encode(msgspec.structs.replace(letter, status=DeadLetterStatus.OPEN, redriven_at=None))


def _to_letter(facts: bytes, status: DeadLetterStatus, redriven_at: bytes | None) -> DeadLetter:
    at = datetime.fromisoformat(redriven_at.decode()) if redriven_at else None
    return msgspec.structs.replace(msgspec.json.decode(facts, type=DeadLetter), status=status, redriven_at=at)
