"""Mails: what a shopper is told of an order, and what may become of it on the way."""

import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from generated.states import NotificationStatus
from services.money import Money

RETRY_JITTER = 0.2  # of a pause, more or less, so that mails that failed together are not tried together again
MAX_RETRY_DELAY = timedelta(minutes=5)  # of a mail whose link cannot be had for now
# Until a mail is tried again that the mail server may have taken without saying so: each time may be a copy more.
UNCONFIRMED_DELAYS = (timedelta(minutes=15), timedelta(hours=1))
# The pages of the shop to which the links of mails lead, by the kind of the mail.
LINK_PATHS = {"verification.requested": "/account/verify-email", "password.forgotten": "/account/reset-password"}
ERASED_EMAIL = "erased@account.invalid"  # of a shopper whose account was deleted; nobody has it (RFC 2606)
UNMAILED_REASONS = ("rejected", "given-up")
# The contract's Email; one address and nothing beside it.
DOMAIN_LABEL = "[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
EMAIL_ADDRESS_PATTERN = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{DOMAIN_LABEL}([.]{DOMAIN_LABEL})*")


@dataclass(frozen=True)
class Line:
    title: str
    qty: int
    unit_price_cents: int


@dataclass(frozen=True)
class Order:
    """What was ordered, as far as mails speak of it."""

    id: UUID
    total: Money
    lines: tuple[Line, ...]

    def without(self, removed: "Order") -> "Order":
        """What is left of it when that goes out; pieces that it has not are passed over."""
        gone = Counter[tuple[str, int]]()
        for line in removed.lines:
            gone[line.title, line.unit_price_cents] += line.qty
        left = []
        for line in self.lines:
            taken = min(line.qty, gone[line.title, line.unit_price_cents])
            gone[line.title, line.unit_price_cents] -= taken
            if taken < line.qty:
                left.append(replace(line, qty=line.qty - taken))
        total = sum(line.qty * line.unit_price_cents for line in left)
        return Order(self.id, Money(total, self.total.currency), tuple(left))


@dataclass(frozen=True)
class Notification:
    """What a shopper is to be told of an order or, without one, of their account, once.

    `occurrence` tells apart what comes several times.
    """

    order_id: UUID | None
    kind: str
    user_id: UUID
    recipient: str
    payload: Mapping[str, object]
    happened_at: datetime
    occurrence: str = ""

    @property
    def is_mailed(self) -> bool:
        """Whether a mail is due: not about an order that no mail ever spoke of, nor about money that never moved, nor
        a farewell to who may never have heard of us.

        Whoever checked out was told by the answer that the order came to nothing; where nothing was paid or goes back,
        the mails about the order said so.
        """
        if self.recipient == ERASED_EMAIL:
            return False
        if self.kind == "account.deleted":
            return bool(self.payload["email_verified"])
        if self.kind == "order.cancelled":
            return self.payload["reason"] not in UNMAILED_REASONS
        if self.kind == "order.reduced":
            return True
        return self.payload.get("amount_cents") != 0

    def message_id(self, domain: str) -> str:
        """The same for every copy, so that whoever gets a second one can tell."""
        subject = str(self.order_id or self.user_id)
        return f"<{'.'.join(filter(None, [subject, self.kind, self.occurrence]))}@{domain}>"

    @property
    def link_id(self) -> UUID | None:
        """The link that the mail asks its reader to follow, if any."""
        return UUID(str(self.payload["link_id"])) if self.kind in LINK_PATHS else None


@dataclass(frozen=True)
class RetryPolicy:
    """When nobody tries to send a mail any more.

    Eight rejections take an hour with the pauses between them, in which somebody may mend the mail server. Unless they
    are permanent it has the four days of RFC 5321, 4.5.4.1, too.
    """

    max_rejections: int = 8
    give_up_after: timedelta = timedelta(days=4)


@dataclass
class Mail:
    """A notification on its way to the shopper; `retry_delay` is the time until the next attempt."""

    id: UUID
    notification: Notification
    message_id: str
    queued_at: datetime
    status: NotificationStatus = NotificationStatus.QUEUED
    sent_at: datetime | None = None
    attempts: int = 0
    rejections: int = 0
    unconfirmed: int = 0
    retry_delay: timedelta = timedelta()
    is_withdrawn: bool = False
    link_token: str | None = field(default=None, repr=False)  # of this copy; kept nowhere

    def mark_sent(self) -> None:
        """The mail server took it."""
        self.status = self.status.transition_to(NotificationStatus.SENT)

    def retry_at_once(self) -> None:
        """The mail server is unreachable, which counts against no mail: due again at once."""
        self.retry_delay = timedelta()

    def withdraw(self) -> None:
        """Its link is of no use any more, and so is the mail: nobody gets it, and nothing is kept of it."""
        self.is_withdrawn = True

    def retry_with_backoff(self) -> None:
        """Its link cannot be had for now, which counts against no mail: retried after a growing delay."""
        self.retry_delay = min(timedelta(seconds=2 ** min(self.attempts, 10)), MAX_RETRY_DELAY)

    def leave_unconfirmed(self) -> None:
        """The mail server may have taken it: retried twice, much later, then FAILED. It counts as a rejection, too."""
        self.rejections += 1
        self.unconfirmed += 1
        if self.unconfirmed > len(UNCONFIRMED_DELAYS):
            self.status = self.status.transition_to(NotificationStatus.FAILED)
        else:
            self.retry_delay = UNCONFIRMED_DELAYS[self.unconfirmed - 1]

    def reject(self, at: datetime, policy: RetryPolicy, *, permanent: bool) -> None:
        """The mail server refused it or timed out over it: retried after a growing delay, FAILED by the policy."""
        self.rejections += 1
        delay = timedelta(minutes=min(2 ** min(self.rejections - 1, 10), 15))
        self.retry_delay = delay * random.uniform(1 - RETRY_JITTER, 1 + RETRY_JITTER)  # noqa: S311 (nobody gains by guessing it)
        # However old it is: for all the days that it has, the mail server may have been away.
        if self.rejections >= policy.max_rejections and (permanent or at - self.queued_at > policy.give_up_after):
            self.status = self.status.transition_to(NotificationStatus.FAILED)


def is_email_address(text: str) -> bool:
    """Whether the text is one plain e-mail address, with no second one, name or header in it."""
    return len(text) <= 254 and EMAIL_ADDRESS_PATTERN.fullmatch(text) is not None
