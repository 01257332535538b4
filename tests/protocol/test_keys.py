"""An Idempotency-Key gets one effect and one answer without a lease, and needs every one of its rules."""

import os

import pytest

from tests.protocol import key_checkout, key_once

thorough = pytest.mark.skipif("SHOP_THOROUGH" not in os.environ, reason="many states: with SHOP_THOROUGH=1")
TWO_ANSWERS = "two answers to one request"


def test_what_is_one_transaction_has_one_effect_and_one_answer():
    result = key_once.explore()

    assert result.violations == {}
    assert result.states > 1_000


@pytest.mark.parametrize(
    ("rule", "violation"),
    [
        ("one transaction", "two effects"),
        ("one transaction, else refused", "a retry gets no final answer"),
        ("key first", "two effects"),
        ("waits", "two effects"),
        ("fingerprint", "'done' was answered to a request that was not done"),
        ("outcome", "two different answers to the same request"),
        ("refusals too", "two different answers to the same request"),
        ("server ends it", "a request waits for a dead process"),
    ],
    ids=list(key_once.INVARIANTS),
)
def test_without_a_rule_what_is_one_transaction_is_repeated_or_never_answered(rule, violation):
    result = key_once.explore(rule)

    assert violation in result.violations, result


@pytest.mark.parametrize(
    ("scene", "at_once"),
    [
        pytest.param("KX KX KX", 2, id="the same three times"),
        pytest.param("KX KX KY", 2, id="the same twice, and the key with another address"),
        pytest.param("KX KX LY", 2, id="the same twice, and another key with another address", marks=thorough),
        pytest.param("KX KX KY LY", 2, id="everything", marks=thorough),
        pytest.param("KX KX KX", 3, id="the same three times at once", marks=thorough),
    ],
)
def test_a_checkout_with_a_key_is_one_order_and_one_answer(scene, at_once):
    result = key_checkout.explore(scene, at_once=at_once)

    assert result.violations == {}
    assert result.states > 2_000


@pytest.mark.parametrize(
    ("rule", "scene", "violation"),
    [
        ("one transaction", "KX KX LY", TWO_ANSWERS),
        ("one transaction, else refused", "KX KX LY", "a retry gets no final answer"),
        ("waits", "KX KX LY", TWO_ANSWERS),
        ("fingerprint", "KX KX KY", "201 for an order to another address"),
        ("what was begun", "KX KX LY", TWO_ANSWERS),
        ("the row answers", "KX KX LY", TWO_ANSWERS),
        ("reason kept", "KX KX LY", TWO_ANSWERS),
        ("refusals too", "KX KX LY", TWO_ANSWERS),
        ("confirms if pending", "KX KX LY", TWO_ANSWERS),
        ("own order first", "KX KX LY", "sold-out, and the shopper's own order holds it"),
    ],
    ids=list(key_checkout.INVARIANTS),
)
def test_without_a_rule_a_checkout_with_a_key_violates_an_invariant(rule, scene, violation):
    result = key_checkout.explore(scene, rule, progress=False, first_only=True)

    assert result.violations.keys() == {violation}, result


def test_a_lease_leaves_the_retry_of_a_dead_process_without_an_answer():
    result = key_checkout.explore("KX KX LY", key_checkout.LEASE, progress=False, first_only=True)

    assert result.violations.keys() == {"a retry gets no final answer"}, result
