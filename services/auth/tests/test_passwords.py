"""Hashing that is strong, off the loop, and bounded."""

import asyncio
import threading

import pytest

from services.auth.passwords import ARGON2ID, Passwords
from services.auth.tests.conftest import CheapHasher
from services.chassis.refusals import Unavailable


async def test_the_hash_is_argon2id_with_the_agreed_cost():
    hashed = await Passwords(ARGON2ID).hashed("a long walk by the quay")

    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_password_matches_its_own_hash_and_no_other():
    passwords = Passwords(CheapHasher())
    kept = await passwords.hashed("a long walk by the quay")

    assert await passwords.match("a long walk by the quay", kept)
    assert not await passwords.match("a long walk by the quaY", kept)
    assert await passwords.hashed("a long walk by the quay") != kept


async def test_without_a_hash_one_as_costly_is_compared_and_never_matches():
    hasher = CheapHasher()
    passwords = Passwords(hasher)

    assert not await passwords.match("a long walk by the quay", None)
    assert [kept.rsplit("$", 2)[0] for kept in hasher.verified] == [hasher.hash("x").rsplit("$", 2)[0]]


async def test_two_are_hashed_at_a_time_twenty_wait_and_one_more_is_refused_at_once():
    gate, busy = threading.Event(), []

    class SlowHasher(CheapHasher):
        def verify(self, hash, password):  # noqa: A002 (argon2's name)
            busy.append(password)
            return gate.wait(10) and super().verify(hash, password)

    passwords = Passwords(SlowHasher())
    waiting = [asyncio.create_task(passwords.match("x", None)) for _ in range(22)]
    await asyncio.sleep(0)

    with pytest.raises(Unavailable):
        await passwords.match("x", None)

    assert len(busy) <= 2
    gate.set()
    assert await asyncio.gather(*waiting) == [False] * 22
    assert not await passwords.match("x", None)
