"""Put the order service together. Nothing else constructs its parts."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from chassis.data.database import Database
from chassis.data.migrations import at_head
from chassis.data.unit_of_work import UnitOfWorkFactory
from chassis.events import inbox
from chassis.events.consumer import Consumer
from chassis.events.messages import MessageContract
from chassis.events.outbox import Notifier, Outbox, backlog
from chassis.events.relay import Relay
from chassis.runtime.leader_election import lead
from chassis.runtime.process import BackgroundTask, Role, serve, start
from chassis.web.access import ApiKeys
from chassis.web.application import build_application
from chassis.web.health import Health
from chassis.web.idempotency import IdempotencyKeyStore
from chassis.web.tokens import Tokens
from generated.clients.cart import CartClient
from generated.clients.catalog import CatalogClient
from generated.clients.payment import PaymentClient
from generated.clients.shipping import ShippingClient
from services import VERSION
from services.order.cancelling import Cancelling
from services.order.checkout import Checkout
from services.order.clients import CartService, CatalogService, PaymentService, ShippingService
from services.order.completion import Completion
from services.order.figures import unsettled
from services.order.handlers import OrderHandlers
from services.order.repository import Orders, OrderUnitOfWork
from services.order.settings import Settings
from services.order.subscribers import OrderSubscribers
from services.order.sweeper import Sweeper

ROOT = Path(__file__).parents[2]
CONTRACT, MESSAGES = ROOT / "contracts" / "order.yaml", ROOT / "asyncapi" / "order.yaml"


async def main(settings: Settings, role: Role) -> int:
    """Run the service until it is told to stop; the process's exit code."""
    messages, key = MessageContract.read(MESSAGES), settings.internal_key
    async with (
        Database(settings.database_url, name="order") as database,
        CartClient(settings.cart_url, key=key) as cart,
        CatalogClient(settings.catalog_url, key=key) as catalog,
        ShippingClient(settings.shipping_url, key=key) as shipping,
        PaymentClient(settings.payment_url, key=key) as payment,
    ):
        orders = Orders(database)
        inventory, shipments = CatalogService(catalog), ShippingService(shipping)
        unit_of_work = UnitOfWorkFactory(
            database, OrderUnitOfWork, outbox=Outbox(messages), notifier=Notifier(database), consumer="order"
        )
        checkout = Checkout(
            orders,
            unit_of_work,
            CartService(cart),
            inventory,
            shipments,
            payment_window=timedelta(seconds=settings.payment_deadline_seconds),
            price_validity=timedelta(seconds=settings.price_honoured_seconds),
            max_unpaid=settings.max_unpaid_orders,
        )
        cancelling = Cancelling(orders, unit_of_work, PaymentService(payment), shipments)
        sweeper = Sweeper(
            orders,
            checkout,
            cancelling,
            Completion(unit_of_work, inventory),
            abandoned_after=timedelta(seconds=settings.abandon_after_seconds),
        )
        subscribers = OrderSubscribers(orders, unit_of_work, inventory)
        consumer = Consumer("order", messages, subscribers, settings.kafka, instance=settings.instance)
        relay = Relay(settings.database_url, settings.kafka)
        health = Health(
            "order", VERSION, {"database": database.probe, "migrations": partial(at_head, database, "order")}
        )
        handlers = OrderHandlers(orders, checkout, cancelling)
        idempotency = IdempotencyKeyStore(database)
        app = build_application(
            CONTRACT,
            handlers,
            health,
            tokens=Tokens.of(settings.auth_url),
            keys=ApiKeys(settings.internal_keys),
            idempotency=idempotency,
        )
        every = settings.recover_every_seconds
        duties = [
            BackgroundTask("consumer", consumer.run, consumer.probe),
            BackgroundTask("relay", relay.run, relay.probe),
            BackgroundTask(
                "sweeper",
                lambda stopping: lead(database, "sweeper", partial(sweeper.run_once, stopping), stopping, every),
            ),
            BackgroundTask("idempotency keys", idempotency.purge),
            BackgroundTask(
                "rejected orders", lambda stopping: lead(database, "rejected", orders.purge_rejected, stopping, 600)
            ),
            BackgroundTask("inbox", partial(inbox.purge, database)),
        ]
        looks = [database.collector, consumer.collector, backlog(database), unsettled(database)]
        return await serve(app, settings, duties, role, health=health, collectors=looks)


if __name__ == "__main__":
    start(Settings, main)
