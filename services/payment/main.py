"""What the payment service is made of."""

from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from chassis.data.retention import RetentionRule
from chassis.service import Service
from generated.clients.order import OrderClient
from services.entrypoint import run
from services.order_retention import order_retention
from services.payment.application.payments import PaymentService
from services.payment.application.refunds import RefundDispatcher
from services.payment.clients import MockProvider, OrderServiceClient
from services.payment.handlers import PaymentHandlers
from services.payment.metrics import open_refunds_collector
from services.payment.repository import (
    PURGE_TOMBSTONES,
    SETTLED_PAYMENTS_RETENTION_RULE,
    PaymentRepository,
    PaymentUnitOfWork,
    RefundRepository,
)
from services.payment.settings import Settings
from services.payment.subscribers import PaymentSubscribers

log = structlog.get_logger()


async def assemble(service: Service, settings: Settings) -> None:
    provider = MockProvider()
    log.warning("no money is taken", provider=provider.name, environment=settings.environment)
    service.health.add_info(provider=provider.name)
    database = await service.open_database(settings.database_url)
    order = await service.open(OrderClient(settings.order_url, key=settings.internal_key))
    unit_of_work = service.unit_of_work(PaymentUnitOfWork)
    dispatcher = RefundDispatcher(RefundRepository(database, settings.refund_retry_seconds), unit_of_work, provider)
    notify = service.add_leader_task("refunds", dispatcher.run_once, settings.refund_poll_seconds)
    payments = PaymentService(
        PaymentRepository(database),
        unit_of_work,
        OrderServiceClient(order),
        provider,
        now=partial(datetime.now, UTC),
        refund_requested=notify,
    )
    service.add_handlers(PaymentHandlers(payments), idempotency_keys=True)
    service.add_subscribers(PaymentSubscribers(payments), settings.kafka, instance=settings.instance)
    retention = timedelta(days=settings.tombstone_retention_days)
    service.add_retention(
        RetentionRule("tombstones", PURGE_TOMBSTONES, retention),
        SETTLED_PAYMENTS_RETENTION_RULE._replace(retention=order_retention(settings.order_retention_days)),
    )
    service.add_collector(open_refunds_collector(database))


if __name__ == "__main__":
    run(Settings, assemble)
