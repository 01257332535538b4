"""Stock under many hands at once, on a real PostgreSQL."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from uuid_utils.compat import uuid7

from chassis.data.migrations import downgrade, upgrade
from chassis.data.retention import RetentionRule, apply_retention_rules
from chassis.testing.databases import schema_drift
from chassis.testing.deliveries import deliver
from chassis.testing.problems import problem_of
from generated.events import OrderCancelledData, order_cancelled
from generated.states import ReservationStatus
from services.catalog import repository
from services.catalog.domain import Category, Line, Reservation, check_availability, sum_quantities
from services.catalog.errors import OutOfStock, TooManyCategories
from services.catalog.repository import PURGE_TOMBSTONES
from services.catalog.tables import metadata
from services.catalog.tests.conftest import LAMP, OAK, WALNUT
from services.catalog.tests.requests import DESK, commit, reserve
from tests.accounts import ASHA

MIGRATIONS = Path(__file__).parents[1] / "alembic"

ORDERS = (UUID(int=number) for number in count(1))


def cancel_orders(order):
    said = OrderCancelledData(reason="requested")
    return order_cancelled(order_id=order, user_id=ASHA.id, user_email=ASHA.email, data=said).event


async def run_concurrently(*calls):
    """Begin them in any order; what they answer is in the order of the calls."""
    begun = {call: asyncio.ensure_future(call) for call in random.sample(calls, len(calls))}
    return await asyncio.gather(*(begun[call] for call in calls))


@pytest.fixture
async def deadlocks(database):
    """How many deadlocks this database has seen."""

    async def deadlocks():
        async with database.dedicated_connection() as connection:
            await connection.execute("SELECT pg_stat_force_next_flush()")
            rows = await connection.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            return (await rows.fetchone())[0]

    return deadlocks


async def test_five_pieces_are_sold_to_exactly_five_of_twenty_buyers(client, offer, counted):
    for round_ in range(20):
        product = replace(WALNUT, id=uuid7(), sku=f"LAMP-{round_}")
        await offer(product, in_stock=5)

        answers = await run_concurrently(*(reserve(client, (product.id, 1), order=next(ORDERS)) for _ in range(20)))

        assert sorted(answer.status_code for answer in answers) == [200] * 5 + [409] * 15
        assert {problem_of(answer)[1] for answer in answers if answer.status_code == 409} == {"out-of-stock"}
        assert await counted(product.id) == (5, 5)


async def test_carts_that_name_the_same_products_in_another_order_never_wait_in_a_circle(
    client, offer, counted, deadlocks
):
    await offer(WALNUT, in_stock=1000)
    await offer(DESK, in_stock=1000)
    before = await deadlocks()

    answers = await run_concurrently(
        *(reserve(client, (LAMP, 1), (OAK, 2), order=next(ORDERS)) for _ in range(50)),
        *(reserve(client, (OAK, 2), (LAMP, 1), order=next(ORDERS)) for _ in range(50)),
    )

    assert {answer.status_code for answer in answers} == {200}
    assert (await counted(LAMP), await counted(OAK)) == ((1000, 100), (1000, 200))
    assert await deadlocks() == before


async def test_what_is_set_free_of_a_removed_product_keeps_nobody_waiting_in_a_circle(
    client, subscribers, offer, products, counted, deadlocks
):
    await offer(WALNUT, in_stock=1000)
    await offer(DESK, in_stock=1000)
    given_up, called_off = ([next(ORDERS) for _ in range(50)] for _ in range(2))
    for order in (*given_up, *called_off):
        await reserve(client, (LAMP, 1), (OAK, 1), order=order)
    await products.soft_delete(LAMP)
    before = await deadlocks()

    await run_concurrently(
        *(reserve(client, (OAK, 2), order=next(ORDERS), instead_of=order) for order in given_up),
        *(deliver(subscribers, cancel_orders(order)) for order in called_off),
    )

    assert await counted(OAK) == (1000, 100)
    assert await deadlocks() == before


async def test_an_order_that_is_replaced_while_it_replaces_another_keeps_nobody_waiting_in_a_circle(
    client, subscribers, offer, counted, deadlocks
):
    await offer(WALNUT, in_stock=1000)
    chains = [[next(ORDERS) for _ in range(3)] for _ in range(50)]
    for first, _, _ in chains:
        await reserve(client, (LAMP, 1), order=first)
    before = await deadlocks()

    await run_concurrently(
        *(reserve(client, (LAMP, 1), order=second, instead_of=first) for first, second, _ in chains),
        *(reserve(client, (LAMP, 1), order=third, instead_of=second) for _, second, third in chains),
    )
    for first, _, _ in chains:
        await deliver(subscribers, cancel_orders(first))

    assert await counted() == (1000, 50)
    assert await deadlocks() == before


async def test_what_is_held_for_an_order_given_up_before_the_last_is_free_once_that_is_known(
    client, subscribers, lamp, counted
):
    first, second, third = (next(ORDERS) for _ in range(3))
    await reserve(client, (LAMP, 5), order=first)

    refused = await reserve(client, (LAMP, 5), order=third, instead_of=second)
    assert (problem_of(refused), await counted()) == ((409, "out-of-stock"), (5, 5))
    await deliver(subscribers, cancel_orders(first))

    assert (await reserve(client, (LAMP, 5), order=next(ORDERS), instead_of=third)).status_code == 200
    assert await counted() == (5, 5)


async def test_ten_calls_at_once_for_one_order_set_its_pieces_aside_once(client, lamp, counted):
    answers = await run_concurrently(*(reserve(client, (LAMP, 1), order=UUID(int=7)) for _ in range(10)))

    assert {(answer.status_code, answer.json()["status"]) for answer in answers} == {(200, "HELD")}
    assert await counted() == (5, 1)


async def test_an_order_reserved_and_cancelled_at_once_holds_nothing_in_the_end(
    client, subscribers, lamp, counted, reservation
):
    for _ in range(30):
        order = next(ORDERS)

        await run_concurrently(reserve(client, (LAMP, 5), order=order), deliver(subscribers, cancel_orders(order)))

        assert await counted() == (5, 0)
        assert (await reservation(order)).status is ReservationStatus.RELEASED


async def test_an_order_committed_and_cancelled_at_once_keeps_nothing_in_the_end(
    client, subscribers, lamp, counted, reservation
):
    for _ in range(30):
        order = next(ORDERS)
        await reserve(client, (LAMP, 5), order=order)

        sold, _ = await run_concurrently(commit(client, order), deliver(subscribers, cancel_orders(order)))

        assert await counted() == (5, 0)
        assert (await reservation(order)).status is (
            ReservationStatus.RETURNED if sold.status_code == 200 else ReservationStatus.RELEASED
        )


async def test_ten_commits_at_once_sell_once(client, lamp, counted):
    await reserve(client, (LAMP, 2), order=UUID(int=7))

    answers = await run_concurrently(*(commit(client, UUID(int=7)) for _ in range(10)))

    assert {answer.json()["status"] for answer in answers} == {"COMMITTED"}
    assert await counted() == (3, 0)


async def test_everything_at_once_loses_no_piece_and_makes_none(
    client, subscribers, offer, counted, deadlocks, reservation
):
    await offer(WALNUT, in_stock=40)
    await offer(DESK, in_stock=40)
    before = await deadlocks()
    orders = [next(ORDERS) for _ in range(60)]

    async def live(order):
        first, second = random.sample([LAMP, OAK], 2)
        ends = [lambda: commit(client, order), lambda: deliver(subscribers, cancel_orders(order))]
        await reserve(client, (first, 1), (second, 1), order=order)
        await run_concurrently(*(end() for end in random.choice([ends, ends[:1], ends[1:], []])))  # noqa: S311 (no secret)

    await run_concurrently(*map(live, orders))

    ends = [one.status if (one := await reservation(order)) else None for order in orders]
    sold, held = ends.count(ReservationStatus.COMMITTED), ends.count(ReservationStatus.HELD)
    assert await counted(LAMP) == await counted(OAK) == (40 - sold, held)
    assert await deadlocks() == before


async def test_a_death_before_the_commit_leaves_nothing(unit_of_work, lamp, counted, reservation):
    with pytest.raises(RuntimeError, match="died"):
        async with unit_of_work() as work:
            wanted = await work.reservations.find_or_add(Reservation(UUID(int=7), {LAMP: 2}))
            await work.stock.reserve(wanted.order_id, wanted.pieces)
            raise RuntimeError("died before the commit")

    assert await counted() == (5, 0)
    assert await reservation(UUID(int=7)) is None


async def test_of_two_who_want_more_than_there_is_the_second_sees_what_the_first_left(unit_of_work, lamp, counted):
    lines = [Line(LAMP, 3)]

    async def take():
        async with unit_of_work() as work:
            check_availability(lines, await work.stock.reserve(UUID(int=7), sum_quantities(lines)))

    async with unit_of_work() as first:
        await first.stock.reserve(UUID(int=7), sum_quantities(lines))
        second = asyncio.ensure_future(take())
        ended, _ = await asyncio.wait([second], timeout=0.3)

    assert not ended
    with pytest.raises(OutOfStock) as refused:
        await second
    assert refused.value.members["lines"] == [{"product_id": LAMP, "wanted": 3, "available": 2}]
    assert await counted() == (5, 3)


async def test_a_reservation_comes_back_as_it_was_kept(unit_of_work, reservation):
    kept = Reservation(UUID(int=7), {LAMP: 2, OAK: 99})
    async with unit_of_work() as work:
        await work.reservations.find_or_add(kept)

    assert await reservation(UUID(int=7)) == kept


async def test_categories_added_at_once_are_counted_one_after_the_other(unit_of_work, monkeypatch):
    monkeypatch.setattr(repository, "MAX_CATEGORIES", 1)

    async def add(name):
        async with unit_of_work() as work:
            await work.categories.add(Category(uuid7(), name))

    async with unit_of_work() as first:
        await first.categories.add(Category(uuid7(), "Lamps"))
        second = asyncio.ensure_future(add("Chairs"))
        ended, _ = await asyncio.wait([second], timeout=0.3)

    assert not ended
    with pytest.raises(TooManyCategories):
        await second


async def test_what_was_released_is_deleted_after_a_while_and_nothing_else(
    database, unit_of_work, reservation, monkeypatch
):
    released = [Reservation(next(ORDERS), {}, ReservationStatus.RELEASED) for _ in range(5)]
    others = [
        Reservation(next(ORDERS), {LAMP: 1}, status) for status in set(ReservationStatus) - {ReservationStatus.RELEASED}
    ]
    async with unit_of_work() as work:
        for each in (*released, *others):
            await work.reservations.find_or_add(each)

    assert await database.execute(PURGE_TOMBSTONES, retention=timedelta(days=1), batch=9) == 0
    rule = RetentionRule("tombstones", PURGE_TOMBSTONES, timedelta(seconds=-1), batch=2)
    await apply_retention_rules(database, [rule], asyncio.Event())

    assert not any([await reservation(each.order_id) for each in released])
    assert [await reservation(other.order_id) for other in others] == others


def test_the_migrations_match_the_tables_and_can_be_downgraded(migrated_database_url):
    url = migrated_database_url("catalog")

    downgrade(MIGRATIONS, url, "base")
    upgrade(MIGRATIONS, url)

    assert schema_drift(url, metadata) == []


def test_products_that_were_there_before_are_counted(migrated_database_url):
    url = migrated_database_url("catalog")
    downgrade(MIGRATIONS, url, "0012")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO catalog.categories VALUES (%s, 'Lamps', 'lamps', 'lamps')", [OAK])
        connection.execute(
            "INSERT INTO catalog.products (id, title, description, search_text, price_cents, currency, sku, active,"
            " category_id, deleted_at) SELECT gen_random_uuid(), 'Lamp', '', '', 1, 'EUR', n, n < 5, %s,"
            " CASE n WHEN 1 THEN now() END FROM generate_series(1, 7) n",
            [OAK],
        )

    upgrade(MIGRATIONS, url)

    with psycopg.connect(url, autocommit=True) as connection:
        assert connection.execute("SELECT product_count FROM catalog.categories").fetchall() == [(3,)]
        connection.execute("DELETE FROM catalog.products WHERE active")
        assert connection.execute("SELECT product_count FROM catalog.categories").fetchall() == [(0,)]
        connection.execute("DELETE FROM catalog.products")
        connection.execute("DELETE FROM catalog.categories")


def test_categories_and_skus_of_the_first_version_that_are_equal_by_now_keep_their_rows_under_other_names(
    migrated_database_url,
):
    url = migrated_database_url("catalog")
    downgrade(MIGRATIONS, url, "base")
    upgrade(MIGRATIONS, url, "0003")
    with psycopg.connect(url, autocommit=True) as connection:
        for number, name in enumerate(["Lamps", "lamps", "Caf\u00e9", "Cafe\u0301", "lamps (2)", "\u3164"]):
            connection.execute("INSERT INTO catalog.categories VALUES (%s, %s)", [UUID(int=number + 1), name])
        for number, (sku, currency) in enumerate(
            [("lamp-1", "EUR"), ("LAMP-1", "ABC"), ("L" * 40, "JPY"), ("l" * 40, "JPY")]
        ):
            connection.execute(
                "INSERT INTO catalog.products (id, title, description, price_cents, currency, sku, active)"
                " VALUES (%s, %s, %s, 1, %s, %s, true)",
                [UUID(int=number + 1), "Caf\u00e9\u202e", "Two\nlines\u200e", currency, sku],
            )

    upgrade(MIGRATIONS, url)

    with psycopg.connect(url, autocommit=True) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM catalog.categories ORDER BY id")]
        products = connection.execute(
            "SELECT sku, currency, active, title, search_text FROM catalog.products ORDER BY id"
        ).fetchall()
        connection.execute("DELETE FROM catalog.categories")
        connection.execute("DELETE FROM catalog.products")
    assert names == ["Lamps", "lamps (2)", "Caf\u00e9", "Cafe\u0301 (2)", "lamps (2) (2)", "-"]
    text = ("Caf\u00e9", "cafe\ntwo lines")
    assert products == [
        ("lamp-1", "EUR", True, *text),
        ("LAMP-1-2", "EUR", False, *text),
        ("L" * 40, "JPY", True, *text),
        ("l" * 38 + "-2", "JPY", True, *text),
    ]
