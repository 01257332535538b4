"""What the storefront knows by itself of carts and of where an order stands."""

from uuid import UUID

import pytest

from services.storefront.domain import Cart, CartLine, OrderProgress

LAMP, MUG, ADDITION = UUID(int=1), UUID(int=2), UUID(int=11)


def line(product_id=LAMP, qty=2, line_id=ADDITION):
    return CartLine(product_id, "Walnut desk lamp", 12999, qty, qty * 12999, line_id)


def test_a_cart_says_what_it_costs_and_how_much_is_in_it():
    cart = Cart((line(), line(MUG, 3)), "EUR")

    assert (cart.total_cents, cart.pieces) == (5 * 12999, 5)
    assert (Cart().total_cents, Cart().pieces, Cart().currency) == (0, 0, None)


def test_another_content_of_a_cart_has_another_fingerprint():
    carts = [Cart(), Cart((line(),)), Cart((line(qty=1),)), Cart((line(line_id=UUID(int=12)),)), Cart((line(), line()))]

    assert len({cart.fingerprint for cart in carts}) == len(carts)
    assert Cart((line(),)).fingerprint == Cart((line(),)).fingerprint


@pytest.mark.parametrize(
    ("states", "awaits_payment", "is_paid", "may_be_cancelled", "is_at_rest", "stage"),
    [
        (("PENDING",), False, False, False, False, 1),
        (("REJECTED",), False, False, False, True, 1),
        (("CREATED",), True, False, True, False, 1),
        (("CREATED", "PENDING", "PENDING_PAYMENT"), True, False, True, False, 1),
        (("CREATED", "SUCCEEDED", "PENDING_PAYMENT"), False, True, True, False, 2),
        (("CREATED", "REFUNDED"), False, True, True, False, 2),
        (("PAID",), False, True, True, False, 2),
        (("PAID", "SUCCEEDED", "READY_TO_SHIP"), False, True, True, False, 2),
        (("PAID", "SUCCEEDED", "DISPATCHED"), False, True, False, False, 4),
        (("PAID", "SUCCEEDED", "DELIVERED"), False, True, False, True, 5),
        (("CANCELLED", "VOIDED", "CANCELLED"), False, False, False, True, 1),
        (("CANCELLED", None), False, False, False, True, 1),
        (("CANCELLED", "SUCCEEDED", "CANCELLED"), False, False, False, False, 1),
        (("REFUNDED", "REFUNDED", "CANCELLED"), False, False, False, True, 1),
        (("REFUNDED", None, "DELIVERED"), False, False, False, True, 1),
    ],
    ids=lambda case: " ".join(map(str, case)) if isinstance(case, tuple) else None,
)
def test_where_an_order_stands(states, awaits_payment, is_paid, may_be_cancelled, is_at_rest, stage):
    progress = OrderProgress(*states)

    assert progress.awaits_payment is awaits_payment
    assert progress.is_paid is is_paid
    assert progress.may_be_cancelled is may_be_cancelled
    assert progress.is_at_rest is is_at_rest
    assert progress.stage == stage
