"""The tests that every service takes over, on its own contract."""

import pytest

from services import CONTRACTS_FOLDER
from services.auth.tests.conftest import handlers_on
from tooling.conformance.callers import contract_test_client
from tooling.conformance.contract_tests import ContractTests

CONTRACT = CONTRACTS_FOLDER / "auth.yaml"


@pytest.fixture
async def client(database, keyring):
    """Requests with the tokens that everybody has in tests."""
    async with contract_test_client(CONTRACT, handlers_on(database, keyring)) as client:
        yield client


class TestAuthContract(ContractTests):
    contract = CONTRACT
