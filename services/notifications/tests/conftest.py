"""The notifications service on a real PostgreSQL and a real mail sink."""

import asyncio
import email
import email.policy
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from aiosmtpd.smtp import SMTP

from services.chassis.database import Database
from services.chassis.statement import Statement
from services.chassis.testing.callers import client_of
from services.chassis.testing.recording import heard
from services.chassis.unit_of_work import UnitOfWork
from services.notifications.clients import SmtpMailer
from services.notifications.composing import Composer
from services.notifications.domain import RetryPolicy
from services.notifications.handlers import NotificationsHandlers
from services.notifications.main import CONTRACT, MESSAGES
from services.notifications.repository import Mails, NotificationsWork
from services.notifications.sending import Sender
from services.notifications.subscribers import NotificationsSubscribers
from services.notifications.tables import mails as table

SHOP = "orders@shop.example"
LEDGER = Statement(table.select().order_by(table.c.id))
DUE_NOW = Statement(table.update().values(next_try_at=table.c.queued_at))


@pytest.fixture
async def database(empty_database_for):
    async with Database(empty_database_for("notifications"), name="test", connections=4) as database:
        yield database


@pytest.fixture
def unit_of_work(database):
    return UnitOfWork(database, NotificationsWork, consumer="notifications")


@pytest.fixture
def mails(database):
    return Mails(database)


@pytest.fixture
def subscribers(unit_of_work):
    return heard(NotificationsSubscribers(unit_of_work, "shop.example"), MESSAGES)


@pytest.fixture
async def client(mails):
    async with client_of(CONTRACT, NotificationsHandlers(mails)) as client:
        yield client


@pytest.fixture
def ledger(database):
    """The rows of all mails, in the order in which they were queued."""

    async def ledger():
        return await database.fetch_all(LEDGER)

    return ledger


@pytest.fixture
def all_due(database):
    """Every mail may be taken again at once: leases have ended, pauses are over."""

    async def all_due():
        await database.execute(DUE_NOW)

    return all_due


@pytest.fixture
def sender_to(database, mails):
    """A sender to that mail server, which waits so many seconds for orders it does not know."""

    def sender_to(smtp, *, patience=0.0, mails=mails, mailer=None, policy=None):
        return Sender(
            database,
            mails,
            Composer(SHOP),
            [mailer] if mailer else [SmtpMailer(smtp, SHOP) for _ in range(4)],
            policy or RetryPolicy(),
            patience=timedelta(seconds=patience),
            now=lambda: datetime.now(UTC),
        )

    return sender_to


@pytest.fixture
def send_due(sender_to, mail):
    """Send what is due, until nothing is."""

    async def send_due(smtp=mail["smtp"], **how):
        sender = sender_to(smtp, **how)
        await sender.send_due(asyncio.Event())
        await sender.finish()

    return send_due


@pytest.fixture
def arrived(mail):
    """The mails about an order that reached the sink, the first one first."""

    async def arrived(order, url=mail["url"]):
        async with httpx.AsyncClient(base_url=url) as inbox:
            found = await inbox.get("/api/v2/search", params={"kind": "containing", "query": str(order), "limit": 500})
        raw = [item["Raw"] for item in reversed(found.json()["items"])]
        return [(email.message_from_string(one["Data"], policy=email.policy.default), one["To"]) for one in raw]

    return arrived


@pytest.fixture
async def strict_server():
    """A mail server that answers RCPT as it is told, or never, by the recipient; it keeps who was mailed
    and counts the connections that were ended in order. With `tls` it offers STARTTLS."""

    class Strict:
        def __init__(self):
            self.says, self.hangs, self.mailed, self.ended, self.tls = {}, set(), [], 0, None

        async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 (aiosmtpd's)
            if address in self.hangs:
                await asyncio.Event().wait()
            if address in self.says:
                return self.says[address]
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, server, session, envelope):  # noqa: N802 (aiosmtpd's)
            self.mailed += envelope.rcpt_tos
            return "250 OK"

        async def handle_QUIT(self, server, session, envelope):  # noqa: N802 (aiosmtpd's)
            self.ended += 1
            return "221 Bye"

    strict = Strict()
    serving = await asyncio.get_running_loop().create_server(lambda: SMTP(strict, tls_context=strict.tls), "127.0.0.1")
    strict.smtp = f"127.0.0.1:{serving.sockets[0].getsockname()[1]}"
    async with serving:
        yield strict
