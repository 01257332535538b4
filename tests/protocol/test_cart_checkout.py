"""A checkout is for what the cart holds and the address given now, and needs every one of its rules."""

import os

import pytest

from tests.protocol.cart_checkout import BEFORE_THE_RULES, FULL, INVARIANTS, NOT_NEEDED, SMALL, explore

thorough_only = pytest.mark.skipif("SHOP_THOROUGH" not in os.environ, reason="many states: with SHOP_THOROUGH=1")
TWO_CHECKOUTS = "a piece is ordered twice"
SMALLER_CART = "201 for an order with less than there was to order"
ANOTHER_ADDRESS = "201 for another address than was given"


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(SMALL, id="2 changes, 2 checkouts"),
        pytest.param(FULL._replace(checkouts_left=2), id="3 changes, 2 checkouts", marks=thorough_only),
        pytest.param(FULL._replace(changes_left=2), id="2 changes, 3 checkouts", marks=thorough_only),
    ],
)
def test_no_interleaving_and_no_crash_orders_what_was_not_asked_for(start):
    result = explore(start)

    assert result.violations == {}
    assert result.states > 50_000
    assert result.quiet > 0


@pytest.mark.parametrize(
    ("rule", "violation"),
    [
        ("own line", "at rest the cart shows what was ordered"),
        ("own line, same id", "at rest the cart lacks what was not ordered"),
        ("keeps its id", "at rest the cart shows what was ordered"),
        ("newest first", "a piece that is ordered is taken out of the cart, where there is one that is not"),
        ("by id", "at rest the cart lacks what was not ordered"),
        ("same lines", "201 for an order with more than there was to order"),
        ("same address", ANOTHER_ADDRESS),
        ("order exists", ANOTHER_ADDRESS),
        ("gives up", "refused, though the cart held what nobody had ordered"),
        ("moves it", TWO_CHECKOUTS),
        ("confirms if pending", TWO_CHECKOUTS),
        ("ordered once", TWO_CHECKOUTS),
        ("given back", "refused, though the cart held what nobody had ordered"),
        ("not older", SMALLER_CART),
    ],
    ids=list(INVARIANTS),
)
def test_without_a_rule_something_else_is_ordered(rule, violation):
    result = explore(SMALL, rule, progress=False, first_only=True)

    assert result.violations.keys() == {violation}, result


def test_the_rules_of_the_first_version_are_broken_in_six_ways():
    result = explore(SMALL, *BEFORE_THE_RULES, progress=False)

    assert result.violations.keys() == {
        TWO_CHECKOUTS,
        SMALLER_CART,
        ANOTHER_ADDRESS,
        "201 for an order with more than there was to order",
        "201 for an order with pieces that were removed before",
        "at rest the cart shows what was ordered",
    }


@thorough_only
@pytest.mark.parametrize("rule", NOT_NEEDED)
def test_a_rule_that_is_not_needed_can_be_left_out_without_a_violation(rule):
    assert explore(SMALL, rule).violations == {}
