"""The tests that every service takes over, on its own contract."""

from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from chassis.testing.faults import TcpProxy
from services.redis_client import connect
from services.storefront.domain import Account, Session, Tokens
from services.storefront.repository import SessionStore
from services.storefront.tests.conftest import CONTRACT, NOON
from tooling.conformance.contract_tests import ContractTests

CSRF_OF_EXAMPLES = "q7Vd0c2sq7Vd0c2sq7Vd0c2s"
TOKENS = Tokens("access", "refresh", NOON + timedelta(minutes=10))


@pytest.fixture
async def proxy(valkey):
    """A proxy to Valkey that can stall."""
    async with TcpProxy(urlsplit(valkey).port) as proxy:
        yield proxy


@pytest.fixture
async def client(client_on, store, proxy, valkey):
    """A client of the storefront, whose Valkey is behind the proxy; roles and a visitor have sessions called so."""
    for name in ("visitor", "customer", "admin", "guest"):
        await store.add(Session(name, CSRF_OF_EXAMPLES, Account(UUID(int=1), f"{name}@example.com", name), TOKENS))
    async with (
        connect(f"redis://127.0.0.1:{proxy.port}{urlsplit(valkey).path}") as proxied,
        client_on(SessionStore(proxied)) as client,
    ):
        yield client


class TestStorefrontContract(ContractTests):
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
