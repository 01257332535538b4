"""The tests that every service takes over, on its own contract."""

import httpx

from services import CONTRACTS_FOLDER
from services.payment.providers import mock, signatures
from services.payment.tests.conftest import INTERNAL_KEY, NOW
from tooling.conformance.contract_tests import ContractTests, ExampleRequest


class SignedRequest(ExampleRequest):
    """A webhook signed as the mock signs it."""

    @property
    def headers(self):
        body = httpx.Request("POST", "http://shop", **self.bodies).content
        return {"Webhook-Signature": signatures.sign(body, mock.webhook_secret(INTERNAL_KEY), NOW.timestamp())}


class TestPaymentContract(ContractTests):
    contract = CONTRACTS_FOLDER / "payment.yaml"

    def complete(self, example):
        if example.name != "receive_webhook":
            return example
        return SignedRequest(**{**vars(example), "path": "/payment/v1/webhooks/mock"})
