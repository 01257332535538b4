"""Parts cancelled and pieces sent back leave money, stock and parcel in step, and need every one of their rules."""

import os

import pytest

from tests.protocol.order_changes import INVARIANTS, NOT_NEEDED, SCENE_OF_RULE, SCENES, explore

thorough_only = pytest.mark.skipif("SHOP_THOROUGH" not in os.environ, reason="many states: with SHOP_THOROUGH=1")
QUICK_SCENES = ("before dispatch", "while paying", "after delivery")
VIOLATIONS = {
    "paid only": "a change is agreed and never paid back",
    "never the last": "an empty parcel is dispatched",
    "open ones count": "an empty parcel is dispatched",
    "intent first": "in the parcel is not what is kept",
    "shipping first": "in the parcel is not what is kept",
    "remembers": "less than nothing is kept",
    "still paid": "more is paid back than was paid",
    "rest only": "more is paid back than was paid",
    "what is left": "more comes back than was sold",
    "under its id": "a refund is paid out twice",
    "once": "a piece that is still with the shopper counts as given back",
    "back, then money": "a piece that is still with the shopper counts as given back",
    "all back": "PAID, but nothing is kept",
}
SLOW_RULES = ("never the last", "open ones count", "once", "all back")


@pytest.mark.parametrize(
    "scene", [pytest.param(scene, marks=() if scene in QUICK_SCENES else thorough_only) for scene in SCENES]
)
def test_no_interleaving_and_no_crash_violates_an_invariant(scene):
    result = explore(scene)

    assert result.violations == {}
    assert result.states > 10_000
    assert result.quiet > 0


@pytest.mark.parametrize(
    "rule", [pytest.param(rule, marks=thorough_only if rule in SLOW_RULES else ()) for rule in INVARIANTS]
)
def test_without_a_rule_an_invariant_is_violated(rule):
    scene = SCENE_OF_RULE.get(rule, "before dispatch")

    result = explore(scene, rule, progress=False, first_only=True)

    assert result.violations.keys() == {VIOLATIONS[rule]}, result


@pytest.mark.parametrize("rule", NOT_NEEDED)
def test_what_is_not_needed_is_not(rule):
    assert explore("before dispatch", rule).violations == {}
