"""Stock and reservations, driven through the contract."""

import asyncio
from datetime import datetime
from uuid import UUID

import pytest
import sqlalchemy as sa

from chassis.data.retention import apply_retention_rules
from chassis.data.statement import Statement
from chassis.testing.eventually import eventually
from chassis.testing.problems import assert_problem, problem_of
from chassis.web.cursors import encode_cursor
from generated.states import ReservationStatus
from services.catalog import domain
from services.catalog.domain import Reservation
from services.catalog.repository import STOCK_MOVEMENT_RETENTION_RULE
from services.catalog.tables import stock_movements
from services.catalog.tests.conftest import LAMP, OAK
from services.catalog.tests.requests import (
    CATEGORIES,
    DESK,
    NEW,
    NOBODY,
    ORDER,
    PRODUCTS,
    change,
    check,
    commit,
    correct,
    listed,
    movements_of,
    names,
    remove,
    reserve,
    restock,
    stock_of,
)
from tests.accounts import ADMIN, ASHA
from tooling.conformance.callers import internal_key_headers

pytestmark = pytest.mark.both_ways


@pytest.fixture
async def client(client_with, bucket, batches):
    async with client_with(bucket, batches=batches) as client:
        yield client


AGE_FIRST_MOVEMENTS = Statement(
    sa.update(stock_movements).where(stock_movements.c.id <= 2).values(moved_at=sa.text("now() - interval '731 days'"))
)


async def test_stock_is_told_of_inactive_products_too(client, lamp):
    await change(client, active=False)

    assert (await stock_of(client)).json() == {"product_id": str(LAMP), "in_stock": 5, "reserved": 0, "available": 5}


async def test_each_restock_adds_once_more_and_lines_of_a_product_together(client, lamp, offer, counted):
    await offer(DESK)

    for _ in range(2):
        answer = await restock(client, (LAMP, 2), (OAK, 1), (LAMP, 3))

    assert [(one["product_id"], one["in_stock"]) for one in answer.json()["items"]] == [(str(LAMP), 15), (str(OAK), 2)]
    assert (await counted(LAMP), await counted(OAK)) == ((15, 0), (2, 0))


async def test_a_restock_that_names_an_unknown_product_adds_nothing(client, lamp, counted):
    answer = await restock(client, (LAMP, 1), (NOBODY, 1))

    assert_problem(answer, 404, "product-not-found")
    assert await counted() == (5, 0)


async def test_more_pieces_than_can_be_counted_are_not_added(client, lamp, offer, counted, monkeypatch):
    await offer(DESK)
    monkeypatch.setattr(domain, "MAX_QUANTITY", 10)

    answers = [await move(client, (OAK, 1), (LAMP, 3), (LAMP, 3)) for move in (restock, correct)]

    assert [problem_of(answer) for answer in answers] == [(409, "too-much-stock")] * 2
    assert (await counted(LAMP), await counted(OAK)) == ((5, 0), (0, 0))


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(ADMIN.headers, id="no key"),
        pytest.param(internal_key_headers("operator"), id="no token"),
        pytest.param({**ASHA.headers, **internal_key_headers("operator")}, id="a shopper"),
        pytest.param({**ADMIN.headers, **internal_key_headers("order")}, id="another's key"),
        pytest.param({}, id="nothing"),
    ],
)
@pytest.mark.parametrize("move", [restock, correct])
async def test_restocking_and_correcting_take_an_admin_and_the_operators_key(client, lamp, counted, headers, move):
    answer = await move(client, (LAMP, 1), headers=headers)

    assert answer.status_code in (401, 403)
    assert await counted() == (5, 0)


async def test_a_correction_takes_out_what_is_missing_and_adds_what_was_found(client, lamp, offer, counted):
    await offer(DESK, in_stock=1)

    answer = await correct(client, (LAMP, -3), (OAK, 2), (LAMP, -1))

    assert [(one["product_id"], one["in_stock"]) for one in answer.json()["items"]] == [(str(LAMP), 1), (str(OAK), 3)]
    assert (await counted(LAMP), await counted(OAK)) == ((1, 0), (3, 0))


