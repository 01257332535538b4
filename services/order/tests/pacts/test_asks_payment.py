"""What order asks of payment: that what is cancelled cannot be paid."""

import pytest

from services.order.clients import PaymentService
from services.order.ports import AlreadyPaid
from tests.pacts.asking import Answered
from tests.pacts.news import ORDER
from tests.pacts.terms import Exactly


def void(client):
    return PaymentService(client).void(ORDER)


async def test_a_payment_that_is_due_is_closed(asks):
    await asks("payment")(
        "Order closes a payment that is due.",
        "void_payment",
        void,
        given={"a payment is due": {"order_id": ORDER}},
        body={"order_id": ORDER},
        answered=Answered(200, {"order_id": ORDER, "status": Exactly("VOIDED")}),
    )


async def test_a_payment_that_has_succeeded_is_not_closed(asks):
    with pytest.raises(AlreadyPaid):
        await asks("payment")(
            "Order closes a payment that has succeeded.",
            "void_payment",
            void,
            given={"a payment has succeeded": {"order_id": ORDER}},
            body={"order_id": ORDER},
            answered=Answered(409, {"type": Exactly("/problems/already-paid")}),
        )
