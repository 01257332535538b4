"""The news the catalog service hears: once, twice, too late, and of orders it never met."""

from uuid import UUID

import pytest

from chassis.events.messages import InvalidMessage
from chassis.testing.deliveries import deliver
from chassis.testing.problems import problem_of
from generated.events import OrderCancelledData, OrderReducedData, ReducedItem, order_cancelled, order_reduced
from generated.states import ReservationStatus
from services.catalog.errors import ReservationNotFound
from services.catalog.tests.conftest import LAMP
from tests.accounts import ASHA
from tooling.conformance.callers import internal_key_headers

pytestmark = pytest.mark.both_ways

ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")
CHANGE = UUID(int=11)
ITEMS = [{"product_id": str(LAMP), "qty": 2}]


def cancelled(reason="requested"):
    said = OrderCancelledData(reason=reason)
    return order_cancelled(order_id=ORDER, user_id=ASHA.id, user_email=ASHA.email, data=said).event


def reduced(qty=1, *, product=LAMP, change_id=CHANGE, restock=True):
    items = [ReducedItem(product_id=product, title="Walnut desk lamp", qty=qty, unit_price_cents=12999)]
    data = OrderReducedData(
        change_id=change_id,
        kind="cancellation",
        items=items,
        amount_cents=qty * 12999,
        currency="EUR",
        restock=restock,
    )
    return order_reduced(order_id=ORDER, user_id=ASHA.id, user_email=ASHA.email, data=data).event


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


@pytest.mark.parametrize("same", [True, False], ids=["the same news", "other news of the same"])
async def test_pieces_that_went_out_of_an_order_are_back_in_stock_once(
    client, subscribers, lamp, counted, reservation, same
):
    await reserve(client)
    await commit(client)
    news = reduced()

    await deliver(subscribers, news)
    await deliver(subscribers, news if same else reduced())

    assert await counted() == (4, 0)
    kept = await reservation(ORDER)
    assert (kept.status, kept.left, kept.pieces) == (ReservationStatus.COMMITTED, {LAMP: 1}, {LAMP: 2})


async def test_an_order_that_is_cancelled_after_a_part_of_it_gives_back_the_rest(
    client, subscribers, lamp, counted, reservation
):
    await reserve(client)
    await commit(client)

    await deliver(subscribers, reduced(), cancelled(), cancelled("given-up"), reduced())

    assert await counted() == (5, 0)
    assert (await reservation(ORDER)).status is ReservationStatus.RETURNED


async def test_when_all_pieces_are_back_one_by_one_nothing_is_left_to_come(
    client, subscribers, lamp, counted, reservation
):
    await reserve(client)
    await commit(client)

    await deliver(subscribers, reduced(), reduced(change_id=UUID(int=12)), cancelled())

    assert await counted() == (5, 0)
    assert (await reservation(ORDER)).status is ReservationStatus.RETURNED


async def test_pieces_that_are_not_for_sale_again_stay_out_of_stock(client, subscribers, lamp, counted, reservation):
    await reserve(client)
    await commit(client)

    await deliver(subscribers, reduced(restock=False))

    assert await counted() == (3, 0)
    assert (await reservation(ORDER)).left == {LAMP: 2}


@pytest.mark.parametrize("sold", [True, False], ids=["sold", "held"])
@pytest.mark.parametrize("news", [reduced(3), reduced(product=UUID(int=9))], ids=["too many", "of another product"])
async def test_pieces_that_were_not_sold_do_not_come_back(client, subscribers, lamp, counted, news, sold):
    await reserve(client)
    if sold:
        await commit(client)
    before = await counted()

    with pytest.raises(InvalidMessage):
        await deliver(subscribers, news)

    assert await counted() == before


async def test_pieces_of_an_order_that_was_never_met_do_not_come_back(subscribers, lamp, counted):
    with pytest.raises(ReservationNotFound):
        await deliver(subscribers, reduced())

    assert await counted() == (5, 0)