async def test_a_correction_leaves_what_orders_have_set_aside(client, lamp, offer, counted):
    await offer(DESK, in_stock=1)
    await reserve(client, (LAMP, 2))

    refused = await correct(client, (OAK, 1), (LAMP, -4))

    assert refused.json() == {
        "type": "/problems/below-reserved",
        "title": "Fewer pieces would be left than are set aside for orders",
        "status": 409,
    }
    assert (await counted(LAMP), await counted(OAK)) == ((5, 2), (1, 0))
    assert (await correct(client, (LAMP, -3))).status_code == 200
    assert await counted(LAMP) == (2, 2)


async def test_a_correction_of_an_unknown_product_corrects_nothing(client, lamp, counted):
    assert_problem(await correct(client, (LAMP, -1), (NOBODY, -1)), 404, "product-not-found")
    assert await counted() == (5, 0)


async def test_who_moved_pieces_and_why_is_kept(client, lamp, movements):
    await restock(client, (LAMP, 3))
    await correct(client, (LAMP, -2))
    await correct(client, (LAMP, -9))

    assert await movements() == [(LAMP, 3, None, ADMIN.id), (LAMP, -2, "Broken in the storeroom", ADMIN.id)]


async def test_movements_end_after_two_years(client, lamp, database, movements):
    for _ in range(3):
        await restock(client, (LAMP, 1))
    await database.execute(AGE_FIRST_MOVEMENTS)

    await apply_retention_rules(database, [STOCK_MOVEMENT_RETENTION_RULE], asyncio.Event())

    assert len(await movements()) == 1


async def test_a_restock_with_a_key_is_counted_once(client, lamp, counted, movements):
    first = await restock(client, (LAMP, 3), key="delivery-1")
    await correct(client, (LAMP, -1))

    again = await restock(client, (LAMP, 3), key='"delivery-1"')

    assert (again.content, again.status_code) == (first.content, 200)
    assert await counted() == (7, 0)
    assert len(await movements()) == 2


async def test_another_restock_with_the_same_key_is_refused(client, lamp, counted):
    await restock(client, (LAMP, 3), key="delivery-1")

    assert_problem(await restock(client, (LAMP, 4), key="delivery-1"), 422, "idempotency-key-reused")
    assert await counted() == (8, 0)


async def test_a_refused_correction_is_refused_again_though_the_pieces_are_there_now(client, lamp, counted):
    refused = await correct(client, (LAMP, -6), key="count-1")
    await restock(client, (LAMP, 9))

    assert (await correct(client, (LAMP, -6), key="count-1")).content == refused.content
    assert await counted() == (14, 0)


@pytest.mark.parametrize("key", ["delivery-1", None], ids=["with a key", "without"])
async def test_a_restock_whose_commit_is_lost_is_counted_once_with_a_key_and_says_so_without(
    client, far_client, proxy, lamp, counted, key
):
    assert (await stock_of(far_client)).status_code == 200
    proxy.hold_after(b"COMMIT")
    restocking = asyncio.create_task(restock(far_client, (LAMP, 3), key=key))
    await eventually(lambda: are_counted(counted, (8, 0)))

    proxy.cut()

    assert_problem(await restocking, 503, "unavailable" if key else "outcome-unknown")
    proxy.release()
    assert (await restock(client, (LAMP, 3), key=key)).json()["items"][0]["in_stock"] == (8 if key else 11)


async def are_counted(counted, pieces):
    return await counted() == pieces


