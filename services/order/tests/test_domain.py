"""What may become of an order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from generated.states import IllegalTransition, OrderStatus
from services.order.domain import CancelReason, Cart, Order, Shopper
from services.order.errors import CartIsEmpty, CheckoutGivenUp, CheckoutInProgress, OutOfStock
from services.order.tests.conftest import HOME, lamps

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
ASHA = Shopper(UUID(int=1), "asha@example.com")


def order(status=OrderStatus.PENDING, cancellation_requested=False):
    placed = Order.place(UUID(int=2), ASHA, HOME, Cart([lamps()], "EUR"), now=NOW, payment_window=timedelta(minutes=15))
    placed.status, placed.cancellation_requested = status, cancellation_requested
    return placed


def states(but=()):
    return [status for status in OrderStatus if status not in but]


def test_an_order_costs_what_its_lines_cost_and_waits_for_its_payment():
    placed = order()

    assert placed.total_cents == 25998
    assert placed.pay_by == NOW + timedelta(minutes=15)
    assert placed.status is OrderStatus.PENDING


def test_an_order_is_of_what_was_in_the_cart_and_says_of_which_revision():
    cart = Cart([lamps()], "EUR", 7)

    placed = Order.place(UUID(int=2), ASHA, HOME, cart, now=NOW, payment_window=timedelta())

    assert placed == Order(UUID(int=2), ASHA, HOME, cart.lines, "EUR", NOW, NOW, cart_revision=7)


@pytest.mark.parametrize("cart", [Cart((), None), Cart((), "EUR"), Cart([lamps()], None)], ids=str)
def test_an_empty_cart_is_no_order(cart):
    with pytest.raises(CartIsEmpty):
        Order.place(UUID(int=2), ASHA, HOME, cart, now=NOW, payment_window=timedelta(minutes=15))


def test_the_same_lines_to_the_same_address_are_the_same_order():
    placed = order()
    (line,) = placed.lines

    assert placed.matches_checkout(Cart([line], "EUR"), HOME)
    assert not placed.matches_checkout(Cart([line], "USD"), HOME)
    assert not placed.matches_checkout(Cart([replace(line, unit_price_cents=1)], "EUR"), HOME)
    assert not placed.matches_checkout(Cart([line, lamps()], "EUR"), HOME)
    assert not placed.matches_checkout(Cart([line], "EUR"), replace(HOME, city="Cork"))


def test_an_order_took_just_its_lines_at_whatever_price():
    placed = order()
    (line,) = placed.lines

    assert placed.contains_exactly([replace(line, unit_price_cents=1)])
    assert not placed.contains_exactly([replace(line, qty=1)])
    assert not placed.contains_exactly([line, lamps()])


def test_all_that_there_is_to_say_of_an_order_is_said_by_name():
    values = order().values()

    assert (values["total_cents"], values["city"], values["shopper"]) == (25998, "Galway", ASHA)
    assert not values.keys() & {"address_line2", "cancel_reason", "replaces"}


def test_lines_that_are_ordered_already_are_left_out():
    first, second = lamps(), lamps()

    assert Cart([first, second], "EUR", 7).without_lines([first.line_id]) == Cart([second], "EUR", 7)


def test_pieces_of_a_product_at_one_price_stand_in_one_line_and_at_another_in_their_own():
    first, again, dearer = lamps(2), lamps(1), replace(lamps(3), unit_price_cents=14999)
    placed = Order.place(
        UUID(int=2), ASHA, HOME, Cart([first, dearer, again], "EUR"), now=NOW, payment_window=timedelta()
    )

    assert placed.merged_lines() == [replace(first, qty=3), dearer]
    assert placed.total_cents == 3 * 12999 + 3 * 14999


def test_no_piece_costs_more_than_its_product_and_none_more_than_was_seen():
    dear, cheap, other = lamps(), replace(lamps(), unit_price_cents=9000), replace(lamps(), product_id=UUID(int=5))
    placed = Order.place(
        UUID(int=2), ASHA, HOME, Cart([dear, cheap, other], "EUR"), now=NOW, payment_window=timedelta()
    )

    assert placed.cap_prices({dear.product_id: 10000})
    assert not placed.cap_prices({dear.product_id: 14999})
    assert [line.unit_price_cents for line in placed.lines] == [10000, 9000, 12999]


def test_a_pending_order_is_confirmed_once():
    placed = order()

    assert placed.confirm()
    assert not placed.confirm()
    assert placed.status is OrderStatus.CREATED


@pytest.mark.parametrize("status", [OrderStatus.REJECTED, OrderStatus.CANCELLED, OrderStatus.REFUNDED])
def test_a_terminated_order_is_not_confirmed(status):
    gone = order(status)

    with pytest.raises(IllegalTransition):
        gone.confirm()

    assert gone.status is status


def test_a_pending_order_is_rejected_once_and_says_why():
    placed = order()

    assert placed.reject(CancelReason.GIVEN_UP)
    assert not placed.reject(CancelReason.REJECTED)
    assert (placed.status, placed.cancel_reason) == (OrderStatus.REJECTED, CancelReason.GIVEN_UP)


@pytest.mark.parametrize("status", states(but=[OrderStatus.PENDING]))
def test_a_checkout_that_has_ended_is_not_rejected(status):
    ended = order(status)

    assert not ended.reject(CancelReason.GIVEN_UP)
    assert ended.status is status


def test_a_checkout_that_came_to_nothing_says_what_it_was_refused_for():
    refused, given_up = order(), order()
    refused.reject(CancelReason.REJECTED, OutOfStock([]))
    given_up.reject(CancelReason.GIVEN_UP)

    with pytest.raises(OutOfStock):
        refused.require_placed()
    with pytest.raises(CheckoutGivenUp):
        given_up.require_placed()


@pytest.mark.parametrize("status", states(but=[OrderStatus.PENDING, OrderStatus.REJECTED]))
def test_a_checkout_that_became_an_order_is_placed_whatever_became_of_it(status):
    order(status).require_placed()


def test_an_order_is_paid_once():
    placed = order(OrderStatus.CREATED)

    assert placed.pay()
    assert not placed.pay()
    assert placed.status is OrderStatus.PAID


@pytest.mark.parametrize("status", states(but=[OrderStatus.CREATED]))
def test_only_an_order_that_waits_for_its_payment_is_paid(status):
    other = order(status)

    assert not other.pay()
    assert other.status is status


def test_nobody_can_cancel_before_it_is_known_whether_there_is_an_order():
    placed = order()

    with pytest.raises(CheckoutInProgress):
        placed.request_cancellation()

    assert not placed.cancellation_requested


@pytest.mark.parametrize("status", [OrderStatus.CREATED, OrderStatus.PAID])
def test_an_order_is_cancelled_once_and_its_cancellation_request_is_cleared(status):
    placed = order(status)

    assert placed.request_cancellation()
    assert placed.cancellation_requested
    assert placed.cancel(CancelReason.REQUESTED)
    assert not placed.cancel(CancelReason.NOT_PAID_IN_TIME)
    assert (placed.status, placed.cancel_reason, placed.cancellation_requested) == (
        OrderStatus.CANCELLED,
        CancelReason.REQUESTED,
        False,
    )


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.REFUNDED, OrderStatus.REJECTED])
def test_a_terminated_order_needs_no_cancellation(status):
    gone = order(status)

    assert not gone.request_cancellation()
    assert gone.status is status


def test_the_intent_to_cancel_is_withdrawn_when_the_parcel_has_left():
    placed = order(OrderStatus.PAID, cancellation_requested=True)

    placed.withdraw_cancellation()

    assert placed.cancellation_requested is False


def test_a_cancelled_order_is_refunded_once():
    cancelled = order(OrderStatus.CANCELLED)

    assert cancelled.refund()
    assert not cancelled.refund()
    assert cancelled.status is OrderStatus.REFUNDED


@pytest.mark.parametrize("status", states(but=[OrderStatus.CANCELLED]))
def test_only_a_cancelled_order_is_refunded(status):
    other = order(status)

    assert not other.refund()
    assert other.status is status
