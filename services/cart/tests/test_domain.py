"""What a cart says of itself."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from services.cart.domain import Addition, Cart, Line, Product

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
LAMP = Product(UUID(int=1), "Walnut desk lamp", 12999, "EUR")
CHAIR = Product(UUID(int=2), "Oak chair", 8900, "EUR")


def make_addition(product, qty, number=3):
    return Addition.from_product(product, qty, addition_id=UUID(int=number), now=NOON)


def test_an_addition_notes_what_the_product_is_called_and_costs_now():
    assert make_addition(LAMP, 2) == Addition(UUID(int=3), LAMP.id, "Walnut desk lamp", 12999, "EUR", 2, NOON)


def test_a_cart_costs_what_all_its_pieces_cost():
    cart = Cart((make_addition(LAMP, 2), make_addition(CHAIR, 1, 4)))

    assert (cart.total_cents, cart.currency) == (34898, "EUR")
    assert Cart((make_addition(LAMP, 2),)).currency == "EUR"


def test_the_additions_of_a_product_are_one_line_that_costs_what_each_of_them_costs():
    first, pricier = make_addition(LAMP, 2), make_addition(replace(LAMP, price_cents=14999), 1, 5)
    chair = make_addition(CHAIR, 1, 4)

    cart = Cart((first, chair, pricier))

    assert cart.lines == [Line(pricier, 3, 40997), Line(chair, 1, 8900)]
    assert cart.total_cents == 49897


def test_an_empty_cart_costs_nothing_and_has_no_currency():
    assert (Cart().total_cents, Cart().currency, Cart().lines) == (0, None, [])
