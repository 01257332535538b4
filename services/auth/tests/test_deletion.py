"""Deleting one's own account: what goes, what is told, and who may not."""

import asyncio
import json
from unittest.mock import AsyncMock
from uuid import UUID

import pytest
import sqlalchemy as sa

from chassis.data.statement import Statement
from chassis.events.tables import OUTBOX
from chassis.testing.problems import assert_problem
from chassis.web.access import User
from generated.models.auth import AccountDeletion
from services.auth.repository import AccountRepository
from services.auth.tables import metadata
from services.auth.tests.conftest import ASHA, BRAM, handlers_on, links_on
from services.auth.tests.test_admins import act, other_admin, own_id
from services.auth.tests.test_handlers import ADMIN, HOME_ADDRESS, admin, bearer_headers, log_in, refresh, tokens
from tooling.conformance.callers import internal_key_headers

__all__ = ["admin", "other_admin", "tokens"]  # fixtures
EVENTS = Statement(sa.select(OUTBOX).order_by(OUTBOX.c.id))
PERSONAL = {
    "accounts", "sessions", "refresh_tokens", "known_networks", "links", "link_tokens", "addresses", "reset_requests",
}  # fmt: skip
QUAY = {"address_line1": "12 Quay Street", "city": "Galway", "country": "IE", "postcode": "H91 XY00"}
ROWS = {
    name: Statement(sa.select(metadata.tables[f"auth.{name}"]).order_by(sa.literal_column("1"))) for name in PERSONAL
}


@pytest.fixture
def state(database):
    """Everything but the counts of attempts, to see that nothing changed."""

    async def state():
        return {name: await database.fetch_all(statement) for name, statement in {**ROWS, "events": EVENTS}.items()}

    return state


async def delete(client, who, password=ASHA["password"]):
    return await client.post("/users/me/delete", json={"password": password}, headers=bearer_headers(who))


def test_every_table_is_personal_or_known_not_to_be():
    assert {table.name for table in metadata.sorted_tables} == PERSONAL | {"attempts", "outbox", "signing_keys"}


async def test_with_an_account_goes_all_that_is_known_of_its_owner_and_others_are_told(client, asha, database, state):
    own = (await log_in(client, headers=HOME_ADDRESS)).json()
    [link] = await database.fetch_all(ROWS["links"])
    await client.post(f"/links/{link['id']}/token", headers=internal_key_headers("notifications"))
    await client.post("/users/me/addresses", json=QUAY, headers=bearer_headers(own))
    await client.post("/password/forgotten", json={"email": ASHA["email"]})
    before = await state()
    assert {name for name in PERSONAL if before[name]} == PERSONAL

    assert (await delete(client, own)).status_code == 204
    await links_on(database).handle_reset_requests(asyncio.Event())  # a second later, whoever it was said to be

    kept = await state()
    assert {name: kept[name] for name in PERSONAL} == {name: [] for name in PERSONAL}
    event = json.loads(bytes(kept["events"][-1]["value"]))
    assert (event["type"], event["user_id"], event["user_email"]) == ("account.deleted", asha["id"], ASHA["email"])
    assert event["data"] == {"email_verified": False}
    assert kept["events"][-1]["key"] == asha["id"]
    assert_problem(await refresh(client, own["refresh_token"]), 401, "refresh-token-refused")
    assert_problem(await log_in(client), 401, "wrong-credentials")
    assert_problem(await client.get("/users/me", headers=bearer_headers(own)), 404, "account-not-found")


async def test_no_link_is_mailed_for_an_account_that_is_gone(client, tokens, state):
    await delete(client, tokens)
    before = await state()

    asked = await client.post("/users/me/verification", headers=bearer_headers(tokens))

    assert_problem(asked, 404, "account-not-found")
    assert await state() == before


async def test_nobody_elses_account_goes_with_it(client, asha, tokens):
    await client.post("/register", json=BRAM)
    bram = (await log_in(client, BRAM)).json()

    await delete(client, tokens)

    assert (await refresh(client, bram["refresh_token"])).status_code == 200


async def test_the_address_may_have_another_account_afterwards(client, asha, tokens):
    await delete(client, tokens)

    opened = await client.post("/register", json=ASHA)

    assert opened.status_code == 201
    assert opened.json()["id"] != asha["id"]


