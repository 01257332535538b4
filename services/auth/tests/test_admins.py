"""What admins do with accounts: find them, keep them from being used, end their sessions."""

import asyncio
from uuid import UUID

import pytest

from chassis.testing.problems import assert_problem
from chassis.web.access import User
from services.auth.domain import Role
from services.auth.repository import SessionRepository
from services.auth.tests.conftest import BRAM, handlers_on
from services.auth.tests.test_handlers import (
    ADMIN,
    admin,
    bearer_headers,
    change_password,
    log_in,
    refresh,
    stored_accounts,
    tokens,
)

__all__ = ["admin", "stored_accounts", "tokens"]  # fixtures
NOBODY = "0198c3c5-0a4e-7c6e-9d26-3f1f4be2c00f"
ACTIONS = ("disable", "enable", "logout")
OTHER_ADMIN = {"email": "zoe@example.com", "password": "a fourth grey heron"}


async def act(client, action, account_id, who):
    return await client.post(f"/users/{account_id}/{action}", headers=bearer_headers(who))


async def find(client, who, **query):
    return await client.get("/users", params=query, headers=bearer_headers(who))


@pytest.fixture
async def other_admin(client, admin):
    """A second admin has logged in; their id is `id`."""
    opened = await client.post("/users", json={**OTHER_ADMIN, "role": "admin"}, headers=bearer_headers(admin))
    return {**(await log_in(client, OTHER_ADMIN)).json(), "id": opened.json()["id"]}


async def own_id(client, who):
    return (await client.get("/users/me", headers=bearer_headers(who))).json()["id"]


# Finding


@pytest.fixture
async def addresses(accounts):
    """Addresses in the order in which they are listed; the last two differ only where no cursor reaches."""
    long = "z" * 200
    known = ["a_b@example.com", "ab%@example.com", "ab@example.com", "abc@example.com", "b@example.com"]
    known += [f"{long}a@example.com", f"{long}b@example.com"]
    for number, email in enumerate(known, 1):
        await accounts.create(UUID(int=number), email, Role.CUSTOMER, "a hash")
    return known


async def test_accounts_are_listed_by_their_addresses_page_by_page_each_once(client, admin, addresses):
    emails, cursor = [], None
    while True:
        page = (await find(client, admin, limit=2, **({"cursor": cursor} if cursor else {}))).json()
        emails += [account["email"] for account in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert emails == sorted([*addresses, ADMIN["email"]])


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("AB", slice(1, 4)),
        ("ab%", slice(1, 2)),
        ("a_", slice(0, 1)),
        ("z" * 200 + "b", slice(6, 7)),
        ("nobody", slice(0)),
    ],
    ids=["in capitals", "with a percent sign", "with an underscore", "longer than a cursor holds", "of nobody"],
)
async def test_accounts_are_found_by_the_beginning_of_their_address(client, admin, addresses, prefix, found):
    answer = await find(client, admin, email_prefix=prefix)

    assert [account["email"] for account in answer.json()["items"]] == addresses[found]
    assert answer.json()["next_cursor"] is None


async def test_an_account_that_is_found_says_what_is_known_of_it_and_no_hash(client, admin, asha):
    [account] = (await find(client, admin, email_prefix="asha@")).json()["items"]

    assert account == asha
    assert account.keys() == {"id", "email", "role", "created_at", "disabled", "email_verified"}


async def test_a_cursor_that_was_never_given_is_refused(client, admin):
    assert_problem(await find(client, admin, cursor="bm90aGluZw"), 400, "invalid-request")


# Disabling


async def test_a_disabled_account_has_no_session_and_begins_none_until_it_is_enabled(
    client, admin, asha, tokens, stored_accounts
):
    disabled = await act(client, "disable", asha["id"], admin)

    assert (disabled.status_code, disabled.json()) == (200, {**asha, "disabled": True})
    assert_problem(await refresh(client, tokens["refresh_token"]), 401, "refresh-token-refused")
    before = await stored_accounts(attempts=False)
    assert_problem(await log_in(client), 401, "account-disabled")
    assert await stored_accounts(attempts=False) == before

    enabled = await act(client, "enable", asha["id"], admin)

    assert (enabled.status_code, enabled.json()) == (200, asha)
    assert_problem(await refresh(client, tokens["refresh_token"]), 401, "refresh-token-refused")
    assert (await log_in(client)).status_code == 200


async def test_only_who_knows_the_password_is_told_that_the_account_is_disabled(client, admin, asha):
    await act(client, "disable", asha["id"], admin)

    wrong, unknown = await log_in(client, password="another password"), await log_in(client, BRAM)

    assert (wrong.status_code, wrong.content) == (unknown.status_code, unknown.content)


