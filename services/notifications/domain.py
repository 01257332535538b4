"""Mails: what a shopper is told of an order, and what may become of it on the way."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from generated.transitions import NOTIFICATION
from services.money import Money

JITTER = 0.2  # of a pause, more or less, so that mails that failed together are not tried together again
# The contract's Email; one address and nothing beside it.
LABEL = "[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
ADDRESS = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{LABEL}([.]{LABEL})*")


class Status(StrEnum):
    QUEUED = "QUEUED"
    SENT = "SENT"
    FAILED = "FAILED"


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


@dataclass(frozen=True)
class News:
    """Something that a shopper is to be told of an order, once; `occurrence` tells apart what comes several times."""

    order_id: UUID
    kind: str
    user_id: UUID
    recipient: str
    facts: Mapping[str, object]
    happened_at: datetime
    occurrence: str = ""

    def message_id(self, domain: str) -> str:
        """The same for every copy, so that whoever gets a second one can tell."""
        return f"<{'.'.join(filter(None, [str(self.order_id), self.kind, self.occurrence]))}@{domain}>"


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
    """News on the way to the shopper. `wait` is how long it rests before the next try."""

    id: UUID
    news: News
    message_id: str
    queued_at: datetime
    status: Status = Status.QUEUED
    sent_at: datetime | None = None
    attempts: int = 0
    refusals: int = 0
    wait: timedelta = timedelta()

    def arrive(self) -> None:
        """The mail server took it."""
        self._become(Status.SENT)

    def put_off(self) -> None:
        """The mail server is away, which is no fault of the mail's: as soon as the server is there again."""
        self.wait = timedelta()

    def refuse(self, at: datetime, policy: RetryPolicy, *, for_good: bool) -> None:
        """The mail server would not have it, or fell silent over it: again after a while, but not for ever."""
        self.refusals += 1
        pause = timedelta(minutes=min(2 ** min(self.refusals - 1, 10), 15))
        self.wait = pause * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 (nobody gains by guessing it)
        # However old it is: for all the days that it has, the mail server may have been away.
        if self.refusals >= policy.max_rejections and (for_good or at - self.queued_at > policy.give_up_after):
            self._become(Status.FAILED)

    def _become(self, status: Status) -> None:
        if status not in NOTIFICATION[self.status]:
            raise ValueError(f"a mail that is {self.status} cannot become {status}")
        self.status = status


def is_one_address(said: str) -> bool:
    """Whether it is one plain e-mail address, with no second one, name or header in it."""
    return len(said) <= 254 and ADDRESS.fullmatch(said) is not None
