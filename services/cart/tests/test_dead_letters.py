"""The list of dead letters in Redis, which never takes the room of the carts."""

from datetime import timedelta
from uuid import UUID

import pytest

from chassis.events import dead_letter_table
from chassis.events.dead_letters import DeadLetterStatus
from chassis.testing.dead_letters import NOW, DeadLetterStoreTests, make_letter
from services.cart.dead_letters import KEYS, RedisDeadLetters


@pytest.fixture
def store(redis):
    return RedisDeadLetters(redis, max_letters=6)


class TestRedisDeadLetters(DeadLetterStoreTests):
    pass


async def test_of_more_letters_than_there_may_be_the_oldest_go(store, redis):
    for number in range(1, 10):
        await store.put(make_letter(number))
    dismissed = make_letter(9)
    await store.dismiss(dismissed.id)
    await store.put(make_letter(10))

    listed = await store.list_by_status(DeadLetterStatus.OPEN, None, 20)

    assert [letter.offset for letter in listed] == [10, 8, 7, 6, 5, 4]
    assert (await store.find(dismissed.id)).status is DeadLetterStatus.DISMISSED
    assert [await redis.hlen(key) for key in KEYS[:3]] == [7, 7, 0]


async def test_a_letter_of_an_old_event_is_listed_until_the_next_one(store):
    old = make_letter(id=UUID("0098c3c5-0a4e-7c6e-9d26-3f1f4be2c901"))
    await store.put(old)

    assert await store.list_by_status(DeadLetterStatus.OPEN, None, 20) == [old]


async def test_letters_older_than_their_topics_keep_them_go_with_the_next_one(store, redis):
    sent = NOW - dead_letter_table.RETENTION_RULE.retention - timedelta(days=1)
    old = make_letter(id=UUID(int=int(sent.timestamp() * 1000) << 80))
    await redis.zadd(KEYS[4], {str(old.id): 0})
    await redis.hset(KEYS[2], str(old.id), "2026-01-05T12:00:00+00:00")

    await store.put(make_letter())

    assert await store.find(old.id) is None
    assert await store.list_by_status(DeadLetterStatus.REDRIVEN, None, 20) == []
    assert await redis.hlen(KEYS[2]) == 0
