"""Record what became of mails that were claimed: those of a moment in one statement."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import NamedTuple

import structlog
from prometheus_client import Counter

from chassis.runtime.errors import describe_error
from chassis.runtime.metrics import REGISTRY
from chassis.runtime.retry import is_transient
from generated.states import NotificationStatus
from services.notifications.domain import Mail
from services.notifications.ports import MailRepository

log = structlog.get_logger()

COMPLETION_TIMEOUT = 4.0  # seconds
COMPLETED_COUNTER = Counter("mails", "Mails that were sent, or failed for good.", ["status"], registry=REGISTRY)
for _status in (NotificationStatus.SENT, NotificationStatus.FAILED):
    COMPLETED_COUNTER.labels(_status)  # none yet, rather than nothing known
FAILURES_COUNTER = Counter("mail_failures", "Tries to send a mail that failed.", ["reason"], registry=REGISTRY)
for _reason in ("away", "denied", "refused", "unanswered", "unconfirmed", "link", "fault"):
    FAILURES_COUNTER.labels(_reason)


class Outcome(NamedTuple):
    mail: Mail
    retry_until: float


class OutcomeRecorder:
    """Nobody waits for it: mails that are done with while some are being recorded are recorded next, together.

    It tries for COMPLETION_TIMEOUT, since a mail that was sent and is not marked is sent again when its lease ends.
    """

    def __init__(self, mails: MailRepository, on_recorded: Callable[[], None]) -> None:
        self._mails, self._on_recorded = mails, on_recorded
        self._outcomes: list[Outcome] = []
        self._task: asyncio.Task[None] | None = None

    def record(self, mail: Mail) -> None:
        """Record what the mail says of itself, soon."""
        self._outcomes.append(Outcome(mail, monotonic() + COMPLETION_TIMEOUT))
        if self._task is None:
            self._task = asyncio.create_task(self._record_all())

    @property
    def is_busy(self) -> bool:
        return self._task is not None

    async def drain(self) -> None:
        """Wait until everything is recorded, or given up."""
        if self._task:
            await asyncio.wait([self._task])

    async def _record_all(self) -> None:
        while self._outcomes:
            await self._record_some(tuple(self._outcomes))
            if not self._outcomes:
                self._task = None
            self._on_recorded()

    async def _record_some(self, outcomes: tuple[Outcome, ...]) -> None:
        try:
            await self._mails.complete([outcome.mail for outcome in outcomes])
        except Exception as error:  # noqa: BLE001 (their leases end, and they are sent again)
            given_up = [o for o in outcomes if not is_transient(error) or monotonic() > o.retry_until]
            self._outcomes = [outcome for outcome in self._outcomes if outcome not in given_up]
            if given_up:
                FAILURES_COUNTER.labels("fault").inc(len(given_up))
                log_failure = log.warning if is_transient(error) else log.exception
                log_failure("mails are sent later", mails=len(given_up), error=describe_error(error))
            await asyncio.sleep(0.1)
        else:
            del self._outcomes[: len(outcomes)]
            for outcome in outcomes:
                _report(outcome.mail)


def _report(mail: Mail) -> None:
    if mail.status is not NotificationStatus.QUEUED:
        COMPLETED_COUNTER.labels(mail.status).inc()
    if mail.status is NotificationStatus.SENT:
        notification = mail.notification
        about = {"order_id": str(notification.order_id)} if notification.order_id else {}
        log.info("mail sent", mail_id=str(mail.id), kind=notification.kind, **about)
    elif mail.is_withdrawn:
        log.info("mail withdrawn", mail_id=str(mail.id), kind=mail.notification.kind)
