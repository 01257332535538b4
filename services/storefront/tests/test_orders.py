"""One's orders, and how one is cancelled."""

import pytest

from services.storefront.tests.conftest import ORIGIN, csrf_of, sign_in
from services.storefront.tests.neighbours import ORDER, ORDER_ID, problem

CANCEL = f"/orders/{ORDER_ID}/cancel"


async def cancel(client):
    return await client.post(CANCEL, data={"csrf": csrf_of(await client.get(CANCEL))}, headers=ORIGIN)


async def test_orders_are_listed_and_lead_to_older_ones(client, neighbours):
    await sign_in(client)
    neighbours.orders, neighbours.next_cursor = [ORDER], "b2xkZXI"

    page = await client.get("/orders")

    assert "Walnut desk lamp" in page.text
    assert "€259.98" in page.text
    assert f'href="/orders/{ORDER_ID}/pay"' in page.text
    assert 'href="/orders?cursor=b2xkZXI"' in page.text
    await client.get("/orders?cursor=b2xkZXI")
    assert neighbours.called("/order/v1/orders")[-1]["query"] == {"limit": "10", "cursor": "b2xkZXI"}


async def test_who_has_ordered_nothing_is_told_so(client):
    await sign_in(client)

    assert "There is no order here." in (await client.get("/orders")).text


@pytest.mark.parametrize(
    ("status", "text"), [("PAID", "€259.98 come back"), ("CREATED", "What was set aside for you is for sale again")]
)
async def test_before_an_order_is_cancelled_it_says_what_becomes_of_it(client, neighbours, status, text):
    await sign_in(client)
    neighbours.orders = [{**ORDER, "status": status}]

    page = await client.get(CANCEL)

    assert text in page.text
    assert neighbours.called(f"/order/v1{CANCEL}") == []


async def test_an_order_is_cancelled_and_its_page_says_so(client, neighbours):
    await sign_in(client)
    neighbours.orders = [ORDER]

    answers = [await cancel(client) for _ in range(2)]

    assert [(answer.status_code, answer.headers["location"]) for answer in answers] == [
        (303, f"/orders/{ORDER_ID}")
    ] * 2
    assert "This order was cancelled" in (await client.get(f"/orders/{ORDER_ID}")).text


@pytest.mark.parametrize(
    ("slug", "text"), [("already-dispatched", "The parcel has left"), ("checkout-in-progress", "One moment")]
)
async def test_an_order_that_cannot_be_cancelled_says_why(client, neighbours, slug, text):
    await sign_in(client)
    neighbours.orders = [ORDER]
    neighbours.responses[f"/order/v1{CANCEL}"] = problem(409, slug)

    answer = await cancel(client)

    assert (answer.status_code, text in answer.text) == (409, True)


async def test_somebody_elses_order_is_not_found(client):
    await sign_in(client)

    assert (await client.get(CANCEL)).status_code == 404


async def test_while_order_is_away_it_can_be_cancelled_again_from_the_page(client, neighbours):
    await sign_in(client)
    neighbours.orders = [ORDER]
    page = await client.get(CANCEL)
    neighbours.responses[f"/order/v1{CANCEL}"] = None

    answer = await client.post(CANCEL, data={"csrf": csrf_of(page)}, headers=ORIGIN)

    assert (answer.status_code, f'action="{CANCEL}"' in answer.text) == (503, True)
