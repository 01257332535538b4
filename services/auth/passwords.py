"""Passwords and their hashes: argon2id, off the event loop, by few threads with a short queue."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from chassis.contracts.texts import is_blank
from chassis.web.problems import InvalidRequest, Unavailable
from generated.common_passwords import COMMON_PASSWORDS
from services.auth.domain import MIN_PASSWORD_LENGTH, PasswordCheck, normalize_password
from services.auth.errors import PasswordTooCommon

T = TypeVar("T")

# OWASP's second choice of five that are worth the same: 19 MiB, 21 ms of one core here.
ARGON2ID_HASHER = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)


def require_acceptable_password(typed: str, pointer: str) -> None:
    """Refuse what nobody should choose, however it is composed; `pointer` says where it stands.

    Raises:
        InvalidRequest: It is blank, or too short when it is composed.
        PasswordTooCommon: It is one of the ten thousand commonest, whatever its capitals and outer blanks.
    """
    password = normalize_password(typed)
    if is_blank(password):
        raise InvalidRequest(errors=[{"pointer": pointer, "rule": "required"}])
    if len(password) < MIN_PASSWORD_LENGTH:
        raise InvalidRequest(errors=[{"pointer": pointer, "rule": "minLength"}])
    if password.strip().casefold() in COMMON_PASSWORDS:
        raise PasswordTooCommon


class PasswordHashService:
    """Two are hashed at a time, twenty wait, more are told to come back."""

    def __init__(self, hasher: PasswordHasher = ARGON2ID_HASHER, *, threads: int = 2, waiting: int = 20) -> None:
        self._hasher, self._max_busy, self._busy = hasher, threads + waiting, 0
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._dummy_hash = hasher.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._hasher.hash(normalize_password(password)))

    async def verify(self, password: str, kept: str | None) -> PasswordCheck:
        checked = await self._run(lambda: self._check(kept or self._dummy_hash, password))
        return checked if kept else PasswordCheck(right=False)

    def _check(self, kept: str, typed: str) -> PasswordCheck:
        password = normalize_password(typed)
        if self._matches(kept, password):
            return PasswordCheck(right=True)
        if typed != password and self._matches(kept, typed):
            return PasswordCheck(right=True, replacement=self._hasher.hash(password))
        return PasswordCheck(right=False)

    def _matches(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except VerifyMismatchError:
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._busy >= self._max_busy:
            raise Unavailable
        self._busy += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._busy -= 1
