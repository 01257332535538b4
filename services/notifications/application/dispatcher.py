"""Send queued mails: claim some, hand each to the mail server, mark together those that were sent."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import NamedTuple

import structlog

from chassis.runtime.errors import describe_error
from chassis.runtime.retry import TransientError, backoff_seconds, is_transient, sleep_unless
from services.notifications.application.outcomes import FAILURES_COUNTER, OutcomeRecorder
from services.notifications.domain import Mail, Order, RetryPolicy
from services.notifications.errors import (
    AccessDenied,
    LinkNotFound,
    PermanentRejection,
    Rejection,
    ResponseTimeout,
    Unavailable,
    Unconfirmed,
)
from services.notifications.ports import LinkClient, Mailer, MailRepository

log = structlog.get_logger()

POLL_INTERVAL = 1.0  # seconds, for mails that become due later, and those that a replica has queued and left
MAILS_PER_CONNECTION = 4  # mails that are claimed at once
# For the database to answer and a connection to be free (5.5), a link (2), the mail server (15), and the mark (4).
LEASE = timedelta(seconds=27)
DRAIN_TIMEOUT = 5.5  # seconds; with the mark, about what a process has that is told to stop
MAX_WAIT = 5.5  # seconds after which a mail is not begun any more, since its lease might end on the way


class ClaimedMail(NamedTuple):
    mail: Mail
    order: Order | None
    begin_until: float


class MailDispatcher:
    """Sends mails: some are claimed in one statement, sent outside of any transaction, and marked in another statement.

    It runs in every replica: whoever claims a mail has a lease on it, so that no other sends it. If a process dies
    before a mail is sent, it is sent when the lease ends; if it dies between the server's answer and the mark, the mail
    goes out again then: one copy more, with the same Message-ID. No order of these steps can do without either that
    copy or a loss (RFC 1047). A mail server that is silent after the whole mail gets it twice more at most.

    Each of the `mailers` takes the next claimed mail when it is done with one, and waits for a mail server that hangs
    without the others.
    """

    def __init__(
        self,
        mails: MailRepository,
        links: LinkClient,
        render: Callable[[Mail, Order | None], bytes],
        mailers: Sequence[Mailer],
        policy: RetryPolicy,
        *,
        order_details_timeout: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._mails, self._links, self._render, self._policy = mails, links, render, policy
        self._order_details_timeout, self._now = order_details_timeout, now
        self._idle_mailers, self._batch_size = list(mailers), MAILS_PER_CONNECTION * len(mailers)
        self._claimed: deque[ClaimedMail] = deque()
        self._senders: set[asyncio.Task[None]] = set()
        self._wakeup = asyncio.Event()
        self._recorder = OutcomeRecorder(mails, on_recorded=self.wake)  # the next mails of the same orders may be due
        self._more_due = False
        self._failed_connects = 0  # in a row
        self._next_connect_at = 0.0
        self._unavailable: Unavailable | None = None  # what the mail server said last of itself

    async def probe(self) -> None:
        """Raise when the mail server did not serve us the last time."""
        if self._unavailable is not None:
            raise type(self._unavailable)(*self._unavailable.args)

    def wake(self) -> None:
        """A mail may be due now."""
        self._wakeup.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until it is time to stop: when woken, and every second."""
        stopped = asyncio.ensure_future(stopping.wait())
        stopped.add_done_callback(lambda _: self.wake())
        try:
            while not stopping.is_set():
                try:
                    await self.send_due(stopping)
                except Exception as error:
                    if not is_transient(error):
                        raise
                    log.warning("mails are claimed later", error=describe_error(error))
                await asyncio.gather(*(mailer.close_if_idle() for mailer in self._idle_mailers))
                await sleep_unless(self._wakeup, POLL_INTERVAL)
        finally:
            stopped.cancel()
        await self.drain()

    async def send_due(self, stopping: asyncio.Event) -> None:
        """Send until no mail is due, the mail server is unreachable, or it is time to stop."""
        while not stopping.is_set():
            self._wakeup.clear()
            claimed = await self._claim_due(stopping)
            # A mark that was made meanwhile may have let the next mail of its order become due.
            if not (claimed or self._senders or self._recorder.is_busy or self._wakeup.is_set()):
                return
            await sleep_unless(self._wakeup, POLL_INTERVAL)

    async def drain(self) -> None:
        """Give back what is claimed and not begun, wait until nothing is being sent, and close the connections."""
        self._give_back()
        if self._senders:
            _, late = await asyncio.wait(self._senders, timeout=DRAIN_TIMEOUT)
            for sender in late:  # whose mail is unconfirmed, or its lease ends
                sender.cancel()
            if late:
                await asyncio.wait(late)
        await self._recorder.drain()
        await asyncio.gather(*(mailer.close() for mailer in self._idle_mailers))

    async def _claim_due(self, stopping: asyncio.Event) -> bool:
        """Whether a mail was due; claimed ones are sent by idle mailers, by a single one after a failed connect."""
        limit = 1 if self._failed_connects else self._batch_size
        if not self._idle_mailers or monotonic() < self._next_connect_at or (self._failed_connects and self._senders):
            return False
        begin_until = monotonic() + MAX_WAIT
        claimed = await self._mails.claim(limit, self._order_details_timeout, LEASE)
        self._claimed.extend(ClaimedMail(mail, order, begin_until) for mail, order in claimed)
        self._more_due = len(claimed) == limit
        for _ in range(min(len(claimed), len(self._idle_mailers))):
            sender = asyncio.create_task(self._send_claimed(self._idle_mailers.pop(), stopping))
            self._senders.add(sender)
            sender.add_done_callback(self._senders.discard)
        return bool(claimed)

    async def _send_claimed(self, mailer: Mailer, stopping: asyncio.Event) -> None:
        """Send claimed mails until none is left, the mail server is unreachable, or it is time to stop."""
        try:
            while self._claimed and not stopping.is_set():
                mail, order, begin_until = self._claimed.popleft()
                if monotonic() > begin_until:
                    self._defer(mail)
                elif await self._has_link(mail):
                    await self._send(mailer, mail, order)
                    self._failed_connects, self._unavailable = 0, None
        except Unavailable as error:
            self._failed_connects += 1
            self._next_connect_at = monotonic() + backoff_seconds(self._failed_connects, most=10)
            self._unavailable = error
            if isinstance(error, AccessDenied):
                log.error("mail server denies access", error=str(error), times=self._failed_connects)
            else:
                log.warning("mail server is away", error=str(error), times=self._failed_connects)
            self._give_back()
        finally:
            self._idle_mailers.append(mailer)
            if self._more_due:
                self.wake()

    async def _has_link(self, mail: Mail) -> bool:
        """Whether the mail can be sent: with a token of its link, if it has one. Otherwise its outcome is recorded."""
        link_id = mail.notification.link_id
        if link_id is None:
            return True
        try:
            mail.link_token = await self._links.issue_token(link_id)
        except LinkNotFound:
            mail.withdraw()
        except TransientError as error:
            FAILURES_COUNTER.labels("link").inc()
            mail.retry_with_backoff()
            log.warning("mail waits for its link", mail_id=str(mail.id), error=describe_error(error))
        else:
            return True
        self._recorder.record(mail)
        return False

    async def _send(self, mailer: Mailer, mail: Mail, order: Order | None) -> None:
        try:
            await mailer.send(self._render(mail, order), mail.notification.recipient)
            mail.mark_sent()
        except Unconfirmed as error:
            FAILURES_COUNTER.labels("unconfirmed").inc()
            mail.leave_unconfirmed()
            log.warning("mail is not confirmed", mail_id=str(mail.id), error=str(error), status=mail.status)
        except Rejection as rejection:
            FAILURES_COUNTER.labels("unanswered" if isinstance(rejection, ResponseTimeout) else "refused").inc()
            mail.reject(self._now(), self._policy, permanent=isinstance(rejection, PermanentRejection))
            log.warning("mail is refused", mail_id=str(mail.id), rejection=repr(rejection), status=mail.status)
        except Unavailable as error:
            FAILURES_COUNTER.labels("denied" if isinstance(error, AccessDenied) else "away").inc()
            self._defer(mail)
            raise
        except Exception:  # a fault of ours, but perhaps over this mail only, which would be tried for ever
            FAILURES_COUNTER.labels("fault").inc()
            mail.reject(self._now(), self._policy, permanent=False)
            log.exception("mail cannot be sent", mail_id=str(mail.id), status=mail.status)
        self._recorder.record(mail)

    def _give_back(self) -> None:
        """Let others send what is claimed and not begun."""
        while self._claimed:
            self._defer(self._claimed.popleft().mail)

    def _defer(self, mail: Mail) -> None:
        mail.retry_at_once()
        self._recorder.record(mail)
