"""Send what is queued: take a mail, hand it to the mail server, mark it. One process does, several mails at a time."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from time import monotonic

import structlog
from prometheus_client import Counter

from services.chassis.bounds import backoff, passes
from services.chassis.database import Database
from services.chassis.leading import lead
from services.chassis.metrics import REGISTRY
from services.notifications.domain import Mail, Order, RetryPolicy, Status
from services.notifications.ports import Away, Mailer, Mails, Refused, RefusedForGood, Unanswered

log = structlog.get_logger()

DUTY = "mails"
LEASE = timedelta(seconds=16)  # for the database to answer (5), the mail server to take it (6.5), and the mark (4)
MARKING = 4.0  # seconds
SETTLED = Counter("shop_mails", "Mails that were sent, or failed for good.", ["status"], registry=REGISTRY)
for _status in (Status.SENT, Status.FAILED):
    SETTLED.labels(_status)  # none yet, rather than nothing known
FAILURES = Counter("shop_mail_failures", "Tries to send a mail that failed.", ["reason"], registry=REGISTRY)
for _reason in ("away", "refused", "unanswered", "fault"):
    FAILURES.labels(_reason)


class Sender:
    """A mail is taken in one short transaction, sent outside of any, and marked in another.

    Leading alone would not keep two processes from sending the same mail, for a former leader may still be busy when
    the next one starts; so whoever takes a mail has a lease on it. If a process dies between the server's answer and
    the mark, the mail goes out again when the lease ends: one copy more, with the same Message-ID. No order of these
    steps can do without either that copy or a loss (RFC 1047).

    Each of the `mailers` sends one mail after the other, and waits for a mail server that hangs without the others.
    """

    def __init__(
        self,
        database: Database,
        mails: Mails,
        compose: Callable[[Mail, Order | None], EmailMessage],
        mailers: Sequence[Mailer],
        policy: RetryPolicy,
        *,
        patience: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._database, self._mails, self._compose, self._policy = database, mails, compose, policy
        self._patience, self._now = patience, now
        self._idle = list(mailers)
        self._busy: set[asyncio.Task[None]] = set()
        self._away = 0  # times in a row that the mail server was away
        self._away_until = 0.0

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until it is time to stop: as soon as the bell rings, and every second what has become due."""
        await lead(self._database, DUTY, partial(self.send_due, stopping), stopping)
        await self.finish()

    async def send_due(self, stopping: asyncio.Event) -> None:
        """Have what is due sent by all who are idle; one alone tries whether a mail server that was away is back."""
        while (
            self._idle and not stopping.is_set() and monotonic() >= self._away_until and not (self._away and self._busy)
        ):
            taken = await self._mails.take(self._patience, LEASE)
            if taken is None:
                return
            sending = asyncio.create_task(self._send_one_after_the_other(self._idle.pop(), *taken, stopping))
            self._busy.add(sending)
            sending.add_done_callback(self._busy.discard)

    async def finish(self) -> None:
        """Wait for all that is being sent."""
        while self._busy:
            await asyncio.wait(self._busy)

    async def _send_one_after_the_other(
        self, mailer: Mailer, mail: Mail, order: Order | None, stopping: asyncio.Event
    ) -> None:
        """Send a mail, and what is due after it, until nothing is, the mail server is away, or it is time to stop."""
        taken: tuple[Mail, Order | None] | None = (mail, order)
        try:
            while taken is not None:
                await self._send(mailer, *taken)
                self._away = 0
                taken = None if stopping.is_set() else await self._mails.take(self._patience, LEASE)
        except Away as trouble:
            self._away += 1
            self._away_until = monotonic() + backoff(self._away, most=10)
            log.warning("mail server is away", trouble=str(trouble), times=self._away)
        except Exception as error:  # noqa: BLE001 (its lease ends, and it is sent again)
            FAILURES.labels("fault").inc()
            report = log.warning if passes(error) else log.exception
            report("mail is sent later", error=repr(error))
        finally:
            await mailer.rest()
            self._idle.append(mailer)

    async def _send(self, mailer: Mailer, mail: Mail, order: Order | None) -> None:
        try:
            await mailer.send(self._compose(mail, order), mail.news.recipient)
            mail.arrive()
        except Refused as refusal:
            FAILURES.labels("unanswered" if isinstance(refusal, Unanswered) else "refused").inc()
            mail.refuse(self._now(), self._policy, for_good=isinstance(refusal, RefusedForGood))
            log.warning("mail is refused", mail_id=str(mail.id), refusal=repr(refusal), status=mail.status)
        except Away:
            FAILURES.labels("away").inc()
            mail.put_off()
            await self._settle(mail)
            raise
        except Exception:  # a fault of ours, but perhaps over this mail only, which would be tried for ever
            FAILURES.labels("fault").inc()
            mail.refuse(self._now(), self._policy, for_good=False)
            log.exception("mail cannot be sent", mail_id=str(mail.id), status=mail.status)
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
