"""Passwords and their hashes: argon2id, off the event loop, by few threads with a short queue."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from services.chassis.refusals import Unavailable

T = TypeVar("T")

# OWASP's second choice of five that are worth the same: 19 MiB, 21 ms of one core here.
ARGON2ID = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)


class Passwords:
    """Two are hashed at a time, twenty wait, more are told to come back."""

    def __init__(self, hasher: PasswordHasher = ARGON2ID, *, threads: int = 2, waiting: int = 20) -> None:
        self._hasher, self._most, self._busy = hasher, threads + waiting, 0
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._nobodys = hasher.hash(secrets.token_urlsafe())

    async def hashed(self, password: str) -> str:
        return await self._run(lambda: self._hasher.hash(password))

    async def match(self, password: str, kept: str | None) -> bool:
        right = await self._run(lambda: self._verify(kept or self._nobodys, password))
        return right and kept is not None

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except VerifyMismatchError:
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._busy >= self._most:
            raise Unavailable
        self._busy += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._busy -= 1
