"""Composition root of the notifications service."""

from datetime import UTC, datetime, timedelta
from functools import partial

from chassis.data.retention import RetentionRule
from chassis.service import Service
from generated.clients.auth import AuthClient
from generated.statements.notifications import ERASE_RECIPIENTS
from services.entrypoint import run
from services.notifications.application.dispatcher import MailDispatcher
from services.notifications.application.notifications import NotificationService
from services.notifications.clients import AuthServiceClient, SmtpMailer
from services.notifications.domain import RetryPolicy
from services.notifications.handlers import NotificationsHandlers
from services.notifications.metrics import queued_mails_collector
from services.notifications.rendering import MailRenderer
from services.notifications.repository import (
    ACCOUNT_MAILS_RETENTION_RULE,
    ORDER_RETENTION_RULES,
    MailRepository,
    NotificationsUnitOfWork,
)
from services.notifications.settings import Settings
from services.notifications.subscribers import NotificationsSubscribers
from services.order_retention import order_retention


def make_mailer(settings: Settings) -> SmtpMailer:
    return SmtpMailer(
        settings.smtp, settings.mail_from, encryption=settings.smtp_encryption,
        user=settings.smtp_user, password=settings.smtp_password, ca=settings.smtp_ca,
    )  # fmt: skip


async def assemble(service: Service, settings: Settings) -> None:
    database = await service.open_database(settings.database_url)
    mails, sender = MailRepository(database), settings.mail_from
    account_erasure = timedelta(days=settings.account_erasure_days)
    auth = await service.open(AuthClient(settings.auth_url, key=settings.internal_key))
    dispatcher = MailDispatcher(
        mails,
        AuthServiceClient(auth),
        MailRenderer(sender, settings.shop_url),
        [make_mailer(settings) for _ in range(settings.mail_connections)],
        RetryPolicy(settings.mail_max_rejections, timedelta(seconds=settings.mail_give_up_after_seconds)),
        order_details_timeout=timedelta(seconds=settings.order_details_timeout_seconds),
        now=partial(datetime.now, UTC),
    )
    notifications = NotificationService(
        mails,
        service.unit_of_work(NotificationsUnitOfWork),
        sender.rpartition("@")[2],
        dispatcher.wake,
        account_erasure=account_erasure,
    )
    service.add_handlers(NotificationsHandlers(notifications))
    service.add_subscribers(NotificationsSubscribers(notifications), settings.broker, instance=settings.instance)
    retention = order_retention(settings.order_retention_days)
    service.add_retention(
        ACCOUNT_MAILS_RETENTION_RULE,
        RetentionRule("recipients of mails", ERASE_RECIPIENTS, account_erasure, batch=50),
        *(rule._replace(retention=retention) for rule in ORDER_RETENTION_RULES),
    )
    service.add_task("sender", dispatcher.run)
    service.add_probe("mail server", dispatcher.probe, required=False)  # while it is away mails wait, and nothing else
    service.add_collector(queued_mails_collector(database))


if __name__ == "__main__":
    run(Settings, assemble)
