"""A contract changes its version by what the change means for whoever relies on it."""

import re
import shutil

import pytest

from tests.contracts.loaded_contracts import ROOT
from tooling.compatibility.releasing import GENERATED_CODE_HEADING, find_version_errors, main, release_contracts


@pytest.fixture
def root(tmp_path):
    """A copy of the contracts, released as they are but as their first version, with nothing decided yet."""
    for folder in ("contracts", "asyncapi"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("released", "flows"))
    (tmp_path / "docs" / "decisions").mkdir(parents=True)
    run_release(tmp_path, "1.0.0")
    release_contracts(tmp_path)
    return tmp_path


def run_release(root, version, *names):
    """Give that version to the contracts of these names, or to all."""
    for path in (*(root / "contracts").glob("*.yaml"), *(root / "asyncapi").glob("*.yaml")):
        if not names or path.name in names:
            path.write_text(re.sub(r"(?m)^  version: .*$", f"  version: {version}", path.read_text("utf-8")), "utf-8")


def rewrite_file(path, *replacements):
    text = path.read_text("utf-8")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, "utf-8")


ADDED_FIELD = ("address_line2: {$ref", "note: {type: string, maxLength: 9}\n        address_line2: {$ref")
BREAKING_EDIT = ("address_line2: {$ref", "address_line3: {$ref")
RENAMING_EDIT = ("operationId: get_payable", "operationId: say_what_is_due")


@pytest.mark.parametrize(
    ("replacements", "version", "said"),
    [
        ([], "1.0.0", []),
        ([("summary: Read one order", "summary: Show one order")], "1.0.0", []),
        ([("summary: Read one order", "summary: Show one order")], "1.0.1", []),
        ([ADDED_FIELD], "1.0.1", ["contracts/order.yaml is 1.0.1 and must be at least 1.1.0"]),
        ([ADDED_FIELD], "1.1.0", []),
        ([BREAKING_EDIT], "1.1.0", ["contracts/order.yaml is 1.1.0 and must be at least 2.0.0"]),
        ([BREAKING_EDIT], "2.0.0", ["contracts/order.yaml 2.0.0 breaks who relies on 1.0.0"]),
        ([RENAMING_EDIT], "1.1.0", ["contracts/order.yaml is 1.1.0 and must be at least 2.0.0"]),
    ],
    ids=[
        "nothing changed", "only words", "only words, patch", "added, patch", "added, minor", "broken, minor",
        "broken, undecided", "renamed, minor",
    ],
)  # fmt: skip
def test_a_version_says_what_has_changed(root, replacements, version, said):
    rewrite_file(root / "contracts" / "order.yaml", *replacements)
    run_release(root, version)

    found = list(find_version_errors(root))

    assert [mistake.split(":")[0].split("\n")[0] for mistake in found] == said


def test_a_version_never_falls(root):
    run_release(root, "0.9.0", "order.yaml")

    assert next(find_version_errors(root)).startswith("asyncapi/order.yaml is 0.9.0 and must be at least 1.0.0")


@pytest.mark.parametrize("version", ["1.1", "'1.1'", "1.1.0-rc1", "'²1.0.0'", "", "{}"])
def test_a_version_is_three_numbers(root, version):
    run_release(root, version, "order.yaml")

    assert list(find_version_errors(root)) == [
        f"{folder}/order.yaml: info.version is not like 1.0.0" for folder in ("asyncapi", "contracts")
    ]


@pytest.mark.parametrize("text", ["", "[]", "openapi: 3.0.3", "info: {version: 1.0.0}", "openapi: [3.0.3"])
def test_what_is_no_contract_is_not_released(root, text):
    (root / "contracts" / "order.yaml").write_text(text, "utf-8")

    assert [fault.partition(".yaml")[0] for fault in find_version_errors(root)] == ["contracts/order"]


def test_all_contracts_have_one_version(root):
    """The client packages have it, and the changelog."""
    rewrite_file(root / "contracts" / "order.yaml", ADDED_FIELD)
    run_release(root, "1.1.0", "order.yaml")
    (apart,) = find_version_errors(root)
    run_release(root, "1.1.0")

    assert list(find_version_errors(root)) == []
    assert "\n  1.1.0: asyncapi/order.yaml, contracts/order.yaml" in apart


def test_a_contract_that_is_new_has_that_version_too(root):
    shutil.copy(root / "contracts" / "order.yaml", root / "contracts" / "gifts.yaml")
    run_release(root, "1.1.0", "gifts.yaml")

    assert ["\n  1.1.0: contracts/gifts.yaml" in fault for fault in find_version_errors(root)] == [True]


