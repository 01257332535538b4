"""Put the shipping service together. Nothing else constructs its parts."""

from datetime import timedelta
from functools import partial
from pathlib import Path

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
from chassis.web.tokens import Tokens
from services import VERSION
from services.shipping.clients import AnPost
from services.shipping.handlers import ShippingHandlers
from services.shipping.repository import PURGE_TOMBSTONES, Shipments, ShippingUnitOfWork
from services.shipping.settings import Settings
from services.shipping.subscribers import ShippingSubscribers

ROOT = Path(__file__).parents[2]
CONTRACT, MESSAGES = ROOT / "contracts" / "shipping.yaml", ROOT / "asyncapi" / "shipping.yaml"


async def main(settings: Settings, role: Role) -> int:
    """Run the service until it is told to stop; the process's exit code."""
    messages = MessageContract.read(MESSAGES)
    async with Database(settings.database_url, name="shipping") as database:
        unit_of_work = UnitOfWorkFactory(
            database, ShippingUnitOfWork, outbox=Outbox(messages), notifier=Notifier(database), consumer="shipping"
        )
        handlers = ShippingHandlers(Shipments(database), unit_of_work, AnPost())
        subscribers = ShippingSubscribers(unit_of_work)
        consumer = Consumer("shipping", messages, subscribers, settings.kafka, instance=settings.instance)
        relay = Relay(settings.database_url, settings.kafka)
        health = Health(
            "shipping", VERSION, {"database": database.probe, "migrations": partial(at_head, database, "shipping")}
        )
        app = build_application(
            CONTRACT, handlers, health, tokens=Tokens.of(settings.auth_url), keys=ApiKeys(settings.internal_keys)
        )
        retention = timedelta(days=settings.tombstone_retention_days)
        duties = [
            BackgroundTask("consumer", consumer.run, consumer.probe),
            BackgroundTask("relay", relay.run, relay.probe),
            BackgroundTask("inbox", partial(inbox.purge, database)),
            BackgroundTask("tombstones", partial(purge, database, "tombstones", PURGE_TOMBSTONES, retention)),
        ]
        looks = [database.collector, consumer.collector, backlog(database)]
        return await serve(app, settings, duties, role, health=health, collectors=looks)


if __name__ == "__main__":
    start(Settings, main)
