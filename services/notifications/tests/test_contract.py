"""The tests that every service takes over, on its own contract."""

from services import CONTRACTS_FOLDER
from tooling.conformance.contract_tests import ContractTests


class TestNotificationsContract(ContractTests):
    contract = CONTRACTS_FOLDER / "notifications.yaml"