async def test_corrections_and_orders_at_once_never_leave_less_than_is_set_aside(client, lamp, counted):
    orders = [UUID(int=n) for n in range(1, 6)]

    answers = await asyncio.gather(
        *(reserve(client, (LAMP, 1), order=order) for order in orders), *(correct(client, (LAMP, -1)) for _ in range(5))
    )

    done = sum(answer.status_code == 200 for answer in answers)
    in_stock, reserved = await counted()
    assert done == 5
    assert in_stock == reserved
    refused = {problem_of(answer) for answer in answers if answer.status_code != 200}
    assert refused <= {(409, "out-of-stock"), (409, "below-reserved")}


async def test_a_product_and_a_category_added_again_with_the_same_key_are_answered_as_the_first_time(client):
    for path, body in (PRODUCTS, NEW), (CATEGORIES, {"name": "Lamps"}):
        headers = {**ADMIN.headers, "Idempotency-Key": "new-1"}
        first, again = [await client.post(path, json=body, headers=headers) for _ in range(2)]

        assert (first.status_code, again.content) == (201, first.content)
        assert again.headers["location"] == first.headers["location"]


async def test_a_key_that_comes_with_something_else_is_refused_and_adds_and_corrects_nothing(client, lamp, counted):
    headers = {**ADMIN.headers, "Idempotency-Key": "new-1"}
    for path, body, other in (
        (PRODUCTS, {**NEW, "sku": "LAMP-2"}, {**NEW, "sku": "LAMP-3"}),
        (CATEGORIES, {"name": "Lamps"}, {"name": "Desks"}),
    ):
        await client.post(path, json=body, headers=headers)
        refused = await client.post(path, json=other, headers=headers)
        assert_problem(refused, 422, "idempotency-key-reused")
    await correct(client, (LAMP, -1), key="count-1")
    refused = await correct(client, (LAMP, -2), key="count-1")

    assert_problem(refused, 422, "idempotency-key-reused")
    assert await counted() == (4, 0)
    assert len(await listed(client)) == 2
    assert await names(client) == ["Lamps"]


async def test_pieces_are_set_aside_and_then_sold(client, lamp, counted):
    prices = [{"product_id": str(LAMP), "unit_price_cents": 12999}]
    held = await reserve(client, (LAMP, 2, 12999))
    assert held.json() == {"order_id": str(ORDER), "status": "HELD", "prices": prices}
    assert await counted() == (5, 2)

    sold = await commit(client)
    assert sold.json() == {"order_id": str(ORDER), "status": "COMMITTED", "prices": prices}
    assert await counted() == (3, 0)


async def test_an_order_has_one_reservation_however_often_it_asks(client, lamp, counted):
    first = await reserve(client, (LAMP, 2))

    again = [await reserve(client, (LAMP, 2)), await reserve(client, (LAMP, 1), (NOBODY, 1))]

    assert {answer.content for answer in again} == {first.content}
    assert await counted() == (5, 2)


async def test_what_could_be_set_aside_is_only_asked_about(client, lamp, counted):
    answer = await check(client, (LAMP, 3, 12999), (LAMP, 2))

    assert (answer.status_code, answer.content) == (204, b"")
    assert await counted() == (5, 0)


@pytest.mark.parametrize(
    ("line", "refusal"),
    [((LAMP, 6), "out-of-stock"), ((LAMP, 1, 12998), "price-changed"), ((NOBODY, 1), "product-unavailable")],
    ids=["too few", "another price", "not sold"],
)
async def test_what_could_not_be_set_aside_is_refused_as_setting_it_aside_is(client, lamp, counted, line, refusal):
    asked, tried = await check(client, line), await reserve(client, line)

    assert_problem(asked, 409, refusal)
    assert asked.json() == tried.json()
    assert await counted() == (5, 0)


