"""A contract changes its version by what the change means for whoever relies on it."""

import json
import re
import shutil
from copy import deepcopy

import pytest

from scripts.contracts.changes import contract_changes, event_changes
from scripts.contracts.compatibility import Impact
from scripts.contracts.releasing import main, mistakes, release
from services.chassis.contracts import read
from tests.contracts.declared import ROOT

ORDER, EVENTS = read(ROOT / "contracts" / "order.yaml"), read(ROOT / "asyncapi" / "shop.yaml")
CHECK_OUT = ("paths", "/v1/orders/checkout", "post")
ASKED = (*CHECK_OUT, "requestBody", "content", "application/json", "schema")
TOLD = (*CHECK_OUT, "responses", "201", "content", "application/json", "schema")
PAYABLE = ("paths", "/v1/orders/{order_id}/payable", "get")
HEADED = (*CHECK_OUT, "responses", "201", "headers")
SENT = ("channels", "orderEvents", "messages", "OrderCancelled", "payload", "allOf", 1, "properties", "data")
TOPIC = ("channels", "orderEvents", "bindings", "kafka")


def changed(document, place, edit):
    """The document with one place of it edited, and none of those that were made of the same words."""
    copy = json.loads(json.dumps(document, default=str))
    node = copy
    for step in place:
        node = node[step]
    edit(node)
    return copy


def put(**said):
    return lambda node: node.update(deepcopy(said))


def drop(*names):
    return lambda node: [node.pop(name) for name in names]


MINOR, MAJOR = Impact.MINOR, Impact.MAJOR
OF_CONTRACTS = {
    "a description in other words": (CHECK_OUT, put(description="Otherwise."), None),
    "an operation more": (("paths",), put(**{"/v1/x": {"get": ORDER["paths"]["/health"]["get"]}}), MINOR),
    "an operation less": (("paths",), drop("/v1/orders"), MAJOR),
    "an operation of another name": (CHECK_OUT, put(operationId="order_all"), MAJOR),
    "a request may say more": ((*ASKED, "properties"), put(note={"type": "string"}), MINOR),
    "a request may say less": ((*ASKED, "properties"), drop("address_line2"), MAJOR),
    "a request must say more": (ASKED, lambda schema: schema["required"].append("address_line2"), MAJOR),
    "a request must say less": (ASKED, lambda schema: schema["required"].remove("city"), MINOR),
    "a request may be longer": ((*ASKED, "properties", "city"), put(maxLength=101), MINOR),
    "a request may only be shorter": ((*ASKED, "properties", "city"), put(maxLength=99), MAJOR),
    "a request of any pattern": ((*ASKED, "properties", "city"), drop("pattern"), MINOR),
    "a request of another pattern": ((*ASKED, "properties", "city"), put(pattern="^[A-Z]*$"), MAJOR),
    "a request may say what it likes": (ASKED, drop("additionalProperties"), MINOR),
    "an answer tells more": ((*TOLD, "properties"), put(note={"type": "string"}), MINOR),
    "an answer tells less": ((*TOLD, "properties"), drop("pay_by"), MAJOR),
    "an answer promises less": (TOLD, lambda schema: schema["required"].remove("pay_by"), MAJOR),
    "an answer may be null": ((*TOLD, "properties", "pay_by"), put(nullable=True), MAJOR),
    "an answer may be larger": ((*TOLD, "properties", "items"), put(maxItems=201), MAJOR),
    "an answer is never so large": ((*TOLD, "properties", "items"), put(maxItems=49), MINOR),
    "an answer knows one more state": ((*TOLD, "properties", "status"), lambda s: s["enum"].append("LOST"), MAJOR),
    "a number is a text": ((*TOLD, "properties", "total_cents"), put(type="string"), MAJOR),
    "a state may become another one": (
        (*TOLD, "properties", "status", "x-transitions"), put(REFUNDED=["PAID"]), MINOR),
    "one more status": ((*CHECK_OUT, "responses"), put(**{"404": {"description": "None."}}), MINOR),
    "one status less": ((*CHECK_OUT, "responses"), drop("409"), MAJOR),
    "one problem less": (
        (*CHECK_OUT, "responses", "409", "content", "application/problem+json", "examples"),
        drop("out-of-stock"), MAJOR),
    "a header that may be missing": ((*HEADED, "Location"), drop("required"), MAJOR),
    "a parameter more": ((*CHECK_OUT,), lambda o: o["parameters"].append(
        {"name": "dry", "in": "query", "schema": {"type": "boolean"}}), MINOR),
    "a parameter less": (CHECK_OUT, drop("parameters"), MAJOR),
    "one more caller": ((*PAYABLE, "x-access", "internal"), lambda callers: callers.append("cart"), MINOR),
    "shoppers need to own it": ((*CHECK_OUT, "x-access"), put(owner=True), MAJOR),
    "nobody need say who asks": (PAYABLE, put(**{"x-access": "public"}), MINOR),
    "nobody need say who asks, and may": (PAYABLE, put(**{"x-access": {"token": "optional"}}), MINOR),
}  # fmt: skip
OF_EVENTS = {
    "a summary in other words": (("channels", "orderEvents"), put(title="Orders"), None),
    "an event tells more": ((*SENT, "properties"), put(by={"type": "string"}), MINOR),
    "an event tells less": ((*SENT, "properties"), drop("reason"), MAJOR),
    "an event promises less": (SENT, drop("required"), MAJOR),
    "an event knows one reason more": ((*SENT, "properties", "reason"), lambda s: s["enum"].append("lost"), MAJOR),
    "an event knows one reason less": ((*SENT, "properties", "reason"), lambda s: s["enum"].pop(), MAJOR),
    "a topic of another name": (("channels", "orderEvents"), put(address="orders.events"), MAJOR),
    "a topic of more partitions": (TOPIC, put(partitions=6), MAJOR),
    "an event less": (("channels", "orderEvents", "messages"), drop("OrderCancelled"), MAJOR),
}


