"""The shipping service on a real PostgreSQL."""

import pytest

from chassis.events.dead_letter_table import DeadLetterTable
from chassis.events.outbox import Outbox
from chassis.unit_of_work import DatabaseUnitOfWorkFactory
from services import CONTRACTS_FOLDER, EVENT_CONTRACTS_FOLDER
from services.shipping.application import ShipmentService
from services.shipping.clients import AnPostCarrier
from services.shipping.handlers import ShippingHandlers
from services.shipping.repository import ShipmentRepository, ShippingUnitOfWork
from services.shipping.subscribers import ShippingSubscribers
from tooling.conformance.callers import contract_test_client
from tooling.conformance.contract_recorder import read_messages, record_received

CONTRACT, MESSAGES = CONTRACTS_FOLDER / "shipping.yaml", EVENT_CONTRACTS_FOLDER / "shipping.yaml"


@pytest.fixture
def unit_of_work(database, batches):
    return DatabaseUnitOfWorkFactory(
        database,
        ShippingUnitOfWork,
        outbox=Outbox(read_messages(MESSAGES)),
        consumer="shipping",
        batches=batches,
    )


@pytest.fixture
def shipments(database):
    return ShipmentRepository(database)


@pytest.fixture
def shipment_service(shipments, unit_of_work):
    return ShipmentService(shipments, unit_of_work, AnPostCarrier())


@pytest.fixture
def subscribers(shipment_service):
    return record_received(ShippingSubscribers(shipment_service), MESSAGES)


@pytest.fixture
async def client(shipment_service, database):
    handlers, letters = ShippingHandlers(shipment_service), DeadLetterTable(database)
    async with contract_test_client(CONTRACT, handlers, dead_letters=letters) as client:
        yield client
