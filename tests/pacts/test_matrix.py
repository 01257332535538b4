"""The matrix is red for whatever was not agreed on, or not found to hold as it is agreed on now."""

import pytest

from generated.access import OPERATIONS
from tooling.pacts.dependencies import Dependency, list_dependencies
from tooling.pacts.files import ROOT, canonical_json, find_outdated_pacts, pact_fingerprint, replace_pacts
from tooling.pacts.matrix import InteractionRow, MatrixCell, build_grid, build_rows, render_page, render_text

DESCRIPTION = "Order asks for stock that is there."
NEED = Dependency("order", "catalog", "reserve_stock")


def pact(description=DESCRIPTION, operation="reserve_stock", status=200):
    return {
        "consumer": {"name": "order"},
        "provider": {"name": "catalog"},
        "metadata": {"pactSpecification": {"version": "4.0"}, "pactRust": {"ffi": "0"}},
        "interactions": [
            {
                "description": description,
                "response": {"status": status},
                "comments": {"references": {"OpenAPI": {"operationId": operation}}},
            }
        ],
    }


def report(of, *, passed=True, description=DESCRIPTION):
    said = [{"consumer": "order", "description": description, "passed": passed}]
    return {"catalog": {"provider": "catalog", "pacts": {"order": pact_fingerprint(of)}, "interactions": said}}


@pytest.mark.parametrize(
    ("reports", "verdict"),
    [
        (report(pact()), "verified"),
        (report(pact(), passed=False), "failed"),
        (report(pact(status=201)), "stale"),
        (report(pact(), description="Something else."), "unverified"),
        ({"catalog": {"provider": "catalog", "pacts": {}, "interactions": []}}, "unverified"),
        ({}, "unverified"),
    ],
    ids=["passed", "failed", "of another pact", "without this one", "without this consumer", "no report"],
)
def test_an_interaction_is_good_only_if_it_was_verified_as_it_is_now(reports, verdict):
    assert build_rows([NEED], [pact()], reports) == [InteractionRow(*NEED, DESCRIPTION, verdict)]


def test_a_call_without_a_pact_is_reported_as_missing():
    other = Dependency("order", "catalog", "commit_stock")

    found = build_rows([NEED, other], [pact()], report(pact()))

    assert [(row.operation, row.verdict) for row in found] == [
        ("commit_stock", "missing"),
        ("reserve_stock", "verified"),
    ]
    assert build_grid(found) == {"order": {"catalog": MatrixCell(1, 2)}}
    assert "missing: order of catalog, commit_stock" in render_text(found)
    assert '<td class="bad">missing</td>' in render_page(found)


def test_what_is_declared_is_every_internal_call_every_call_of_a_client_and_every_receiver():
    found = list_dependencies(ROOT)

    assert len(found) == len(set(found)) >= 24
    assert NEED in found
    assert Dependency("cart", "catalog", "get_product") in found
    assert Dependency("notifications", "shipping", "on_shipping_ready") in found
    assert {need.consumer for need in found} == OPERATIONS.keys() - {"auth"}


def test_a_pact_that_differs_is_named_and_replaced(tmp_path):
    pact_dir, committed = tmp_path / "made", tmp_path / "committed"
    for folder in (pact_dir, committed):
        folder.mkdir()
    (pact_dir / "order-catalog.json").write_text(canonical_json(pact()))
    (committed / "order-catalog.json").write_text(canonical_json(pact(status=201)))
    (committed / "cart-catalog.json").write_text(canonical_json(pact()))

    assert find_outdated_pacts(pact_dir, committed) == [
        "cart-catalog.json is committed, and no consumer's test makes it",
        f"order-catalog.json is stale: it says something else than the consumer's tests ({DESCRIPTION})",
    ]
    assert replace_pacts(pact_dir, committed) == ["cart-catalog.json", "order-catalog.json"]
    assert find_outdated_pacts(pact_dir, committed) == []
