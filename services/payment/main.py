"""What the payment service is made of."""

from datetime import UTC, datetime, timedelta
from functools import partial
from time import time

import structlog

from chassis.data.retention import RetentionRule
from chassis.service import Service
from chassis.web.http_transport import HttpTransport
from generated.clients.order import OrderClient
from services.entrypoint import run
from services.order_retention import order_retention
from services.payment.application.attempts import AttemptRecovery, AttemptSettlement
from services.payment.application.payments import PaymentService
from services.payment.application.refunds import RefundDispatcher
from services.payment.clients import OrderServiceClient
from services.payment.domain import STRIPE_PROVIDER
from services.payment.handlers import PaymentHandlers
from services.payment.metrics import open_attempts_collector, open_refunds_collector
from services.payment.ports import PaymentProvider
from services.payment.providers import mock
from services.payment.providers.mock import MockProvider
from services.payment.repository import (
    PURGE_MOCK_CHARGES,
    PURGE_TOMBSTONES,
    SETTLED_PAYMENTS_RETENTION_RULE,
    AttemptRepository,
    PaymentRepository,
    PaymentUnitOfWork,
    RefundRepository,
)
from services.payment.settings import Settings
from services.payment.subscribers import PaymentSubscribers

log = structlog.get_logger()


async def assemble(service: Service, settings: Settings) -> None:
    database = await service.open_database(settings.database_url)
    provider = await _open_provider(service, settings)
    service.health.add_info(provider=provider.name)
    order = await service.open(OrderClient(settings.order_url, key=settings.internal_key))
    unit_of_work, payment_rows = service.unit_of_work(PaymentUnitOfWork), PaymentRepository(database)
    attempts = AttemptRepository(database, timeout=timedelta(seconds=settings.attempt_timeout_seconds))
    dispatcher = RefundDispatcher(RefundRepository(database, settings.refund_retry_seconds), unit_of_work, provider)
    notify = service.add_leader_task("refunds", dispatcher.run_once, settings.refund_poll_seconds)
    settlement = AttemptSettlement(
        payment_rows, attempts, unit_of_work, provider, partial(datetime.now, UTC), refund_requested=notify
    )
    recovery = AttemptRecovery(attempts, settlement)
    service.add_leader_task("attempts", recovery.run_once, settings.lookup_poll_seconds)
    payments = PaymentService(
        payment_rows, unit_of_work, OrderServiceClient(order), provider, settlement, refund_requested=notify
    )
    service.add_handlers(PaymentHandlers(payments, settlement, provider), idempotency_keys=True)
    service.add_subscribers(PaymentSubscribers(payments), settings.broker, instance=settings.instance)
    retention = timedelta(days=settings.tombstone_retention_days)
    service.add_retention(
        RetentionRule("tombstones", PURGE_TOMBSTONES, retention),
        SETTLED_PAYMENTS_RETENTION_RULE._replace(retention=order_retention(settings.order_retention_days)),
    )
    service.add_collector(open_refunds_collector(database), open_attempts_collector(database))


async def _open_provider(service: Service, settings: Settings) -> PaymentProvider:
    if settings.payment_provider == STRIPE_PROVIDER:
        from services.payment.providers.stripe import StripeProvider  # noqa: PLC0415 (20 MiB, for whoever uses it)

        return await service.open(
            StripeProvider(settings.stripe_secret_key, settings.stripe_webhook_secret, url=settings.stripe_url)
        )
    provider = MockProvider(service.database, settings.internal_key, time)
    log.warning("no money is taken", provider=provider.name, environment=settings.environment)
    webhook_url = f"http://127.0.0.1:{settings.port}/payment/v1/webhooks/{provider.name}"
    send_webhooks = partial(provider.send_webhooks, HttpTransport(), webhook_url)
    service.add_leader_task("webhooks of the mock", send_webhooks, every=1.0)
    service.add_retention(RetentionRule("charges of the mock", PURGE_MOCK_CHARGES, mock.RETENTION))
    return provider


if __name__ == "__main__":
    run(Settings, assemble)
