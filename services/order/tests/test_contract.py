"""The tests that every service takes over, on its own contract."""

from services import CONTRACTS_FOLDER
from tooling.conformance.contract_tests import ContractTests


class TestOrderContract(ContractTests):
    contract = CONTRACTS_FOLDER / "order.yaml"
