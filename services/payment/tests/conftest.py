"""The payment service on a real PostgreSQL; its neighbours are played here."""

from datetime import UTC, datetime

import pytest

from chassis.events.outbox import Outbox
from chassis.unit_of_work import DatabaseUnitOfWorkFactory
from chassis.web.idempotency import IdempotencyKeyStore
from services import CONTRACTS_FOLDER, EVENT_CONTRACTS_FOLDER
from services.payment.application import PaymentService
from services.payment.errors import OrderNotFound
from services.payment.handlers import PaymentHandlers
from services.payment.repository import PaymentRepository, PaymentUnitOfWork
from services.payment.subscribers import PaymentSubscribers
from tooling.conformance.callers import contract_test_client
from tooling.conformance.contract_recorder import read_messages, record_received

CONTRACT, MESSAGES = CONTRACTS_FOLDER / "payment.yaml", EVENT_CONTRACTS_FOLDER / "payment.yaml"

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


class FakeOrders(dict):
    """What the order service would say of orders."""

    async def get(self, order_id):
        if order_id not in self:
            raise OrderNotFound
        return self[order_id]


class FakeProvider:
    name = "mock"

    def __init__(self):
        self.refunds = {}

    async def refund(self, payment_id, money):
        self.refunds[payment_id] = money


@pytest.fixture
def unit_of_work(database, batches):
    return DatabaseUnitOfWorkFactory(
        database, PaymentUnitOfWork, outbox=Outbox(read_messages(MESSAGES)), consumer="payment", batches=batches
    )


@pytest.fixture
def orders():
    return FakeOrders()


@pytest.fixture
def provider():
    return FakeProvider()


@pytest.fixture
def payments(database):
    return PaymentRepository(database)


@pytest.fixture
def payment_service(payments, unit_of_work, orders, provider):
    return PaymentService(payments, unit_of_work, orders, provider, now=lambda: NOW)


@pytest.fixture
def subscribers(payment_service):
    return record_received(PaymentSubscribers(payment_service), MESSAGES)


@pytest.fixture
async def client(database, payment_service):
    async with contract_test_client(
        CONTRACT, PaymentHandlers(payment_service), idempotency=IdempotencyKeyStore(database)
    ) as client:
        yield client
