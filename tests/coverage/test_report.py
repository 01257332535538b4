"""The coverage is green only if all that is declared was seen by who knows why it came, and nothing else was."""

import json
from collections import Counter, defaultdict

import pytest

from tooling.coverage.declared import DeclaredEvent, DeclaredResponse, declared_events, declared_responses
from tooling.coverage.observed import Observations, read_observations
from tooling.coverage.report import ROOT, build_coverage, render_json, render_page, render_text

REFUSED = DeclaredResponse("order", "check_out", "409", "application/problem+json", "/problems/cart-is-empty")
PLACED = DeclaredEvent("order.created", "sent")


@pytest.fixture
def all_declared_observed():
    """All of it, seen by the services' tests."""
    return Observations(
        defaultdict(Counter, {one: Counter(services=1) for one in declared_responses(ROOT)}),
        defaultdict(Counter, {one: Counter(services=1) for one in declared_events(ROOT)}),
    )


def test_all_that_is_declared_and_seen_is_green(all_declared_observed):
    found = build_coverage(all_declared_observed)

    assert found.faults == []
    assert (
        found.counts()["declared"]
        == found.counts()["seen"]
        == len(declared_responses(ROOT)) + len(declared_events(ROOT))
    )


def test_every_problem_of_an_operation_is_a_thing_of_its_own_to_be_seen():
    refusals = [one.problem for one in declared_responses(ROOT) if one[:3] == ("order", "check_out", "409")]

    assert len(refusals) == len(set(refusals)) == 7


@pytest.mark.parametrize("by", [Counter(), Counter(fuzzing=500)], ids=["nobody", "fuzzing alone"])
def test_what_is_seen_by_nobody_or_by_fuzzing_alone_is_red(all_declared_observed, by):
    all_declared_observed.answers[REFUSED] = by
    all_declared_observed.news[PLACED] = by

    found = build_coverage(all_declared_observed)

    assert found.faults == [
        "unseen: order.check_out 409 /problems/cart-is-empty",
        "unseen: order.created sent",
    ]


def test_what_is_seen_and_not_declared_is_red(all_declared_observed):
    all_declared_observed.answers[REFUSED._replace(status="418")] = Counter(features=1)
    all_declared_observed.news[DeclaredEvent("order.lost", "sent")] = Counter(features=1)

    assert build_coverage(all_declared_observed).faults == [
        "undeclared: order.check_out 418 /problems/cart-is-empty",
        "undeclared: order.lost sent",
    ]


def test_what_was_wrong_in_any_process_is_red(all_declared_observed, tmp_path):
    (tmp_path / "seen").mkdir()
    (tmp_path / "seen" / "1.json").write_text(json.dumps({"answers": [], "events": [], "breaches": ["a broken word"]}))
    all_declared_observed.breaches = read_observations(tmp_path, ROOT).breaches

    assert build_coverage(all_declared_observed).faults == ["wrong: a broken word"]


def test_counts_of_several_processes_and_the_pacts_are_added_up(tmp_path):
    (tmp_path / "seen").mkdir()
    for name, by in (("1", "features"), ("2", "features"), ("3", "shop")):
        told = {"answers": [[*REFUSED, by, 2]], "events": [[*PLACED, by, 1]], "breaches": []}
        (tmp_path / "seen" / f"{name}.json").write_text(json.dumps(told))

    found = read_observations(tmp_path, ROOT)

    assert (found.answers[REFUSED]["features"], found.answers[REFUSED]["shop"]) == (4, 2)
    assert found.news[PLACED]["features"] == 2
    assert found.news[PLACED]["pacts"] > 0


def test_the_three_forms_say_the_same(all_declared_observed):
    all_declared_observed.answers[REFUSED] = Counter()
    all_declared_observed.answers[DeclaredResponse("gateway", "", "502", "text/plain", "")] = Counter(shop=3)
    found = build_coverage(all_declared_observed)

    told = json.loads(render_json(found))

    assert [one["problem"] for one in told["answers"] if one["verdict"] == "unseen"] == ["/problems/cart-is-empty"]
    assert told["gateways_own"] == {"502": 3}
    for form in (render_text(found), render_page(found)):
        assert "unseen: order.check_out 409 /problems/cart-is-empty" in form
