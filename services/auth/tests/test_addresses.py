"""Addresses that shoppers save: few, each once, and nobody else's."""

import asyncio
from uuid import UUID

import pytest
import sqlalchemy as sa

from chassis.data.statement import Statement
from chassis.testing.problems import assert_problem
from services.auth.domain import MAX_ADDRESSES
from services.auth.tables import addresses as address_rows
from services.auth.tests.conftest import BRAM
from services.auth.tests.test_admins import act
from services.auth.tests.test_deletion import delete
from services.auth.tests.test_handlers import admin, bearer_headers, log_in, tokens
from tests.contracts.loaded_contracts import CONTRACTS

__all__ = ["admin", "tokens"]  # fixtures
QUAY = {"address_line1": "12 Quay Street", "city": "Galway", "country": "IE", "postcode": "H91 XY00"}
PEAK = {"address_line1": "3 Peak Road", "address_line2": "Flat B", "city": "Hong Kong", "country": "HK"}
ROWS = Statement(sa.select(address_rows).order_by(address_rows.c.id))


@pytest.fixture
def state(database):
    async def state():
        return await database.fetch_all(ROWS)

    return state


async def save(client, who, address=QUAY, **changed):
    return await client.post("/users/me/addresses", json={**address, **changed}, headers=bearer_headers(who))


async def saved(client, who):
    return (await client.get("/users/me/addresses", headers=bearer_headers(who))).json()["items"]


async def remove(client, who, address_id):
    return await client.delete(f"/users/me/addresses/{address_id}", headers=bearer_headers(who))


def test_what_is_saved_is_what_a_checkout_takes():
    saved, ordered = (
        CONTRACTS[name]["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        for name, path in (("auth", "/users/me/addresses"), ("order", "/v1/orders/checkout"))
    )

    aside = {"x-name", "description"}
    assert {key: saved[key] for key in saved.keys() - aside} == {key: ordered[key] for key in ordered.keys() - aside}


async def test_addresses_are_saved_and_listed_the_last_one_first(client, tokens):
    answers = [await save(client, tokens), await save(client, tokens, PEAK)]

    assert [answer.status_code for answer in answers] == [201, 201]
    first, second = (answer.json() for answer in answers)
    assert await saved(client, tokens) == [second, first]
    assert ({**first, "id": None}, {**second, "id": None}) == ({**QUAY, "id": None}, {**PEAK, "id": None})


async def test_an_address_is_saved_once_however_often_and_however_blank_what_may_be_missing(client, tokens, state):
    first = await save(client, tokens)

    again = [await save(client, tokens), await save(client, tokens, address_line2=" ", city=" Galway ")]

    assert [(answer.status_code, answer.json()) for answer in again] == [(201, first.json())] * 2
    assert len(await state()) == 1


@pytest.mark.parametrize(
    "changed",
    [{"country": "ZZ"}, {"city": ""}, {"postcode": ""}, {"address_line1": "x" * 201}, {"phone": "1"}],
    ids=["no country", "no city", "no postcode where there are some", "too long", "something else"],
)
async def test_what_no_checkout_takes_is_not_saved(client, tokens, state, changed):
    assert_problem(await save(client, tokens, **changed), 400, "invalid-request")
    assert await state() == []


async def test_more_than_there_can_be_are_not_saved_not_even_at_once(client, tokens, state):
    answers = await asyncio.gather(
        *(save(client, tokens, address_line1=f"{n} Quay Street") for n in range(MAX_ADDRESSES + 5))
    )

    assert sorted(answer.status_code for answer in answers) == [*[201] * MAX_ADDRESSES, *[409] * 5]
    before = await state()
    assert_problem(await save(client, tokens, PEAK), 409, "too-many-addresses")
    assert await state() == before
    assert len(await saved(client, tokens)) == MAX_ADDRESSES

    await remove(client, tokens, before[0]["id"])

    assert (await save(client, tokens, PEAK)).status_code == 201


async def test_a_removed_address_is_gone_and_a_repeat_finds_none(client, tokens, state):
    kept, gone = (await save(client, tokens)).json(), (await save(client, tokens, PEAK)).json()

    assert (await remove(client, tokens, gone["id"])).status_code == 204

    assert await saved(client, tokens) == [kept]
    before = await state()
    assert_problem(await remove(client, tokens, gone["id"]), 404, "address-not-found")
    assert await state() == before


async def test_nobody_sees_or_removes_somebody_elses(client, tokens, state):
    address = (await save(client, tokens)).json()
    await client.post("/register", json=BRAM)
    bram = (await log_in(client, BRAM)).json()
    before = await state()

    others, missing = await remove(client, bram, address["id"]), await remove(client, bram, UUID(int=1))

    assert (others.status_code, others.content) == (missing.status_code, missing.content)
    assert await saved(client, bram) == []
    assert await state() == before


async def test_a_disabled_account_saves_and_removes_nothing_with_a_token_that_is_still_good(
    client, asha, admin, tokens, state
):
    address = (await save(client, tokens)).json()
    await act(client, "disable", asha["id"], admin)
    before = await state()

    assert_problem(await save(client, tokens, PEAK), 403, "forbidden")
    assert_problem(await remove(client, tokens, address["id"]), 403, "forbidden")
    assert await state() == before


async def test_addresses_go_with_their_account_and_none_is_saved_for_one_that_is_gone(client, tokens, state):
    await save(client, tokens)
    await delete(client, tokens)

    assert await state() == []
    assert_problem(await save(client, tokens), 404, "account-not-found")
    assert await state() == []
