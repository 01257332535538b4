"""What order asks of payment: that what is cancelled cannot be paid."""

import pytest

from services.order.clients import PaymentServiceClient
from services.order.errors import AlreadyPaid
from tests.pacts.consumer import Response
from tests.pacts.matchers import ExactValue
from tests.pacts.message_consumer import ORDER


def void(client):
    return PaymentServiceClient(client).void(ORDER)


async def test_a_payment_that_is_due_is_closed(consumer):
    await consumer("payment")(
        "Order closes a payment that is due.",
        "void_payment",
        void,
        given={"a payment is due": {"order_id": ORDER}},
        body={"order_id": ORDER},
        response=Response(200, {"order_id": ORDER, "status": ExactValue("VOIDED")}),
    )


async def test_a_payment_that_has_succeeded_is_not_closed(consumer):
    with pytest.raises(AlreadyPaid):
        await consumer("payment")(
            "Order closes a payment that has succeeded.",
            "void_payment",
            void,
            given={"a payment has succeeded": {"order_id": ORDER}},
            body={"order_id": ORDER},
            response=Response(409, {"type": ExactValue("/problems/already-paid")}),
        )
