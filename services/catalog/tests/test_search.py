"""Searching for products: what is found, how, and what it keeps from whom."""

import asyncio
import itertools
from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa

from chassis.testing.problems import problem_of
from generated.statements.catalog import MAX_RECENT_PRODUCTS
from services.catalog import repository
from services.catalog.domain import Category, ProductSort
from services.catalog.tests.conftest import LAMP, OAK, WALNUT
from services.catalog.tests.requests import DESK, PRODUCTS, add_product, change, listed, reserve
from tests.accounts import ADMIN

SPELLING_VARIANTS = [
    ("Caf\u00e9 table", "cafe"),
    ("Cafe\u0301 table", "CAF\u00c9"),
    ("\u0130stanbul lamp", "istanbul"),
    ("Istanbul lamp", "\u0131stanbul"),
    ("Stra\u00dfe sign", "STRASSE"),
    ("\uff2camp", "lamp"),
    ("Sm\u00f8rrebr\u00f8d board", "smorrebrod"),
    ("La\u200bmp", "lamp"),
    ("Oak   desk", "oak desk"),
]
WORD_PARTS = [
    ("Schreibtischlampe", "lampe"),
    ("Schreibtischlampe", "eibtischlam"),
    ("Walnut desk lamp", "lnut desk la"),
    ("Understanding oaks", "erstanding oak"),
    ("Zeppelin a", "zeppelin a"),
    ("Oak's desk", "k's"),
    ("50% \\ off_", "% \\ o"),
    ("\u30ac\u30e9\u30b9\u7ba1", "\u30e9\u30b9"),
    ("\U0001f6cb sofa", "\U0001f6cb"),
    ("Qz", "z"),
]
INSERT_MANY_PRODUCTS = """
INSERT INTO catalog.products (id, title, description, search_text, price_cents, currency, sku, category_id, active)
SELECT ('f0000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'Bowl', '', 'bowl ' || to_hex(n) || E'\\n',
       100, 'EUR', 'BOWL-' || n, NULL, true
FROM generate_series(1, {}) n
"""


@pytest.fixture
async def crowd(database):
    """More products than a search reads before it asks the index, all newer than any other."""
    async with database.dedicated_connection() as connection:
        await connection.execute(INSERT_MANY_PRODUCTS.format(MAX_RECENT_PRODUCTS + 1000))
        await connection.execute("ANALYZE catalog.products")


@pytest.mark.parametrize(("title", "text"), SPELLING_VARIANTS)
async def test_a_search_finds_what_is_written_otherwise(client, offer, title, text):
    await offer(replace(WALNUT, title=title))

    assert await listed(client, q=text) == [title]


@pytest.mark.parametrize(
    ("title", "text"),
    [("\u0e1b\u0e39", "\u0e1b\u0e38"), ("\u0e21\u0e48", "\u0e21\u0e49"), ("\u0eae\u0eb9", "\u0eae\u0eb8")],
    ids=["Thai vowels", "Thai tones", "Lao vowels"],
)
async def test_a_search_does_not_find_another_word(client, offer, title, text):
    await offer(replace(WALNUT, title=title))

    assert await listed(client, q=text) == []
    assert await listed(client, q=f"{text}x") == []


async def test_another_letter_of_its_script_is_not_found(client, offer):
    await offer(replace(WALNUT, title="\u30ac\u30e9\u30b9"))

    assert await listed(client, q="\u30ab\u3099\u30e9\u30b9") == ["\u30ac\u30e9\u30b9"]
    assert await listed(client, q="\u30ab\u30e9\u30b9") == []


@pytest.mark.parametrize("blank", ["", " ", "\u3164"])
async def test_a_blank_search_finds_everything(client, lamp, blank):
    assert await listed(client, q=blank, category_id="", cursor="") == ["Walnut desk lamp"]


async def test_a_changed_title_is_searched_and_the_old_one_no_longer(client, lamp):
    await change(client, LAMP, title="\u00c9tag\u00e8re")

    assert (await listed(client, q="etagere"), await listed(client, q="walnut desk")) == (["\u00c9tag\u00e8re"], [])


@pytest.mark.parametrize(("title", "text"), WORD_PARTS)
async def test_a_search_finds_parts_of_words(client, offer, title, text):
    await offer(replace(WALNUT, title=title))

    assert await listed(client, q=text) == [title]


async def test_a_search_finds_in_very_many_what_it_finds_in_few(client, offer, crowd):
    for number, (title, text) in enumerate([*SPELLING_VARIANTS, *WORD_PARTS]):
        product = UUID(int=number + 1)
        await offer(replace(WALNUT, id=product, title=title, sku=str(number)))
        assert title in await listed(client, q=text), text
        assert await listed(client, q=f"{text}q") == []


async def test_the_longest_text_without_a_blank_is_found_by_any_part_of_it(client, crowd):
    unit = "\u3316"  # folded to six characters
    text = "".join(unit + chr(0x4E00 + number) for number in range(2500))

    assert (await add_product(client, description=text)).status_code == 201
    assert await listed(client, q=text[3000:3040]) == ["Walnut desk lamp"]
    assert await listed(client, q=text[-2:]) == ["Walnut desk lamp"]


