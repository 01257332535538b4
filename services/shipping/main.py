"""Put the shipping service together. Nothing else constructs its parts."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from chassis.data.database import Database
from chassis.data.migrations import at_head
from chassis.data.purging import purge
from chassis.data.unit_of_work import UnitOfWork
from chassis.events import inbox
from chassis.events.consumer import Consumer
from chassis.events.messages import Messages
from chassis.events.outbox import Bell, Outbox, backlog
from chassis.events.relay import Relay
from chassis.runtime.process import Duty, Role, serve, start
from chassis.web.access import Keys
from chassis.web.application import build
from chassis.web.health import Health
from chassis.web.tokens import Tokens
from services import VERSION
from services.shipping.clients import AnPost
from services.shipping.handlers import ShippingHandlers
from services.shipping.repository import PURGE_TOMBSTONES, Shipments, ShippingWork
from services.shipping.settings import Settings
from services.shipping.subscribers import ShippingSubscribers

ROOT = Path(__file__).parents[2]
CONTRACT, MESSAGES = ROOT / "contracts" / "shipping.yaml", ROOT / "asyncapi" / "shipping.yaml"


async def main(settings: Settings, role: Role) -> int:
    """Run the service until it is told to stop; the process's exit code."""
    messages = Messages.read(MESSAGES)
    async with Database(settings.database_url, name="shipping") as database:
        unit_of_work = UnitOfWork(
            database, ShippingWork, outbox=Outbox(messages), bell=Bell(database), consumer="shipping"
        )
        handlers = ShippingHandlers(Shipments(database), unit_of_work, AnPost())
        subscribers = ShippingSubscribers(unit_of_work)
        consumer = Consumer("shipping", messages, subscribers, settings.kafka, instance=settings.instance)
        relay = Relay(settings.database_url, settings.kafka)
        health = Health(
            "shipping", VERSION, {"database": database.probe, "migrations": partial(at_head, database, "shipping")}
        )
        app = build(CONTRACT, handlers, health, tokens=Tokens.of(settings.auth_url), keys=Keys(settings.internal_keys))
        retention = timedelta(days=settings.tombstone_retention_days)
        duties = [
            Duty("consumer", consumer.run, consumer.probe),
            Duty("relay", relay.run, relay.probe),
            Duty("inbox", partial(inbox.forget, database)),
            Duty("tombstones", partial(purge, database, "tombstones", PURGE_TOMBSTONES, retention)),
        ]
        looks = [database.look, consumer.look, backlog(database)]
        return await serve(app, settings, duties, role, health=health, looks=looks)


if __name__ == "__main__":
    start(Settings, main)
