"""What a cart says of itself."""

from datetime import UTC, datetime
from uuid import UUID

from services.cart.domain import Cart, Line, Product

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
LAMP = Product(UUID(int=1), "Walnut desk lamp", 12999, "EUR")
CHAIR = Product(UUID(int=2), "Oak chair", 8900, "EUR")


def test_a_line_notes_what_the_product_is_called_and_costs_now():
    line = Line.of(LAMP, 2, line_id=UUID(int=3), now=NOON)

    assert line == Line(UUID(int=3), LAMP.id, "Walnut desk lamp", 12999, "EUR", 2, NOON)


def test_a_cart_costs_what_all_its_pieces_cost():
    lines = [Line.of(product, qty, line_id=UUID(int=3), now=NOON) for product, qty in ((LAMP, 2), (CHAIR, 1))]

    cart = Cart(tuple(lines))

    assert (cart.total_cents, cart.currency) == (34898, "EUR")


def test_an_empty_cart_costs_nothing_and_has_no_currency():
    assert (Cart().total_cents, Cart().currency) == (0, None)
