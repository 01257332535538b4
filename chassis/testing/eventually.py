"""Wait for what must come true, and say what was seen when it did not."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast, overload

T = TypeVar("T")
POLL_INTERVAL = 0.02  # seconds
WITHIN = 30.0  # seconds: three processes that start on a machine with others at work take ten


@overload
async def eventually(condition: Callable[[], Awaitable[T]], within: float = WITHIN) -> T: ...
@overload
async def eventually(condition: Callable[[], T], within: float = WITHIN) -> T: ...
async def eventually(condition: Callable[[], T | Awaitable[T]], within: float = WITHIN) -> T:
    """The first truth the condition says; what it says before, or asserts in vain, is asked again.

    Raises:
        AssertionError: It did not come true in so many seconds; with the last thing that was seen.
    """
    until = time.monotonic() + within
    while True:
        seen: object
        try:
            answer = condition()
            seen = await answer if inspect.isawaitable(answer) else answer
        except AssertionError as denied:
            seen = denied
        else:
            if seen:
                return cast("T", seen)
        if time.monotonic() > until:
            raise AssertionError(f"not within {within} s; the last thing seen: {seen!r}")
        await asyncio.sleep(POLL_INTERVAL)


def eventually_sync(condition: Callable[[], T], within: float = WITHIN) -> T:
    """The same for a test that has no event loop."""
    until = time.monotonic() + within
    while True:
        seen: object
        try:
            if seen := condition():
                return seen
        except AssertionError as denied:
            seen = denied
        if time.monotonic() > until:
            raise AssertionError(f"not within {within} s; the last thing seen: {seen!r}")
        time.sleep(POLL_INTERVAL)
