"""The index shows the whole shop, as the contracts say it is."""

import re

import pytest

from generated.access import OPERATIONS
from scripts.documentation.index import index
from scripts.documentation.pages import ROOT, pages
from scripts.documentation.shop import shop


@pytest.fixture(scope="module")
def known():
    return shop(ROOT)


@pytest.fixture(scope="module")
def text():
    return index(ROOT)


@pytest.mark.parametrize(
    ("caller", "provider", "called"),
    [
        ("cart", "catalog", ["get_product"]),  # open to everybody: only the pact knows
        ("order", "catalog", ["reserve_stock", "check_stock", "commit_stock"]),
        ("order", "shipping", ["draft_shipment", "cancel_shipment"]),
        ("payment", "order", ["get_payable"]),
        ("operator", "catalog", ["restock_products", "correct_stock"]),
        ("shipping", "order", []),
    ],
)
def test_it_knows_who_calls_whom(known, caller, provider, called):
    assert [operation.id for operation in known.calls(caller, provider)] == called


def test_it_knows_who_hears_whom(known):
    heard = {event.name: (event.sender, sorted(event.receivers)) for event in known.events}

    assert heard["order.created"] == ("order", ["cart", "notifications", "payment"])
    assert heard["payment.succeeded"] == ("payment", ["notifications", "order", "shipping"])
    assert "nobody" not in {sender for sender, _ in heard.values()}


@pytest.mark.parametrize("service", OPERATIONS)
def test_every_operation_is_there_with_who_may_call_it(known, service):
    (told,) = [one for one in known.services if one.name == service]

    assert {operation.id for operation in told.operations} == OPERATIONS[service].keys()
    for operation in told.operations:
        access = OPERATIONS[service][operation.id]
        assert (operation.who == "everybody") == access.public
        assert ("admins" in operation.who) == ("admin" in access.roles)
        assert all(caller in operation.who for caller in access.internal)


def test_its_links_lead_to_pages_that_are_made_and_to_parts_of_it(text):
    addresses = {page.address for page in pages(ROOT)}
    links = set(re.findall(r'href="([^"]*)"', text))

    assert {link.partition("#")[0] for link in links} - {""} == addresses
    assert all(f'id="{link[1:]}"' in text for link in links if link.startswith("#"))


def test_it_asks_nobody_for_anything(text):
    assert not re.search(r"src=|url\(|@import|https?://", text)