def test_a_breaking_release_is_decided_in_writing(root, capsys):
    rewrite_file(root / "contracts" / "order.yaml", BREAKING_EDIT)
    run_release(root, "2.0.0")
    (root / "docs" / "decisions" / "0099-x.md").write_text("`contracts/order.yaml 2.0.0` says it better.", "utf-8")

    assert main(["--root", str(root)]) == 0

    assert BREAKING_EDIT[1] in (root / "contracts" / "released" / "contracts" / "order.yaml").read_text("utf-8")
    assert capsys.readouterr().out.startswith("contracts/released has the contracts as they are now.")


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        (["2.0.0, not released yet", GENERATED_CODE_HEADING, "1.0.0"], False),
        (["2.0.0", "### Contracts: what is new", "1.0.0", GENERATED_CODE_HEADING], True),
        (["2.0.0.1", GENERATED_CODE_HEADING], True),
        ([], True),
    ],
    ids=["of this version", "of an older one", "of another one", "nothing"],
)
def test_what_changes_for_generated_code_only_is_told_apart(root, sections, said):
    rewrite_file(root / "contracts" / "order.yaml", RENAMING_EDIT)
    run_release(root, "2.0.0")
    (root / "docs" / "decisions" / "0099-x.md").write_text("`contracts/order.yaml 2.0.0` says it better.", "utf-8")
    lines = [one if one.startswith("#") else f"## {one}" for one in ["# Changelog", *sections]]
    (root / "CHANGELOG.md").write_text("\n\n".join(lines), "utf-8")

    faults = [fault.partition(":")[0] for fault in find_version_errors(root)]

    assert faults == ["contracts/order.yaml 2.0.0 breaks generated code"] * said


def test_a_breaking_change_is_reported_with_its_place_its_reason_and_what_else_could_be_done(root):
    city = ("City: {type: string, maxLength: 100", "City: {type: string, maxLength: 99")
    rewrite_file(root / "contracts" / "common.yaml", city)
    rewrite_file(root / "contracts" / "order.yaml", BREAKING_EDIT, RENAMING_EDIT)

    fault = next(fault for fault in find_version_errors(root) if fault.startswith("contracts/order.yaml"))

    assert (
        fault
        == """\
contracts/order.yaml is 1.0.0 and must be at least 2.0.0
  breaking: Whoever relies on it no longer finds it.
    post /v1/orders/checkout body application/json: address_line2 is gone
      at contracts/order.yaml#/components/schemas/CheckOut/properties/address_line2
    Instead: Keep it, say `deprecated: true`, and take it away with the next major version.
  breaking: What callers send today may be refused.
    post /v1/orders/checkout body application/json/city: maxLength was 100 and is 99
      at contracts/common.yaml#/components/schemas/City/maxLength
    Instead: Go on taking it, or offer the stricter form as something new beside it.
  source-breaking: Code that is generated anew no longer fits what was written around it; nothing changes on the wire.
    get /v1/orders/{order_id}/payable: operationId was get_payable and is say_what_is_due
      at contracts/order.yaml#/paths/~1v1~1orders~1{order_id}~1payable/get/operationId
    Instead: Keep the old name, or tell it in CHANGELOG.md under what changes for generated code only.
  compatible
    get /v1/admin/orders 200 application/json/items/allOf/0/city (and 4 more): maxLength was 100 and is 99
      at contracts/common.yaml#/components/schemas/City/maxLength
    post /v1/orders/checkout body application/json: address_line3 is new
      at contracts/order.yaml#/components/schemas/CheckOut/properties/address_line3"""
    )


def test_what_has_another_name_in_the_file_is_found_by_that(root):
    rewrite_file(
        root / "asyncapi" / "shop.yaml",
        ("address: order.events", "address: orders.events"),
        ("topic: order.", "topic: orders."),
    )
    rewrite_file(root / "asyncapi" / "shop.yaml", ("name: payment.failed", "name: payment.refused"))
    rewrite_file(root / "contracts" / "catalog.yaml", ("ETag: {", "E-Tag: {"))

    faults = "".join(find_version_errors(root))

    assert "topic order.events is gone\n      at asyncapi/shop.yaml#/channels/orderEvents\n" in faults
    assert (
        "message payment.failed is gone\n      at asyncapi/shop.yaml#/channels/paymentEvents/messages/PaymentFailed\n"
        in faults
    )
    assert "/headers/ETag\n" in faults


def test_a_change_of_what_contracts_share_is_one_of_each_that_refers_to_it(root):
    rewrite_file(root / "contracts" / "common.yaml", ("    Quantity:\n", "    Quantity:\n      multipleOf: 1\n"))

    found = [mistake.split(" ")[0] for mistake in find_version_errors(root)]

    assert found == [f"contracts/{name}.yaml" for name in ("cart", "catalog", "order", "shipping", "storefront")]


def test_a_shared_parameter_of_another_name_changes_for_generated_code_only(root):
    for path in (root / "contracts").glob("*.yaml"):
        path.write_text(path.read_text("utf-8").replace("/parameters/Limit'", "/parameters/PageSize'"), "utf-8")
    rewrite_file(root / "contracts" / "common.yaml", ("    Limit:", "    PageSize:"))

    fault = next(fault for fault in find_version_errors(root) if fault.startswith("contracts/order.yaml"))

    assert "source-breaking" in fault
    assert "components/parameters/Limit: is gone, or is called otherwise" in fault
    assert "\n  breaking" not in fault


def test_what_cannot_be_released_is_not(root, capsys):
    rewrite_file(root / "contracts" / "order.yaml", ADDED_FIELD)

    assert main(["--root", str(root)]) == 1

    assert "post /v1/orders/checkout body application/json: note is new" in capsys.readouterr().err
    assert "note:" not in (root / "contracts" / "released" / "contracts" / "order.yaml").read_text("utf-8")


def test_a_contract_that_was_released_stays(root):
    (root / "asyncapi" / "cart.yaml").unlink()

    assert list(find_version_errors(root)) == ["asyncapi/cart.yaml: was released and is gone"]
