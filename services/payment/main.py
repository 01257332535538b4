"""Put the payment service together. Nothing else constructs its parts."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import structlog

from chassis.data.database import Database
from chassis.data.migrations import at_head
from chassis.data.purging import purge
from chassis.data.unit_of_work import UnitOfWorkFactory
from chassis.events import inbox
from chassis.events.consumer import Consumer
from chassis.events.messages import MessageContract
from chassis.events.outbox import Notifier, Outbox, backlog
from chassis.events.relay import Relay
from chassis.runtime.process import BackgroundTask, Role, serve, start
from chassis.web.access import ApiKeys
from chassis.web.application import build_application
from chassis.web.health import Health
from chassis.web.idempotency import IdempotencyKeyStore
from chassis.web.tokens import Tokens
from generated.clients.order import OrderClient
from services import VERSION
from services.payment.clients import MockProvider, OrderService
from services.payment.handlers import PaymentHandlers
from services.payment.repository import PURGE_TOMBSTONES, Payments, PaymentUnitOfWork
from services.payment.settings import Settings
from services.payment.subscribers import PaymentSubscribers

log = structlog.get_logger()

ROOT = Path(__file__).parents[2]
CONTRACT, MESSAGES = ROOT / "contracts" / "payment.yaml", ROOT / "asyncapi" / "payment.yaml"


async def main(settings: Settings, role: Role) -> int:
    """Run the service until it is told to stop; the process's exit code."""
    messages, provider = MessageContract.read(MESSAGES), MockProvider()
    log.warning("no money is taken", provider=provider.name, environment=settings.environment)
    async with (
        Database(settings.database_url, name="payment") as database,
        OrderClient(settings.order_url, key=settings.internal_key) as order,
    ):
        unit_of_work = UnitOfWorkFactory(
            database, PaymentUnitOfWork, outbox=Outbox(messages), notifier=Notifier(database), consumer="payment"
        )
        handlers = PaymentHandlers(
            Payments(database), unit_of_work, OrderService(order), provider, now=partial(datetime.now, UTC)
        )
        subscribers = PaymentSubscribers(unit_of_work, provider)
        consumer = Consumer("payment", messages, subscribers, settings.kafka, instance=settings.instance)
        relay = Relay(settings.database_url, settings.kafka)
        health = Health(
            "payment",
            VERSION,
            {"database": database.probe, "migrations": partial(at_head, database, "payment")},
            provider=provider.name,
        )
        tokens, keys = Tokens.of(settings.auth_url), ApiKeys(settings.internal_keys)
        idempotency = IdempotencyKeyStore(database)
        app = build_application(CONTRACT, handlers, health, tokens=tokens, keys=keys, idempotency=idempotency)
        retention = timedelta(days=settings.tombstone_retention_days)
        duties = [
            BackgroundTask("consumer", consumer.run, consumer.probe),
            BackgroundTask("relay", relay.run, relay.probe),
            BackgroundTask("inbox", partial(inbox.purge, database)),
            BackgroundTask("idempotency", idempotency.purge),
            BackgroundTask("tombstones", partial(purge, database, "tombstones", PURGE_TOMBSTONES, retention)),
        ]
        looks = [database.collector, consumer.collector, backlog(database)]
        return await serve(app, settings, duties, role, health=health, collectors=looks)


if __name__ == "__main__":
    start(Settings, main)
