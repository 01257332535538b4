"""Send what is queued: take a mail, hand it to the mail server, mark it. One process at a time does."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from time import monotonic

import structlog
from prometheus_client import Counter

from services.chassis.bounds import passes, pause
from services.chassis.database import Database
from services.chassis.leading import lead
from services.chassis.metrics import REGISTRY
from services.notifications.domain import Mail, Order, Status
from services.notifications.ports import Away, Mailer, Mails, Refused, RefusedForGood

log = structlog.get_logger()

DUTY = "mails"
ROUND = 15.0  # seconds; a leader that is silent for longer than half a minute is taken for dead
LEASE = timedelta(seconds=15)  # for the database to answer (5), the mail server to take it (6), and the mark (4)
MARKING = 4.0  # seconds
SETTLED = Counter("shop_mails", "Mails that were sent, or failed for good.", ["status"], registry=REGISTRY)
for _status in (Status.SENT, Status.FAILED):
    SETTLED.labels(_status)  # none yet, rather than nothing known


class Sender:
    """A mail is taken in one short transaction, sent outside of any, and marked in another.

    Leading alone would not keep two processes from sending the same mail, for a former leader may still be busy when
    the next one starts; so whoever takes a mail has a lease on it. If a process dies between the server's answer and
    the mark, the mail goes out again when the lease ends: one copy more, with the same Message-ID. No order of these
    steps can do without either that copy or a loss (RFC 1047).
    """

    def __init__(
        self,
        database: Database,
        mails: Mails,
        compose: Callable[[Mail, Order | None], EmailMessage],
        mailer: Mailer,
        *,
        patience: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._database, self._mails, self._compose, self._mailer = database, mails, compose, mailer
        self._patience, self._now = patience, now

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until it is time to stop: as soon as the bell rings, and every second what has become due."""
        await lead(self._database, DUTY, partial(self.send_due, stopping), stopping)

    async def send_due(self, stopping: asyncio.Event) -> None:
        """Send one after the other, until none is due, the mail server is away, or it is time to stop."""
        until = monotonic() + ROUND
        try:
            while not stopping.is_set() and monotonic() < until:
                taken = await self._mails.take(self._patience, LEASE)
                if taken is None:
                    return
                await self._send(*taken)
        except Away as trouble:
            log.warning("mail server is away", trouble=str(trouble))
            await pause(stopping, 1)  # bells ring meanwhile, each of which would knock again
        finally:
            await self._mailer.rest()

    async def _send(self, mail: Mail, order: Order | None) -> None:
        try:
            await self._mailer.send(self._compose(mail, order), mail.news.recipient)
            mail.arrive()
        except Refused as refusal:
            mail.refuse(self._now(), for_good=isinstance(refusal, RefusedForGood))
            log.warning("mail is refused", mail_id=str(mail.id), refusal=repr(refusal), status=mail.status)
        except Away:
            mail.put_off()
            await self._settle(mail)
            raise
        await self._settle(mail)
        if mail.status is not Status.QUEUED:
            SETTLED.labels(mail.status).inc()
        if mail.status is Status.SENT:
            log.info("mail sent", mail_id=str(mail.id), order_id=str(mail.news.order_id), kind=mail.news.kind)

    async def _settle(self, mail: Mail) -> None:
        """Write it down, soon after if not at once: a mail that was sent and is not marked is sent again."""
        until = monotonic() + MARKING
        while True:
            try:
                return await self._mails.settle(mail)
            except Exception as trouble:
                if not passes(trouble) or monotonic() > until:
                    raise
                await asyncio.sleep(0.1)
