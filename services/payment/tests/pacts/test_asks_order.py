"""What payment asks of order: what an order costs that it was not told of yet."""

import pytest

from services.chassis.testing.callers import ASHA
from services.money import Money
from services.payment.clients import OrderService
from services.payment.domain import Due
from services.payment.errors import OrderNotFound, OrderNotPayable
from tests.pacts.asking import Answered
from tests.pacts.news import ORDER
from tests.pacts.terms import Exactly


def due(client):
    return OrderService(client).due(ORDER)


async def test_an_order_that_waits_for_its_payment_says_what_is_due(asks):
    found = await asks("order")(
        "Payment asks what is due for an order that waits for its payment.",
        "get_payable",
        due,
        path={"order_id": ORDER},
        given={"an order waits for its payment": {"order_id": ORDER}},
        answered=Answered(
            200,
            {
                "order_id": ORDER,
                "user_id": ASHA.id,
                "user_email": ASHA.email,
                "amount_cents": 25998,
                "currency": "EUR",
            },
        ),
    )

    assert found == Due(ASHA.id, ASHA.email, Money(25998, "EUR"))


async def test_a_cancelled_order_is_not_payable(asks):
    with pytest.raises(OrderNotPayable, match="The order is CANCELLED"):
        await asks("order")(
            "Payment asks what is due for an order that was cancelled.",
            "get_payable",
            due,
            path={"order_id": ORDER},
            given={"an order was cancelled": {"order_id": ORDER}},
            answered=Answered(
                409, {"type": Exactly("/problems/order-not-payable"), "detail": "The order is CANCELLED"}
            ),
        )


async def test_an_unknown_order_is_not_found(asks):
    with pytest.raises(OrderNotFound):
        await asks("order")(
            "Payment asks what is due for an order that was never placed.",
            "get_payable",
            due,
            path={"order_id": ORDER},
            given={"there is no order": {}},
            answered=Answered(404, {"type": Exactly("/problems/order-not-found")}),
        )