async def test_pages_of_a_search_go_on_from_the_recent_to_the_old(client, offer, crowd):
    await offer(replace(WALNUT, title="Bowl 9ff"))
    found, cursor = [], ""
    while cursor is not None:
        answer = (await client.get(PRODUCTS, params={"q": "9f", "limit": 7, "cursor": cursor})).json()
        found, cursor = found + [one["id"] for one in answer["items"]], answer["next_cursor"]

    numbers = [number for number in range(1, MAX_RECENT_PRODUCTS + 1001) if "9f" in f"{number:x}"]
    assert found == [f"f0000000-0000-7000-8000-{number:012x}" for number in reversed(numbers)] + [str(LAMP)]
    assert min(numbers) < 1000 < max(numbers)


async def test_a_search_in_many_finds_only_what_the_caller_may_see_and_asks_for(client, offer, crowd):
    await offer(WALNUT)
    await offer(replace(DESK, title="Walnut desk", active=False))

    assert await listed(client, q="walnut") == ["Walnut desk lamp"]
    assert await listed(client, q="walnut", caller=ADMIN) == ["Walnut desk", "Walnut desk lamp"]
    assert await listed(client, q="walnut", caller=ADMIN, active="false") == ["Walnut desk"]
    assert await listed(client, q="walnut", category_id=str(OAK)) == []


@pytest.mark.parametrize("sort", ["price_asc", "price_desc", "name"])
async def test_a_search_in_many_is_sorted_over_all_of_them(client, offer, crowd, sort):
    await offer(replace(WALNUT, title="Bowl 9ff", price_cents=99))
    await offer(replace(DESK, title="A bowl 9ff", price_cents=101))

    found = await listed(client, q="9ff", sort=sort, limit=100)

    # Of the crowd one, at the price between and under the title after both.
    expected = {
        "price_asc": ["Bowl 9ff", "Bowl", "A bowl 9ff"],
        "price_desc": ["A bowl 9ff", "Bowl", "Bowl 9ff"],
        "name": ["A bowl 9ff", "Bowl 9ff", "Bowl"],
    }
    assert found == expected[sort]


async def explain(pool, statement, **values):
    """The lines of the plan by which a statement was executed."""
    async with pool.pooled_connection() as connection:
        rows = await connection.execute(f"EXPLAIN ANALYZE {statement.sql}", statement.parameters(values))
        return [line for (line,) in await rows.fetchall()]


@pytest.mark.parametrize(("text", "is_asked"), [("bowl", False), ("walnut", True)])
async def test_a_search_asks_the_index_only_for_what_few_recent_products_have(searches, crowd, text, is_asked):
    wanted = {"pattern": f"%{text}%", "endings": f"'{text}':*"}
    plan = await explain(
        searches,
        repository.SEARCH_STATEMENTS[False, True, ProductSort.NEWEST],
        before=repository.MAX_UUID,
        limit=21,
        **wanted,
    )

    assert "Seq Scan" not in str(plan)
    (asked,) = [line for line in plan if "Bitmap Index Scan on products_by_word_endings" in line]
    assert ("never executed" not in asked) is is_asked


async def test_a_list_of_what_is_for_sale_reads_past_nothing_else(database, unit_of_work, crowd):
    async with unit_of_work() as work:
        await work.categories.add(Category(OAK, "Bowls"))
    newer_half = UUID("f0000000-0000-7000-8000-0000000009c4")
    async with database.dedicated_connection() as connection:
        await connection.execute("UPDATE catalog.products SET active = id < %s, category_id = %s", [newer_half, OAK])
        await connection.execute("ANALYZE catalog.products")
    page = {"before": repository.MAX_UUID, "limit": 21}

    everything = await explain(database, repository.PAGE_STATEMENTS[False, True, ProductSort.NEWEST], **page)
    category = await explain(
        database, repository.PAGE_STATEMENTS[True, True, ProductSort.NEWEST], category_id=OAK, **page
    )

    assert "rows=21" in everything[0]
    assert "rows=21" in category[0]
    assert "Rows Removed" not in str(everything + category)


async def test_searches_that_hang_keep_no_product_and_no_reservation_waiting(
    database, migrated_database_url, proxy, client_with, bucket, offer
):
    await offer(WALNUT, in_stock=5)
    url = sa.make_url(migrated_database_url("catalog")).set(port=proxy.port).render_as_string(hide_password=False)
    async with repository.search_database(url) as searches, client_with(bucket, searches=searches) as client:
        assert await listed(client, q="lamp") == ["Walnut desk lamp"]
        proxy.hold()
        hanging = [asyncio.create_task(client.get(PRODUCTS, params={"q": "lamp"})) for _ in range(12)]
        refused = [await first for first in itertools.islice(asyncio.as_completed(hanging), 10)]
        async with asyncio.timeout(2):
            answers = [await client.get(f"{PRODUCTS}{LAMP}"), await reserve(client, (LAMP, 1))]
        proxy.release()
        await asyncio.gather(*hanging)

        assert [answer.status_code for answer in answers] == [200, 200]
        assert {problem_of(answer) for answer in refused} == {(503, "unavailable")}
        assert {answer.headers["retry-after"] for answer in refused} == {"1"}
        assert await listed(client, q="lamp") == ["Walnut desk lamp"]
