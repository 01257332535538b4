"""The notifications service on a real PostgreSQL and a real mail sink."""

import asyncio
import email
import email.policy
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from aiosmtpd.smtp import SMTP

from chassis.data.statement import Statement
from chassis.events.dead_letter_table import DeadLetterTable
from chassis.unit_of_work import DatabaseUnitOfWorkFactory
from chassis.web.http_client import UpstreamUnavailable
from services import CONTRACTS_FOLDER, EVENT_CONTRACTS_FOLDER
from services.notifications.application.dispatcher import MailDispatcher
from services.notifications.application.notifications import NotificationService
from services.notifications.clients import SmtpMailer
from services.notifications.domain import RetryPolicy
from services.notifications.errors import LinkNotFound
from services.notifications.handlers import NotificationsHandlers
from services.notifications.rendering import MailRenderer
from services.notifications.repository import MailRepository, NotificationsUnitOfWork
from services.notifications.subscribers import NotificationsSubscribers
from services.notifications.tables import mails as table
from tooling.conformance.callers import contract_test_client
from tooling.conformance.contract_recorder import record_received

CONTRACT, MESSAGES = CONTRACTS_FOLDER / "notifications.yaml", EVENT_CONTRACTS_FOLDER / "notifications.yaml"

SHOP, SHOP_URL = "orders@shop.example", "https://shop.example"
ACCOUNT_ERASURE = timedelta(days=30)
ALL_MAILS = Statement(table.select().order_by(table.c.id))
MAKE_ALL_DUE = Statement(table.update().values(next_try_at=table.c.queued_at))


@pytest.fixture
def unit_of_work(database, batches):
    return DatabaseUnitOfWorkFactory(database, NotificationsUnitOfWork, consumer="notifications", batches=batches)


@pytest.fixture
def mails(database):
    return MailRepository(database)


@pytest.fixture
def make_notifications(mails, unit_of_work):
    def make_notifications(wake_dispatcher=lambda: None):
        return NotificationService(
            mails, unit_of_work, "shop.example", wake_dispatcher, account_erasure=ACCOUNT_ERASURE
        )

    return make_notifications


@pytest.fixture
def make_subscribers(make_notifications):
    """Makes subscribers that wake a dispatcher."""
    return lambda wake_dispatcher: NotificationsSubscribers(make_notifications(wake_dispatcher))


@pytest.fixture
def notifications(make_notifications):
    return make_notifications()


@pytest.fixture
def subscribers(notifications):
    return record_received(NotificationsSubscribers(notifications), MESSAGES)


@pytest.fixture
async def client(notifications, database):
    handlers, letters = NotificationsHandlers(notifications), DeadLetterTable(database)
    async with contract_test_client(CONTRACT, handlers, dead_letters=letters) as client:
        yield client


@pytest.fixture
def mail_rows(database):
    """The rows of all mails, in the order in which they were queued."""

    async def mail_rows():
        return await database.fetch_all(ALL_MAILS)

    return mail_rows


@pytest.fixture
def make_all_due(database):
    """Ends every lease and retry delay."""

    async def make_all_due():
        await database.execute(MAKE_ALL_DUE)

    return make_all_due


class Links:
    """Issues tokens with numbers; a link that was `used` has none, and none has one while it is `away`."""

    def __init__(self):
        self.issued, self.used, self.away = [], set(), False

    async def issue_token(self, link_id):
        if self.away:
            raise UpstreamUnavailable("auth")
        if link_id in self.used:
            raise LinkNotFound
        self.issued.append(link_id)
        return f"token-{len(self.issued)}"


@pytest.fixture
def links():
    return Links()


@pytest.fixture
def make_dispatcher(mails, links):
    """Makes a dispatcher to a mail server; `order_details_timeout` is in seconds."""

    def make_dispatcher(smtp, *, order_details_timeout=0.0, mails=mails, links=links, mailer=None, policy=None):
        return MailDispatcher(
            mails,
            links,
            MailRenderer(SHOP, SHOP_URL),
            [mailer] if mailer else [SmtpMailer(smtp, SHOP) for _ in range(4)],
            policy or RetryPolicy(),
            order_details_timeout=timedelta(seconds=order_details_timeout),
            now=lambda: datetime.now(UTC),
        )

    return make_dispatcher


@pytest.fixture
def send_due(make_dispatcher, mail):
    """Sends due mails until none is due."""

    async def send_due(smtp=mail["smtp"], **options):
        dispatcher = make_dispatcher(smtp, **options)
        await dispatcher.send_due(asyncio.Event())
        await dispatcher.drain()

    return send_due


@pytest.fixture
def received_mails(mail):
    """Reads the (message, recipients) about an order that reached the sink, the first one first."""

    async def received_mails(order, url=mail["url"]):
        async with httpx.AsyncClient(base_url=url) as inbox:
            response = await inbox.get(
                "/api/v2/search", params={"kind": "containing", "query": str(order), "limit": 500}
            )
        raw = [item["Raw"] for item in reversed(response.json()["items"])]
        return [
            (email.message_from_string(message["Data"], policy=email.policy.default), message["To"]) for message in raw
        ]

    return received_mails


@pytest.fixture
async def scripted_smtp():
    """A mail server that answers RCPT as it is told, or never, by the recipient; it keeps who was mailed and under
    which Message-IDs, and counts the connections, those that were ended in order, and those that were lost. With `tls`
    it offers STARTTLS; `before_taking` is awaited before it takes a mail, and none larger than `max_size` is taken. It
    answers DATA never while it `hangs_at_data`, and the mail itself with `data_reply`."""

    class ScriptedSmtpHandler:
        def __init__(self):
            self.replies, self.unresponsive, self.recipients, self.tls = {}, set(), [], None
            self.connection_count, self.quit_count, self.lost_count, self.transports = 0, 0, 0, []
            self.message_ids, self.before_taking, self.max_size = [], None, None
            self.hangs_at_data, self.data_reply = False, "250 OK"

        def hang_up(self):
            for transport in self.transports:
                transport.close()

        async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 (aiosmtpd's)
            size = next(int(option[5:]) for option in options if option.upper().startswith("SIZE="))
            if self.max_size is not None and size > self.max_size:
                return "552 5.3.4 Message size exceeds fixed limit"
            envelope.mail_from = address
            return "250 OK"

        async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 (aiosmtpd's)
            if address in self.unresponsive:
                await asyncio.Event().wait()
            if address in self.replies:
                return self.replies[address]
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, server, session, envelope):  # noqa: N802 (aiosmtpd's)
            if self.before_taking:
                await self.before_taking()
            self.recipients += envelope.rcpt_tos
            self.message_ids.append(email.message_from_bytes(envelope.content)["Message-ID"])
            return self.data_reply

        async def handle_QUIT(self, server, session, envelope):  # noqa: N802 (aiosmtpd's)
            self.quit_count += 1
            return "221 Bye"

    handler = ScriptedSmtpHandler()

    class ScriptedSmtp(SMTP):
        def connection_made(self, transport):
            handler.connection_count += 1
            handler.transports.append(transport)
            super().connection_made(transport)

        async def smtp_DATA(self, arg):  # noqa: N802 (aiosmtpd's)
            if handler.hangs_at_data:
                await asyncio.Event().wait()
            await super().smtp_DATA(arg)

        def connection_lost(self, error):
            handler.lost_count += 1
            super().connection_lost(error)

    server = await asyncio.get_running_loop().create_server(
        lambda: ScriptedSmtp(handler, tls_context=handler.tls), "127.0.0.1"
    )
    handler.smtp = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield handler
