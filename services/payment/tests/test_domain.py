"""What may become of a payment."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from generated.states import PaymentStatus
from services.money import Money
from services.payment.domain import MAX_FAILURES, AmountDue, Failure, Order, Payment, Refund
from services.payment.errors import (
    AlreadyPaid,
    AmountDiffers,
    OrderNotPayable,
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


def test_the_amount_due_pays_the_order():
    asked = payment()

    assert asked.record_success(PRICE)
    assert asked.status is PaymentStatus.SUCCEEDED


def test_paying_twice_takes_the_money_once():
    paid = payment(PaymentStatus.SUCCEEDED)

    assert not paid.record_success(PRICE)
    assert paid.status is PaymentStatus.SUCCEEDED


@pytest.mark.parametrize(
    "offered",
    [Money(25997, "EUR"), Money(25999, "EUR"), Money(0, "EUR"), Money(25998, "USD")],
    ids=["a cent less", "a cent more", "nothing", "another currency"],
)
def test_any_other_amount_is_refused_and_nothing_is_taken(offered):
    asked = payment()

    with pytest.raises(AmountDiffers, match=r"259\.98 EUR"):
        asked.record_success(offered)

    assert asked.status is PaymentStatus.PENDING


@pytest.mark.parametrize(
    ("status", "order"), [(PaymentStatus.VOIDED, "CANCELLED"), (PaymentStatus.REFUNDED, "REFUNDED")]
)
def test_a_payment_that_is_closed_cannot_succeed_and_names_the_state_of_the_order(status, order):
    closed = payment(status)

    with pytest.raises(OrderNotPayable, match=f"The order is {order}"):
        closed.record_success(PRICE)

    assert closed.status is status


def test_an_order_known_only_as_cancelled_cannot_be_paid():
    tombstone = payment(PaymentStatus.VOIDED, due=None)

    with pytest.raises(OrderNotPayable):
        tombstone.record_success(PRICE)


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


def test_a_failed_attempt_is_recorded_and_the_next_may_succeed():
    asked = payment()

    asked.record_failure(DECLINED)

    assert asked.failures == [DECLINED]
    assert asked.record_success(PRICE)


@pytest.mark.parametrize("status", [PaymentStatus.SUCCEEDED, PaymentStatus.VOIDED, PaymentStatus.REFUNDED])
def test_nothing_can_fail_when_there_is_nothing_to_pay(status):
    settled = payment(status)

    with pytest.raises(OrderNotPayable):
        settled.record_failure(DECLINED)

    assert settled.failures == []


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


def test_attempts_are_bounded():
    asked = payment()
    for _ in range(MAX_FAILURES):
        asked.record_failure(DECLINED)

    with pytest.raises(TooManyFailures):
        asked.record_failure(DECLINED)

    assert len(asked.failures) == MAX_FAILURES


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
