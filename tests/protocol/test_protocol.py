"""The checkout protocol keeps its promises under every interleaving and crash, and needs every one of its rules."""

import os

import pytest

from tests.consistent_states import UNKNOWN_STATE, find_inconsistency
from tests.protocol.model import ACTS, EVERYTHING, INVARIANTS, search

ONCE = dict.fromkeys(ACTS, 1)


@pytest.mark.parametrize(
    "to_come",
    [
        pytest.param(ONCE, id="each act once"),
        pytest.param({**ONCE, "checkout": 2, "deadline": 0, "dispatch": 0}, id="two checkouts, pay, cancel, abandon"),
        pytest.param({**ONCE, "checkout": 2, "cancel": 0}, id="two checkouts, pay, deadline, abandon, dispatch"),
        pytest.param(
            EVERYTHING,
            id="everything",
            marks=pytest.mark.skipif("SHOP_THOROUGH" not in os.environ, reason="450,033 states: with SHOP_THOROUGH=1"),
        ),
    ],
)
def test_no_interleaving_and_no_crash_violates_an_invariant(to_come):
    found = search(to_come)

    assert found.violations == {}
    assert found.states > 30_000
    assert found.quiet > 0


@pytest.mark.parametrize(
    ("rule", "needed", "violation"),
    [
        ("order row first", "checkout abandon", "CREATED, but stock RELEASED"),
        ("tombstones", "checkout abandon", "REJECTED, but stock HELD and shipment PENDING_PAYMENT"),
        ("void before cancel", "checkout pay cancel dispatch", "dispatched, but order CANCELLED"),
        ("intent first", "checkout pay cancel", "PAID, but shipment CANCELLED"),
        ("shipping first", "checkout pay cancel dispatch", "dispatched, but payment REFUNDED"),
    ],
    ids=list(INVARIANTS),
)
def test_without_a_rule_an_invariant_is_violated(rule, needed, violation):
    to_come = dict.fromkeys(needed.split(), 1)

    with_it, without_it = search(to_come), search(to_come, without=rule)

    assert with_it.violations == {}
    assert without_it.violations[violation], without_it


def test_every_final_state_of_an_order_is_reached():
    ends = {"CREATED", "PAID", "CANCELLED", "REFUNDED", "REJECTED"}

    found = search(ONCE, forbidden=lambda shop: f"is {shop.order}" if shop.order in ends else None)

    assert found.violations.keys() == {f"is {end}" for end in ends}


@pytest.mark.parametrize(
    ("states", "wrong"),
    [
        (("PAID", "COMMITTED", "SUCCEEDED", "DELIVERED"), None),
        ((UNKNOWN_STATE, UNKNOWN_STATE, UNKNOWN_STATE, UNKNOWN_STATE), None),
        ((UNKNOWN_STATE, "HELD", UNKNOWN_STATE, UNKNOWN_STATE), "-, but stock HELD"),
        (("PAID", "HELD", "SUCCEEDED", "CANCELLED"), "PAID, but stock HELD and shipment CANCELLED"),
        (("PENDING", UNKNOWN_STATE, UNKNOWN_STATE, UNKNOWN_STATE), "left PENDING"),
    ],
    ids=["paid and delivered", "no order", "stock held for nobody", "paid, neither sold nor sent", "left open"],
)
def test_states_of_services_that_contradict_each_other_are_told_apart(states, wrong):
    assert find_inconsistency(*states) == wrong
