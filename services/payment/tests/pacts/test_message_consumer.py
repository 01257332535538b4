"""What payment hears, and what it needs of it."""

from uuid import UUID

import pytest

from chassis.data.statement import Statement
from chassis.events.tables import INBOX
from generated.states import AttemptStatus, PaymentStatus
from services.money import Money
from services.payment.domain import AmountDue, AttemptResult, Payment, Refund
from services.payment.repository import RefundRepository
from services.payment.tests.conftest import NOW
from tests.accounts import ASHA
from tests.pacts.matchers import one_of
from tests.pacts.message_consumer import ORDER

LAMP, LINE = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001"), UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2d001")
CHANGE = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a101")
SEEN = Statement(INBOX.select())


@pytest.fixture
def handled(database):
    """The events that count as handled."""

    async def handled():
        return [row["event_id"] for row in await database.fetch_all(SEEN)]

    return handled


async def test_the_payment_of_an_order_is_expected(
    message_consumer, empty_database_for, subscribers, payments, handled
):
    async def expecting(hear):
        empty_database_for("payment")
        await hear(subscribers)
        payment = await payments.find(ORDER)
        return payment and (payment.due, payment.status), await handled()

    line = {"product_id": LAMP, "title": "Walnut desk lamp", "qty": 2, "unit_price_cents": 12999, "line_id": LINE}
    expected, _ = await message_consumer(
        "order.created", {"amount_cents": 25998, "currency": "EUR", "items": [line]}, expecting
    )

    assert expected == (AmountDue(ASHA.id, ASHA.email, Money(25998, "EUR")), PaymentStatus.PENDING)


async def test_the_payment_of_a_cancelled_order_is_closed(
    message_consumer, empty_database_for, subscribers, unit_of_work, payments, handled
):
    async def closing(hear):
        empty_database_for("payment")
        async with unit_of_work() as work:
            due = AmountDue(ASHA.id, ASHA.email, Money(25998, "EUR"))
            await work.payments.upsert(Payment(UUID(int=1), ORDER, due))
        await hear(subscribers)
        return (await payments.find(ORDER)).status, await handled()

    reasons = one_of("requested", "not-paid-in-time", "rejected", "given-up")
    status, _ = await message_consumer("order.cancelled", {"reason": reasons}, closing)

    assert status is PaymentStatus.VOIDED


async def test_what_went_out_of_a_paid_order_is_asked_back(
    message_consumer, empty_database_for, subscribers, unit_of_work, database, handled
):
    async def paying_back(hear):
        empty_database_for("payment")
        async with unit_of_work() as work:
            payment = Payment(UUID(int=1), ORDER, AmountDue(ASHA.id, ASHA.email, Money(25998, "EUR")))
            await work.payments.upsert(payment)
            payment.begin_attempt(UUID(int=2), "ref")
            payment.end_attempt(UUID(int=2), AttemptResult(AttemptStatus.CHARGED), NOW)
            await work.payments.save(payment)
        await hear(subscribers)
        return await RefundRepository(database).find(CHANGE), await handled()

    item = {"product_id": LAMP, "title": "Walnut desk lamp", "qty": 1, "unit_price_cents": 12999}
    data = {
        "change_id": CHANGE,
        "kind": one_of("cancellation", "return"),
        "items": [item],
        "amount_cents": 12999,
        "currency": "EUR",
        "restock": True,
    }
    refund, _ = await message_consumer("order.reduced", data, paying_back)

    assert refund == Refund(CHANGE, ORDER, "ref", Money(12999, "EUR"))
