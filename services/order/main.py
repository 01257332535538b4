"""What the order service is made of."""

from datetime import timedelta

from chassis.data.retention import RetentionRule
from chassis.service import Service
from generated.clients.cart import CartClient
from generated.clients.catalog import CatalogClient
from generated.clients.notifications import NotificationsClient
from generated.clients.payment import PaymentClient
from generated.clients.shipping import ShippingClient
from generated.statements.order import ERASE_EMAILS
from services.entrypoint import run
from services.order.application.cancellation import Cancellation
from services.order.application.checkout import Checkout
from services.order.application.completion import Completion
from services.order.application.erasure import AccountErasure
from services.order.application.reduction import Reduction
from services.order.application.sweeper import Sweeper
from services.order.application.timeline import TimelineService
from services.order.clients import (
    CartServiceClient,
    CatalogServiceClient,
    NotificationsServiceClient,
    PaymentServiceClient,
    ShippingServiceClient,
)
from services.order.handlers import OrderHandlers
from services.order.metrics import unsettled_orders_collector
from services.order.repository import (
    REJECTED_ORDERS_RETENTION_RULE,
    SETTLED_ORDERS_RETENTION_RULE,
    OrderHistory,
    OrderRepository,
    OrderUnitOfWork,
)
from services.order.settings import Settings
from services.order.subscribers import OrderSubscribers
from services.order_retention import order_retention


async def assemble(service: Service, settings: Settings) -> None:
    key = settings.internal_key
    database = await service.open_database(settings.database_url)
    cart = await service.open(CartClient(settings.cart_url, key=key))
    inventory = CatalogServiceClient(await service.open(CatalogClient(settings.catalog_url, key=key)))
    shipments = ShippingServiceClient(await service.open(ShippingClient(settings.shipping_url, key=key)))
    payment = await service.open(PaymentClient(settings.payment_url, key=key))

    # Nobody waits long for what a timeline can do without.
    notifications = await service.open(
        NotificationsClient(settings.notifications_url, key=key, timeout=1.0, max_retries=0)
    )

    orders, unit_of_work = OrderRepository(database), service.unit_of_work(OrderUnitOfWork)
    checkout = Checkout(
        orders,
        unit_of_work,
        CartServiceClient(cart),
        inventory,
        shipments,
        payment_window=timedelta(seconds=settings.payment_deadline_seconds),
        price_validity=timedelta(seconds=settings.price_honoured_seconds),
        max_unpaid=settings.max_unpaid_orders,
    )
    cancellation = Cancellation(orders, unit_of_work, PaymentServiceClient(payment), shipments)
    reduction = Reduction(orders, unit_of_work, shipments)
    completion = Completion(orders, unit_of_work, inventory)
    timeline = TimelineService(OrderHistory(database), unit_of_work, NotificationsServiceClient(notifications))
    abandoned_after = timedelta(seconds=settings.abandon_after_seconds)
    sweeper = Sweeper(orders, checkout, cancellation, reduction, completion, abandoned_after=abandoned_after)
    handlers = OrderHandlers(
        orders, checkout, cancellation, reduction, timeline, verified_email_required=settings.verified_email_required
    )
    service.add_handlers(handlers, idempotency_keys=True)
    subscribers = OrderSubscribers(completion, timeline, AccountErasure(unit_of_work))
    service.add_subscribers(subscribers, settings.broker, instance=settings.instance)
    service.add_leader_task("sweeper", sweeper.run_once, settings.recover_every_seconds)
    service.add_retention(
        REJECTED_ORDERS_RETENTION_RULE,
        SETTLED_ORDERS_RETENTION_RULE._replace(retention=order_retention(settings.order_retention_days)),
        # accounts, each with all its orders
        RetentionRule(
            "addresses of deleted accounts", ERASE_EMAILS, timedelta(settings.account_erasure_days), batch=50
        ),
    )
    service.add_collector(unsettled_orders_collector(database))


if __name__ == "__main__":
    run(Settings, assemble)
