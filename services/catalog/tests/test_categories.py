"""The categories, driven through the contract."""

import asyncio

import pytest

from chassis.testing.problems import assert_problem, problem_of
from services.catalog import repository
from services.catalog.tests.requests import (
    CATEGORIES,
    NOBODY,
    add_category,
    add_product,
    change,
    names,
    remove,
)
from tests.accounts import ADMIN


async def test_a_category_is_read_where_its_making_said(client):
    made = await add_category(client)

    assert made.status_code == 201
    assert (await client.get(made.headers["location"])).json() == made.json()


async def test_categories_are_listed_by_their_names(client):
    for name in ("Tables", "Lamps", "Chairs"):
        await add_category(client, name)

    assert await names(client) == ["Chairs", "Lamps", "Tables"]


async def test_a_name_is_taken_once_by_adding_or_renaming(client):
    await add_category(client, "Lamps")
    chairs = await add_category(client, "Chairs")

    added = await add_category(client, "Lamps")
    renamed = await client.patch(chairs.headers["location"], json={"name": "Lamps"}, headers=ADMIN.headers)

    assert problem_of(added) == problem_of(renamed) == (409, "category-name-taken")
    assert await names(client) == ["Chairs", "Lamps"]


@pytest.mark.parametrize(
    ("name", "twin"),
    [
        ("Lamps", "lamps"),
        ("Desk lamps", " desk   LAMPS "),
        ("Caf\u00e9", "Cafe\u0301"),
        ("\u0130stanbul", "istanbul"),
        ("Lamps", "La\u200bmps"),
        ("Lamps", "\uff2camps"),
    ],
    ids=["case", "blanks", "composition", "dotted i", "an invisible character", "width"],
)
async def test_two_spellings_of_one_name_are_one_category(client, name, twin):
    await add_category(client, name)
    chairs = await add_category(client, "Chairs")

    added = await add_category(client, twin)
    renamed = await client.patch(chairs.headers["location"], json={"name": twin}, headers=ADMIN.headers)

    assert problem_of(added) == problem_of(renamed) == (409, "category-name-taken")
    assert set(await names(client)) == {"Chairs", name}


async def test_names_that_differ_by_an_accent_are_two_categories(client):
    await add_category(client, "Mate")

    assert (await add_category(client, "Mat\u00e9")).status_code == 201


async def test_a_category_may_be_given_another_spelling_of_its_own_name(client):
    lamps = await add_category(client, "lamps")

    renamed = await client.patch(lamps.headers["location"], json={"name": "Lamps"}, headers=ADMIN.headers)

    assert (renamed.status_code, await names(client)) == (200, ["Lamps"])


async def test_categories_are_sorted_as_people_do(client):
    for name in ("zebras", "\u00c4pfel", "Bananas", "apples", "\u0130znik tiles", "Ice"):
        await add_category(client, name)

    assert await names(client) == ["\u00c4pfel", "apples", "Bananas", "Ice", "\u0130znik tiles", "zebras"]


async def test_a_category_can_be_renamed_again_and_again(client):
    lamps = await add_category(client)

    for _ in range(2):
        answer = await client.patch(lamps.headers["location"], json={"name": "Desk lamps"}, headers=ADMIN.headers)

        assert answer.json() == {**lamps.json(), "name": "Desk lamps"}


async def test_there_are_never_more_categories_than_a_list_holds(client, monkeypatch):
    monkeypatch.setattr(repository, "MAX_CATEGORIES", 3)

    answers = await asyncio.gather(*(add_category(client, f"Lamps {number}") for number in range(10)))

    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 7
    assert {problem_of(answer)[1] for answer in answers if answer.status_code == 409} == {"too-many-categories"}
    assert len(await names(client)) == 3


async def test_a_category_is_removed_once_and_only_when_it_is_empty(client):
    lamps = await add_category(client)
    product = await add_product(client, category_id=lamps.json()["id"], active=False)

    refused = await client.delete(lamps.headers["location"], headers=ADMIN.headers)
    assert_problem(refused, 409, "category-not-empty")
    assert await names(client) == ["Lamps"]

    await remove(client, product.json()["id"])
    removed = await client.delete(lamps.headers["location"], headers=ADMIN.headers)
    again = await client.delete(lamps.headers["location"], headers=ADMIN.headers)
    assert (removed.status_code, again.status_code) == (204, 404)


async def test_what_is_no_category_is_not_found(client):
    at = f"{CATEGORIES}{NOBODY}"

    answers = [
        await client.get(at),
        await client.patch(at, json={"name": "Lamps"}, headers=ADMIN.headers),
        await client.delete(at, headers=ADMIN.headers),
    ]

    assert {problem_of(answer) for answer in answers} == {(404, "category-not-found")}


async def counts(client):
    return {one["name"]: one["product_count"] for one in (await client.get(CATEGORIES)).json()}


async def test_a_category_says_how_many_of_its_products_are_for_sale(client):
    lamps, desks = [(await add_category(client, name)).json()["id"] for name in ("Lamps", "Desks")]
    made = [
        (await add_product(client, sku=f"S-{n}", category_id=lamps, active=n > 0)).json()["id"] for n in range(4)
    ] + [(await add_product(client, sku="S-9")).json()["id"]]
    assert await counts(client) == {"Lamps": 3, "Desks": 0}

    await change(client, made[0], active=True)
    await change(client, made[1], category_id=desks)
    await change(client, made[2], active=False)
    await change(client, made[3], title="Walnut lamp", price_cents=1)
    await change(client, made[4], category_id=desks)
    assert await counts(client) == {"Lamps": 2, "Desks": 2}

    await remove(client, made[0])
    await change(client, made[1], category_id=None)
    await remove(client, made[2])
    renamed = await client.patch(f"{CATEGORIES}{lamps}", json={"name": "Old lamps"}, headers=ADMIN.headers)

    assert await counts(client) == {"Old lamps": 1, "Desks": 1}
    assert renamed.json() == (await client.get(f"{CATEGORIES}{lamps}")).json()
    assert renamed.json()["product_count"] == 1


async def test_products_that_many_move_at_once_are_counted_right_and_nobody_waits_in_a_circle(client):
    lamps, desks = [(await add_category(client, name)).json()["id"] for name in ("Lamps", "Desks")]
    made = [
        (await add_product(client, sku=f"S-{n}", category_id=(lamps, desks)[n % 2])).json()["id"] for n in range(12)
    ]

    for round_ in range(5):
        moves = [change(client, one, category_id=(lamps, desks)[(n + round_ + 1) % 2]) for n, one in enumerate(made)]
        answers = await asyncio.gather(*moves)
        assert {answer.status_code for answer in answers} == {200}

    assert await counts(client) == {"Lamps": 6, "Desks": 6}
