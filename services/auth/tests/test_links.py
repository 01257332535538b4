"""What is done by the link of a mail: another password, an address that is proved, another address."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from unittest.mock import AsyncMock
from uuid import UUID, uuid4

import jwt
import pytest
import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import INTERVAL

from chassis.data.retention import apply_retention_rules
from chassis.data.statement import Statement
from chassis.events.tables import OUTBOX
from chassis.testing.problems import assert_problem
from services.auth.domain import Role, token_digest
from services.auth.repository import RETENTION_RULES, AccountRepository, SessionRepository
from services.auth.tables import accounts as account_rows
from services.auth.tables import attempts as attempt_rows
from services.auth.tables import link_tokens as token_rows
from services.auth.tables import links as link_rows
from services.auth.tables import reset_requests as request_rows
from services.auth.tables import sessions as session_rows
from services.auth.tests.conftest import ASHA, BRAM, LIMITS, links_on, shop
from services.auth.tests.test_admins import act
from services.auth.tests.test_handlers import (
    COMMON_PASSWORD_SAMPLES,
    HOME_ADDRESS,
    admin,
    bearer_headers,
    change_password,
    log_in,
    refresh,
    tokens,
)
from tooling.conformance.callers import internal_key_headers

__all__ = ["admin", "tokens"]  # fixtures
NEW = "a longer walk by the quay"
NEW_EMAIL = "asha@example.org"
EVENTS = Statement(sa.select(OUTBOX).order_by(OUTBOX.c.id))
TABLES = (account_rows, session_rows, link_rows, token_rows, request_rows)
ROWS = [Statement(sa.select(table).order_by(sa.literal_column("1"))) for table in TABLES]
AGE_LINKS = Statement(
    sa.update(link_rows).values(expires_at=link_rows.c.expires_at - sa.bindparam("by", type_=INTERVAL))
)


AGE_ATTEMPTS = Statement(
    sa.update(attempt_rows).values(
        {name: attempt_rows.c[name] - sa.bindparam("by", type_=INTERVAL) for name in ("began_at", "counted_at")}
    )
)
COUNTS = Statement(sa.select(attempt_rows.c.key, attempt_rows.c.count).order_by(attempt_rows.c.key))


@pytest.fixture
def attempt_counts(database):
    """What is counted, but for tries of passwords."""

    async def attempt_counts():
        counted = {row["key"]: row["count"] for row in await database.fetch_all(COUNTS)}
        return {key: count for key, count in counted.items() if key.startswith(("mails", "registrations"))}

    return attempt_counts


@pytest.fixture
def state(database):
    """Everything but the counts of attempts, to see that nothing changed."""

    async def state():
        return [await database.fetch_all(one) for one in [*ROWS, EVENTS]]

    return state


@pytest.fixture
def events(database):
    """What was announced: (type, to whom, link)."""

    async def events(kind=None):
        found = [json.loads(bytes(row["value"])) for row in await database.fetch_all(EVENTS)]
        return [
            (one["type"], one["user_email"], one["data"]["link_id"]) for one in found if kind in (None, one["type"])
        ]

    return events


@pytest.fixture
def mailed(client, events):
    """The token of the last mail of that kind, as notifications gets it when it composes the mail."""

    async def mailed(kind):
        *_, (_, _, link_id) = await events(kind)
        return (await issue(client, link_id)).json()["token"]

    return mailed


@pytest.fixture
def forget(client, database):
    """Asha, or somebody else, forgot the password, and the mail is announced."""

    async def forget(email=ASHA["email"]):
        response = await client.post("/password/forgotten", json={"email": email}, headers=HOME_ADDRESS)
        await links_on(database).handle_reset_requests(asyncio.Event())
        return response

    return forget


async def issue(client, link_id, service="notifications"):
    return await client.post(f"/links/{link_id}/token", headers=internal_key_headers(service))


async def reset(client, token, password=NEW, headers=None):
    return await client.post("/password/reset", json={"token": token, "password": password}, headers=headers)


async def verify(client, token):
    return await client.post("/email/verify", json={"token": token})


async def change_email(client, who, email=NEW_EMAIL, password=ASHA["password"]):
    return await client.post(
        "/users/me/email", json={"email": email, "password": password}, headers=bearer_headers(who)
    )


async def me(client, who):
    return (await client.get("/users/me", headers=bearer_headers(who))).json()


# The token of a link


async def test_an_event_and_the_database_name_a_link_and_hold_no_token_of_it(client, asha, forget, events, state):
    await forget()
    [(_, _, link_id)] = await events("password.forgotten")

    token = (await issue(client, link_id)).json()["token"]

    kept = await state()
    assert token_digest(token) in [bytes(row["digest"]) for row in kept[3]]
    assert token.encode() not in repr(kept).encode()
    assert token not in repr([bytes(row["value"]) for row in kept[-1]])


async def test_each_copy_of_a_mail_has_a_token_of_its_own_and_one_use_ends_all(client, asha, forget, events):
    await forget()
    [(_, _, link_id)] = await events("password.forgotten")
    first, second = [(await issue(client, link_id)).json()["token"] for _ in range(2)]

    assert first != second
    assert (await reset(client, first)).status_code == 200
    assert_problem(await reset(client, second), 409, "link-refused")
    assert_problem(await issue(client, link_id), 404, "link-not-found")


@pytest.mark.parametrize("service", ["order", "auth"])
async def test_nobody_else_gets_a_token(client, asha, events, state, service):
    [(_, _, link_id)] = await events()
    before = await state()

    assert (await issue(client, link_id, service)).status_code == 403
    assert (await client.post(f"/links/{link_id}/token")).status_code == 401
    assert await state() == before


async def test_a_link_that_never_was_has_no_token(client, asha, state):
    before = await state()

    assert_problem(await issue(client, uuid4()), 404, "link-not-found")
    assert await state() == before


async def test_tokens_for_a_link_that_is_used_at_the_same_time_are_of_no_use(client, asha, forget, events):
    await forget()
    [(_, _, link_id)] = await events("password.forgotten")
    token = (await issue(client, link_id)).json()["token"]

    *issued, used = await asyncio.gather(*(issue(client, link_id) for _ in range(5)), reset(client, token))

    assert used.status_code == 200
    assert {response.status_code for response in issued} <= {200, 404}
    for response in issued:
        if response.status_code == 200:
            assert_problem(await reset(client, response.json()["token"]), 409, "link-refused")


# A forgotten password


async def test_a_forgotten_password_is_replaced_by_the_link_and_all_sessions_end(client, asha, tokens, forget, mailed):
    assert (await forget()).status_code == 202

    answer = await reset(client, await mailed("password.forgotten"))

    assert (answer.status_code, answer.json()) == (200, {"id": asha["id"]})
    assert_problem(await log_in(client), 401, "wrong-credentials")
    assert_problem(await refresh(client, tokens["refresh_token"]), 401, "refresh-token-refused")
    assert (await log_in(client, password=NEW)).status_code == 200


async def test_an_unknown_address_is_answered_alike_and_leads_to_the_same_rows(client, asha, database, events):
    async def answer_to(email):
        before = await database.fetch_all(ROWS[4])
        response = await client.post("/password/forgotten", json={"email": email}, headers=HOME_ADDRESS)
        after = await database.fetch_all(ROWS[4])
        return response.status_code, response.content, dict(response.headers), len(after) - len(before)

    before = await events()
    known, unknown = await answer_to(ASHA["email"]), await answer_to(BRAM["email"])

    assert known == unknown
    assert known[0] == 202
    assert await events() == before  # whether there is such an account nobody has looked up yet


async def test_nothing_is_sent_to_who_has_no_account_or_a_disabled_one(client, asha, admin, forget, events, state):
    await act(client, "disable", asha["id"], admin)
    before, rows = await events(), await state()

    assert [(await forget(email)).status_code for email in (BRAM["email"], ASHA["email"])] == [202, 202]

    assert await events() == before
    assert await state() == rows


async def test_an_address_may_be_written_in_capitals(client, asha, forget, events):
    await forget("ASHA@Example.com")

    assert [email for _, email, _ in await events("password.forgotten")] == [ASHA["email"]]


async def test_a_newer_link_makes_the_one_before_worthless(client, asha, forget, mailed, state):
    await forget()
    older = await mailed("password.forgotten")
    await forget()
    newer = await mailed("password.forgotten")
    before = await state()

    assert_problem(await reset(client, older), 409, "link-refused")
    assert await state() == before
    assert (await reset(client, newer)).status_code == 200


async def test_a_link_works_for_an_hour(client, asha, forget, mailed, database, events, state):
    await forget()
    token = await mailed("password.forgotten")
    await database.execute(AGE_LINKS, by=timedelta(minutes=59))
    late = await mailed("password.forgotten")
    await database.execute(AGE_LINKS, by=timedelta(minutes=1))
    before = await state()
    [(_, _, link_id)] = await events("password.forgotten")

    for one in token, late:
        assert_problem(await reset(client, one), 409, "link-refused")
    assert_problem(await issue(client, link_id), 404, "link-not-found")
    assert await state() == before


async def test_a_link_that_is_used_by_two_at_once_works_for_one(client, asha, forget, mailed):
    await forget()
    token = await mailed("password.forgotten")
    passwords = ["a first walk by the quay", "a second walk by the quay"]

    answers = await asyncio.gather(*(reset(client, token, password) for password in passwords))

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    winner = passwords[[answer.status_code for answer in answers].index(200)]
    assert (await log_in(client, password=winner)).status_code == 200


@pytest.mark.parametrize("token", ["W1N0b2xlbiBsYW1wIG9uIGEgcXVheSBpbiBHYWx3YXldXQ", "x" * 43])
async def test_a_token_that_was_never_issued_changes_nothing_and_costs_no_hash(client, asha, hasher, state, token):
    before, hashed = await state(), len(hasher.hashed)

    assert_problem(await reset(client, token), 409, "link-refused")
    assert_problem(await verify(client, token), 409, "link-refused")
    assert (await state(), len(hasher.hashed)) == (before, hashed)


async def test_a_link_is_good_for_its_own_purpose_alone(client, asha, forget, mailed, state):
    await forget()
    tokens = [await mailed("password.forgotten"), await mailed("verification.requested")]
    before = await state()

    assert_problem(await verify(client, tokens[0]), 409, "link-refused")
    assert_problem(await reset(client, tokens[1]), 409, "link-refused")
    assert await state() == before


async def test_a_password_that_nobody_may_choose_leaves_the_link_as_it_was(client, asha, forget, mailed, state):
    await forget()
    token = await mailed("password.forgotten")
    before = await state()

    assert (await reset(client, token, "iloveyou")).json() == COMMON_PASSWORD_SAMPLES
    assert (await reset(client, token, "\u3164" * 8)).status_code == 400
    assert await state() == before
    assert (await reset(client, token)).status_code == 200


@pytest.mark.parametrize("meanwhile", ["disabled", "another password"])
async def test_a_link_is_void_when_the_account_is(client, asha, tokens, admin, forget, mailed, state, meanwhile):
    await forget()
    token = await mailed("password.forgotten")
    if meanwhile == "disabled":
        await act(client, "disable", asha["id"], admin)
    else:
        await change_password(client, tokens)
    before = await state()

    assert_problem(await reset(client, token), 409, "link-refused")
    assert await state() == before


async def test_so_many_mails_are_sent_to_an_address_in_an_hour_whether_it_has_an_account_or_not(
    database, events, accounts
):
    async with shop(database, limits=replace(LIMITS, mails_per_recipient=2)) as client:
        await accounts.create(uuid4(), ASHA["email"], Role.CUSTOMER, "a hash")

        async def forgotten(email):
            return await client.post("/password/forgotten", json={"email": email}, headers=HOME_ADDRESS)

        for email in ASHA["email"], BRAM["email"]:
            assert [(await forgotten(email)).status_code for _ in range(2)] == [202, 202]
        before = await database.fetch_all(ROWS[4])
        known, unknown = await forgotten(ASHA["email"]), await forgotten(BRAM["email"])

    assert_problem(known, 429, "too-many-attempts")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert 3590 <= int(known.headers["Retry-After"]) <= 3600
    assert await database.fetch_all(ROWS[4]) == before
    await links_on(database).handle_reset_requests(asyncio.Event())
    assert len(await events("password.forgotten")) == 2


async def test_so_many_mails_are_asked_for_from_a_network_in_an_hour(database):
    async with shop(database, limits=replace(LIMITS, mails_per_address=2)) as client:
        answers = [
            await client.post("/password/forgotten", json={"email": f"{n}@example.com"}, headers=headers)
            for n, headers in enumerate([HOME_ADDRESS, HOME_ADDRESS, HOME_ADDRESS, {"X-Real-Ip": "203.0.113.8"}])
        ]

    assert [answer.status_code for answer in answers] == [202, 202, 429, 202]


async def test_who_guessed_in_vain_gets_in_with_the_new_password_at_once(client, asha, forget, mailed):
    for _ in range(10):
        await log_in(client, password="guessed in vain", headers=HOME_ADDRESS)
    assert (await log_in(client, headers=HOME_ADDRESS)).status_code == 429
    await forget()

    await reset(client, await mailed("password.forgotten"), headers=HOME_ADDRESS)

    assert (await log_in(client, password=NEW, headers=HOME_ADDRESS)).status_code == 200


async def test_a_process_that_dies_while_it_announces_a_mail_leaves_the_request_to_the_next(
    client, asha, database, events, monkeypatch
):
    async def die(*_):
        raise RuntimeError("died before the commit")

    await client.post("/password/forgotten", json={"email": ASHA["email"]})
    with monkeypatch.context() as dying, pytest.raises(RuntimeError, match="died"):
        dying.setattr("services.auth.repository.AuthUnitOfWork.publish", die)
        await links_on(database).handle_reset_requests(asyncio.Event())
    assert await events("password.forgotten") == []

    for _ in range(2):
        await links_on(database).handle_reset_requests(asyncio.Event())

    assert len(await events("password.forgotten")) == 1


async def test_a_process_that_dies_while_it_resets_a_password_has_not_reset_it(
    client, asha, database, keyring, forget, mailed, state, monkeypatch
):
    async def die(*_):
        raise RuntimeError("died before the commit")

    await forget()
    token = await mailed("password.forgotten")
    before = await state()
    with monkeypatch.context() as dying, pytest.raises(RuntimeError, match="died"):
        dying.setattr(SessionRepository, "end_all", die)
        await links_on(database).reset_password(token, NEW, None)

    assert await state() == before
    assert (await reset(client, token)).status_code == 200


async def test_two_replicas_announce_a_mail_once(client, asha, database, events):
    for _ in range(4):
        await client.post("/password/forgotten", json={"email": ASHA["email"]})

    await asyncio.gather(*(links_on(database).handle_reset_requests(asyncio.Event()) for _ in range(3)))

    assert len(await events("password.forgotten")) == 4


# An address that is proved


async def test_an_account_is_not_verified_until_the_link_of_its_mail_is_followed(client, asha, tokens, events, mailed):
    assert not asha["email_verified"]
    assert [(kind, email) for kind, email, _ in await events()] == [("verification.requested", ASHA["email"])]

    assert (await verify(client, await mailed("verification.requested"))).status_code == 204

    assert await me(client, tokens) == {**asha, "email_verified": True}
    verified = (await refresh(client, tokens["refresh_token"])).json()
    claims = [jwt.decode(one["access_token"], options={"verify_signature": False}) for one in (tokens, verified)]
    assert [one["email_verified"] for one in claims] == [False, True]


async def test_a_registration_that_is_refused_mails_nobody_and_counts_against_no_recipient(
    client, asha, state, attempt_counts
):
    before = await state(), await attempt_counts()

    for _ in range(5):
        assert_problem(await client.post("/register", json=ASHA), 409, "email-taken")

    assert (await state(), await attempt_counts()) == before


async def test_of_many_registrations_of_an_address_at_once_one_is_mailed_and_the_others_find_it_taken(
    client, events, attempt_counts
):
    answers = await asyncio.gather(*(client.post("/register", json=ASHA) for _ in range(10)))

    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 9]
    assert len(await events()) == 1
    assert await attempt_counts() == {f"mails to {ASHA['email']}": 1}


async def test_no_account_is_opened_for_an_address_that_was_mailed_so_often_lately(database, state, attempt_counts):
    async with shop(database, limits=replace(LIMITS, mails_per_recipient=2, registrations_per_address=3)) as client:
        for _ in range(2):
            await client.post("/password/forgotten", json={"email": ASHA["email"]})
        before = await state()
        answers = await asyncio.gather(*(client.post("/register", json=ASHA, headers=HOME_ADDRESS) for _ in range(3)))
        # Who is refused has cost a hash, and counts as who is not.
        other = await client.post("/register", json=BRAM, headers=HOME_ADDRESS)

    for answer in answers:
        assert_problem(answer, 429, "too-many-attempts")
        assert 3590 <= int(answer.headers["Retry-After"]) <= 3600
    assert_problem(other, 429, "too-many-attempts")
    assert await state() == before
    assert await attempt_counts() == {f"mails to {ASHA['email']}": 2, "registrations 203.0.113.7": 3}


async def test_no_hour_wherever_it_begins_has_more_mails_to_an_address_than_are_allowed(client, database):
    async def forget():
        return (await client.post("/password/forgotten", json={"email": BRAM["email"]})).status_code

    async def wait(minutes):
        await database.execute(AGE_ATTEMPTS, by=timedelta(minutes=minutes))

    assert await forget() == 202
    await wait(59)
    assert [await forget() for _ in range(5)] == [202] * 4 + [429]
    await wait(59)
    assert await forget() == 429
    await wait(1)
    assert [await forget() for _ in range(6)] == [202] * 5 + [429]


async def test_a_network_asks_for_no_more_mails_in_an_hour_than_are_allowed_and_then_for_others(database):
    async with shop(database, limits=replace(LIMITS, mails_per_address=2)) as client:

        async def forget(n):
            answer = await client.post("/password/forgotten", json={"email": f"{n}@example.com"}, headers=HOME_ADDRESS)
            return answer.status_code

        answers = [await forget(1)]
        await database.execute(AGE_ATTEMPTS, by=timedelta(minutes=50))
        answers += [await forget(2), await forget(3)]
        await database.execute(AGE_ATTEMPTS, by=timedelta(minutes=10))
        answers += [await forget(4), await forget(5), await forget(6)]

    assert answers == [202, 202, 429, 202, 202, 429]


async def test_an_address_is_verified_once_and_a_repeat_is_refused(client, asha, mailed, state):
    token = await mailed("verification.requested")
    await verify(client, token)
    before = await state()

    assert_problem(await verify(client, token), 409, "link-refused")
    assert await state() == before


async def test_another_link_can_be_asked_for_and_the_one_before_works_no_more(client, tokens, mailed, state):
    older = await mailed("verification.requested")

    assert (await client.post("/users/me/verification", headers=bearer_headers(tokens))).status_code == 202

    newer = await mailed("verification.requested")
    assert_problem(await verify(client, older), 409, "link-refused")
    assert (await verify(client, newer)).status_code == 204
    before = await state()
    assert (await client.post("/users/me/verification", headers=bearer_headers(tokens))).status_code == 202
    assert await state() == before  # there is nothing more to verify


async def test_so_many_verifications_are_mailed_in_an_hour(client, tokens, state):
    for _ in range(4):  # the registration was the first
        assert (await client.post("/users/me/verification", headers=bearer_headers(tokens))).status_code == 202
    before = await state()

    assert_problem(
        await client.post("/users/me/verification", headers=bearer_headers(tokens)), 429, "too-many-attempts"
    )
    assert await state() == before


async def test_who_has_followed_the_link_to_another_password_has_proved_the_address(client, tokens, forget, mailed):
    await forget()
    await reset(client, await mailed("password.forgotten"))

    assert (await me(client, tokens))["email_verified"]


async def test_a_link_to_verify_works_for_three_days(client, asha, mailed, database, state):
    token = await mailed("verification.requested")
    await database.execute(AGE_LINKS, by=timedelta(days=3))
    before = await state()

    assert_problem(await verify(client, token), 409, "link-refused")
    assert await state() == before


# Another address


async def test_an_address_changes_when_the_link_to_the_new_one_is_followed(client, asha, tokens, events, mailed):
    await verify(client, await mailed("verification.requested"))
    assert (await change_email(client, tokens)).status_code == 202

    assert (await me(client, tokens))["email"] == ASHA["email"]
    assert [(kind, email) for kind, email, _ in (await events())[1:]] == [
        ("verification.requested", NEW_EMAIL),
        ("email.requested", ASHA["email"]),
    ]
    assert (await verify(client, await mailed("verification.requested"))).status_code == 204
    assert await me(client, tokens) == {**asha, "email": NEW_EMAIL, "email_verified": True}
    assert (await log_in(client, email=NEW_EMAIL)).status_code == 200
    assert_problem(await log_in(client), 401, "wrong-credentials")


async def test_an_address_that_nobody_has_proved_is_told_nothing_of_a_change(client, tokens, events):
    assert (await change_email(client, tokens)).status_code == 202

    assert [(kind, email) for kind, email, _ in (await events())[1:]] == [("verification.requested", NEW_EMAIL)]


async def test_a_link_to_an_address_that_changes_meanwhile_is_not_mailed(
    client, asha, tokens, database, state, monkeypatch
):
    account = await AccountRepository(database).find(UUID(asha["id"]))
    assert await AccountRepository(database).set_verified_email(account.id, NEW_EMAIL)
    before = await state()
    monkeypatch.setattr(AccountRepository, "find", AsyncMock(return_value=account))  # as it was read before that

    await links_on(database).request_verification(account.id, None)

    assert await state() == before


async def test_who_does_not_know_the_password_changes_no_address(client, tokens, state):
    before = await state()

    assert_problem(await change_email(client, tokens, password="guessed in vain"), 409, "wrong-password")
    assert await state() == before


async def test_wrong_passwords_count_like_failed_logins(client, tokens, state):
    before = await state()
    for _ in range(10):
        await change_email(client, tokens, password="guessed in vain")

    assert_problem(await change_email(client, tokens), 429, "too-many-attempts")
    assert await state() == before


@pytest.mark.parametrize("email", [BRAM["email"], ASHA["email"]], ids=["somebody else's", "one's own"])
async def test_an_address_that_has_an_account_is_not_mailed(client, tokens, state, email):
    await client.post("/register", json=BRAM)
    before = await state()

    assert_problem(await change_email(client, tokens, email.upper()), 409, "email-taken")
    assert await state() == before


async def test_asking_for_an_address_that_has_an_account_is_limited_as_mails_are(database, state):
    async with shop(database, limits=replace(LIMITS, mails_per_address=3)) as client:
        await client.post("/register", json=ASHA)
        await client.post("/register", json=BRAM)
        tokens = (await log_in(client, headers=HOME_ADDRESS)).json()
        before = await state()

        async def ask(email):
            body, headers = {"email": email, "password": ASHA["password"]}, bearer_headers(tokens) | HOME_ADDRESS
            return (await client.post("/users/me/email", json=body, headers=headers)).status_code

        assert [await ask(BRAM["email"]) for _ in range(4)] == [409, 409, 409, 429]
        assert await ask(NEW_EMAIL) == 429
        assert await state() == before


async def test_a_change_that_comes_to_nothing_for_another_reason_counts_no_mail(
    client, asha, tokens, database, attempt_counts, monkeypatch
):
    account = await AccountRepository(database).find(UUID(asha["id"]))
    monkeypatch.setattr(AccountRepository, "find", AsyncMock(return_value=account))
    await AccountRepository(database).change_password(account, "another hash")

    assert_problem(await change_email(client, tokens), 409, "wrong-password")

    assert (await attempt_counts())[f"mails to {NEW_EMAIL}"] == 0
    assert (await change_email(client, tokens)).status_code == 409  # and is not kept waiting by it


async def test_the_notice_goes_to_the_address_of_the_row_that_is_locked(
    client, asha, tokens, database, events, monkeypatch
):
    accounts = AccountRepository(database)
    account = await accounts.find(UUID(asha["id"]))
    await accounts.set_verified_email(account.id, "asha@example.net")
    monkeypatch.setattr(AccountRepository, "find", AsyncMock(return_value=account))

    assert (await change_email(client, tokens)).status_code == 202

    assert [(kind, email) for kind, email, _ in (await events())[1:]] == [
        ("verification.requested", NEW_EMAIL),
        ("email.requested", "asha@example.net"),
    ]


async def test_an_address_that_was_taken_meanwhile_stays_where_it_is(client, tokens, mailed, state):
    await change_email(client, tokens)
    token = await mailed("verification.requested")
    await client.post("/register", json={**BRAM, "email": NEW_EMAIL})
    before = await state()

    assert_problem(await verify(client, token), 409, "email-taken")
    assert await state() == before


async def test_a_new_password_makes_the_link_to_another_address_worthless(client, tokens, mailed, state):
    await change_email(client, tokens)
    token = await mailed("verification.requested")
    await change_password(client, tokens)
    before = await state()

    assert_problem(await verify(client, token), 409, "link-refused")
    assert await state() == before


async def test_a_link_that_was_mailed_to_the_old_address_is_worthless_when_it_has_changed(
    client, tokens, forget, mailed, state
):
    await change_email(client, tokens)
    confirmation = await mailed("verification.requested")
    await forget()
    by_old_address = await mailed("password.forgotten")

    await verify(client, confirmation)

    before = await state()
    assert_problem(await reset(client, by_old_address), 409, "link-refused")
    assert await state() == before


async def test_a_process_that_dies_while_it_asks_for_another_address_mails_neither(
    client, asha, tokens, database, keyring, state, monkeypatch
):
    async def die(*_):
        raise RuntimeError("died before the commit")

    before = await state()
    with monkeypatch.context() as dying, pytest.raises(RuntimeError, match="died"):
        dying.setattr("services.auth.repository.AttemptRepository.count", die)
        await links_on(database).request_email_change(
            UUID(asha["id"]), ASHA["email"], new_email=NEW_EMAIL, password=ASHA["password"], client_address=None
        )

    assert await state() == before


# What is kept


async def test_links_that_have_expired_are_deleted_with_their_tokens(client, asha, forget, mailed, database):
    await forget()
    await mailed("password.forgotten")
    await mailed("verification.requested")
    await database.execute(AGE_LINKS, by=timedelta(hours=1))

    await apply_retention_rules(database, RETENTION_RULES, asyncio.Event())

    assert [row["purpose"] for row in await database.fetch_all(ROWS[2])] == ["verify-email"]
    assert len(await database.fetch_all(ROWS[3])) == 1


async def test_no_token_or_address_is_in_any_log_line(client, tokens, forget, mailed, capfd):
    with structlog.testing.capture_logs() as lines:
        await forget()
        secrets = [await mailed("password.forgotten"), NEW, NEW_EMAIL, ASHA["email"]]
        await change_email(client, tokens)
        secrets.append(await mailed("verification.requested"))
        await reset(client, secrets[0])
        await verify(client, secrets[-1])

    logged = json.dumps(lines, default=repr) + "".join(capfd.readouterr())
    assert lines
    assert [secret for secret in secrets if secret in logged] == []
