"""The news the catalog service hears: once, twice, too late, and of orders it never met."""

from uuid import UUID

import pytest

from chassis.testing.deliveries import deliver
from chassis.testing.problems import problem_of
from generated.events import OrderCancelledData, order_cancelled
from generated.states import ReservationStatus
from services.catalog.tests.conftest import LAMP
from tests.accounts import ASHA
from tooling.conformance.callers import internal_key_headers

pytestmark = pytest.mark.both_ways

ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")
ITEMS = [{"product_id": str(LAMP), "qty": 2}]


def cancelled(reason="requested"):
    said = OrderCancelledData(reason=reason)
    return order_cancelled(order_id=ORDER, user_id=ASHA.id, user_email=ASHA.email, data=said).event


async def reserve(client):
    body = {"order_id": str(ORDER), "items": ITEMS}
    return await client.post("/catalog/v1/inventory/reserve", json=body, headers=internal_key_headers("order"))


async def commit(client):
    return await client.post(
        "/catalog/v1/inventory/commit", json={"order_id": str(ORDER)}, headers=internal_key_headers("order")
    )


@pytest.mark.parametrize("same", [True, False], ids=["the same news", "other news of the same"])
async def test_what_was_held_is_let_go_once(client, subscribers, lamp, counted, reservation, same):
    await reserve(client)
    news = cancelled()

    await deliver(subscribers, news)
    await deliver(subscribers, news if same else cancelled("given-up"))

    assert await counted() == (5, 0)
    assert (await reservation(ORDER)).status is ReservationStatus.RELEASED


@pytest.mark.parametrize("same", [True, False], ids=["the same news", "other news of the same"])
async def test_what_was_sold_is_back_in_stock_once(client, subscribers, lamp, counted, reservation, same):
    await reserve(client)
    await commit(client)
    assert await counted() == (3, 0)
    news = cancelled()

    await deliver(subscribers, news)
    await deliver(subscribers, news if same else cancelled("given-up"))

    assert await counted() == (5, 0)
    assert (await reservation(ORDER)).status is ReservationStatus.RETURNED


async def test_an_order_cancelled_before_it_was_met_is_neither_held_nor_sold(
    client, subscribers, lamp, counted, reservation
):
    await deliver(subscribers, cancelled())

    answers = [await reserve(client), await commit(client)]

    assert [problem_of(answer) for answer in answers] == [(409, "order-cancelled")] * 2
    assert await counted() == (5, 0)
    assert (await reservation(ORDER)).status is ReservationStatus.RELEASED


async def test_an_order_that_came_to_nothing_holds_nothing_again(client, subscribers, lamp, counted):
    await reserve(client)
    await commit(client)
    await deliver(subscribers, cancelled())

    answers = [await reserve(client), await commit(client)]

    assert {problem_of(answer) for answer in answers} == {(409, "order-cancelled")}
    assert await counted() == (5, 0)


async def test_pieces_of_a_product_removed_meanwhile_come_back_all_the_same(
    client, subscribers, lamp, products, reservation, database
):
    await reserve(client)
    await commit(client)
    await products.soft_delete(LAMP)

    await deliver(subscribers, cancelled())

    async with database.dedicated_connection() as connection:
        rows = await connection.execute("SELECT in_stock, reserved FROM products")
        assert await rows.fetchone() == (5, 0)
    assert (await reservation(ORDER)).status is ReservationStatus.RETURNED
