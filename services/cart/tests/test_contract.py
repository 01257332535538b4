"""The tests that every service takes over, on its own contract."""

from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from chassis.testing.faults import TcpProxy
from services import CONTRACTS_FOLDER
from services.cart.application import CartService
from services.cart.dead_letters import RedisDeadLetters
from services.cart.handlers import CartHandlers
from services.cart.repository import CartStore
from services.redis_client import connect
from tooling.conformance.callers import contract_test_client
from tooling.conformance.contract_tests import ContractTests

CONTRACT = CONTRACTS_FOLDER / "cart.yaml"


@pytest.fixture
async def proxy(valkey):
    """A proxy to Valkey that can stall."""
    async with TcpProxy(urlsplit(valkey).port) as proxy:
        yield proxy


@pytest.fixture
async def client(redis, proxy, valkey, products, now):
    """A client of the service, whose Valkey is behind the proxy."""
    async with (
        connect(f"redis://127.0.0.1:{proxy.port}{urlsplit(valkey).path}") as proxied_redis,
        contract_test_client(
            CONTRACT,
            CartHandlers(CartService(CartStore(proxied_redis), products, now)),
            dead_letters=RedisDeadLetters(proxied_redis),
        ) as client,
    ):
        yield client


class TestCartContract(ContractTests):
    contract = CONTRACT

    @pytest.fixture
    def count_stored(self, redis):
        return redis.dbsize

    @pytest.fixture
    def storage_outage(self, proxy):
        @contextmanager
        def outage():
            proxy.hold()
            try:
                yield
            finally:
                proxy.release()

        return outage
