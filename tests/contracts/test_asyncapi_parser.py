"""The official parser of AsyncAPI takes what stands in asyncapi/ and its bundles, and would say what is wrong."""

import pytest

from tests.contracts.loaded_contracts import ROOT
from tooling.compatibility.asyncapi import find_parser_diagnostics

SOURCES = [*sorted((ROOT / "asyncapi").glob("*.yaml")), *(ROOT / "tests" / "contracts").glob("*/asyncapi.yaml")]
BUNDLES = sorted((ROOT / "generated" / "bundled" / "asyncapi").glob("*.json"))
THROUGH = "#/channels/orderEvents/messages/OrderCreated"
INVALID_DOCUMENTS = {
    "a message that is not the channel's": (
        THROUGH, "./shop.yaml#/components/messages/OrderCreated", "asyncapi3-operation-messages-from-referred-channel"),
    "a channel that is not there": ("{$ref: '#/channels/orderEvents'}", "{$ref: '#/channels/orders'}", "invalid-ref"),
    "neither sent nor received": ("action: receive", "action: hear", "asyncapi-document-resolved"),
    "a word of another specification": ("defaultContentType:", "openapi:", "asyncapi-document-resolved"),
}  # fmt: skip


@pytest.fixture(scope="module")
def parser_diagnostics(tmp_path_factory):
    """What the parser says of everything, in one process; the wrong ones are cart's contract with a word changed."""
    folder = tmp_path_factory.mktemp("asyncapi")
    (folder / "shop.yaml").write_bytes((ROOT / "asyncapi" / "shop.yaml").read_bytes())
    cart = (ROOT / "asyncapi" / "cart.yaml").read_text("utf-8")
    for name, (right, wrong, _) in INVALID_DOCUMENTS.items():
        assert right in cart
        (folder / f"{name}.yaml").write_text(cart.replace(right, wrong), "utf-8")
    wrong = {name: folder / f"{name}.yaml" for name in INVALID_DOCUMENTS}
    said = find_parser_diagnostics(*SOURCES, *BUNDLES, *wrong.values())
    return {path.relative_to(ROOT).as_posix(): said[path] for path in [*SOURCES, *BUNDLES]} | {
        name: said[path] for name, path in wrong.items()
    }


@pytest.mark.parametrize("document", [path.relative_to(ROOT).as_posix() for path in [*SOURCES, *BUNDLES]])
def test_the_official_asyncapi_parser_finds_no_fault(parser_diagnostics, document):
    assert parser_diagnostics[document] == []


@pytest.mark.parametrize("name", INVALID_DOCUMENTS)
def test_a_wrong_document_is_refused(parser_diagnostics, name):
    assert [fault for fault in parser_diagnostics[name] if fault.startswith(f"{INVALID_DOCUMENTS[name][2]} at ")]
