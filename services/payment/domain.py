"""Payments: what is due for an order, and what may become of it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from generated.states import AttemptStatus, IllegalTransition, PaymentStatus
from services.money import Money
from services.payment.errors import (
    AlreadyPaid,
    AmountDiffers,
    OrderNotPayable,
    PaymentInProgress,
    RefundExceedsPayment,
    RefundOfAnotherAmount,
    TooManyFailures,
)

MAX_FAILURES = 20
MOCK_PROVIDER, STRIPE_PROVIDER = "mock", "stripe"
NO_PROVIDER = "none"  # who takes the money for an order that costs nothing
CARD_DECLINED = "card_declined"
# All that is said of a failed attempt: the words of whoever made it go into no answer, event or mail.
FAILURE_REASONS = {
    CARD_DECLINED: "The card was declined",
    "insufficient_funds": "There was too little money on the account",
    "expired_card": "The card has expired",
    "incorrect_cvc": "The security code of the card was wrong",
    "authentication_required": "The bank asks for the payment to be confirmed",
    "processing_error": "The bank could not process the payment",
}


# What the state of its payment means for an order, in the order's own states.
ORDER_STATUS_BY_PAYMENT_STATUS = {
    PaymentStatus.SUCCEEDED: "PAID",
    PaymentStatus.REFUNDED: "REFUNDED",
    PaymentStatus.VOIDED: "CANCELLED",
}


@dataclass(frozen=True)
class Failure:
    code: str
    failed_at: datetime

    @property
    def reason(self) -> str:
        return FAILURE_REASONS.get(self.code, FAILURE_REASONS[CARD_DECLINED])


@dataclass(frozen=True)
class AmountDue:
    """What an order asks for, and of whom."""

    user_id: UUID
    user_email: str
    money: Money

    @property
    def is_free(self) -> bool:
        return self.money.amount_cents == 0

    def provider(self, name: str) -> str:
        """Who takes the money: the provider of that name, unless there is none to take."""
        return NO_PROVIDER if self.is_free else name


@dataclass(frozen=True)
class Order:
    """An order as the order service knows it, in one of the order's states."""

    due: AmountDue
    status: str

    def require_payable(self) -> None:
        """Raise OrderNotPayable unless the order waits for its payment."""
        if self.status != "CREATED":
            raise OrderNotPayable(f"The order is {self.status}")


@dataclass(frozen=True)
class AttemptResult:
    """What the provider says of an attempt: OPEN while it is not decided. Only one that was declined has a code."""

    status: AttemptStatus
    code: str = CARD_DECLINED

    @property
    def is_final(self) -> bool:
        return self.status is not AttemptStatus.OPEN


@dataclass(frozen=True)
class AttemptRef:
    """An attempt to pay by our id and by `ref`, the provider's own name for it."""

    id: UUID
    ref: str


@dataclass(frozen=True)
class Attempt:
    """One that was begun at the provider, as it stood when it was read; `is_overdue` when the shopper has left it."""

    id: UUID
    order_id: UUID
    ref: str
    money: Money
    status: AttemptStatus = AttemptStatus.OPEN
    lookups: int = 0
    is_overdue: bool = False

    @property
    def is_ended(self) -> bool:
        return self.status is not AttemptStatus.OPEN


@dataclass(frozen=True)
class Refund:
    """Money that goes back, asked of the provider under its id until it is done. `ref` is the provider's own name for
    the payment that it comes from.
    """  # fmt: skip

    id: UUID
    order_id: UUID
    ref: str
    money: Money
    attempts: int = 0  # so often the provider was asked
    is_stray: bool = False  # of an attempt that was charged when it counted as ended: none of the payment's own money

    def require_same(self, order_id: UUID, money: Money) -> None:
        """Raise RefundOfAnotherAmount unless it is that money of that order."""
        if (self.order_id, self.money) != (order_id, money):
            raise RefundOfAnotherAmount(f"refund {self.id} is of {self.money}")


