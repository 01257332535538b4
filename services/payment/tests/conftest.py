"""The payment service on a real PostgreSQL; its neighbours are played here."""

import asyncio
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from chassis.data.statement import Statement
from chassis.events.dead_letter_table import DeadLetterTable
from chassis.events.outbox import Outbox
from chassis.unit_of_work import DatabaseUnitOfWorkFactory
from chassis.web.http_client import UpstreamUnavailable
from chassis.web.idempotency import IdempotencyKeyStore
from services import CONTRACTS_FOLDER, EVENT_CONTRACTS_FOLDER
from services.payment import tables
from services.payment.application.attempts import AttemptRecovery, AttemptSettlement
from services.payment.application.payments import PaymentService
from services.payment.application.refunds import RefundDispatcher
from services.payment.errors import OrderNotFound
from services.payment.handlers import PaymentHandlers
from services.payment.providers.mock import MockProvider
from services.payment.repository import AttemptRepository, PaymentRepository, PaymentUnitOfWork, RefundRepository
from services.payment.subscribers import PaymentSubscribers
from tooling.conformance.callers import contract_test_client
from tooling.conformance.contract_recorder import read_messages, record_received

CONTRACT, MESSAGES = CONTRACTS_FOLDER / "payment.yaml", EVENT_CONTRACTS_FOLDER / "payment.yaml"

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
INTERNAL_KEY = "a key of payment's own that is long enough"


class FakeOrders(dict):
    """What the order service would say of orders."""

    async def get(self, order_id):
        if order_id not in self:
            raise OrderNotFound
        return self[order_id]


class UnsureProvider(MockProvider):
    """The mock on its own books, with a line to it that loses requests and answers as often as it is told to."""

    def __init__(self, database):
        super().__init__(database, INTERNAL_KEY, NOW.timestamp)
        self.refunds, self.calls = {}, 0
        self.lost_requests, self.lost_answers = 0, 0

    async def charge(self, ref, method):
        return await self._over_line(super().charge(ref, method))

    async def cancel(self, ref):
        return await self._over_line(super().cancel(ref))

    async def look_up(self, ref):
        return await self._over_line(super().look_up(ref))

    async def refund(self, ref, refund_id, money):
        await self._over_line(self._pay_back(ref, refund_id, money))

    async def _pay_back(self, ref, refund_id, money):
        assert self.refunds.setdefault(refund_id, (ref, money)) == (ref, money)

    async def _over_line(self, call):
        self.calls += 1
        if self.lost_requests:
            self.lost_requests -= 1
            call.close()
            raise UpstreamUnavailable("the request was lost")
        answer = await call
        if self.lost_answers:
            self.lost_answers -= 1
            raise UpstreamUnavailable("the answer was lost")
        return answer


@pytest.fixture
def unit_of_work(database, batches):
    return DatabaseUnitOfWorkFactory(
        database, PaymentUnitOfWork, outbox=Outbox(read_messages(MESSAGES)), consumer="payment", batches=batches
    )


@pytest.fixture
def orders():
    return FakeOrders()


@pytest.fixture
def provider(database):
    return UnsureProvider(database)


@pytest.fixture
def payments(database):
    return PaymentRepository(database)


@pytest.fixture
def refund_notifications():
    """A list that grows when there is a refund to be asked of the provider."""
    return []


@pytest.fixture
def attempts(database):
    return AttemptRepository(database)


@pytest.fixture
def settlement(payments, attempts, unit_of_work, provider, refund_notifications):
    return AttemptSettlement(
        payments,
        attempts,
        unit_of_work,
        provider,
        now=lambda: NOW,
        refund_requested=lambda: refund_notifications.append(NOW),
    )


@pytest.fixture
def payment_service(payments, unit_of_work, orders, provider, settlement, refund_notifications):
    return PaymentService(
        payments,
        unit_of_work,
        orders,
        provider,
        settlement,
        refund_requested=lambda: refund_notifications.append(NOW),
    )


@pytest.fixture
def look_up_attempts(attempts, settlement):
    """Look up the attempts that are due."""

    async def look_up():
        return await AttemptRecovery(attempts, settlement).run_once(asyncio.Event())

    return look_up


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
    """Make the next try of every refund, and the next look at every attempt, due."""

    async def pass_time():
        await database.execute(Statement(sa.update(tables.refunds).values(next_try_at=sa.func.now())))
        await database.execute(Statement(sa.update(tables.payment_attempts).values(next_lookup_at=sa.func.now())))

    return pass_time


@pytest.fixture
def subscribers(payment_service):
    return record_received(PaymentSubscribers(payment_service), MESSAGES)


@pytest.fixture
async def client(database, payment_service, settlement, provider):
    async with contract_test_client(
        CONTRACT,
        PaymentHandlers(payment_service, settlement, provider),
        idempotency=IdempotencyKeyStore(database),
        dead_letters=DeadLetterTable(database),
    ) as client:
        yield client
