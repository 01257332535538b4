"""What orders can set aside, and what may become of it."""

from uuid import UUID

import pytest

from generated.states import ReservationStatus
from services.catalog.domain import (
    MAX_QUANTITY,
    Line,
    Product,
    ProductSort,
    Reservation,
    Stock,
    StockChange,
    check_availability,
    sum_quantities,
)
from services.catalog.errors import (
    BelowReserved,
    NotSold,
    OrderCancelled,
    OutOfStock,
    PriceChanged,
    ProductUnavailable,
    TooMuchStock,
)

LAMP, OAK = UUID(int=1), UUID(int=2)


def reservation(status=ReservationStatus.HELD):
    return Reservation(UUID(int=3), {LAMP: 2}, status)


def shelf(in_stock=5, reserved=2, active=True):
    return {LAMP: Stock(LAMP, in_stock, reserved, 12999, "EUR", active)}


def test_what_is_held_is_sold_once():
    held = reservation()

    assert held.commit() is StockChange.SELL
    assert held.commit() is None
    assert held.status is ReservationStatus.COMMITTED


@pytest.mark.parametrize("status", [ReservationStatus.RELEASED, ReservationStatus.RETURNED])
def test_what_came_to_nothing_is_neither_sold_nor_held_again(status):
    over = reservation(status)

    with pytest.raises(OrderCancelled):
        over.commit()
    with pytest.raises(OrderCancelled):
        over.ensure_active()

    assert over.status is status


@pytest.mark.parametrize(
    ("status", "becomes", "move"),
    [
        (ReservationStatus.HELD, ReservationStatus.RELEASED, StockChange.RELEASE),
        (ReservationStatus.COMMITTED, ReservationStatus.RETURNED, StockChange.ADD),
        (ReservationStatus.RELEASED, ReservationStatus.RELEASED, None),
        (ReservationStatus.RETURNED, ReservationStatus.RETURNED, None),
    ],
)
def test_cancelling_undoes_what_was_done_and_only_once(status, becomes, move):
    cancelled = reservation(status)

    assert cancelled.cancel() is move
    assert cancelled.cancel() is None
    assert cancelled.status is becomes


def test_an_order_that_was_cancelled_before_it_was_met_holds_nothing():
    assert Reservation.tombstone(UUID(int=3)) == Reservation(UUID(int=3), {}, ReservationStatus.RELEASED)


def test_lines_of_the_same_product_are_wanted_together():
    assert sum_quantities([Line(LAMP, 2), Line(OAK, 1), Line(LAMP, 3)]) == {LAMP: 5, OAK: 1}


@pytest.mark.parametrize(
    "line",
    [
        Line(LAMP, 3),
        Line(LAMP, 3, 12999, "EUR"),
        Line(LAMP, 3, 14999, "EUR"),
        Line(LAMP, 3, 9999, "EUR", price_honoured=True),
    ],
    ids=["any price", "the price it has", "dearer when it was seen", "cheaper when it was seen, and honoured"],
)
def test_the_last_pieces_are_for_sale(line):
    check_availability([line], shelf())


@pytest.mark.parametrize("stock", [{}, shelf(active=False), shelf(0, 0, active=False)], ids=["gone", "hidden", "both"])
def test_what_is_not_sold_is_unavailable_whatever_it_costs(stock):
    with pytest.raises(ProductUnavailable) as refused:
        check_availability([Line(LAMP, 9, 1), Line(LAMP, 1)], stock)

    assert refused.value.members == {"lines": [{"product_id": LAMP}]}


def test_a_price_that_does_not_hold_is_told_once_with_the_one_that_does():
    lines = [Line(LAMP, 9, 0, "EUR"), Line(LAMP, 1, 12999, "EUR"), Line(LAMP, 1, 0, "EUR")]

    with pytest.raises(PriceChanged) as refused:
        check_availability(lines, shelf())

    [changed] = refused.value.members["lines"]
    assert (changed["old_price_cents"], changed["new_price_cents"]) == (0, 12999)


