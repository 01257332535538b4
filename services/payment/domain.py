"""Payments: what is due for an order, and what may become of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from generated.transitions import PAYMENT
from services.money import Money
from services.payment.errors import AlreadyPaid, AmountDiffers, OrderNotPayable, TooManyFailures

MOST_FAILURES = 20


class Status(StrEnum):
    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    REFUNDED = "REFUNDED"
    VOIDED = "VOIDED"


@dataclass(frozen=True)
class Failure:
    code: str
    reason: str
    failed_at: datetime


@dataclass(frozen=True)
class Due:
    """What an order asks for, and of whom."""

    user_id: UUID
    user_email: str
    money: Money


@dataclass
class Payment:
    """The payment of one order. It has no `due` when all that is known of the order is that it was cancelled."""

    id: UUID
    order_id: UUID
    due: Due | None
    status: Status = Status.PENDING
    failures: list[Failure] = field(default_factory=list)

    def succeed(self, paid: Money) -> bool:
        """Take the money; False if it was taken before.

        Raises:
            AmountDiffers: It is not what the order asks for.
            OrderNotPayable: The payment was closed, or paid back.
        """
        due = self._still_due()
        if paid != due.money:
            raise AmountDiffers(f"The order asks for {due.money}")
        return self._become(Status.SUCCEEDED)

    def fail(self, failure: Failure) -> None:
        """Record an attempt that failed; the next one may succeed.

        Raises:
            OrderNotPayable: There is nothing to pay any more.
            TooManyFailures: The shopper has tried often enough.
        """
        self._still_due()
        if self.status is not Status.PENDING:
            raise OrderNotPayable(f"The payment is {self.status}")
        if len(self.failures) >= MOST_FAILURES:
            raise TooManyFailures
        self.failures.append(failure)

    def void(self) -> bool:
        """Close it, so that it cannot succeed; False if it is closed already.

        Raises:
            AlreadyPaid: The money was taken first.
        """
        if self.status in (Status.SUCCEEDED, Status.REFUNDED):
            raise AlreadyPaid
        return self._become(Status.VOIDED)

    def refund(self) -> bool:
        """Note that the money went back; False if none was taken, or it went back before."""
        return self.status is Status.SUCCEEDED and self._become(Status.REFUNDED)

    def _still_due(self) -> Due:
        if self.due is None:
            raise OrderNotPayable(f"The payment is {self.status}")
        return self.due

    def _become(self, status: Status) -> bool:
        if self.status is status:
            return False
        if status not in PAYMENT[self.status]:
            raise OrderNotPayable(f"The payment is {self.status}")
        self.status = status
        return True
