"""Send queued mails: claim one, hand it to the mail server, mark it. One process leads, several mails at a time."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from time import monotonic

import structlog
from prometheus_client import Counter

from chassis.data.database import Database
from chassis.data.leader_election import LedTask
from chassis.runtime.metrics import REGISTRY
from chassis.runtime.retry import backoff, is_transient
from generated.states import NotificationStatus
from services.notifications.domain import Mail, Order, RetryPolicy
from services.notifications.ports import (
    Mailer,
    MailRepository,
    PermanentRejection,
    Rejection,
    ResponseTimeout,
    Unavailable,
)

log = structlog.get_logger()

QUEUE_NAME = "mails"
LEASE = timedelta(seconds=16)  # for the database to answer (5), the mail server to take it (6.5), and the mark (4)
COMPLETION_TIMEOUT = 4.0  # seconds
COMPLETED = Counter("mails", "Mails that were sent, or failed for good.", ["status"], registry=REGISTRY)
for _status in (NotificationStatus.SENT, NotificationStatus.FAILED):
    COMPLETED.labels(_status)  # none yet, rather than nothing known
FAILURES = Counter("mail_failures", "Tries to send a mail that failed.", ["reason"], registry=REGISTRY)
for _reason in ("away", "refused", "unanswered", "fault"):
    FAILURES.labels(_reason)


class MailDispatcher:
    """Sends mails: each is claimed in one short transaction, sent outside of any, and marked in another.

    Leading alone would not keep two processes from sending the same mail, for a former leader may still be busy when
    the next one starts; so whoever claims a mail has a lease on it. If a process dies between the server's answer and
    the mark, the mail goes out again when the lease ends: one copy more, with the same Message-ID. No order of these
    steps can do without either that copy or a loss (RFC 1047).

    Each of the `mailers` sends one mail after the other, and waits for a mail server that hangs without the others.
    """

    def __init__(
        self,
        database: Database,
        mails: MailRepository,
        render: Callable[[Mail, Order | None], EmailMessage],
        mailers: Sequence[Mailer],
        policy: RetryPolicy,
        *,
        order_details_timeout: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._database, self._mails, self._render, self._policy = database, mails, render, policy
        self._order_details_timeout, self._now = order_details_timeout, now
        self._idle_mailers = list(mailers)
        self._tasks: set[asyncio.Task[None]] = set()
        self._failed_connects = 0  # in a row
        self._next_connect_at = 0.0

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until it is time to stop: when notified, and every second."""
        await LedTask(self._database, QUEUE_NAME, self.send_due).run(stopping)
        await self.drain()

    async def send_due(self, stopping: asyncio.Event) -> None:
        """Start sending due mails with every idle mailer; a single one probes a mail server that was unreachable."""
        while (
            self._idle_mailers
            and not stopping.is_set()
            and monotonic() >= self._next_connect_at
            and not (self._failed_connects and self._tasks)
        ):
            claimed = await self._mails.claim(self._order_details_timeout, LEASE)
            if claimed is None:
                return
            dispatcher = asyncio.create_task(self._send_until_drained(self._idle_mailers.pop(), *claimed, stopping))
            self._tasks.add(dispatcher)
            dispatcher.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Wait until nothing is being sent."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _send_until_drained(
        self, mailer: Mailer, mail: Mail, order: Order | None, stopping: asyncio.Event
    ) -> None:
        """Send a mail, then the next due one, until none is due, the mail server is unreachable, or we stop."""
        claimed: tuple[Mail, Order | None] | None = (mail, order)
        try:
            while claimed is not None:
                await self._send(mailer, *claimed)
                self._failed_connects = 0
                claimed = None if stopping.is_set() else await self._mails.claim(self._order_details_timeout, LEASE)
        except Unavailable as error:
            self._failed_connects += 1
            self._next_connect_at = monotonic() + backoff(self._failed_connects, most=10)
            log.warning("mail server is away", error=str(error), times=self._failed_connects)
        except Exception as error:  # noqa: BLE001 (its lease ends, and it is sent again)
            FAILURES.labels("fault").inc()
            log_failure = log.warning if is_transient(error) else log.exception
            log_failure("mail is sent later", error=repr(error))
        finally:
            await mailer.close()
            self._idle_mailers.append(mailer)

    async def _send(self, mailer: Mailer, mail: Mail, order: Order | None) -> None:
        try:
            await mailer.send(self._render(mail, order), mail.notification.recipient)
            mail.mark_sent()
        except Rejection as rejection:
            FAILURES.labels("unanswered" if isinstance(rejection, ResponseTimeout) else "refused").inc()
            mail.reject(self._now(), self._policy, permanent=isinstance(rejection, PermanentRejection))
            log.warning("mail is refused", mail_id=str(mail.id), rejection=repr(rejection), status=mail.status)
        except Unavailable:
            FAILURES.labels("away").inc()
            mail.defer()
            await self._complete(mail)
            raise
        except Exception:  # a fault of ours, but perhaps over this mail only, which would be tried for ever
            FAILURES.labels("fault").inc()
            mail.reject(self._now(), self._policy, permanent=False)
            log.exception("mail cannot be sent", mail_id=str(mail.id), status=mail.status)
        await self._complete(mail)
        if mail.status is not NotificationStatus.QUEUED:
            COMPLETED.labels(mail.status).inc()
        if mail.status is NotificationStatus.SENT:
            log.info(
                "mail sent", mail_id=str(mail.id), order_id=str(mail.notification.order_id), kind=mail.notification.kind
            )

    async def _complete(self, mail: Mail) -> None:
        """Record the outcome, retrying for COMPLETION_TIMEOUT: a mail that was sent and is not marked is sent again."""
        deadline = monotonic() + COMPLETION_TIMEOUT
        while True:
            try:
                return await self._mails.complete(mail)
            except Exception as error:
                if not is_transient(error) or monotonic() > deadline:
                    raise
                await asyncio.sleep(0.1)