async def test_the_right_password_of_a_disabled_account_is_no_failure(client, admin, asha):
    await act(client, "disable", asha["id"], admin)
    for _ in range(12):
        assert_problem(await log_in(client), 401, "account-disabled")
    await act(client, "enable", asha["id"], admin)

    assert (await log_in(client)).status_code == 200


@pytest.mark.parametrize("action", ACTIONS)
async def test_a_repeat_changes_nothing(client, admin, asha, tokens, stored_accounts, action):
    first = await act(client, action, asha["id"], admin)
    before = await stored_accounts()

    again = await act(client, action, asha["id"], admin)

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert await stored_accounts() == before


@pytest.mark.parametrize("action", ACTIONS)
async def test_nothing_is_done_to_an_account_that_is_not_there(client, admin, asha, tokens, stored_accounts, action):
    before = await stored_accounts()

    assert_problem(await act(client, action, NOBODY, admin), 404, "account-not-found")
    assert await stored_accounts() == before


@pytest.mark.parametrize("action", ACTIONS)
async def test_shoppers_do_nothing_to_accounts_and_find_none(client, asha, tokens, stored_accounts, action):
    before = await stored_accounts()

    assert_problem(await act(client, action, asha["id"], tokens), 403, "forbidden")
    assert_problem(await find(client, tokens), 403, "forbidden")
    assert await stored_accounts() == before


async def test_an_admin_disables_neither_themself_nor_the_last_one(client, admin, stored_accounts):
    alone = await own_id(client, admin)
    before = await stored_accounts()

    assert_problem(await act(client, "disable", alone, admin), 409, "last-admin")
    assert await stored_accounts() == before

    await client.post("/users", json={**OTHER_ADMIN, "role": "admin"}, headers=bearer_headers(admin))
    before = await stored_accounts()

    assert_problem(await act(client, "disable", alone, admin), 409, "own-account")
    assert await stored_accounts() == before


async def test_of_two_admins_who_disable_each_other_at_once_one_stays(client, admin, other_admin):
    first, second = await asyncio.gather(
        act(client, "disable", other_admin["id"], admin),
        act(client, "disable", await own_id(client, admin), other_admin),
    )

    assert sorted([first.status_code, second.status_code]) == [200, 403]
    assert sorted([(await log_in(client, who)).status_code for who in (ADMIN, OTHER_ADMIN)]) == [200, 401]


async def test_a_disabled_admin_does_nothing_more_with_the_access_token_that_is_still_good(
    client, admin, other_admin, asha, tokens, stored_accounts
):
    await act(client, "disable", other_admin["id"], admin)
    before = await stored_accounts()

    answers = [await act(client, action, asha["id"], other_admin) for action in ACTIONS]
    answers.append(await client.post("/users", json={**BRAM, "role": "admin"}, headers=bearer_headers(other_admin)))
    answers.append(await change_password(client, other_admin, OTHER_ADMIN["password"]))

    for answer in answers:
        assert_problem(answer, 403, "forbidden")
    assert await stored_accounts(attempts=False) == before[:-1]
    assert (await refresh(client, tokens["refresh_token"])).status_code == 200


async def test_no_session_outlives_a_disabling_that_comes_at_the_same_time(client, admin, asha, database):
    answers = await asyncio.gather(
        *(log_in(client) for _ in range(5)),
        act(client, "disable", asha["id"], admin),
        *(log_in(client) for _ in range(5)),
    )

    begun = [answer.json()["refresh_token"] for answer in answers if "refresh_token" in answer.text]
    assert [(await refresh(client, token)).status_code for token in begun] == [401] * len(begun)


async def test_a_process_that_dies_while_it_disables_an_account_has_not_disabled_it(
    client, admin, asha, tokens, stored_accounts, database, keyring, monkeypatch
):
    async def die(*_):
        raise RuntimeError("died before the commit")

    before, who = await stored_accounts(), User(UUID(await own_id(client, admin)), "admin", ADMIN["email"])
    with monkeypatch.context() as dying, pytest.raises(RuntimeError, match="died"):
        dying.setattr(SessionRepository, "end_all", die)
        await handlers_on(database, keyring).disable_account(UUID(asha["id"]), who)

    assert await stored_accounts() == before
    assert (await act(client, "disable", asha["id"], admin)).json()["disabled"]
    assert_problem(await refresh(client, tokens["refresh_token"]), 401, "refresh-token-refused")


# Ending sessions


async def test_all_sessions_of_an_account_end_and_it_may_log_in_again(client, admin, asha, tokens):
    other = (await log_in(client)).json()

    assert (await act(client, "logout", asha["id"], admin)).status_code == 204

    for own in tokens, other:
        assert_problem(await refresh(client, own["refresh_token"]), 401, "refresh-token-refused")
    assert (await refresh(client, (await log_in(client)).json()["refresh_token"])).status_code == 200
    assert (await refresh(client, admin["refresh_token"])).status_code == 200