@pytest.mark.parametrize("honoured", [True, False])
@pytest.mark.parametrize("price", [0, 12999, 99999])
def test_a_price_in_another_currency_is_never_honoured(honoured, price):
    with pytest.raises(PriceChanged) as refused:
        check_availability([Line(LAMP, 1, price, "USD", honoured)], shelf())

    assert refused.value.members["lines"] == [
        {
            "product_id": LAMP,
            "old_price_cents": price,
            "new_price_cents": 12999,
            "old_currency": "USD",
            "new_currency": "EUR",
        }
    ]


def test_a_price_without_a_currency_was_in_the_one_it_has():
    with pytest.raises(PriceChanged) as refused:
        check_availability([Line(LAMP, 1, 1)], shelf())

    [changed] = refused.value.members["lines"]
    assert (changed["old_currency"], changed["new_currency"]) == ("EUR", "EUR")


def test_two_lines_that_want_too_much_together_are_out_of_stock():
    with pytest.raises(OutOfStock) as refused:
        check_availability([Line(LAMP, 2), Line(LAMP, 2)], shelf())

    assert refused.value.members == {"lines": [{"product_id": LAMP, "wanted": 4, "available": 3}]}


def test_a_shelf_takes_no_more_than_can_be_counted():
    full = Stock(LAMP, MAX_QUANTITY - 1, 0, 12999, "EUR", True)

    full.ensure_capacity(1)
    with pytest.raises(TooMuchStock):
        full.ensure_capacity(2)


def test_what_orders_have_set_aside_is_not_taken_from_the_shelf():
    stock = shelf(in_stock=5, reserved=2)[LAMP]

    stock.ensure_capacity(-3)
    with pytest.raises(BelowReserved):
        stock.ensure_capacity(-4)


FIRST, SECOND = UUID(int=11), UUID(int=12)


def sold():
    return Reservation(UUID(int=1), {LAMP: 2, OAK: 1}, ReservationStatus.COMMITTED)


def test_a_part_of_what_was_sold_comes_back_once():
    kept = sold()

    assert kept.take_back(FIRST, {LAMP: 1}) is StockChange.ADD
    assert kept.take_back(FIRST, {LAMP: 1}) is None

    assert (kept.left, kept.status) == ({LAMP: 1, OAK: 1}, ReservationStatus.COMMITTED)
    assert kept.pieces == {LAMP: 2, OAK: 1}
    assert kept.returned == {FIRST: {LAMP: 1}}


def test_all_of_what_was_sold_comes_back_in_parts_and_then_nothing_more():
    kept = sold()

    assert kept.take_back(FIRST, {LAMP: 2}) is StockChange.ADD
    assert kept.take_back(SECOND, {OAK: 1}) is StockChange.ADD

    assert (kept.left, kept.status) == ({}, ReservationStatus.RETURNED)
    assert kept.take_back(UUID(int=13), {LAMP: 1}) is None
    assert kept.cancel() is None


@pytest.mark.parametrize(
    ("status", "pieces"),
    [
        (ReservationStatus.COMMITTED, {LAMP: 3}),
        (ReservationStatus.COMMITTED, {LAMP: 1, UUID(int=9): 1}),
        (ReservationStatus.HELD, {LAMP: 1}),
        (ReservationStatus.RELEASED, {LAMP: 1}),
    ],
)
def test_what_was_not_sold_does_not_come_back(status, pieces):
    kept = sold()
    kept.status = status

    with pytest.raises(NotSold):
        kept.take_back(FIRST, pieces)

    assert (kept.status, kept.returned) == (status, {})


def test_what_has_come_back_does_not_come_back_with_the_rest():
    kept = sold()
    kept.take_back(FIRST, {LAMP: 1, OAK: 1})

    assert kept.cancel() is StockChange.ADD
    assert kept.left == {LAMP: 1}


def test_of_a_product_there_is_what_is_in_stock_and_not_set_aside():
    product = Product(LAMP, "Walnut desk lamp", "", 12999, "EUR", "LAMP", None, active=True, in_stock=5, reserved=2)

    assert product.available == 3


def test_what_is_new_and_what_is_dear_comes_first_and_the_other_orders_begin_with_the_least():
    descending = {sort for sort in ProductSort if sort.is_descending}

    assert descending == {ProductSort.NEWEST, ProductSort.PRICE_DESC}
