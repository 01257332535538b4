"""An application that is built once serves each client by what that client was given."""

from chassis.web.idempotency import IdempotencyKeyStore
from services import CONTRACTS_FOLDER
from services.payment.handlers import PaymentHandlers
from tests.accounts import ASHA
from tooling.conformance.callers import contract_test_client

CONTRACT = CONTRACTS_FOLDER / "payment.yaml"
LIST = "/payment/v1/payments?order_id=0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001"


class NoPayments:
    """Payments of which none is ever found; who asked is kept."""

    def __init__(self):
        self.asked = []

    async def find(self, order_id, owner):
        self.asked.append(owner)


async def test_two_clients_of_a_contract_have_handlers_and_health_of_their_own():
    payments, others, keys = NoPayments(), NoPayments(), IdempotencyKeyStore(None)
    async with (
        contract_test_client(CONTRACT, PaymentHandlers(payments, None, None), idempotency=keys) as client,
        contract_test_client(CONTRACT, PaymentHandlers(others, None, None), idempotency=keys) as other,
    ):
        other.health.failed.add("relay")

        assert (await client.get(LIST, headers=ASHA.headers)).json()["items"] == []
        assert [(await one.get("/payment/health")).status_code for one in (client, other)] == [200, 503]

    assert (payments.asked, others.asked) == ([ASHA.id], [])
