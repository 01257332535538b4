"""The pages show the whole shop, as the contracts say it is."""

import json
import re

import pytest

from generated.access import OPERATIONS
from infra.gateway.pages import ROOT, published_files
from tooling.documentation.command import main
from tooling.documentation.model import read_shop_model
from tooling.documentation.pages import openapi_documents

GENERATED_DOCS = ROOT / "generated" / "docs"
PAGES = sorted(GENERATED_DOCS.rglob("*.html"))
BUNDLED = GENERATED_DOCS.parent.rglob("bundled/openapi/*.json")
DOCUMENTS = openapi_documents(
    {path.relative_to(GENERATED_DOCS.parent).as_posix(): path.read_text("utf-8") for path in BUNDLED}
)


@pytest.fixture(scope="module")
def shop_model():
    return read_shop_model(ROOT)


@pytest.mark.parametrize(
    ("caller", "provider", "called"),
    [
        ("cart", "catalog", ["get_product"]),  # open to everybody: only the pact knows
        ("order", "catalog", ["reserve_stock", "check_stock", "commit_stock"]),
        ("order", "shipping", ["draft_shipment", "cancel_shipment", "take_out_items"]),
        ("payment", "order", ["get_payable"]),
        ("operator", "catalog", ["restock_products", "correct_stock"]),
        ("shipping", "order", []),
    ],
)
def test_the_model_of_the_shop_knows_which_operations_a_service_calls(shop_model, caller, provider, called):
    assert [operation.id for operation in shop_model.calls(caller, provider)] == called


def test_the_model_of_the_shop_knows_who_sends_and_receives_an_event(shop_model):
    heard = {event.name: (event.sender, sorted(event.receivers)) for event in shop_model.events}

    assert heard["order.created"] == ("order", ["cart", "notifications", "payment"])
    assert heard["payment.succeeded"] == ("payment", ["notifications", "order", "shipping"])
    assert "nobody" not in {sender for sender, _ in heard.values()}


@pytest.mark.parametrize("service", OPERATIONS)
def test_every_operation_is_there_with_who_may_call_it(shop_model, service):
    (told,) = [one for one in shop_model.services if one.name == service]

    assert {operation.id for operation in told.operations} == OPERATIONS[service].keys()
    for operation in told.operations:
        access = OPERATIONS[service][operation.id]
        assert (operation.who == "everybody") == access.public
        assert ("admins" in operation.who) == ("admin" in access.roles)
        assert all(caller in operation.who for caller in access.internal)


def test_an_event_says_its_fields_and_which_of_them_may_be_missing(shop_model):
    (created,) = [event for event in shop_model.events if event.name == "order.created"]

    kinds = {field.name: field.kind for field in created.fields}
    assert kinds["items"] == "array of 1 to 200"
    assert kinds["items[].qty"] == "integer from 1 to 99"
    assert all(field.required for field in created.fields)
    assert {"event_id", "timestamp"} < {field.name for field in shop_model.envelope}


def test_every_event_is_there_with_who_sends_and_who_hears_it(shop_model):
    text = (GENERATED_DOCS / "asyncapi" / "shop.html").read_text("utf-8")

    for event in shop_model.events:
        section = text.partition(f'<section class="event" id="{event.name}"')[2].partition("</section>")[0]
        assert all(f'{name}.html">{name}</a>' in section for name in (event.sender, *event.receivers))
        assert all(f"<code>{field.name}</code>" in section for field in event.fields)


def operations(page):
    """What a page's reference can open: `/tag/operation`."""
    items = DOCUMENTS[page.stem]["paths"].values()
    return {f"/{one['tags'][0]}/{one['operationId']}" for item in items for one in item.values() if "tags" in one}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_operation_of_a_document_is_on_its_page(name):
    text = (GENERATED_DOCS / "openapi" / f"{name}.html").read_text("utf-8")

    anchors = operations(GENERATED_DOCS / "openapi" / f"{name}.html")
    assert len(anchors) == sum(
        "operationId" in one for item in DOCUMENTS[name]["paths"].values() for one in item.values()
    )
    assert [anchor for anchor in anchors if f'href="#{anchor}"' not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(GENERATED_DOCS).as_posix())
def test_links_lead_to_what_is_published_and_to_parts_of_pages(page):
    links = re.findall(r'(?:href|src)="([^"]*)"', page.read_text("utf-8"))
    anchors = {file: set(re.findall(r'id="([^"]*)"', file.read_text("utf-8"))) for file in PAGES}

    targets = {file.resolve() for file in (GENERATED_DOCS / address for address in published_files())}
    for path, _, part in (link.partition("#") for link in links):
        target = (page.parent / path).resolve() if path else page
        assert target in targets
        assert not part or part in (operations(target) if part.startswith("/") else anchors[target])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(GENERATED_DOCS).as_posix())
def test_pages_ask_nobody_else_for_anything_and_have_no_script_or_style_within(page):
    text = page.read_text("utf-8")

    assert not re.search(r"https?://|//[a-z]|@import|url\(", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?! src=)", text)


def test_a_folder_can_be_read_without_a_shop(tmp_path):
    assert main(["--to", str(tmp_path)]) == 0

    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == set(published_files())
    text = (tmp_path / "openapi" / "order.html").read_text("utf-8")
    held = text.partition('<script type="application/json" id="held">')[2].partition("</script>")[0]
    assert json.loads(held) == DOCUMENTS["order"]


def test_where_nothing_can_be_written_it_says_so(tmp_path, capsys):
    tmp_path.joinpath("folder").touch()

    assert main(["--to", str(tmp_path / "folder")]) == 1
    assert "folder/assets: Not a directory" in capsys.readouterr().err
