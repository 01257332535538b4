"""Payment is, and says, what others expect."""

import asyncio
from uuid import UUID

import pytest

from chassis.events.dead_letter_table import DeadLetterTable
from chassis.testing.deliveries import deliver
from chassis.web.idempotency import IdempotencyKeyStore
from generated.events import OrderReducedData, ReducedItem, order_reduced
from generated.models.payment import FailedAttempt, FailureCode, SuccessfulAttempt
from services import CONTRACTS_FOLDER
from services.money import Money
from services.payment.application.attempts import AttemptSettlement
from services.payment.application.payments import PaymentService
from services.payment.application.refunds import RefundDispatcher
from services.payment.domain import AmountDue, Payment
from services.payment.handlers import PaymentHandlers
from services.payment.providers.mock import MockProvider
from services.payment.repository import RefundRepository
from services.payment.subscribers import PaymentSubscribers
from services.payment.tests.conftest import INTERNAL_KEY, NOW
from tests.accounts import ASHA

CONTRACT = CONTRACTS_FOLDER / "payment.yaml"

LAMPS = Money(25998, "EUR")


@pytest.fixture
def mock(database):
    return MockProvider(database, INTERNAL_KEY, NOW.timestamp)


def nothing():
    """Called when there is a refund; here it is asked for by the test."""


@pytest.fixture
def settlement(payments, attempts, unit_of_work, mock):
    return AttemptSettlement(payments, attempts, unit_of_work, mock, now=lambda: NOW, refund_requested=nothing)


@pytest.fixture
def service_with_mock(payments, unit_of_work, orders, mock, settlement):
    return PaymentService(payments, unit_of_work, orders, mock, settlement, refund_requested=nothing)


@pytest.fixture
def handlers(service_with_mock, settlement, mock):
    return PaymentHandlers(service_with_mock, settlement, mock)


async def test_payment_honours_its_pacts(
    verify_provider, database, empty_database_for, unit_of_work, service_with_mock, mock, handlers
):
    order = UUID(int=0)

    async def due(order_id):
        nonlocal order
        order = UUID(order_id)
        empty_database_for("payment")
        async with unit_of_work() as work:
            await work.payments.upsert(Payment(UUID(int=1), order, AmountDue(ASHA.id, ASHA.email, LAMPS)))

    async def paid(order_id):
        await due(order_id)
        await record_success()

    async def record_success():
        await handlers.succeed_payment(SuccessfulAttempt(order_id=order, amount_cents=25998, currency="EUR"), None)

    async def record_failure():
        attempt = FailedAttempt(order_id=order, code=FailureCode.CARD_DECLINED)
        await handlers.fail_payment(attempt, None)

    async def refund():
        await record_success()
        item = ReducedItem(product_id=UUID(int=5), title="Walnut desk lamp", qty=1, unit_price_cents=12999)
        data = OrderReducedData(
            change_id=UUID(int=6), kind="cancellation", items=[item], amount_cents=12999, currency="EUR", restock=True
        )
        event = order_reduced(order_id=order, user_id=ASHA.id, user_email=ASHA.email, data=data).event
        await deliver(PaymentSubscribers(service_with_mock), event)
        await RefundDispatcher(RefundRepository(database), unit_of_work, mock).run_once(asyncio.Event())

    await verify_provider(
        CONTRACT,
        handlers,
        dead_letters=DeadLetterTable(database),
        states={"a payment is due": due, "a payment has succeeded": paid},
        events={"payment.succeeded": record_success, "payment.failed": record_failure, "payment.refunded": refund},
        outbox=database,
        idempotency=IdempotencyKeyStore(database),
    )
