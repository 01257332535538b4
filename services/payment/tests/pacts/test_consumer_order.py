"""What payment asks of order: whose an order is that it was not told of yet, and what it costs."""

import pytest

from services.money import Money
from services.payment.clients import OrderServiceClient
from services.payment.domain import AmountDue, Order
from services.payment.errors import OrderNotFound
from tests.accounts import ASHA
from tests.pacts.consumer import Response
from tests.pacts.matchers import ExactValue
from tests.pacts.message_consumer import ORDER


def get(client):
    return OrderServiceClient(client).get(ORDER)


@pytest.mark.parametrize(
    ("summary", "state", "status"),
    [
        ("that waits for its payment", "an order waits for its payment", "CREATED"),
        ("that was cancelled", "an order was cancelled", "CANCELLED"),
    ],
)
async def test_an_order_says_whose_it_is_what_is_due_and_where_it_stands(consumer, summary, state, status):
    found = await consumer("order")(
        f"Payment asks about an order {summary}.",
        "get_payable",
        get,
        path={"order_id": ORDER},
        given={state: {"order_id": ORDER}},
        response=Response(
            200,
            {
                "order_id": ORDER,
                "user_id": ASHA.id,
                "user_email": ASHA.email,
                "status": ExactValue(status),
                "amount_cents": 25998,
                "currency": "EUR",
            },
        ),
    )

    assert found == Order(AmountDue(ASHA.id, ASHA.email, Money(25998, "EUR")), status)


async def test_an_unknown_order_is_not_found(consumer):
    with pytest.raises(OrderNotFound):
        await consumer("order")(
            "Payment asks about an order that was never placed.",
            "get_payable",
            get,
            path={"order_id": ORDER},
            given={"there is no order": {}},
            response=Response(404, {"type": ExactValue("/problems/order-not-found")}),
        )