async def test_an_order_takes_what_was_held_for_the_one_that_was_given_up_for_it(client, lamp, counted):
    given_up = UUID(int=8)
    await reserve(client, (LAMP, 5), order=given_up)

    answers = [await reserve(client, (LAMP, 4), instead_of=given_up) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert_problem(await reserve(client, (LAMP, 1), order=given_up), 409, "order-cancelled")
    assert await counted() == (5, 4)


async def test_an_order_that_was_given_up_before_it_held_anything_comes_too_late_afterwards(client, lamp, counted):
    given_up = UUID(int=8)
    await reserve(client, (LAMP, 1), instead_of=given_up)

    assert_problem(await reserve(client, (LAMP, 1), order=given_up), 409, "order-cancelled")
    assert await counted() == (5, 1)


async def test_what_was_sold_is_not_set_free_for_another_order(client, lamp, counted):
    sold = UUID(int=8)
    await reserve(client, (LAMP, 5), order=sold)
    await commit(client, order=sold)

    assert_problem(await reserve(client, (LAMP, 1), instead_of=sold), 409, "out-of-stock")
    assert await counted() == (0, 0)


async def test_a_sale_is_made_once_and_the_reservation_told_as_it_is(client, lamp, counted):
    await reserve(client, (LAMP, 2))

    answers = [await commit(client), await commit(client), await reserve(client, (LAMP, 2))]

    assert {answer.json()["status"] for answer in answers} == {"COMMITTED"}
    assert await counted() == (3, 0)


async def test_too_little_of_one_product_sets_nothing_aside(client, lamp, offer, counted, reservation):
    await offer(DESK, in_stock=1)

    answer = await reserve(client, (LAMP, 1), (OAK, 1), (OAK, 1))

    assert answer.json() == {
        "type": "/problems/out-of-stock",
        "title": "A product is out of stock",
        "status": 409,
        "lines": [{"product_id": str(OAK), "wanted": 2, "available": 1}],
    }
    assert (await counted(LAMP), await counted(OAK)) == ((5, 0), (1, 0))
    assert await reservation(ORDER) is None


@pytest.mark.parametrize("how", ["inactive", "removed", "never there"])
async def test_what_is_not_sold_is_not_set_aside(client, lamp, offer, counted, reservation, how):
    await offer(DESK, in_stock=5)
    await (change(client, OAK, active=False) if how == "inactive" else remove(client, OAK))
    gone = NOBODY if how == "never there" else OAK

    answer = await reserve(client, (LAMP, 1), (gone, 1))

    assert_problem(answer, 409, "product-unavailable")
    assert answer.json()["lines"] == [{"product_id": str(gone)}]
    assert await counted() == (5, 0)
    assert await reservation(ORDER) is None


@pytest.mark.parametrize("seen", [12999, 0], ids=["a price", "nothing"])
async def test_what_has_become_dearer_is_not_set_aside(client, lamp, counted, reservation, seen):
    await change(client, price_cents=14999)

    answer = await reserve(client, (LAMP, 1, seen, "EUR"))

    assert_problem(answer, 409, "price-changed")
    assert answer.json()["lines"] == [
        {
            "product_id": str(LAMP),
            "old_price_cents": seen,
            "new_price_cents": 14999,
            "old_currency": "EUR",
            "new_currency": "EUR",
        }
    ]
    assert await counted() == (5, 0)
    assert await reservation(ORDER) is None


@pytest.mark.parametrize("seen", ["EUR", "ABC"], ids=["another", "none that exists, as the first version had"])
async def test_what_is_sold_in_another_currency_is_not_set_aside_even_where_the_price_is_honoured(
    client, lamp, counted, reservation, seen
):
    await change(client, currency="USD")

    answer = await reserve(client, (LAMP, 1, 12999, seen, True))

    assert_problem(answer, 409, "price-changed")
    assert [(line["old_currency"], line["new_currency"]) for line in answer.json()["lines"]] == [(seen, "USD")]
    assert await counted() == (5, 0)
    assert await reservation(ORDER) is None


@pytest.mark.parametrize(
    ("now", "line"),
    [
        (9999, (LAMP, 1, 12999, "EUR")),
        (0, (LAMP, 1, 12999, "EUR")),
        (14999, (LAMP, 1, 12999, "EUR", True)),
        (14999, (LAMP, 1)),
    ],
    ids=["cheaper", "a gift", "dearer, and honoured", "any price"],
)
async def test_what_it_costs_when_it_is_set_aside_is_answered(client, lamp, counted, now, line):
    await change(client, price_cents=now)

    answer = await reserve(client, line)

    assert answer.json()["prices"] == [{"product_id": str(LAMP), "unit_price_cents": now}]
    assert await counted() == (5, 1)


async def test_a_repeat_answers_the_prices_of_the_first_time(client, lamp):
    first = await reserve(client, (LAMP, 1, 12999, "EUR"))
    await change(client, price_cents=14999)

    again = await reserve(client, (LAMP, 1, 12999, "EUR"))

    assert (again.status_code, again.content) == (200, first.content)


async def test_of_what_the_first_version_set_aside_no_prices_are_known(client, lamp, unit_of_work):
    async with unit_of_work() as work:
        await work.reservations.find_or_add(Reservation(ORDER, {LAMP: 2}))

    answer = await reserve(client, (LAMP, 2, 12999, "EUR"))

    assert answer.json() == {"order_id": str(ORDER), "status": "HELD", "prices": []}


async def test_an_order_refused_once_may_have_what_came_since(client, lamp, counted):
    assert_problem(await reserve(client, (LAMP, 6)), 409, "out-of-stock")
    await restock(client, (LAMP, 1))

    assert (await reserve(client, (LAMP, 6))).status_code == 200
    assert await counted() == (6, 6)


async def test_an_order_that_set_nothing_aside_sells_nothing(client, lamp, counted, reservation):
    answer = await commit(client)

    assert_problem(answer, 404, "reservation-not-found")
    assert await counted() == (5, 0)
    assert await reservation(ORDER) is None


async def test_what_is_held_is_sold_even_after_its_product_was_removed(client, lamp, reservation):
    await reserve(client, (LAMP, 2))
    await remove(client)

    assert (await commit(client)).json()["status"] == "COMMITTED"
    assert (await reservation(ORDER)).status is ReservationStatus.COMMITTED


@pytest.mark.parametrize("caller", ["cart", "operator", "payment"])
async def test_only_the_order_service_sets_aside(client, lamp, counted, caller):
    assert_problem(await check(client, (LAMP, 1), caller=caller), 403, "forbidden")
    assert_problem(await reserve(client, (LAMP, 1), caller=caller), 403, "forbidden")
    assert await counted() == (5, 0)


async def test_movements_are_listed_with_their_reasons_page_by_page_the_newest_first(client, lamp, offer):
    await offer(DESK)
    await restock(client, (LAMP, 3))
    await restock(client, (OAK, 1))
    await correct(client, (LAMP, -2))
    await correct(client, (LAMP, 1), reason="Found behind the shelf")

    first = (await movements_of(client, limit=2)).json()
    rest = (await movements_of(client, limit=2, cursor=first["next_cursor"])).json()

    listed = [(one["qty"], one["reason"], one["admin_id"]) for one in first["items"] + rest["items"]]
    assert listed == [
        (1, "Found behind the shelf", str(ADMIN.id)),
        (-2, "Broken in the storeroom", str(ADMIN.id)),
        (3, None, str(ADMIN.id)),
    ]
    assert (len(first["items"]), rest["next_cursor"]) == (2, None)
    times = [datetime.fromisoformat(one["moved_at"]) for one in first["items"] + rest["items"]]
    assert times == sorted(times, reverse=True)


async def test_movements_of_no_product_and_of_a_strange_cursor_are_refused(client, lamp):
    assert_problem(await movements_of(client, NOBODY), 404, "product-not-found")
    assert_problem(await movements_of(client, cursor=encode_cursor("1 OR true")), 400, "invalid-request")
    assert (await movements_of(client, caller=ASHA)).status_code == 403
