"""Run duties beside a test, for as long as it takes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager


@asynccontextmanager
async def running_in_background(*duties: Callable[[asyncio.Event], Awaitable[None]]) -> AsyncIterator[None]:
    """Inside, the duties run; at the end they are told to stop, and whatever they raised is raised."""
    stopping = asyncio.Event()
    tasks = [asyncio.ensure_future(duty(stopping)) for duty in duties]
    try:
        yield
    finally:
        stopping.set()
        await asyncio.gather(*tasks)
