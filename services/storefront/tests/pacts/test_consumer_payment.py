"""What the storefront asks of payment: that an order is paid, or not, and how the last attempts went."""

from uuid import UUID

import pytest

from generated.clients.payment import AmountDiffers
from generated.models.payment import FailedAttempt, FailureCode, SuccessfulAttempt
from tests.pacts.consumer import Response
from tests.pacts.matchers import ExactValue
from tests.pacts.message_consumer import ORDER

PAYMENT = {
    "id": UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2f001"),
    "order_id": ORDER,
    "amount_cents": 25998,
    "currency": "EUR",
    "provider": "mock",
    "failures": ExactValue([]),
}
DUE = {"a payment is due": {"order_id": ORDER}}


def succeed(amount_cents):
    async def succeed(client):
        body = SuccessfulAttempt(order_id=ORDER, amount_cents=amount_cents, currency="EUR")
        return await client.succeed_payment(body=body, token="theirs")

    return succeed


async def test_an_order_has_a_payment(consumer):
    page = await consumer("payment")(
        "The storefront asks for the payment of an order.",
        "list_payments",
        lambda client: client.list_payments(order_id=ORDER, token="theirs"),
        query={"order_id": str(ORDER)},
        given=DUE,
        response=Response(200, {"items": [{**PAYMENT, "status": ExactValue("PENDING")}], "next_cursor": None}),
    )

    assert page.items[0].status == "PENDING"


async def test_an_order_is_paid(consumer):
    payment = await consumer("payment")(
        "The storefront pays an order.",
        "succeed_payment",
        succeed(25998),
        given=DUE,
        body={"order_id": ORDER, "amount_cents": ExactValue(25998), "currency": ExactValue("EUR")},
        response=Response(200, {**PAYMENT, "status": ExactValue("SUCCEEDED")}),
    )

    assert payment.status == "SUCCEEDED"


async def test_another_amount_pays_nothing(consumer):
    with pytest.raises(AmountDiffers):
        await consumer("payment")(
            "The storefront pays another amount than an order asks for.",
            "succeed_payment",
            succeed(1),
            given=DUE,
            body={"order_id": ORDER, "amount_cents": ExactValue(1), "currency": ExactValue("EUR")},
            response=Response(409, {"type": ExactValue("/problems/amount-differs")}),
        )


async def test_a_payment_is_refused(consumer):
    async def fail(client):
        body = FailedAttempt(order_id=ORDER, code=FailureCode.EXPIRED_CARD)
        return await client.fail_payment(body=body, idempotency_key="key-1", token="theirs")

    failed = {"code": ExactValue("expired_card"), "reason": "The card has expired", "failed_at": "2026-01-05T12:01:00Z"}
    payment = await consumer("payment")(
        "The storefront has a payment refused.",
        "fail_payment",
        fail,
        given=DUE,
        body={"order_id": ORDER, "code": ExactValue("expired_card")},
        response=Response(200, {**PAYMENT, "status": ExactValue("PENDING"), "failures": [failed]}),
    )

    assert [failure.code for failure in payment.failures] == ["expired_card"]


async def test_the_payment_of_somebodys_order_is_shown_to_an_admin(consumer):
    page = await consumer("payment")(
        "The storefront asks for the payment of somebody's order.",
        "list_payments",
        lambda client: client.list_payments(order_id=ORDER, token="an admin's"),
        query={"order_id": str(ORDER)},
        given=DUE,
        as_admin=True,
        response=Response(200, {"items": [{**PAYMENT, "status": ExactValue("PENDING")}], "next_cursor": None}),
    )

    assert [one.order_id for one in page.items] == [ORDER]
