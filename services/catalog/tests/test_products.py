"""The products, driven through the contract."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from chassis.testing.problems import assert_problem, problem_of
from chassis.web.cursors import encode_cursor
from services.catalog.domain import Category, Image
from services.catalog.repository import ImageRepository
from services.catalog.tests.conftest import LAMP, OAK, WALNUT
from services.catalog.tests.requests import (
    CATEGORIES,
    DESK,
    INVENTORY,
    NEW,
    NOBODY,
    PRODUCTS,
    add_category,
    add_product,
    change,
    listed,
    remove,
    restock,
    stock_of,
)
from tests.accounts import ADMIN, ASHA


async def test_a_product_is_read_where_its_making_said_and_has_no_stock(client):
    made = await add_product(client)

    assert made.status_code == 201
    assert made.json() == {**NEW, "id": made.json()["id"], "description": "", "category_id": None, "active": True,
                           "available": 0}  # fmt: skip
    assert (await client.get(made.headers["location"])).json() == made.json()
    assert (await stock_of(client, made.json()["id"])).json()["in_stock"] == 0


async def test_a_sku_is_taken_once_by_adding_or_changing(client, lamp, offer):
    await offer(DESK)

    answers = [await add_product(client), await change(client, OAK, sku="LAMP-WALNUT", title="Gone")]

    assert [problem_of(answer) for answer in answers] == [(409, "sku-taken")] * 2
    assert await listed(client) == ["Oak desk", "Walnut desk lamp"]


async def test_a_sku_in_other_letters_is_the_same(client, lamp):
    assert_problem(await add_product(client, sku="lamp-Walnut"), 409, "sku-taken")
    assert await listed(client) == ["Walnut desk lamp"]


async def test_a_blank_title_changes_nothing_and_a_blank_description_leaves_none(client, lamp):
    changed = await change(client, LAMP, title=" ", description=" ")

    assert changed.status_code == 200
    assert (changed.json()["title"], changed.json()["description"]) == ("Walnut desk lamp", "")


@pytest.mark.parametrize(
    "changed",
    [{"title": "\u3164"}, {"title": "Lamp\u202egnp"}, {"currency": "ABC"}, {"description": "a\u200eb"}],
    ids=["invisible", "turned around", "no currency", "a mark in the description"],
)
async def test_a_product_that_cannot_be_read_or_sold_is_refused(client, changed):
    assert (await add_product(client, **changed)).status_code == 400
    assert await listed(client) == []


async def test_of_ten_products_at_once_with_one_sku_one_is_added(client):
    answers = await asyncio.gather(*(add_product(client) for _ in range(10)))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    assert len(await listed(client)) == 1


async def test_the_sku_of_a_removed_product_is_free_again(client, lamp):
    await remove(client)

    assert (await add_product(client)).status_code == 201


async def test_a_category_that_is_not_there_takes_no_product(client, lamp):
    answers = [await add_product(client, sku="NEW", category_id=str(NOBODY)),
               await change(client, category_id=str(NOBODY), title="Gone")]  # fmt: skip

    assert [problem_of(answer) for answer in answers] == [(409, "category-unknown")] * 2
    assert await listed(client) == ["Walnut desk lamp"]


async def test_only_what_is_given_is_changed(client, lamp, counted):
    category = (await add_category(client)).json()["id"]
    before = (await client.get(f"{PRODUCTS}{LAMP}")).json()

    assert (await change(client, category_id=category)).json() == {**before, "category_id": category}
    assert (await change(client, price_cents=0)).json() == {**before, "category_id": category, "price_cents": 0}
    assert (await change(client, price_cents=12999, category_id=None)).json() == before
    assert await counted() == (5, 0)


async def test_changes_of_different_things_at_once_are_all_kept(client, lamp):
    fields = {"title": "Oak desk lamp", "price_cents": 14999, "sku": "LAMP-OAK", "description": "Cold light."}

    await asyncio.gather(*(change(client, **{name: value}) for name, value in fields.items()))

    assert (await client.get(f"{PRODUCTS}{LAMP}")).json().items() >= fields.items()


async def test_what_is_inactive_or_removed_looks_like_what_never_was(client, lamp, offer):
    await offer(DESK)
    await change(client, LAMP, active=False)
    await remove(client, OAK)

    answers = [await client.get(f"{PRODUCTS}{one}") for one in (LAMP, OAK, NOBODY)]

    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[-1].content)}
    assert await listed(client) == []
    assert (await change(client, LAMP, active=True)).status_code == 200
    assert await listed(client) == ["Walnut desk lamp"]


async def test_an_admin_is_shown_what_is_not_for_sale_and_can_ask_for_that_alone(client, lamp, offer):
    await offer(replace(DESK, active=False))

    by_admin = [await listed(client, caller=ADMIN, **asked) for asked in ({}, {"active": "true"}, {"active": "false"})]
    page = (await client.get(PRODUCTS, params={"active": "false"}, headers=ADMIN.headers)).json()

    assert by_admin == [["Oak desk", "Walnut desk lamp"], ["Walnut desk lamp"], ["Oak desk"]]
    assert (await client.get(f"{PRODUCTS}{OAK}", headers=ADMIN.headers)).json() == page["items"][0]


@pytest.mark.parametrize("caller", [None, ASHA], ids=["nobody", "a shopper"])
async def test_what_is_not_for_sale_is_hidden_from_whoever_is_no_admin(client, lamp, offer, caller):
    await offer(replace(DESK, active=False))

    lists = [await listed(client, caller=caller, **asked) for asked in ({}, {"active": "true"}, {"active": "false"})]
    product = await client.get(f"{PRODUCTS}{OAK}", headers=caller.headers if caller else None)

    assert lists == [["Walnut desk lamp"], ["Walnut desk lamp"], []]
    assert_problem(product, 404, "product-not-found")


async def test_products_are_found_by_their_ids_whatever_else_is_asked_for(client, lamp, offer):
    await offer(DESK)
    await offer(replace(WALNUT, id=NOBODY, sku="OTHER", title="Other lamp"))

    found = await listed(client, ids=f"{LAMP},{OAK},{LAMP},{UUID(int=7)}", limit=1, q="nothing", sort="price_asc")

    assert found == ["Oak desk", "Walnut desk lamp"]


@pytest.mark.parametrize(
    ("caller", "asked", "titles"),
    [(None, {}, ["Walnut desk lamp"]), (ASHA, {"active": "false"}, []), (ADMIN, {}, ["Oak desk", "Walnut desk lamp"]),
     (ADMIN, {"active": "false"}, ["Oak desk"]), (ADMIN, {"active": "true"}, ["Walnut desk lamp"])],
)  # fmt: skip
async def test_by_their_ids_as_otherwise_only_admins_see_what_is_not_for_sale(
    client, lamp, offer, caller, asked, titles
):
    await offer(replace(DESK, active=False))

    assert await listed(client, caller=caller, ids=f"{LAMP},{OAK}", **asked) == titles


async def test_no_more_than_fifty_products_are_asked_for_by_their_ids(client, lamp):
    answers = [await client.get(PRODUCTS, params={"ids": ",".join([str(LAMP)] * count)}) for count in (50, 51)]

    assert len(answers[0].json()["items"]) == 1
    assert_problem(answers[1], 400, "invalid-request")


async def test_what_was_removed_is_hidden_from_admins_too(client, lamp):
    await remove(client)

    assert await listed(client, caller=ADMIN) == []
    assert await listed(client, caller=ADMIN, ids=str(LAMP)) == []
    assert_problem(await client.get(f"{PRODUCTS}{LAMP}", headers=ADMIN.headers), 404, "product-not-found")


async def test_a_token_that_is_not_good_is_refused_rather_than_passed_over(client, lamp):
    asked = [PRODUCTS, f"{PRODUCTS}{LAMP}", f"{PRODUCTS}{LAMP}/images"]

    answers = [await client.get(at, headers={"Authorization": "Bearer worn out"}) for at in asked]

    assert [problem_of(answer) for answer in answers] == [(401, "unauthorized")] * 3


async def test_what_was_removed_stays_removed(client, lamp):
    removed = await remove(client)

    answers = [await remove(client), await change(client, active=True), await stock_of(client),
               await restock(client, (LAMP, 1))]  # fmt: skip

    assert removed.status_code == 204
    assert [problem_of(answer) for answer in answers] == [(404, "product-not-found")] * 4


async def test_products_are_listed_page_by_page_the_newest_first_each_once(client, offer):
    for number in range(7):
        await offer(replace(WALNUT, id=uuid7(), title=f"Lamp {number}", sku=f"LAMP-{number}"))

    pages, cursor = [], {}
    while cursor is not None:
        answer = (await client.get(PRODUCTS, params={"limit": 3, **cursor})).json()
        pages.append([one["title"] for one in answer["items"]])
        cursor = {"cursor": answer["next_cursor"]} if answer["next_cursor"] else None

    assert pages == [["Lamp 6", "Lamp 5", "Lamp 4"], ["Lamp 3", "Lamp 2", "Lamp 1"], ["Lamp 0"]]


async def test_a_product_added_between_two_pages_moves_no_other_to_the_next(client, offer):
    for number in range(4):
        await offer(replace(WALNUT, id=uuid7(), title=f"Lamp {number}", sku=f"LAMP-{number}"))
    first = (await client.get(PRODUCTS, params={"limit": 2})).json()

    await offer(replace(WALNUT, id=uuid7(), title="Lamp 4", sku="LAMP-4"))

    assert await listed(client, limit=2, cursor=first["next_cursor"]) == ["Lamp 1", "Lamp 0"]


@pytest.mark.parametrize("cursor", ["x", "AAAA", encode_cursor(7), encode_cursor("' OR true --")],
                         ids=["short", "zeros", "a number", "SQL"])  # fmt: skip
async def test_a_cursor_of_somebody_elses_is_an_invalid_request(client, lamp, cursor):
    answer = await client.get(PRODUCTS, params={"cursor": cursor})

    assert_problem(answer, 400, "invalid-request")
    assert answer.json()["errors"] == [{"pointer": "/query/cursor", "rule": "cursor"}]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("WALNUT", ["Walnut desk lamp"]),
        ("desk", ["Oak desk", "Walnut desk lamp"]),
        ("warm LIGHT", ["Walnut desk lamp"]),
        ("%", ["Oak desk"]),
        ("oak_", ["Oak desk"]),
        ("d_sk", []),
        ("\\", []),
        ("' OR true --", []),
    ],
    ids=["any case", "in both", "in the description", "a percent sign", "an underscore", "no wildcard", "a backslash",
         "SQL"],
)  # fmt: skip
async def test_what_is_looked_for_is_found_as_it_is_written(client, lamp, offer, text, found):
    await offer(DESK)

    assert await listed(client, q=text) == found


async def test_text_category_and_page_narrow_the_list_together(client, lamp, offer, unit_of_work):
    async with unit_of_work() as work:
        await work.categories.add(Category(NOBODY, "Lamps"))
    for number in range(3):
        await offer(replace(WALNUT, id=uuid7(), title=f"Lamp {number}", sku=f"LAMP-{number}", category_id=NOBODY))

    first = (await client.get(PRODUCTS, params={"category_id": str(NOBODY), "q": "lamp", "limit": 2})).json()
    rest = await listed(client, category_id=str(NOBODY), q="lamp", cursor=first["next_cursor"])

    assert ([one["title"] for one in first["items"]], rest) == (["Lamp 2", "Lamp 1"], ["Lamp 0"])


async def test_only_admins_change_what_is_for_sale(client, lamp):
    shopper = {"headers": ASHA.headers}

    answers = [
        await client.post(CATEGORIES, json={"name": "Lamps"}, **shopper),
        await client.post(PRODUCTS, json={**NEW, "sku": "X"}, **shopper),
        await client.patch(f"{PRODUCTS}{LAMP}", json={"price_cents": 1}, **shopper),
        await client.delete(f"{PRODUCTS}{LAMP}", **shopper),
        await client.get(f"{INVENTORY}{LAMP}", **shopper),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert (await client.get(f"{PRODUCTS}{LAMP}")).json()["price_cents"] == 12999


TITLES = ["oak stool", "\u00c9tag\u00e8re", "Bowl", "bowl, large", "Zinc tub"]
PRICES = [300, 100, 200, 100, 500]


@pytest.fixture
async def assortment(offer, unit_of_work):
    """Five products, the last one not for sale; the first three are in a category."""
    async with unit_of_work() as work:
        await work.categories.add(Category(NOBODY, "Things"))
    for number, (title, price) in enumerate(zip(TITLES, PRICES, strict=True)):
        category = NOBODY if number < 3 else None
        await offer(
            replace(
                WALNUT, id=UUID(int=number + 1), title=title, price_cents=price, sku=f"S-{number}", active=number < 4,
                category_id=category,
            )
        )  # fmt: skip


SORTED = {
    "newest": ["Zinc tub", "bowl, large", "Bowl", "\u00c9tag\u00e8re", "oak stool"],
    "price_asc": ["\u00c9tag\u00e8re", "bowl, large", "Bowl", "oak stool", "Zinc tub"],
    "price_desc": ["Zinc tub", "oak stool", "Bowl", "bowl, large", "\u00c9tag\u00e8re"],
    "name": ["Bowl", "bowl, large", "\u00c9tag\u00e8re", "oak stool", "Zinc tub"],
}


@pytest.mark.parametrize("sort", SORTED)
@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_products_are_sorted_whatever_else_is_asked_for(client, assortment, sort, limit):
    async def pages(caller=None, **asked):
        seen, cursor = [], {}
        while cursor is not None:
            headers = caller.headers if caller else None
            query = {"sort": sort, "limit": limit, **asked, **cursor}
            page = (await client.get(PRODUCTS, params=query, headers=headers)).json()
            seen += [one["title"] for one in page["items"]]
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
        return seen

    everything = SORTED[sort]
    assert await pages(ADMIN) == everything
    assert await pages() == [title for title in everything if title != "Zinc tub"]
    assert await pages(ADMIN, active="false") == ["Zinc tub"]
    assert await pages(category_id=str(NOBODY)) == [title for title in everything if title in TITLES[:3]]
    assert await pages(ADMIN, category_id=str(NOBODY)) == [title for title in everything if title in TITLES[:3]]
    assert await pages(q="bowl") == [title for title in everything if "owl" in title]
    assert await pages(ADMIN, q="o", category_id=str(NOBODY)) == [one for one in everything if one in TITLES[:3:2]]


@pytest.mark.parametrize("sort", SORTED)
async def test_a_page_begins_where_the_product_before_it_stands_removed_or_not(client, assortment, sort):
    first = (await client.get(PRODUCTS, params={"sort": sort, "limit": 2})).json()
    removed = first["items"][1]["id"]

    await remove(client, removed)

    rest = await listed(client, sort=sort, cursor=first["next_cursor"])
    assert [one["title"] for one in first["items"]] + rest == [one for one in SORTED[sort] if one != "Zinc tub"]


@pytest.mark.parametrize("sort", ["", "price", "NAME"])
async def test_an_order_that_there_is_not_is_refused(client, lamp, sort):
    answer = await client.get(PRODUCTS, params={"sort": sort})

    assert_problem(answer, 400, "invalid-request")
    assert answer.json()["errors"] == [{"pointer": "/query/sort", "rule": "enum"}]


async def test_a_listed_product_has_its_first_image_and_what_can_be_ordered(client, database, offer):
    await offer(WALNUT, in_stock=3)
    await offer(replace(WALNUT, id=OAK, sku="OAK"), in_stock=200)
    images = ImageRepository(database)
    for number in (2, 1):
        await images.add(Image(UUID(int=number), LAMP, f"Picture {number}", 1200, 800))

    answer = await client.get("/catalog/v1/products/")

    plain, pictured = answer.json()["items"]
    assert (pictured["available"], pictured["image"]["alt"]) == (3, "Picture 1")
    assert f"{UUID(int=1)}.webp" in pictured["image"]["url"]
    assert plain["available"] == 99
    assert "image" not in plain