@pytest.mark.parametrize(("place", "edit", "impact"), OF_CONTRACTS.values(), ids=OF_CONTRACTS)
def test_a_change_of_a_contract_has_its_impact(place, edit, impact):
    changes = list(contract_changes(ORDER, changed(ORDER, place, edit)))

    assert max((change.impact for change in changes), default=None) == impact, changes


@pytest.mark.parametrize(("place", "edit", "impact"), OF_EVENTS.values(), ids=OF_EVENTS)
def test_a_change_of_the_events_has_its_impact(place, edit, impact):
    changes = list(event_changes(EVENTS, changed(EVENTS, place, edit)))

    assert max((change.impact for change in changes), default=None) == impact, changes


def test_a_service_that_no_longer_hears_of_something_breaks_who_relies_on_it():
    hears = read(ROOT / "asyncapi" / "order.yaml")

    (change,) = event_changes(hears, changed(hears, ("operations",), drop("on_payment_refunded")))

    assert change.impact is MAJOR


@pytest.fixture
def root(tmp_path):
    """A copy of the contracts, released as they are but as order's first version, with nothing decided yet."""
    for folder in ("contracts", "asyncapi"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("released", "flows"))
    (tmp_path / "docs" / "decisions").mkdir(parents=True)
    order = tmp_path / "contracts" / "order.yaml"
    order.write_text(re.sub(r"(?m)^  version: .*$", "  version: 1.0.0", order.read_text("utf-8")), "utf-8")
    release(tmp_path)
    return tmp_path


def rewrite(path, *replacements):
    text = path.read_text("utf-8")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, "utf-8")


ADDED = ("address_line2: {$ref", "note: {type: string, maxLength: 9}\n        address_line2: {$ref")
BROKEN = ("operationId: get_payable", "operationId: say_what_is_due")


@pytest.mark.parametrize(
    ("replacements", "said"),
    [
        ([], []),
        ([("summary: Read one order", "summary: Show one order")], []),
        ([ADDED], ["contracts/order.yaml is 1.0.0 and must be at least 1.1.0"]),
        ([ADDED, ("version: 1.0.0", "version: 1.1.0")], []),
        ([BROKEN, ("version: 1.0.0", "version: 1.1.0")], ["contracts/order.yaml is 1.1.0 and must be at least 2.0.0"]),
        ([BROKEN, ("version: 1.0.0", "version: 2.0.0")], ["contracts/order.yaml 2.0.0 breaks who relies on 1.0.0"]),
        ([("version: 1.0.0", "version: 0.9.0")], ["contracts/order.yaml is 0.9.0 and must be at least 1.0.0"]),
    ],
    ids=[
        "nothing changed", "only words", "added, same version", "added, minor", "broken, minor", "broken, undecided",
        "older",
    ],
)  # fmt: skip
def test_a_version_says_what_has_changed(root, replacements, said):
    rewrite(root / "contracts" / "order.yaml", *replacements)

    found = list(mistakes(root))

    assert [mistake.split(":")[0].split("\n")[0] for mistake in found] == said


def test_a_breaking_release_is_decided_in_writing(root):
    rewrite(root / "contracts" / "order.yaml", BROKEN, ("version: 1.0.0", "version: 2.0.0"))
    (root / "docs" / "decisions" / "0099-x.md").write_text("`contracts/order.yaml 2.0.0` says it better.", "utf-8")

    assert main(["--root", str(root)]) == 0

    assert BROKEN[1] in (root / "contracts" / "released" / "contracts" / "order.yaml").read_text("utf-8")


def test_a_change_of_what_contracts_share_is_one_of_each_that_refers_to_it(root):
    rewrite(root / "contracts" / "common.yaml", ("    Quantity:\n", "    Quantity:\n      multipleOf: 1\n"))

    found = [mistake.split(" ")[0] for mistake in mistakes(root)]

    assert found == [f"contracts/{name}.yaml" for name in ("cart", "catalog", "order")]


def test_what_cannot_be_released_is_not(root, capsys):
    rewrite(root / "contracts" / "order.yaml", ADDED)

    assert main(["--root", str(root)]) == 1

    assert "minor: post /v1/orders/checkout body: note is new" in capsys.readouterr().err
    assert "note:" not in (root / "contracts" / "released" / "contracts" / "order.yaml").read_text("utf-8")


def test_a_contract_that_was_released_stays(root):
    (root / "asyncapi" / "cart.yaml").unlink()

    assert list(mistakes(root)) == ["asyncapi/cart.yaml was released and is gone"]
