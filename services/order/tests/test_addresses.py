"""Where a parcel may go, driven through the contract: as people type addresses, and as countries have them."""

from uuid import UUID

import pytest

from chassis.data.statement import Statement
from chassis.testing.problems import assert_problem
from services.order.tables import orders as orders_table
from services.order.tests.conftest import lamps
from tests.accounts import ASHA

ORDERS = Statement(orders_table.select())

QUAY = {"address_line1": "12 Quay Street", "city": "Galway", "country": "IE", "postcode": "H91 XY00"}
HARBOUR = {"address_line1": "1 Harbour Road", "city": "Wan Chai"}


@pytest.fixture(autouse=True)
def two_lamps_in_the_cart(carts):
    carts.put(ASHA.id, lamps())


@pytest.fixture
def check_out(client):
    async def check_out(address):
        return await client.post("/order/v1/orders/checkout", json=address, headers=ASHA.headers)

    return check_out


@pytest.mark.parametrize("blank", ["", " ", "\u3164"], ids=["empty", "a blank", "an invisible character"])
async def test_a_second_address_line_that_was_left_blank_is_none(check_out, orders, blank):
    response = await check_out({**QUAY, "address_line2": blank})

    assert response.status_code == 201
    assert "address_line2" not in response.json()
    assert (await orders.find(UUID(response.json()["order_id"]))).details.address_line2 is None


async def test_an_address_is_kept_without_the_blanks_around_it(check_out):
    typed = {"address_line1": " 12 Quay Street\u3000", "city": "\u200bGalway ", "postcode": " H91 XY00 "}

    response = await check_out({**QUAY, **typed})

    assert QUAY.items() <= response.json().items()


async def test_blanks_around_an_address_make_it_no_other_order(check_out):
    first = await check_out(QUAY)

    again = await check_out({**QUAY, "city": " Galway", "address_line2": ""})

    assert (again.status_code, again.json()) == (201, first.json())


@pytest.mark.parametrize("country", ["HK", "AE", "QA", "JM"])
@pytest.mark.parametrize(
    "left_blank", [{}, {"postcode": ""}, {"postcode": " - "}], ids=["left out", "left blank", "a dash"]
)
async def test_an_order_goes_where_there_are_no_postcodes(client, check_out, shipments, country, left_blank):
    response = await check_out({**HARBOUR, "country": country, **left_blank})

    assert response.status_code == 201
    order_id = response.json()["order_id"]
    order = await client.get(f"/order/v1/orders/{order_id}", headers=ASHA.headers)
    assert (order.json()["country"], "postcode" in order.json()) == (country, False)
    assert shipments.state == {UUID(order_id): "pending"}


@pytest.mark.parametrize(
    ("changed", "pointer", "rule"),
    [
        ({"postcode": ""}, "/body/postcode", "required"),
        ({"postcode": " "}, "/body/postcode", "required"),
        ({"country": "US", "postcode": ""}, "/body/postcode", "required"),
        ({"country": "UK"}, "/body/country", "pattern"),
        ({"country": "ZZ"}, "/body/country", "pattern"),
        ({"city": "\u3164"}, "/body/city", "required"),
        ({"address_line1": "12 Quay \u202eStreet"}, "/body/address_line1", "pattern"),
    ],
    ids=["blank postcode", "only a blank", "none in the US", "no country", "no code", "invisible", "turned around"],
)
async def test_an_address_that_no_parcel_reaches_is_refused(
    check_out, database, inventory, shipments, changed, pointer, rule
):
    response = await check_out({**QUAY, **changed})

    assert_problem(response, 400, "invalid-request")
    assert response.json()["errors"] == [{"pointer": pointer, "rule": rule}]
    assert await database.fetch_all(ORDERS) == []
    assert (inventory.state, shipments.state) == ({}, {})


async def test_a_postcode_that_is_due_and_left_out_is_refused(check_out, database):
    response = await check_out({**HARBOUR, "country": "GB"})

    assert response.status_code == 400
    assert response.json()["errors"] == [{"pointer": "/body/postcode", "rule": "required"}]
    assert await database.fetch_all(ORDERS) == []
