"""Run tasks beside a test, for as long as it takes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager


@asynccontextmanager
async def running_in_background(*tasks: Callable[[asyncio.Event], Awaitable[None]]) -> AsyncIterator[None]:
    """Inside, the tasks run; at the end they are told to stop, and whatever they raised is raised."""
    stopping = asyncio.Event()
    running = [asyncio.ensure_future(task(stopping)) for task in tasks]
    try:
        yield
    finally:
        stopping.set()
        await asyncio.gather(*running)