@dataclass
class Payment:
    """The payment of one order. It has no `due` when all that is known of the order is that it was cancelled.

    While it is PROCESSING, `attempt` is the one that is OPEN; afterwards it is the last one, by which it was paid. Of
    what was taken, `refund_requested_cents` go back, and `refunded_cents` of these have gone.
    """

    id: UUID
    order_id: UUID
    due: AmountDue | None
    status: PaymentStatus = PaymentStatus.PENDING
    failures: list[Failure] = field(default_factory=list)
    refund_requested_cents: int = 0
    refunded_cents: int = 0
    attempt: AttemptRef | None = None

    @property
    def open_attempt(self) -> AttemptRef | None:
        return self.attempt if self.status is PaymentStatus.PROCESSING else None

    def is_paid_by(self, attempt_id: UUID) -> bool:
        """Whether that attempt has taken its money."""
        return bool(self.captured_cents and self.attempt and self.attempt.id == attempt_id)

    @property
    def captured_cents(self) -> int:
        """What was taken, whatever of it went back."""
        if self.due is None or self.status not in (PaymentStatus.SUCCEEDED, PaymentStatus.REFUNDED):
            return 0
        return self.due.money.amount_cents

    @property
    def remaining_cents(self) -> int:
        """What was taken and has not gone back."""
        return self.captured_cents - self.refunded_cents

    def is_visible_to(self, owner: UUID | None) -> bool:
        """Whether its order is known, and the owner's; None sees everybody's."""
        return self.due is not None and owner in (None, self.due.user_id)

    def require_amount(self, paid: Money) -> None:
        """Raise AmountDiffers unless it is what the order asks for."""
        due = self._require_due()
        if paid != due.money:
            raise AmountDiffers(f"The order asks for {due.money}")

    def require_attemptable(self) -> None:
        """Raise unless it waits for an attempt.

        Raises:
            PaymentInProgress: One is OPEN already.
            OrderNotPayable: There is nothing to pay any more.
        """
        if self.status is PaymentStatus.PROCESSING:
            raise PaymentInProgress
        if self.status is not PaymentStatus.PENDING:
            raise self._not_payable()

    def begin_attempt(self, attempt_id: UUID, ref: str, *, limited: bool = True) -> Attempt:
        """Begin an attempt, which is OPEN until the provider has said how it ended.

        Raises:
            TooManyFailures: The shopper has tried often enough, where that is `limited`.
            PaymentInProgress, OrderNotPayable: As `require_attemptable`.
        """
        due = self._require_due()
        self.require_attemptable()
        if limited and len(self.failures) >= MAX_FAILURES:
            raise TooManyFailures
        self._become(PaymentStatus.PROCESSING)
        self.attempt = AttemptRef(attempt_id, ref)
        return Attempt(attempt_id, self.order_id, ref, due.money)

    def end_attempt(self, attempt_id: UUID, result: AttemptResult, at: datetime) -> bool:
        """Take over how the OPEN attempt ended; False if that is another one, or none."""
        if self.open_attempt is None or self.open_attempt.id != attempt_id or not result.is_final:
            return False
        if result.status is AttemptStatus.CHARGED:
            return self._become(PaymentStatus.SUCCEEDED)
        if result.status is AttemptStatus.DECLINED:
            self.failures.append(Failure(result.code, at))
        return self._become(PaymentStatus.PENDING)

    def record_success_if_free(self) -> bool:
        """Take an order that costs nothing for paid; False if it costs something, or is not to be paid any more."""
        due = self.due
        return (
            due is not None
            and due.is_free
            and self.status is PaymentStatus.PENDING
            and self._become(PaymentStatus.SUCCEEDED)
        )

    def void(self) -> bool:
        """Close it, so that it cannot succeed; False if it is closed already.

        Raises:
            AlreadyPaid: The money was taken first.
            PaymentInProgress: An attempt is OPEN; the provider is to be asked first.
        """
        if self.status is PaymentStatus.PROCESSING:
            raise PaymentInProgress
        if self.status in (PaymentStatus.SUCCEEDED, PaymentStatus.REFUNDED):
            raise AlreadyPaid
        return self._become(PaymentStatus.VOIDED)

    def request_refund(self, refund_id: UUID, money: Money) -> Refund:
        """Promise that so much goes back; what is promised already counts as gone.

        Raises:
            RefundExceedsPayment: There is not so much left of what was taken.
        """
        left = self.captured_cents - self.refund_requested_cents
        if self.due is None or money.currency != self.due.money.currency or not 0 < money.amount_cents <= left:
            raise RefundExceedsPayment(f"refund {refund_id} of {money}, payment {self.id}")
        return self._promise(refund_id, money)

    def request_refund_of_rest(self, refund_id: UUID) -> Refund | None:
        """Promise all that is left, which may be nothing; None if no money was taken, or all has gone back."""
        if self.due is None or self.status is not PaymentStatus.SUCCEEDED:
            return None
        left = self.captured_cents - self.refund_requested_cents
        return self._promise(refund_id, Money(left, self.due.money.currency))

    def complete_refund(self, refund: Refund) -> None:
        """Note that it has gone back; with the last cent of what was taken the payment is REFUNDED."""
        self.refunded_cents += refund.money.amount_cents
        if self.remaining_cents == 0:
            self._become(PaymentStatus.REFUNDED)

    def _promise(self, refund_id: UUID, money: Money) -> Refund:
        self.refund_requested_cents += money.amount_cents
        # What was paid before there were attempts is known to the provider by the id of the payment.
        ref = self.attempt.ref if self.attempt else str(self.id)
        return Refund(refund_id, self.order_id, ref, money)

    def _require_due(self) -> AmountDue:
        if self.due is None:
            raise self._not_payable()
        return self.due

    def _become(self, status: PaymentStatus) -> bool:
        if self.status is status:
            return False
        try:
            self.status = self.status.transition_to(status)
        except IllegalTransition:
            raise self._not_payable() from None
        return True

    def _not_payable(self) -> OrderNotPayable:
        return OrderNotPayable(f"The order is {ORDER_STATUS_BY_PAYMENT_STATUS[self.status]}")
