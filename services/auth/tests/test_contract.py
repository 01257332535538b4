"""The tests that every service takes over, on its own contract."""

import pytest

from services import CONTRACTS
from services.auth.tests.conftest import handlers_on
from tooling.conformance.callers import client_for
from tooling.conformance.contract_tests import ContractTests

CONTRACT = CONTRACTS / "auth.yaml"


@pytest.fixture
async def client(database, keyring):
    """Requests with the tokens that everybody has in tests."""
    async with client_for(CONTRACT, handlers_on(database, keyring)) as client:
        yield client


class TestAuthContract(ContractTests):
    contract = CONTRACT
