import asyncio
import time

import psycopg
import pytest

from chassis.runtime.retry import TransientError, is_transient, with_timeout
from chassis.web.http_client import Problem, UndeclaredProblem
from chassis.web.problems import Unavailable


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("server closed the connection"),
        psycopg.errors.DeadlockDetected(),
        psycopg.errors.UndefinedTable(),
        Unavailable(),
        UndeclaredProblem(401, {"type": "/problems/unauthorized"}),
        TransientError(),
        TimeoutError(),
        ConnectionRefusedError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_transient_errors_are_retried(error):
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        psycopg.errors.ProgramLimitExceeded(),
        psycopg.errors.UniqueViolation(),
        psycopg.errors.SyntaxError(),
        ValueError(),
        Problem(409, {"type": "/problems/already-paid"}),
    ],
    ids=lambda error: type(error).__name__,
)
def test_permanent_errors_are_not_retried(error):
    assert not is_transient(error)


async def ignores_cancellation():
    while True:
        try:
            await asyncio.sleep(0.3)
            return
        except asyncio.CancelledError:
            pass


async def test_a_call_that_ignores_its_cancellation_is_abandoned():
    began = time.monotonic()

    with pytest.raises(TimeoutError):
        await with_timeout(ignores_cancellation(), 0.05)

    assert time.monotonic() - began < 0.25


async def test_a_call_ends_when_it_is_time_to_stop():
    stopping = asyncio.Event()
    asyncio.get_running_loop().call_soon(stopping.set)

    with pytest.raises(TimeoutError):
        await with_timeout(asyncio.sleep(60), 60, unless=stopping)
