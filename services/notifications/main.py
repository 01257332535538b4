"""Composition root of the notifications service."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from chassis.data.database import Database
from chassis.data.migrations import at_head
from chassis.data.unit_of_work import UnitOfWorkFactory
from chassis.events import inbox
from chassis.events.consumer import Consumer
from chassis.events.messages import MessageContract
from chassis.events.outbox import Notifier
from chassis.runtime.process import BackgroundTask, Role, serve, start
from chassis.web.access import ApiKeys
from chassis.web.application import build_application
from chassis.web.health import Health
from chassis.web.tokens import Tokens
from services import VERSION
from services.notifications.clients import SmtpMailer
from services.notifications.dispatcher import QUEUE_NAME, MailDispatcher
from services.notifications.domain import RetryPolicy
from services.notifications.handlers import NotificationsHandlers
from services.notifications.metrics import queued_mails_collector
from services.notifications.rendering import MailRenderer
from services.notifications.repository import Mails, NotificationsUnitOfWork
from services.notifications.settings import Settings
from services.notifications.subscribers import NotificationsSubscribers

ROOT = Path(__file__).parents[2]
CONTRACT, MESSAGES = ROOT / "contracts" / "notifications.yaml", ROOT / "asyncapi" / "notifications.yaml"


async def main(settings: Settings, role: Role) -> int:
    """Run the service until it is told to stop; returns the process's exit code."""
    messages = MessageContract.read(MESSAGES)
    async with Database(settings.database_url, name="notifications") as database:
        mails = Mails(database)
        unit_of_work = UnitOfWorkFactory(
            database, NotificationsUnitOfWork, notifier=Notifier(database, QUEUE_NAME), consumer="notifications"
        )
        subscribers = NotificationsSubscribers(unit_of_work, settings.mail_from.rpartition("@")[2])
        consumer = Consumer("notifications", messages, subscribers, settings.kafka, instance=settings.instance)
        dispatcher = MailDispatcher(
            database,
            mails,
            MailRenderer(settings.mail_from),
            [SmtpMailer(settings.smtp, settings.mail_from) for _ in range(settings.mail_connections)],
            RetryPolicy(settings.mail_max_rejections, timedelta(seconds=settings.mail_give_up_after_seconds)),
            order_details_timeout=timedelta(seconds=settings.order_details_timeout_seconds),
            now=partial(datetime.now, UTC),
        )
        health = Health(
            "notifications",
            VERSION,
            {"database": database.probe, "migrations": partial(at_head, database, "notifications")},
        )
        app = build_application(
            CONTRACT,
            NotificationsHandlers(mails),
            health,
            tokens=Tokens.of(settings.auth_url),
            keys=ApiKeys(settings.internal_keys),
        )
        tasks = [
            BackgroundTask("consumer", consumer.run, consumer.probe),
            # No probe: while the mail server is away mails wait, and nothing else does.
            BackgroundTask("sender", dispatcher.run),
            BackgroundTask("inbox", partial(inbox.purge, database)),
        ]
        collectors = [database.collector, consumer.collector, queued_mails_collector(database)]
        return await serve(app, settings, tasks, role, health=health, collectors=collectors)


if __name__ == "__main__":
    start(Settings, main)
