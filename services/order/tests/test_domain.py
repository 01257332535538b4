"""What may become of an order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from generated.states import ChangeStatus, IllegalTransition, OrderStatus
from services.money import Money
from services.order.domain import (
    MAX_CHANGES,
    CancelReason,
    Cart,
    Change,
    ChangeKind,
    Item,
    Order,
    Shopper,
    TimelineEntry,
)
from services.order.errors import (
    CartIsEmpty,
    ChangeUnknown,
    CheckoutGivenUp,
    CheckoutInProgress,
    NotEnoughPieces,
    NothingWouldBeLeft,
    OrderNotPaid,
    OutOfStock,
    ReturnNotFound,
    TooManyChanges,
)
from services.order.tests.conftest import HOME, LAMP, a_line, lamps

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


FIRST, SECOND, UNKNOWN = UUID(int=11), UUID(int=12), UUID(int=13)
CHAIR = a_line("Oak chair", 5000, 3)


def paid(*lines):
    made = order(OrderStatus.PAID)
    made.lines = lines or (lamps(3),)
    return made


def reduced(*lines, qty=1, product=LAMP):
    """A paid order, pieces of which were cancelled."""
    made = paid(*lines)
    made.request_partial_cancellation(FIRST, {product: qty}, NOW)
    assert made.agree_to_change(FIRST)
    return made


def statuses(made):
    return [change.status for change in made.changes]


def test_pieces_that_are_to_be_cancelled_are_written_down_and_count_as_gone():
    made = paid(lamps(2), CHAIR, lamps(1))

    change = made.request_partial_cancellation(FIRST, {LAMP: 2, CHAIR.product_id: 1}, NOW)

    items = [Item(LAMP, "Walnut desk lamp", 2, 12999), Item(CHAIR.product_id, "Oak chair", 1, 5000)]
    assert change == Change(FIRST, ChangeKind.CANCELLATION, items, NOW, ChangeStatus.INTENDED)
    assert change.amount_cents == 2 * 12999 + 5000
    assert made.left_items() == [Item(LAMP, "Walnut desk lamp", 1, 12999), Item(CHAIR.product_id, "Oak chair", 2, 5000)]
    assert made.find_change(FIRST) is change
    assert (made.total_cents, made.rest_cents) == (3 * 12999 + 15000, 3 * 12999 + 15000)


def test_of_several_prices_the_dearest_pieces_go_first_and_the_others_stay():
    made = paid(lamps(2, price=100), lamps(2, price=300), lamps(2, price=200))

    made.request_partial_cancellation(FIRST, {LAMP: 3}, NOW)

    assert [(item.qty, item.unit_price_cents) for item in made.changes[0].items] == [(2, 300), (1, 200)]
    assert [(item.qty, item.unit_price_cents) for item in made.left_items()] == [(2, 100), (1, 200)]


@pytest.mark.parametrize("status", states(but=[OrderStatus.PAID]))
def test_only_a_paid_order_is_cancelled_in_part(status):
    made = order(status)

    with pytest.raises(OrderNotPaid, match=f"^The order is {status}$"):
        made.request_partial_cancellation(FIRST, {LAMP: 1}, NOW)

    assert made.changes == ()


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        ({LAMP: 4}, NotEnoughPieces),
        ({UNKNOWN: 1}, NotEnoughPieces),
        ({LAMP: 1, UNKNOWN: 1}, NotEnoughPieces),
        ({LAMP: 3}, NothingWouldBeLeft),
    ],
)
def test_there_is_as_much_of_it_in_the_order_and_something_else(wanted, refusal):
    made = paid()

    with pytest.raises(refusal):
        made.request_partial_cancellation(FIRST, wanted, NOW)

    assert made.changes == ()


def test_what_is_under_way_is_not_cancelled_again_but_what_was_dropped_may_be():
    made = paid(lamps(2))
    made.request_partial_cancellation(FIRST, {LAMP: 1}, NOW)
    with pytest.raises(NothingWouldBeLeft):
        made.request_partial_cancellation(SECOND, {LAMP: 1}, NOW)

    assert made.drop_change(FIRST)
    made.request_partial_cancellation(SECOND, {LAMP: 1}, NOW)

    assert statuses(made) == [ChangeStatus.DROPPED, ChangeStatus.INTENDED]


def test_an_order_is_changed_so_often_and_not_more():
    made = paid(lamps(99))
    for number in range(MAX_CHANGES):
        made.request_partial_cancellation(UUID(int=number), {LAMP: 1}, NOW)

    with pytest.raises(TooManyChanges):
        made.request_partial_cancellation(UNKNOWN, {LAMP: 1}, NOW)

    assert len(made.changes) == MAX_CHANGES == 50


def test_a_change_is_decided_once():
    made = paid()
    for change_id in (FIRST, SECOND):
        made.request_partial_cancellation(change_id, {LAMP: 1}, NOW)

    assert made.agree_to_change(FIRST)
    assert not made.agree_to_change(FIRST)
    assert not made.drop_change(FIRST)
    assert made.drop_change(SECOND)
    assert not made.drop_change(SECOND)
    assert not made.agree_to_change(SECOND)

    assert statuses(made) == [ChangeStatus.AGREED, ChangeStatus.DROPPED]
    assert [change.is_settled for change in made.changes] == [False, True]
    assert made.rest_cents == 2 * 12999
    assert made.total_cents == 3 * 12999


def test_pieces_that_cost_nothing_are_settled_with_the_agreement():
    card = a_line("Colour card", 0, 2)

    made = reduced(card, lamps(1), product=card.product_id)

    assert statuses(made) == [ChangeStatus.PAID_BACK]
    assert made.status is OrderStatus.PAID


@pytest.mark.parametrize("act", ["agree_to_change", "drop_change", "find_change", "expected_refund", "refund"])
def test_a_change_that_there_is_not_is_not_known(act):
    made = reduced()

    with pytest.raises(ChangeUnknown, match=f"^order {made.id} has no change {UNKNOWN}$"):
        getattr(made, act)(UNKNOWN)


def test_a_change_is_paid_back_once_and_the_order_stays_paid():
    made = reduced()

    assert made.expected_refund(FIRST) == Money(12999, "EUR")
    assert made.refund(FIRST)
    assert not made.refund(FIRST)

    assert (statuses(made), made.status) == ([ChangeStatus.PAID_BACK], OrderStatus.PAID)


def test_what_nobody_has_agreed_to_is_not_paid_back():
    made = paid()
    made.request_partial_cancellation(FIRST, {LAMP: 1}, NOW)

    assert not made.refund(FIRST)

    assert statuses(made) == [ChangeStatus.INTENDED]


def test_a_cancelled_order_drops_what_is_not_decided_and_pays_back_the_rest():
    made = reduced()
    made.request_partial_cancellation(SECOND, {LAMP: 1}, NOW)

    assert made.cancel(CancelReason.REQUESTED)

    assert statuses(made) == [ChangeStatus.AGREED, ChangeStatus.DROPPED]
    assert (made.status, made.expected_refund(None)) == (OrderStatus.CANCELLED, Money(2 * 12999, "EUR"))


@pytest.mark.parametrize("news", [(FIRST, None), (None, FIRST)], ids=["the change first", "the rest first"])
def test_an_order_is_refunded_when_the_changes_and_the_rest_are(news):
    made = reduced()
    made.cancel(CancelReason.REQUESTED)

    seen = []
    for change_id in news:
        assert made.refund(change_id)
        seen.append(made.status)

    assert seen == [OrderStatus.CANCELLED, OrderStatus.REFUNDED]
    assert made.rest_refunded
    assert not made.refund()


@pytest.mark.parametrize("status", states(but=[OrderStatus.CANCELLED]))
def test_the_rest_of_an_order_that_is_not_cancelled_does_not_go_back(status):
    made = order(status)

    assert not made.refund()
    assert (made.status, made.rest_refunded) == (status, False)


def test_an_order_of_which_only_free_pieces_were_left_is_refunded_with_its_end():
    made = reduced(lamps(1), a_line("Colour card", 0))
    made.refund(FIRST)

    assert made.cancel(CancelReason.REQUESTED)

    assert made.status is OrderStatus.REFUNDED


def test_an_order_of_which_only_free_pieces_were_left_waits_for_the_money_of_the_others():
    made = reduced(lamps(1), a_line("Colour card", 0))

    made.cancel(CancelReason.REQUESTED)
    waiting = made.status
    made.refund(FIRST)

    assert (waiting, made.status) == (OrderStatus.CANCELLED, OrderStatus.REFUNDED)


def test_a_free_order_is_refunded_when_payment_says_so():
    made = paid(a_line("Colour card", 0))
    made.cancel(CancelReason.REQUESTED)
    waiting = made.status

    assert made.refund()

    assert (waiting, made.status) == (OrderStatus.CANCELLED, OrderStatus.REFUNDED)


def test_the_total_of_an_order_is_in_its_currency():
    assert order().total == Money(25998, "EUR")


@pytest.mark.parametrize("status", OrderStatus)
def test_an_order_was_placed_once_its_checkout_has_succeeded(status):
    assert order(status).was_placed is (status not in (OrderStatus.PENDING, OrderStatus.REJECTED))


@pytest.mark.parametrize(
    ("kind", "source"),
    [("order.created", "order"), ("shipping.dispatched", "shipping"), ("mail.sent", "notifications"),
     ("shipping.parcel.lost", "shipping")],
)  # fmt: skip
def test_an_entry_of_the_timeline_names_the_service_in_which_it_happened(kind, source):
    assert TimelineEntry(NOW, UUID(int=1), kind, {}).source == source


def test_pieces_that_are_to_be_sent_back_count_as_gone_and_are_not_paid_back_yet():
    made = paid(lamps(2), CHAIR)

    change = made.request_return(FIRST, {LAMP: 2}, NOW)

    items = [Item(LAMP, "Walnut desk lamp", 2, 12999)]
    assert change == Change(FIRST, ChangeKind.RETURN, items, NOW, ChangeStatus.REQUESTED)
    assert made.left_items() == [Item(CHAIR.product_id, "Oak chair", 3, 5000)]
    assert made.rest_cents == made.total_cents
    assert not made.refund(FIRST)
    assert not made.agree_to_change(FIRST)
    assert not made.drop_change(FIRST)
    with pytest.raises(NotEnoughPieces):
        made.request_return(SECOND, {LAMP: 1}, NOW)


def test_what_was_sent_back_is_received_once_and_then_paid_back():
    made = paid()
    made.request_return(FIRST, {LAMP: 1}, NOW)

    assert made.receive_return(FIRST)
    assert not made.receive_return(FIRST)
    assert (statuses(made), made.rest_cents) == ([ChangeStatus.RECEIVED], 2 * 12999)
    assert made.refund(FIRST)
    assert not made.receive_return(FIRST)

    assert (statuses(made), made.status) == ([ChangeStatus.PAID_BACK], OrderStatus.PAID)


@pytest.mark.parametrize("change_id", [FIRST, UNKNOWN], ids=["a cancellation", "nothing"])
def test_only_what_is_to_be_sent_back_is_received(change_id):
    made = reduced()

    with pytest.raises(ReturnNotFound):
        made.receive_return(change_id)

    assert statuses(made) == [ChangeStatus.AGREED]


def test_an_order_of_which_everything_came_back_is_refunded_with_the_last_of_the_money():
    made = reduced()
    made.request_return(SECOND, {LAMP: 2}, NOW)
    made.receive_return(SECOND)

    made.refund(SECOND)
    waiting = made.status
    made.refund(FIRST)

    assert (waiting, made.status) == (OrderStatus.PAID, OrderStatus.REFUNDED)
    assert made.cancel_reason is None


def test_an_order_of_which_something_is_on_its_way_back_is_not_refunded_yet():
    made = paid(lamps(2))
    made.request_return(FIRST, {LAMP: 1}, NOW)
    made.request_return(SECOND, {LAMP: 1}, NOW)
    made.receive_return(FIRST)

    made.refund(FIRST)

    assert made.status is OrderStatus.PAID


def test_what_cost_nothing_and_was_sent_back_is_settled_and_may_end_the_order():
    made = paid(a_line("Colour card", 0))
    made.request_return(FIRST, {made.lines[0].product_id: 1}, NOW)

    assert made.receive_return(FIRST)

    assert (statuses(made), made.status) == ([ChangeStatus.PAID_BACK], OrderStatus.REFUNDED)