async def test_the_address_that_is_told_is_that_of_the_row_that_is_deleted(
    client, asha, tokens, database, state, monkeypatch
):
    accounts = AccountRepository(database)
    account = await accounts.find(UUID(asha["id"]))
    await accounts.set_verified_email(account.id, "asha@example.org")
    with monkeypatch.context() as read_before:
        read_before.setattr(AccountRepository, "find", AsyncMock(return_value=account))
        assert (await delete(client, tokens)).status_code == 204

    event = json.loads(bytes((await state())["events"][-1]["value"]))
    assert (event["user_email"], event["data"]) == ("asha@example.org", {"email_verified": True})


async def test_who_opens_and_deletes_an_account_again_and_again_mails_its_address_five_times(client, state):
    for _ in range(5):
        assert (await client.post("/register", json=ASHA)).status_code == 201
        assert (await delete(client, (await log_in(client)).json())).status_code == 204
    before = await state()

    refused = await client.post("/register", json=ASHA)

    assert_problem(refused, 429, "too-many-attempts")
    assert await state() == before
    assert sum(json.loads(bytes(row["value"]))["type"] == "verification.requested" for row in before["events"]) == 5


async def test_a_repeat_finds_no_account_and_tells_nobody_again(client, tokens, state):
    await delete(client, tokens)
    before = await state()

    assert_problem(await delete(client, tokens), 409, "wrong-password")
    assert await state() == before


async def test_who_does_not_know_the_password_deletes_nothing(client, tokens, state):
    before = await state()

    assert_problem(await delete(client, tokens, "guessed in vain"), 409, "wrong-password")
    assert await state() == before


async def test_wrong_passwords_count_like_failed_logins(client, tokens, state):
    before = await state()
    for _ in range(10):
        await delete(client, tokens, "guessed in vain")

    assert_problem(await delete(client, tokens), 429, "too-many-attempts")
    assert await state() == before


async def test_a_disabled_account_is_not_deleted_by_its_owner(client, asha, admin, tokens, state):
    await act(client, "disable", asha["id"], admin)
    before = await state()

    assert_problem(await delete(client, tokens), 403, "forbidden")
    assert await state() == before


async def test_the_last_admin_stays(client, admin, state):
    before = await state()

    assert_problem(await delete(client, admin, ADMIN["password"]), 409, "last-admin")
    assert await state() == before


async def test_of_two_admins_who_delete_their_accounts_at_once_one_stays(client, admin, other_admin):
    answers = await asyncio.gather(
        delete(client, admin, ADMIN["password"]), delete(client, other_admin, "a fourth grey heron")
    )

    assert sorted(answer.status_code for answer in answers) == [204, 409]


async def test_an_admin_who_is_disabled_while_the_other_deletes_leaves_one_who_is_not(client, admin, other_admin):
    disabling, deletion = await asyncio.gather(
        act(client, "disable", await own_id(client, admin), other_admin),
        delete(client, other_admin, "a fourth grey heron"),
    )

    assert (disabling.status_code, deletion.status_code) in {(200, 409), (403, 204)}


async def test_no_session_outlives_an_account_that_is_deleted_at_the_same_time(client, tokens, state):
    answers = await asyncio.gather(*(log_in(client) for _ in range(5)), delete(client, tokens))

    begun = [answer.json()["refresh_token"] for answer in answers[:-1] if answer.status_code == 200]
    assert answers[-1].status_code == 204
    assert [(await refresh(client, token)).status_code for token in begun] == [401] * len(begun)
    assert (await state())["sessions"] == []


async def test_a_process_that_dies_while_it_deletes_an_account_has_deleted_and_told_nothing(
    client, asha, tokens, database, keyring, state, monkeypatch
):
    async def die(*_):
        raise RuntimeError("died before the commit")

    before = await state()
    with monkeypatch.context() as dying, pytest.raises(RuntimeError, match="died"):
        dying.setattr("services.auth.repository.AttemptRepository.reset", die)
        user = User(UUID(asha["id"]), "customer", ASHA["email"])
        await handlers_on(database, keyring).delete_own_account(AccountDeletion(password=ASHA["password"]), user)

    assert await state() == before
    assert (await delete(client, tokens)).status_code == 204
