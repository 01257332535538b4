"""What may become of a payment."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from generated.states import AttemptStatus, PaymentStatus
from services.money import Money
from services.payment.domain import (
    MAX_FAILURES,
    AmountDue,
    Attempt,
    AttemptRef,
    AttemptResult,
    Failure,
    Order,
    Payment,
    Refund,
)
from services.payment.errors import (
    AlreadyPaid,
    AmountDiffers,
    OrderNotPayable,
    PaymentInProgress,
    RefundExceedsPayment,
    RefundOfAnotherAmount,
    TooManyFailures,
)

ASHA, BRAM = UUID(int=1), UUID(int=4)
PRICE = Money(25998, "EUR")
DECLINED = Failure("card_declined", datetime(2026, 1, 5, tzinfo=UTC))

FREE = AmountDue(ASHA, "asha@example.com", Money(0, "EUR"))


def payment(status=PaymentStatus.PENDING, due=AmountDue(ASHA, "asha@example.com", PRICE)):  # noqa: B008 (frozen)
    return Payment(UUID(int=2), UUID(int=3), due, status)


ATTEMPT, OTHER_ATTEMPT = UUID(int=5), UUID(int=6)
AT = DECLINED.failed_at
CHARGED, OPEN, CANCELLED = (AttemptResult(AttemptStatus[name]) for name in ("CHARGED", "OPEN", "CANCELLED"))
REFUSED = AttemptResult(AttemptStatus.DECLINED, "card_declined")


def processing(due=AmountDue(ASHA, "asha@example.com", PRICE)):  # noqa: B008 (frozen)
    asked = payment(due=due)
    asked.begin_attempt(ATTEMPT, "ref")
    return asked


def test_an_attempt_is_open_until_it_is_decided():
    asked = payment()

    assert asked.open_attempt is None
    attempt = asked.begin_attempt(ATTEMPT, "ref")

    assert attempt == Attempt(ATTEMPT, asked.order_id, "ref", PRICE)
    assert (attempt.is_ended, asked.status) == (False, PaymentStatus.PROCESSING)
    assert asked.open_attempt == asked.attempt == AttemptRef(ATTEMPT, "ref")


def test_an_attempt_that_is_charged_pays_the_order_once():
    asked = processing()

    assert asked.end_attempt(ATTEMPT, CHARGED, AT)
    assert asked.status is PaymentStatus.SUCCEEDED
    assert asked.is_paid_by(ATTEMPT)
    assert not asked.is_paid_by(OTHER_ATTEMPT)
    assert asked.open_attempt is None
    assert not asked.end_attempt(ATTEMPT, REFUSED, AT)
    assert (asked.status, asked.failures) == (PaymentStatus.SUCCEEDED, [])


def test_an_attempt_that_is_declined_is_recorded_and_the_next_may_succeed():
    asked = processing()

    assert asked.end_attempt(ATTEMPT, REFUSED, AT)

    assert (asked.status, asked.failures) == (PaymentStatus.PENDING, [DECLINED])
    assert not asked.is_paid_by(ATTEMPT)
    asked.begin_attempt(OTHER_ATTEMPT, "other")
    assert not asked.end_attempt(ATTEMPT, CHARGED, AT)
    assert asked.end_attempt(OTHER_ATTEMPT, CHARGED, AT)
    assert asked.is_paid_by(OTHER_ATTEMPT)


def test_an_attempt_that_is_cancelled_is_no_failure():
    asked = processing()

    assert asked.end_attempt(ATTEMPT, CANCELLED, AT)

    assert (asked.status, asked.failures) == (PaymentStatus.PENDING, [])


def test_what_is_not_decided_changes_nothing():
    asked = processing()

    assert not asked.end_attempt(ATTEMPT, OPEN, AT)
    assert asked.status is PaymentStatus.PROCESSING
    assert [result.is_final for result in (OPEN, CHARGED, REFUSED, CANCELLED)] == [False, True, True, True]


def test_how_an_unknown_attempt_ended_changes_nothing():
    asked = payment()

    assert not asked.end_attempt(ATTEMPT, CHARGED, AT)
    assert asked.status is PaymentStatus.PENDING


def test_there_is_one_attempt_at_a_time():
    asked = processing()

    with pytest.raises(PaymentInProgress):
        asked.begin_attempt(OTHER_ATTEMPT, "other")

    assert asked.attempt == AttemptRef(ATTEMPT, "ref")


@pytest.mark.parametrize(
    ("status", "order"),
    [(PaymentStatus.VOIDED, "CANCELLED"), (PaymentStatus.REFUNDED, "REFUNDED"), (PaymentStatus.SUCCEEDED, "PAID")],
)
def test_no_attempt_is_begun_where_there_is_nothing_to_pay(status, order):
    closed = payment(status)

    with pytest.raises(OrderNotPayable, match=f"The order is {order}"):
        closed.begin_attempt(ATTEMPT, "ref")

    assert (closed.status, closed.attempt) == (status, None)


def test_an_order_known_only_as_cancelled_cannot_be_paid():
    tombstone = payment(PaymentStatus.VOIDED, due=None)

    with pytest.raises(OrderNotPayable):
        tombstone.begin_attempt(ATTEMPT, "ref")
    with pytest.raises(OrderNotPayable):
        tombstone.require_amount(PRICE)


def test_attempts_are_bounded_where_they_may_fail():
    asked = payment()
    asked.failures = [DECLINED] * (MAX_FAILURES - 1)
    asked.begin_attempt(ATTEMPT, "ref")
    asked.end_attempt(ATTEMPT, REFUSED, AT)

    with pytest.raises(TooManyFailures):
        asked.begin_attempt(OTHER_ATTEMPT, "other")

    assert (asked.status, len(asked.failures)) == (PaymentStatus.PENDING, MAX_FAILURES)
    asked.begin_attempt(OTHER_ATTEMPT, "other", limited=False)
    assert asked.status is PaymentStatus.PROCESSING


@pytest.mark.parametrize(
    "offered",
    [Money(25997, "EUR"), Money(25999, "EUR"), Money(0, "EUR"), Money(25998, "USD")],
    ids=["a cent less", "a cent more", "nothing", "another currency"],
)
def test_any_other_amount_is_refused(offered):
    asked = payment()

    asked.require_amount(PRICE)
    with pytest.raises(AmountDiffers, match=r"259\.98 EUR"):
        asked.require_amount(offered)


def test_a_payment_in_progress_cannot_be_voided():
    asked = processing()

    with pytest.raises(PaymentInProgress):
        asked.void()

    assert asked.status is PaymentStatus.PROCESSING


def test_what_an_attempt_took_goes_back_by_its_ref():
    paid = processing()
    paid.end_attempt(ATTEMPT, CHARGED, AT)

    assert paid.request_refund_of_rest(UUID(int=9)).ref == "ref"


@pytest.mark.parametrize(("owner", "seen"), [(ASHA, True), (None, True), (BRAM, False)], ids=["hers", "all", "his"])
def test_a_payment_is_seen_by_its_owner_and_by_whoever_sees_all(owner, seen):
    assert payment().is_visible_to(owner) is seen


@pytest.mark.parametrize("owner", [ASHA, None])
def test_nobody_sees_the_payment_of_an_order_known_only_as_cancelled(owner):
    assert not payment(PaymentStatus.VOIDED, due=None).is_visible_to(owner)


def test_an_order_is_payable_while_it_waits_for_its_payment():
    due = payment().due

    Order(due, "CREATED").require_payable()
    with pytest.raises(OrderNotPayable, match="The order is CANCELLED"):
        Order(due, "CANCELLED").require_payable()


def test_the_money_is_taken_by_the_provider_that_there_is():
    assert payment().due.provider("mock") == "mock"


@pytest.mark.parametrize("code", ["card_declined", "a_code_of_the_first_version"])
def test_a_failed_attempt_is_explained_in_the_shops_words_whatever_its_code(code):
    assert Failure(code, DECLINED.failed_at).reason == "The card was declined"


def test_an_order_that_costs_nothing_is_paid_once_and_by_nobody():
    free = payment(due=FREE)

    assert free.record_success_if_free()
    assert not free.record_success_if_free()
    assert (free.status, free.due.provider("mock")) == (PaymentStatus.SUCCEEDED, "none")


@pytest.mark.parametrize(
    "other",
    [payment(), payment(PaymentStatus.VOIDED, due=FREE), payment(PaymentStatus.VOIDED, due=None)],
    ids=["costs something", "cancelled", "cancelled before it was met"],
)
def test_no_other_order_is_paid_for_free(other):
    before = other.status

    assert not other.record_success_if_free()
    assert other.status is before


def test_a_pending_payment_is_voided_once():
    asked = payment()

    assert asked.void()
    assert not asked.void()
    assert asked.status is PaymentStatus.VOIDED


@pytest.mark.parametrize("status", [PaymentStatus.SUCCEEDED, PaymentStatus.REFUNDED])
def test_a_paid_order_cannot_be_voided(status):
    paid = payment(status)

    with pytest.raises(AlreadyPaid):
        paid.void()

    assert paid.status is status


PART, REST = UUID(int=8), UUID(int=9)


def test_a_part_and_then_the_rest_go_back():
    paid = payment(PaymentStatus.SUCCEEDED)

    part = paid.request_refund(PART, Money(10000, "EUR"))
    rest = paid.request_refund_of_rest(REST)

    assert part == Refund(PART, paid.order_id, str(paid.id), Money(10000, "EUR"))
    assert rest == Refund(REST, paid.order_id, str(paid.id), Money(15998, "EUR"))
    assert (paid.refund_requested_cents, paid.remaining_cents) == (25998, 25998)
    paid.complete_refund(part)
    assert (paid.status, paid.remaining_cents) == (PaymentStatus.SUCCEEDED, 15998)
    paid.complete_refund(rest)
    assert (paid.status, paid.remaining_cents, paid.captured_cents) == (PaymentStatus.REFUNDED, 0, 25998)


@pytest.mark.parametrize(
    "asked",
    [Money(25999, "EUR"), Money(0, "EUR"), Money(1, "USD")],
    ids=["more than was paid", "nothing", "another currency"],
)
def test_what_was_not_paid_does_not_go_back(asked):
    paid = payment(PaymentStatus.SUCCEEDED)

    with pytest.raises(RefundExceedsPayment, match=f"refund {PART} of .*, payment {paid.id}"):
        paid.request_refund(PART, asked)

    assert paid.refund_requested_cents == 0


def test_a_single_cent_goes_back():
    assert payment(PaymentStatus.SUCCEEDED).request_refund(PART, Money(1, "EUR")).money == Money(1, "EUR")


def test_what_is_asked_back_already_counts_as_gone():
    paid = payment(PaymentStatus.SUCCEEDED)
    paid.request_refund(PART, Money(25998, "EUR"))

    with pytest.raises(RefundExceedsPayment):
        paid.request_refund(REST, Money(1, "EUR"))

    assert paid.request_refund_of_rest(REST).money == Money(0, "EUR")
    assert paid.refund_requested_cents == 25998


@pytest.mark.parametrize("status", [PaymentStatus.PENDING, PaymentStatus.VOIDED])
@pytest.mark.parametrize("due", [payment().due, FREE], ids=["paid for", "free"])
def test_nothing_goes_back_where_nothing_was_taken(status, due):
    unpaid = payment(status, due=due)

    assert unpaid.request_refund_of_rest(REST) is None
    with pytest.raises(RefundExceedsPayment):
        unpaid.request_refund(PART, Money(1, "EUR"))
    assert (unpaid.captured_cents, unpaid.refund_requested_cents) == (0, 0)


def test_of_an_order_known_only_as_cancelled_nothing_goes_back():
    tombstone = payment(PaymentStatus.VOIDED, due=None)

    assert tombstone.request_refund_of_rest(REST) is None
    with pytest.raises(RefundExceedsPayment):
        tombstone.request_refund(PART, Money(1, "EUR"))
    assert tombstone.captured_cents == 0


def test_the_refund_of_nothing_ends_a_free_order():
    free = payment(PaymentStatus.SUCCEEDED, due=FREE)

    free.complete_refund(free.request_refund_of_rest(REST))

    assert free.status is PaymentStatus.REFUNDED


def test_nothing_more_goes_back_of_what_has_all_gone_back():
    paid = payment(PaymentStatus.SUCCEEDED)
    paid.complete_refund(paid.request_refund_of_rest(REST))

    assert paid.request_refund_of_rest(PART) is None
    with pytest.raises(RefundExceedsPayment):
        paid.request_refund(PART, Money(1, "EUR"))


@pytest.mark.parametrize(
    ("order", "money"),
    [(UUID(int=4), Money(1, "EUR")), (UUID(int=3), Money(2, "EUR")), (UUID(int=3), Money(1, "USD"))],
    ids=["another order", "another amount", "another currency"],
)
def test_an_id_belongs_to_one_refund(order, money):
    refund = Refund(PART, UUID(int=3), "ref", Money(1, "EUR"))

    refund.require_same(UUID(int=3), Money(1, "EUR"))
    with pytest.raises(RefundOfAnotherAmount, match=rf"refund {PART} is of 0\.01 EUR"):
        refund.require_same(order, money)


def test_a_failed_attempt_is_explained_by_its_code_and_an_unknown_one_as_declined():
    reasons = {code: Failure(code, DECLINED.failed_at).reason for code in ("expired_card", "card_declined", "e51")}

    assert reasons["expired_card"] != reasons["card_declined"] == reasons["e51"]
