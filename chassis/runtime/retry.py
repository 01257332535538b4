"""Waiting that always ends, and what is worth waiting for."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable
from typing import Protocol, TypeVar

import psycopg
import structlog

T = TypeVar("T")
SCHEMA_ERRORS = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.InvalidSchemaName)
log = structlog.get_logger(__name__)


class TransientError(Exception):
    """Something this work needs is away for now: trying again later may help."""


class ProcessRestartRequired(Exception):
    """A background task cannot go on in this process; a new one may."""


class Stoppable(Protocol):
    async def stop(self) -> None: ...


def is_transient(error: BaseException) -> bool:
    """Whether waiting may help: the database, its migrations, the network or another service are away."""
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return (error.sqlstate or "")[:2] != "54"  # "program limit exceeded" is operational by name only
    return isinstance(error, (TransientError, TimeoutError, OSError, *SCHEMA_ERRORS))


async def with_timeout(call: Awaitable[T], seconds: float, unless: asyncio.Event | None = None) -> T:
    """The call's answer, or TimeoutError after so many seconds, or on the event, even if the call ignores cancellation.

    aiokafka's commit() and stop() and psycopg's cancellation outlast any asyncio.timeout; here they are left behind.
    """
    task = asyncio.ensure_future(call)
    task.add_done_callback(lambda t: t.cancelled() or t.exception())  # what is left behind fails unheard
    event = [asyncio.ensure_future(unless.wait())] if unless else []
    try:
        await asyncio.wait([task, *event], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waited in (task, *event):
            waited.cancel()
    # aiokafka's stop() can raise CancelledError of its own accord: that must not look like ours.
    if not task.done() or task.cancelled():
        raise TimeoutError(f"no answer within {seconds} s")
    return task.result()


async def stop_with_timeout(*parts: Stoppable) -> None:
    """Close what is being thrown away, in order if it can be."""
    for outcome in await asyncio.gather(*(with_timeout(part.stop(), 2) for part in parts), return_exceptions=True):
        if outcome is not None:
            log.info("not closed in order", trouble=repr(outcome))


async def sleep_unless(stopping: asyncio.Event, seconds: float) -> None:
    """Sleep so long, or until it is time to stop."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)


def backoff_seconds(tries: int, most: float = 30.0) -> float:
    """Seconds to wait after so many failures in a row, a little different each time."""
    return min(0.2 * 2.0 ** min(tries - 1, 20), most) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
