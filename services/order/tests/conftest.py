"""The order service on a real PostgreSQL; its neighbours are played here."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from chassis.data.statement import Statement
from chassis.events.dead_letter_table import DeadLetterTable
from chassis.events.outbox import Outbox
from chassis.unit_of_work import DatabaseUnitOfWorkFactory
from chassis.web.idempotency import IdempotencyKeyStore
from generated.states import OrderStatus
from services import CONTRACTS_FOLDER, EVENT_CONTRACTS_FOLDER
from services.order import tables
from services.order.application.cancellation import Cancellation
from services.order.application.checkout import Checkout
from services.order.application.completion import Completion
from services.order.application.erasure import AccountErasure
from services.order.application.reduction import Reduction
from services.order.application.sweeper import Sweeper
from services.order.application.timeline import TimelineService
from services.order.domain import Cart, CheckoutDetails, Line, Order, Shopper
from services.order.errors import AlreadyDispatched, AlreadyPaid, OrderCancelled
from services.order.handlers import OrderHandlers
from services.order.repository import OrderHistory, OrderRepository, OrderUnitOfWork
from services.order.subscribers import OrderSubscribers
from tests.accounts import ASHA
from tooling.conformance.callers import contract_test_client
from tooling.conformance.contract_recorder import read_messages, record_received

CONTRACT, MESSAGES = CONTRACTS_FOLDER / "order.yaml", EVENT_CONTRACTS_FOLDER / "order.yaml"

STATUSES = Statement(sa.select(tables.orders.c.status).order_by(tables.orders.c.status))
HOME = CheckoutDetails("12 Quay Street", None, "Galway", "IE", "H91 XY00")
LAMP = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001")


def lamps(qty=2, added=timedelta(), price=12999):
    return Line(uuid7(), LAMP, "Walnut desk lamp", qty, price, datetime.now(UTC) - added)


def a_line(title, price_cents, qty=1, line_id=None):
    return Line(line_id or uuid7(), uuid7(), title, qty, price_cents, datetime.now(UTC))


class FakeCarts(dict):
    async def get_cart(self, user_id):
        return self[user_id] if user_id in self else Cart((), None)

    def put(self, user_id, *lines, currency="EUR"):
        """The shopper changes the cart, so that it holds just that."""
        revision = self[user_id].revision + 1 if user_id in self else 1
        self[user_id] = Cart(lines, currency if lines else None, revision)


class FakeInventory:
    def __init__(self):
        self.state, self.honoured, self.prices, self._reserved_at = {}, {}, {}, {}
        self.refusal, self.foreseen, self.trouble = None, None, None

    async def check_availability(self, order, honoured):
        if self.foreseen:
            raise self.foreseen

    async def reserve(self, order, honoured):
        if self.state.get(order.id) == "released":
            raise OrderCancelled
        if self.refusal:
            raise self.refusal
        if order.replaces:
            self.state[order.replaces] = "released"
        self.state[order.id], self.honoured[order.id] = "held", honoured
        return self._reserved_at.setdefault(order.id, self.prices)

    async def commit(self, order_id):
        if self.trouble:
            raise self.trouble
        if self.state.get(order_id) == "released":
            raise OrderCancelled
        self.state[order_id] = "committed"


class FakeShipments:
    def __init__(self):
        self.state, self.amounts, self.taken_out, self.trouble = {}, {}, [], None

    async def create_draft(self, order):
        if self.trouble:
            raise self.trouble
        self.state.setdefault(order.id, "pending")
        self.amounts.setdefault(order.id, order.total)

    async def cancel(self, order_id):
        if self.state.get(order_id) == "dispatched":
            raise AlreadyDispatched("The shipment is DISPATCHED")
        if self.trouble:
            raise self.trouble
        self.state[order_id] = "cancelled"

    async def take_out(self, order_id, change):
        if self.trouble:
            raise self.trouble
        if change.id in self.taken_out:
            return
        if self.state.get(order_id) == "dispatched":
            raise AlreadyDispatched
        if self.state.get(order_id) == "cancelled":
            raise OrderCancelled
        self.taken_out.append(change.id)


class FakePayments:
    def __init__(self):
        self.state, self.trouble = {}, None

    async def void(self, order_id):
        if self.trouble:
            raise self.trouble
        if self.state.get(order_id) == "succeeded":
            raise AlreadyPaid
        self.state[order_id] = "voided"


class FakeMailLog:
    def __init__(self):
        self.sent, self.trouble = [], None

    async def list_sent(self, order_id):
        if self.trouble:
            raise self.trouble
        return self.sent


@pytest.fixture
def unit_of_work(database, batches):
    return DatabaseUnitOfWorkFactory(
        database, OrderUnitOfWork, outbox=Outbox(read_messages(MESSAGES)), consumer="order", batches=batches
    )


@pytest.fixture
def orders(database):
    return OrderRepository(database)


@pytest.fixture
def carts():
    return FakeCarts()


@pytest.fixture
def inventory():
    return FakeInventory()


@pytest.fixture
def shipments():
    return FakeShipments()


@pytest.fixture
def payments():
    return FakePayments()


@pytest.fixture
def mail_log():
    return FakeMailLog()


@pytest.fixture
def timeline(database, unit_of_work, mail_log):
    return TimelineService(OrderHistory(database), unit_of_work, mail_log)


@pytest.fixture
def checkout(orders, unit_of_work, carts, inventory, shipments):
    return Checkout(
        orders,
        unit_of_work,
        carts,
        inventory,
        shipments,
        payment_window=timedelta(minutes=15),
        price_validity=timedelta(hours=24),
        max_unpaid=5,
    )


@pytest.fixture
def cancellation(orders, unit_of_work, payments, shipments):
    return Cancellation(orders, unit_of_work, payments, shipments)


@pytest.fixture
def reduction(orders, unit_of_work, shipments):
    return Reduction(orders, unit_of_work, shipments)


@pytest.fixture
def sweeper(orders, checkout, cancellation, reduction, unit_of_work, inventory):
    completion = Completion(orders, unit_of_work, inventory)
    return Sweeper(orders, checkout, cancellation, reduction, completion, abandoned_after=timedelta())


@pytest.fixture
def sweep(sweeper):
    """One round of the sweeper."""

    async def sweep():
        await sweeper.run_once(asyncio.Event())

    return sweep


@pytest.fixture
def subscribers(orders, unit_of_work, inventory, timeline):
    completion = Completion(orders, unit_of_work, inventory)
    return record_received(OrderSubscribers(completion, timeline, AccountErasure(unit_of_work)), MESSAGES)


@pytest.fixture
async def client(orders, checkout, cancellation, reduction, timeline, database):
    handlers = OrderHandlers(orders, checkout, cancellation, reduction, timeline)
    stores = {"idempotency": IdempotencyKeyStore(database), "dead_letters": DeadLetterTable(database)}
    async with contract_test_client(CONTRACT, handlers, **stores) as client:
        yield client


@pytest.fixture
def read_outbox_types(read_outbox):
    """Reads the types of the events in the outbox, in order; of cancellations with their reason."""

    async def read_outbox_types():
        return [" ".join([event["type"], event["data"].get("reason", "")]).strip() for event in await read_outbox()]

    return read_outbox_types


@pytest.fixture
def statuses(database):
    """Where all orders stand, those as well that never became one."""

    async def statuses():
        return [row["status"] for row in await database.fetch_all(STATUSES)]

    return statuses


@pytest.fixture
def an_order(unit_of_work):
    """An order of Asha's, or of somebody else's, as it would be in some state."""

    async def an_order(
        status=OrderStatus.CREATED,
        payment_window=timedelta(minutes=15),
        price=12999,
        currency="EUR",
        shopper=ASHA,
        lines=(),
    ):
        async with unit_of_work() as work:
            order = Order.place(
                uuid7(),
                Shopper(shopper.id, shopper.email),
                HOME,
                Cart(lines or (lamps(price=price),), currency),
                now=datetime.now(UTC),
                payment_window=payment_window,
            )
            order.status = status
            await work.orders.add(order)
        return order

    return an_order
