"""The payment service on a real PostgreSQL; its neighbours are played here."""

import asyncio
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from chassis.data.statement import Statement
from chassis.events.dead_letter_table import DeadLetterTable
from chassis.events.outbox import Outbox
from chassis.unit_of_work import DatabaseUnitOfWorkFactory
from chassis.web.idempotency import IdempotencyKeyStore
from services import CONTRACTS_FOLDER, EVENT_CONTRACTS_FOLDER
from services.payment.application.payments import PaymentService
from services.payment.application.refunds import RefundDispatcher
from services.payment.errors import OrderNotFound
from services.payment.handlers import PaymentHandlers
from services.payment.repository import PaymentRepository, PaymentUnitOfWork, RefundRepository
from services.payment.subscribers import PaymentSubscribers
from services.payment.tables import refunds as refunds_table
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
    """Pays back once under each id, and fails after it or before it as often as it is told to."""

    name = "mock"

    def __init__(self):
        self.refunds = {}
        self.failures, self.lost_answers, self.calls = 0, 0, 0

    async def refund(self, ref, refund_id, money):
        self.calls += 1
        if self.failures:
            self.failures -= 1
            raise TimeoutError
        assert self.refunds.setdefault(refund_id, (ref, money)) == (ref, money)
        if self.lost_answers:
            self.lost_answers -= 1
            raise ConnectionResetError


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
def refund_notifications():
    """A list that grows when there is a refund to be asked of the provider."""
    return []


@pytest.fixture
def payment_service(payments, unit_of_work, orders, provider, refund_notifications):
    return PaymentService(
        payments,
        unit_of_work,
        orders,
        provider,
        now=lambda: NOW,
        refund_requested=lambda: refund_notifications.append(NOW),
    )


@pytest.fixture
def refunds(database):
    return RefundRepository(database)


@pytest.fixture
def dispatch_refunds(refunds, unit_of_work, provider):
    """Ask the provider for the refunds that are due."""

    async def dispatch():
        return await RefundDispatcher(refunds, unit_of_work, provider).run_once(asyncio.Event())

    return dispatch


@pytest.fixture
def pass_time(database):
    """Make the next try of every refund due."""

    async def pass_time():
        await database.execute(Statement(sa.update(refunds_table).values(next_try_at=sa.func.now())))

    return pass_time


@pytest.fixture
def subscribers(payment_service):
    return record_received(PaymentSubscribers(payment_service), MESSAGES)


@pytest.fixture
async def client(database, payment_service):
    async with contract_test_client(
        CONTRACT,
        PaymentHandlers(payment_service),
        idempotency=IdempotencyKeyStore(database),
        dead_letters=DeadLetterTable(database),
    ) as client:
        yield client
