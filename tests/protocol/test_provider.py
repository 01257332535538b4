"""Money is taken once or not at all by a provider that can be unsure, and each rule of that is needed."""

import os

import pytest

from tests.protocol.provider import BELT, INVARIANTS, MINI, SCENES, Kind, explore, strays

thorough_only = pytest.mark.skipif("SHOP_THOROUGH" not in os.environ, reason="many states: with SHOP_THOROUGH=1")
PAY_TWICE = SCENES["pay twice, cancel"]
SMALL = [SCENES["pay, cancel"], SCENES["pay, cancel, left by the shopper"]]
SCENE_PARAMETERS = [
    pytest.param(scene, id=name, marks=[] if scene in SMALL else thorough_only) for name, scene in SCENES.items()
]
KEPT = "CANCELLED, payment VOIDED, and we hold 1 times the money"


@pytest.mark.parametrize("scene", SCENE_PARAMETERS)
def test_no_interleaving_and_no_crash_takes_money_for_a_cancelled_order(scene):
    result = explore(Kind(belt=False), scene, strays)

    assert result.violations == {}
    assert result.states > 10_000
    assert result.quiet > 0


@pytest.mark.parametrize("scene", SCENE_PARAMETERS)
def test_a_provider_that_forgets_attempts_is_made_up_for_by_paying_strays_back(scene):
    result = explore(Kind(decisive=False), scene)

    assert result.violations == {}
    assert result.states > 20_000


@pytest.mark.parametrize("rule", INVARIANTS)
def test_without_a_rule_something_is_violated(rule):
    start = PAY_TWICE if rule == "one at a time" else MINI

    result = explore(Kind(belt=False, without=frozenset({rule})), start, progress=False, first_only=True)

    assert result.violations, rule


@pytest.mark.parametrize("rule", BELT)
def test_without_paying_strays_back_a_forgetful_provider_leaves_us_with_the_money(rule):
    kind = Kind(decisive=False, belt=rule != "pays strays back", without=frozenset({rule}))

    result = explore(kind, MINI, progress=False, first_only=True)

    assert result.violations, rule
