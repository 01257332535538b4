"""The tests that every service takes over, on its own contract."""

from services import CONTRACTS_FOLDER
from tooling.conformance.contract_tests import ContractTests


class TestPaymentContract(ContractTests):
    contract = CONTRACTS_FOLDER / "payment.yaml"
