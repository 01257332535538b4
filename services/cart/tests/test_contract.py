"""What every operation of the service answers alike, whoever asks whatever."""

from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from services.cart.handlers import CartHandlers
from services.cart.main import CONTRACT
from services.cart.repository import Carts, connected
from services.chassis.testing.callers import client_of
from services.chassis.testing.faults import Line
from services.chassis.testing.promises import *  # noqa: F403  # the same tests for every service


@pytest.fixture
async def line(valkey):
    """The way to Valkey, on which it can fall silent."""
    async with Line(urlsplit(valkey).port) as line:
        yield line


@pytest.fixture
async def client(redis, line, valkey, products, now):
    """Requests to the service, by that way."""
    async with (
        connected(f"redis://127.0.0.1:{line.port}{urlsplit(valkey).path}") as by_line,
        client_of(CONTRACT, CartHandlers(Carts(by_line), products, now)) as client,
    ):
        yield client


@pytest.fixture
def kept(redis):
    return redis.dbsize


@pytest.fixture
def stores_away(line):
    @contextmanager
    def away():
        line.hold()
        try:
            yield
        finally:
            line.release()

    return away
