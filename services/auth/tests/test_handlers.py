"""The auth API, driven through its contract."""

import asyncio
import json
import threading
import time
from dataclasses import replace
from uuid import UUID

import jwt
import pytest
import sqlalchemy as sa
import structlog

from chassis.data.database import Database
from chassis.data.statement import Statement
from chassis.runtime.networks import Networks
from chassis.testing.problems import assert_problem, problem_of
from chassis.web.tokens import JwtVerifier
from services import AUDIENCE, ISSUER
from services.auth.domain import MAX_REFRESHES, Account, Role, new_secret_token
from services.auth.passwords import PasswordHashService
from services.auth.seeding import create_first_admin
from services.auth.signing import Keyring
from services.auth.tables import accounts as account_rows
from services.auth.tables import attempts as attempt_rows
from services.auth.tables import known_networks as network_rows
from services.auth.tables import refresh_tokens as token_rows
from services.auth.tables import sessions as session_rows
from services.auth.tests.conftest import ASHA, BRAM, LIMITS, CheapHasher, shop

ADMIN = {"email": "admin@example.com", "password": "P@ssw0rd!"}
HOME_ADDRESS, OTHER_ADDRESS = {"X-Real-Ip": "203.0.113.7"}, {"X-Real-Ip": "203.0.113.8"}
LOCK_SESSIONS = Statement(sa.text("LOCK TABLE auth.sessions"))
NETWORKS = Statement(sa.select(network_rows.c.network))
ALL_OPERATIONS = [
    Statement(sa.select(table).order_by(sa.literal_column("1")))
    for table in (account_rows, session_rows, token_rows, attempt_rows)
]
AGE_TOKEN_USES = Statement(
    sa.update(token_rows).values(
        used_at=token_rows.c.used_at - sa.bindparam("by", type_=sa.dialects.postgresql.INTERVAL)
    )
)
AGE_SESSIONS = Statement(
    sa.update(attempt_rows).values(
        counted_at=attempt_rows.c.counted_at - sa.bindparam("by", type_=sa.dialects.postgresql.INTERVAL),
        began_at=attempt_rows.c.began_at - sa.bindparam("by", type_=sa.dialects.postgresql.INTERVAL),
    )
)


@pytest.fixture
def stored_accounts(database):
    """All rows except the keys, to see that nothing changed."""

    async def stored_accounts(*, attempts=True):
        return [await database.fetch_all(one) for one in ALL_OPERATIONS[: None if attempts else -1]]

    return stored_accounts


async def log_in(client, who=ASHA, headers=None, **changed):
    return await client.post("/login", json={**who, **changed}, headers=headers)


def network(number):
    """The headers of somebody in a network of their own."""
    return {"X-Real-Ip": f"2001:db8:0:{number:x}::1"}


async def refresh(client, token):
    return await client.post("/refresh", json={"refresh_token": token})


async def log_out(client, tokens, token=None):
    body = {"refresh_token": token or tokens["refresh_token"]}
    return await client.post("/logout", json=body, headers=bearer_headers(tokens))


async def change_password(client, tokens, current=ASHA["password"], new="a longer walk by the quay"):
    body = {"current_password": current, "new_password": new}
    return await client.post("/users/me/password", json=body, headers=bearer_headers(tokens))


def bearer_headers(tokens):
    return {"Authorization": f"Bearer {tokens['access_token']}"}


@pytest.fixture
async def tokens(client, asha):
    """Asha has logged in."""
    return (await log_in(client)).json()


@pytest.fixture
async def admin(client, database_url):
    """The first admin has logged in."""
    await create_first_admin(database_url, **ADMIN)
    return (await log_in(client, ADMIN)).json()


# Registering


async def test_a_shopper_opens_an_account_and_is_a_customer(client, accounts):
    answer = await client.post("/register", json=ASHA)

    assert answer.status_code == 201
    assert answer.json().keys() == {"id", "email", "role", "created_at", "disabled", "email_verified"}
    assert (answer.json()["email"], answer.json()["role"]) == ("asha@example.com", "customer")
    assert (await accounts.find_by_email("asha@example.com")).role is Role.CUSTOMER


@pytest.mark.parametrize("email", ["asha@example.com", "ASHA@Example.com"], ids=["as it was", "in capitals"])
async def test_an_address_has_one_account(client, asha, stored_accounts, email):
    before = await stored_accounts()

    answer = await client.post("/register", json={"email": email, "password": "another password"})

    assert answer.status_code == 409
    assert answer.json() == {
        "type": "/problems/email-taken",
        "title": "The address already has an account",
        "status": 409,
    }
    assert await stored_accounts() == before


@pytest.mark.parametrize(
    "email",
    ["asha@bücher.example", " asha@BÜCHER.example ", "ASHA@xn--bcher-kva.EXAMPLE", "asha@bu\u0308cher.example"],
    ids=["by its letters", "with blanks and capitals", "by its A-labels", "decomposed"],
)
async def test_two_spellings_of_one_address_are_one_account(client, email):
    opened = await client.post("/register", json={**ASHA, "email": "Asha@Bücher.example"})

    again = await client.post("/register", json={**ASHA, "email": email})

    assert (opened.status_code, opened.json()["email"]) == (201, "asha@xn--bcher-kva.example")
    assert_problem(again, 409, "email-taken")
    assert (await log_in(client, email=email)).status_code == 200


@pytest.mark.parametrize("email", ["asha@localhost", "o'brien+shop@example.ie", f"{'x' * 70}@example.com"])
async def test_whatever_a_browser_takes_for_an_address_may_register_and_log_in(client, email):
    assert (await client.post("/register", json={**ASHA, "email": email})).status_code == 201
    assert (await log_in(client, email=email)).status_code == 200


COMMON_PASSWORD_SAMPLES = {
    "type": "/problems/password-too-common",
    "title": "The password is one of the commonest",
    "status": 409,
}


@pytest.mark.parametrize(
    ("password", "status", "said"),
    [
        ("iloveyou", 409, COMMON_PASSWORD_SAMPLES),
        ("Qwertyuiop ", 409, COMMON_PASSWORD_SAMPLES),
        ("\u3164" * 8, 400, [{"pointer": "/body/password", "rule": "required"}]),
        ("e\u0301" * 7, 400, [{"pointer": "/body/password", "rule": "minLength"}]),
    ],
    ids=["common", "common in other letters", "nothing to be seen", "short when composed"],
)
async def test_nobody_registers_or_is_registered_with_a_password_that_nobody_may_choose(
    client, admin, stored_accounts, password, status, said
):
    before = await stored_accounts()

    answers = [
        await client.post("/register", json={**ASHA, "password": password}, headers=HOME_ADDRESS),
        await client.post(
            "/users", json={**BRAM, "password": password, "role": "admin"}, headers=bearer_headers(admin)
        ),
    ]

    for answer in answers:
        assert answer.status_code == status
        assert said in (answer.json(), answer.json().get("errors"))
    assert await stored_accounts() == before


async def test_ten_registrations_of_one_address_at_once_open_one_account(client, stored_accounts):
    answers = await asyncio.gather(*(client.post("/register", json=ASHA) for _ in range(10)))

    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 9]
    assert len((await stored_accounts())[0]) == 1


@pytest.mark.parametrize("extra", [{"role": "admin"}, {"role": "customer"}, {"id": str(UUID(int=1))}])
async def test_nobody_chooses_a_role_by_registering(client, stored_accounts, extra):
    answer = await client.post("/register", json={**ASHA, **extra})

    assert_problem(answer, 400, "invalid-request")
    assert (await stored_accounts())[0] == []


@pytest.mark.parametrize(
    "changed",
    [{"password": "1234567"}, {"password": "x" * 129}, {"email": "asha"}, {"email": "asha@example.com\r\nBcc: b@c.de"}],
    ids=["a short password", "a long password", "no address", "two addresses"],
)
async def test_what_the_contract_does_not_allow_opens_no_account_and_is_not_repeated(client, stored_accounts, changed):
    answer = await client.post("/register", json={**ASHA, **changed})

    assert answer.status_code == 400
    assert changed[next(iter(changed))] not in answer.text.replace("asha@", "")
    assert (await stored_accounts())[0] == []


async def test_registrations_of_one_address_of_the_network_are_bounded(database, stored_accounts):
    async with shop(database, limits=replace(LIMITS, registrations_per_address=3)) as client:

        async def register(number, headers):
            return await client.post("/register", json={**ASHA, "email": f"{number}@example.com"}, headers=headers)

        opened = [(await register(number, HOME_ADDRESS)).status_code for number in range(3)]
        refused = await register(3, HOME_ADDRESS)
        elsewhere = await register(4, {"X-Real-Ip": "203.0.113.8"})

    assert opened == [201] * 3
    assert_problem(refused, 429, "too-many-attempts")
    assert 1 <= int(refused.headers["Retry-After"]) <= 30
    assert elsewhere.status_code == 201
    assert [row["email"] for row in (await stored_accounts())[0]] == [
        f"{number}@example.com" for number in (0, 1, 2, 4)
    ]


async def test_an_admin_opens_accounts_with_a_role(client, admin):
    answer = await client.post("/users", json={**BRAM, "role": "admin"}, headers=bearer_headers(admin))
    again = await client.post("/users", json={**BRAM, "role": "customer"}, headers=bearer_headers(admin))

    assert (answer.status_code, answer.json()["role"]) == (201, "admin")
    assert_problem(again, 409, "email-taken")
    assert (await log_in(client, BRAM)).status_code == 200


async def test_a_customer_opens_no_accounts_for_others(client, tokens, stored_accounts):
    before = await stored_accounts()

    as_customer = await client.post("/users", json={**BRAM, "role": "admin"}, headers=bearer_headers(tokens))
    as_nobody = await client.post("/users", json={**BRAM, "role": "admin"})

    assert (as_customer.status_code, as_nobody.status_code) == (403, 401)
    assert await stored_accounts() == before


# Logging in


async def test_whoever_logs_in_gets_tokens_that_every_service_accepts(client, asha, keyring):
    answer = await log_in(client)

    said = answer.json()
    shopper = await JwtVerifier(keyring.jwks, issuer=ISSUER, audience=AUDIENCE).verify(said["access_token"].encode())
    assert (str(shopper.id), shopper.role, shopper.email) == (asha["id"], "customer", "asha@example.com")
    assert (said["token_type"], said["expires_in"]) == ("bearer", 600)
    assert answer.headers["Cache-Control"] == "no-store"


async def test_an_access_token_says_what_was_agreed_and_lives_ten_minutes(client, tokens, asha):
    head = jwt.get_unverified_header(tokens["access_token"])
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})

    published = (await client.get("/.well-known/jwks.json")).json()["keys"]
    assert head == {"alg": "EdDSA", "typ": "at+jwt", "kid": published[0]["kid"]}
    assert claims.keys() == {"iss", "aud", "sub", "iat", "exp", "jti", "role", "email", "email_verified"}
    assert (claims["iss"], claims["aud"], claims["sub"]) == ("auth", "shop", asha["id"])
    assert claims["exp"] - claims["iat"] == 600
    assert abs(claims["iat"] - time.time()) < 60
    assert UUID(claims["jti"]).version == 4


async def test_a_password_may_be_typed_otherwise_composed_than_it_was_chosen(client):
    await client.post("/register", json={**ASHA, "password": "caf\u00e9 by the quay"})

    assert (await log_in(client, password="cafe\u0301 by the quay")).status_code == 200


async def test_a_long_password_may_be_typed_decomposed(client):
    composed, decomposed = "\u1f82" * 128, "\u03b1\u0313\u0300\u0345" * 128
    await client.post("/register", json={**ASHA, "password": composed})

    assert (await log_in(client, password=decomposed)).status_code == 200


async def test_who_chose_a_password_before_it_was_normalized_comes_in_and_from_then_on_from_any_keyboard(
    client, accounts
):
    composed, decomposed = "caf\u00e9 by the quay", "cafe\u0301 by the quay"
    await accounts.create(UUID(int=7), BRAM["email"], Role.CUSTOMER, CheapHasher().hash(decomposed))
    assert (await log_in(client, BRAM, password=composed)).status_code == 401

    answers = await asyncio.gather(*(log_in(client, BRAM, password=decomposed) for _ in range(5)))

    assert [answer.status_code for answer in answers] == [200] * 5
    tokens = [answer.json() for answer in answers]
    assert [(await refresh(client, own["refresh_token"])).status_code for own in tokens] == [200] * 5
    assert (await log_in(client, BRAM, password=composed)).status_code == 200


async def test_every_log_in_begins_another_session(client, asha, stored_accounts):
    first, second = (await log_in(client)).json(), (await log_in(client)).json()

    assert first["refresh_token"] != second["refresh_token"]
    assert len((await stored_accounts())[1]) == 2


async def test_an_address_may_be_typed_in_capitals(client, asha):
    assert (await log_in(client, email="Asha@EXAMPLE.com")).status_code == 200


async def test_an_unknown_address_and_a_wrong_password_are_answered_alike(client, asha, stored_accounts, hasher):
    before = await stored_accounts(attempts=False)

    wrong = await log_in(client, password="a short walk by the quay")
    compared_wrong = list(hasher.verified)
    unknown = await log_in(client, BRAM)

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == {
        "type": "/problems/wrong-credentials",
        "title": "The address or the password is wrong",
        "status": 401,
    }
    assert (wrong.content, wrong.headers) == (unknown.content, unknown.headers)
    # The same work for both: one hash is compared, as costly as any.
    assert [len(compared_wrong), len(hasher.verified)] == [1, 2]
    assert hasher.verified[1].rsplit("$", 2)[0] == hasher.verified[0].rsplit("$", 2)[0]
    assert await stored_accounts(attempts=False) == before


async def test_after_ten_failures_an_account_waits_even_for_the_right_password(client, asha, stored_accounts):
    for _ in range(10):
        assert (await log_in(client, password="guessed")).status_code == 401
    before = await stored_accounts()

    answer = await log_in(client)

    assert answer.status_code == 429
    assert answer.json() == {
        "type": "/problems/too-many-attempts",
        "title": "There were too many attempts",
        "status": 429,
    }
    assert 25 <= int(answer.headers["Retry-After"]) <= 30
    assert await stored_accounts() == before


async def test_an_unknown_account_waits_like_a_known_one(client):
    answers = [await log_in(client, BRAM) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [*[401] * 10, 429]


async def test_every_further_failure_waits_twice_as_long_until_the_window_is_over(client, asha, database):
    for _ in range(10):
        await log_in(client, password="guessed")
    waits = []
    for _ in range(5):
        refused = await log_in(client, password="guessed")
        waits.append(int(refused.headers["Retry-After"]))
        await database.execute(AGE_SESSIONS, by=f"{waits[-1]} seconds")
        assert (await log_in(client, password="guessed")).status_code == 401

    # The fifth pause would be 480 seconds, but after 450 the window of 15 minutes is over.
    assert [round(wait, -1) for wait in waits[:4]] == [30, 60, 120, 240]
    assert 440 <= waits[4] <= 450


async def test_a_success_begins_the_count_anew(client, asha):
    for _ in range(9):
        await log_in(client, password="guessed")
    await log_in(client)

    answers = [await log_in(client, password="guessed") for _ in range(10)]

    assert {answer.status_code for answer in answers} == {401}


async def test_failures_are_counted_per_address_of_the_network_and_successes_are_not(database):
    async with shop(database, limits=replace(LIMITS, failures_per_address=5)) as client:
        await client.post("/register", json=ASHA)
        await client.post("/register", json=BRAM)

        successes = [(await log_in(client, headers=HOME_ADDRESS)).status_code for _ in range(8)]
        failures = [(await log_in(client, BRAM, HOME_ADDRESS, email=f"{n}@example.com")).status_code for n in range(6)]
        never_was_here = await log_in(client, BRAM, headers=HOME_ADDRESS)
        elsewhere = await log_in(client, BRAM, headers=OTHER_ADDRESS)
        has_been_here = await log_in(client, headers=HOME_ADDRESS)

    assert successes == [200] * 8
    assert failures == [*[401] * 5, 429]
    assert (never_was_here.status_code, elsewhere.status_code, has_been_here.status_code) == (429, 200, 200)


async def test_an_address_that_has_to_wait_counts_no_failures_of_accounts(database):
    async with shop(database, limits=replace(LIMITS, failures_per_address=1)) as client:
        await client.post("/register", json=ASHA)
        for _ in range(20):
            await log_in(client, password="guessed", headers=HOME_ADDRESS)

        answers = [await log_in(client, password="guessed", headers=OTHER_ADDRESS) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [401, 429]


@pytest.mark.parametrize(
    "stranger", ["2001:db8:1:1::{:x}", "198.51.100.7"], ids=["of many addresses", "of one address"]
)
async def test_a_strangers_wrong_guesses_do_not_keep_the_owner_out(client, asha, stranger):
    guesses = [
        await log_in(client, password="guessed", headers={"X-Real-Ip": stranger.format(number)})
        for number in range(1, 21)
    ]

    answer = await log_in(client, headers=HOME_ADDRESS)

    assert [guess.status_code for guess in guesses] == [*[401] * 10, *[429] * 10]
    assert answer.status_code == 200


def behind_a_balancer(client_address, made_up="198.51.100.66"):
    """What the gateway passes on from a load balancer at 10.0.0.5, for a client that says it is somebody else."""
    return {"X-Forwarded-For": f"{made_up}, {client_address}, 10.0.0.5", "X-Real-Ip": made_up}


async def test_one_client_behind_a_load_balancer_does_not_keep_the_others_out(database):
    limits = replace(LIMITS, failures_per_address=3)
    async with shop(database, limits=limits, trusted_proxies=Networks("10.0.0.0/8")) as client:
        await client.post("/register", json=ASHA)
        failures = [
            await log_in(client, password="guessed", headers=behind_a_balancer("203.0.113.7", f"192.0.2.{number}"))
            for number in range(5)
        ]

        neighbour = await log_in(client, headers=behind_a_balancer("203.0.113.8"))

    assert [answer.status_code for answer in failures] == [401, 401, 401, 429, 429]
    assert neighbour.status_code == 200


async def test_whoever_comes_to_the_gateway_itself_cannot_say_that_somebody_else_did(database):
    async with shop(database, limits=replace(LIMITS, failures_per_address=3)) as client:
        await client.post("/register", json=ASHA)

        answers = [
            await log_in(client, password="guessed", headers={"X-Forwarded-For": f"192.0.2.{number}, 203.0.113.7"})
            for number in range(4)
        ]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]


async def test_many_strangers_are_slowed_and_the_owner_comes_in_from_a_new_place_with_the_first_try(database):
    async with shop(database, limits=replace(LIMITS, failures_per_account_anywhere=30)) as client:
        await client.post("/register", json=ASHA)
        for stranger in range(3):
            await log_in(client, password="guessed", headers=network(stranger))

        slowed = [await log_in(client, password="guessed", headers=network(9)) for _ in range(2)]
        answer = await log_in(client, headers=network(10))

    assert [guess.status_code for guess in slowed] == [401, 429]
    assert 25 <= int(slowed[1].headers["Retry-After"]) <= 30
    assert answer.status_code == 200


async def test_a_thousand_strangers_are_stopped_and_the_owner_comes_in_where_she_has_been(database, hasher):
    passwords = PasswordHashService(hasher)
    async with shop(database, passwords=passwords, limits=replace(LIMITS, failures_per_account_anywhere=20)) as client:
        await client.post("/register", json=ASHA)
        await log_in(client, headers=HOME_ADDRESS)
        hasher.verified.clear()

        guesses = [await log_in(client, password="guessed", headers=network(stranger)) for stranger in range(50)]
        tried = len(hasher.verified)
        at_home, in_a_new_place = await log_in(client, headers=HOME_ADDRESS), await log_in(client, headers=network(51))

    assert [guess.status_code for guess in guesses] == [*[401] * 20, *[429] * 30]
    assert (tried, at_home.status_code, in_a_new_place.status_code) == (20, 200, 429)
    assert 1 <= int(in_a_new_place.headers["Retry-After"]) <= 30


async def test_an_unknown_account_is_slowed_like_a_known_one(database):
    async with shop(database, limits=replace(LIMITS, failures_per_account_anywhere=20)) as client:
        guesses = [await log_in(client, BRAM, headers=network(stranger)) for stranger in range(21)]

    assert [guess.status_code for guess in guesses] == [*[401] * 20, 429]


async def test_a_failed_log_in_makes_no_network_known(client, asha, database):
    await log_in(client, password="guessed", headers=HOME_ADDRESS)

    assert await database.fetch_all(NETWORKS) == []


async def test_database_errors_do_not_count_as_failed_logins(client, asha, database, stored_accounts):
    async with database.transaction() as transaction:
        await transaction.execute(LOCK_SESSIONS)
        answers = [
            await log_in(client, headers=HOME_ADDRESS),
            await log_in(client, password="guessed", headers=HOME_ADDRESS),
        ]

    assert [answer.status_code for answer in answers] == [503, 401]
    counted = {row["key"]: (row["count"], row["held"]) for row in (await stored_accounts())[-1]}
    assert counted == {
        "account asha@example.com": (1, 0),
        "address 203.0.113.7": (1, 0),
        "login asha@example.com from 203.0.113.7": (1, 0),
        "mails to asha@example.com": (1, 0),  # of the registration
    }
    assert (await log_in(client, headers=HOME_ADDRESS)).status_code == 200


async def test_of_two_hundred_concurrent_logins_exactly_ten_are_verified(database_url, hasher):
    async with (
        Database(database_url, name="test", connections=16) as database,
        shop(database, passwords=PasswordHashService(hasher)) as client,
    ):
        await client.post("/register", json=ASHA)

        answers = await asyncio.gather(*(log_in(client, password="guessed", headers=HOME_ADDRESS) for _ in range(200)))

    statuses = [answer.status_code for answer in answers]
    assert len(hasher.verified) == 10
    assert (statuses.count(401), statuses.count(429)) == (10, 190)


async def test_when_too_many_wait_for_their_hash_the_next_is_told_to_come_back_and_it_does_not_count(
    database, stored_accounts
):
    gate = threading.Event()

    class SlowHasher(CheapHasher):
        def verify(self, hash, password):  # noqa: A002 (argon2's name)
            return gate.wait(10) and super().verify(hash, password)

    async with shop(database, passwords=PasswordHashService(SlowHasher(), waiting=0)) as client:
        tasks = [asyncio.create_task(log_in(client, BRAM, HOME_ADDRESS, email=f"{n}@example.com")) for n in range(8)]
        done = set()
        while len(done) < 6:
            done, _ = await asyncio.wait(tasks, timeout=5, return_when=asyncio.FIRST_COMPLETED)
        gate.set()
        answers = await asyncio.gather(*tasks)

    refused = [answer for answer in answers if answer.status_code == 503]
    assert sorted(answer.status_code for answer in answers) == [401, 401, *[503] * 6]
    assert_problem(refused[0], 503, "unavailable")
    assert refused[0].headers["Retry-After"] == "1"
    _, sessions, _, counted = await stored_accounts()
    assert sessions == []
    assert {row["key"]: row["count"] for row in counted}["address 203.0.113.7"] == 2


# Going on


async def test_a_refresh_token_is_traded_for_new_tokens(client, tokens, asha, keyring):
    answer = await refresh(client, tokens["refresh_token"])

    said = answer.json()
    shopper = await JwtVerifier(keyring.jwks, issuer=ISSUER, audience=AUDIENCE).verify(said["access_token"].encode())
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert str(shopper.id) == asha["id"]
    assert said["refresh_token"] != tokens["refresh_token"]
    assert (await refresh(client, said["refresh_token"])).status_code == 200


async def test_a_refresh_token_that_comes_again_after_the_leeway_ends_the_whole_session_and_no_other(
    client, tokens, database
):
    other = (await log_in(client)).json()
    successor = (await refresh(client, tokens["refresh_token"])).json()
    second_tab = (await refresh(client, tokens["refresh_token"])).json()
    await database.execute(AGE_TOKEN_USES, by="10 seconds")

    reused = await refresh(client, tokens["refresh_token"])

    assert reused.status_code == 401
    assert reused.json() == {
        "type": "/problems/refresh-token-refused",
        "title": "The refresh token is not valid any more",
        "status": 401,
    }
    for tab in successor, second_tab:
        assert (await refresh(client, tab["refresh_token"])).status_code == 401
    assert (await refresh(client, other["refresh_token"])).status_code == 200


async def test_two_tabs_that_refresh_at_once_both_stay_signed_in(client, asha, database):
    for _ in range(20):
        token = (await log_in(client)).json()["refresh_token"]

        tabs = await asyncio.gather(refresh(client, token), refresh(client, token))

        assert [tab.status_code for tab in tabs] == [200, 200]
        first, second = (tab.json()["refresh_token"] for tab in tabs)
        assert first != second
        await database.execute(AGE_TOKEN_USES, by="1 hour")
        assert [(await refresh(client, own)).status_code for own in (first, second)] == [200, 200]


async def test_a_client_that_lost_the_answer_and_asks_again_stays_signed_in(client, tokens):
    await refresh(client, tokens["refresh_token"])

    answer = await refresh(client, tokens["refresh_token"])

    assert answer.status_code == 200
    assert (await refresh(client, answer.json()["refresh_token"])).status_code == 200


async def test_the_leeway_begins_with_the_first_use_and_repeats_do_not_prolong_it(client, tokens, database):
    await refresh(client, tokens["refresh_token"])
    await database.execute(AGE_TOKEN_USES, by="9 seconds")
    assert (await refresh(client, tokens["refresh_token"])).status_code == 200
    await database.execute(AGE_TOKEN_USES, by="1 second")

    assert (await refresh(client, tokens["refresh_token"])).status_code == 401


async def test_a_session_that_was_refreshed_too_often_goes_on_no_more_and_nothing_changes(
    client, tokens, database, stored_accounts
):
    await database.execute(Statement(sa.update(session_rows).values(refreshes=MAX_REFRESHES - 1)))
    successor = (await refresh(client, tokens["refresh_token"])).json()
    before = await stored_accounts()

    answers = [await refresh(client, token["refresh_token"]) for token in (tokens, successor)]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert await stored_accounts() == before


async def test_unknown_refresh_tokens_are_refused_and_change_nothing(client, tokens, stored_accounts):
    before = await stored_accounts()

    answer = await refresh(client, new_secret_token())

    assert_problem(answer, 401, "refresh-token-refused")
    assert await stored_accounts() == before


async def test_a_session_ends_after_fourteen_days_however_often_it_was_continued(
    client, tokens, database, stored_accounts
):
    successor = (await refresh(client, tokens["refresh_token"])).json()["refresh_token"]
    (session,) = (await stored_accounts())[1]
    assert (session["ends_at"] - session["began_at"]).days == 14
    await database.execute(Statement(sa.update(session_rows).values(ends_at=sa.func.now())))
    before = await stored_accounts()

    answer = await refresh(client, successor)

    assert answer.status_code == 401
    assert await stored_accounts() == before


async def test_refresh_tokens_are_kept_only_as_digests(client, tokens, stored_accounts):
    assert tokens["refresh_token"] not in str(await stored_accounts())
    assert tokens["refresh_token"].encode() not in b"".join(row["digest"] for row in (await stored_accounts())[2])


async def test_an_access_token_is_no_refresh_token_and_the_other_way_round(client, tokens):
    as_access = await client.get("/users/me", headers=bearer_headers({"access_token": tokens["refresh_token"]}))
    as_refresh = await refresh(client, tokens["access_token"])

    assert (as_access.status_code, as_refresh.status_code) == (401, 400)


# Leaving


async def test_logging_out_ends_the_session_and_doing_it_again_is_answered_alike(client, tokens):
    other = (await log_in(client)).json()

    first = await log_out(client, tokens)
    again = await log_out(client, tokens)

    assert (first.status_code, first.content) == (again.status_code, again.content) == (204, b"")
    assert (await refresh(client, tokens["refresh_token"])).status_code == 401
    assert (await refresh(client, other["refresh_token"])).status_code == 200


async def test_logging_out_ends_every_tab_of_the_session(client, tokens):
    tabs = [(await refresh(client, tokens["refresh_token"])).json() for _ in range(3)]

    await log_out(client, tabs[1])

    for tab in [tokens, *tabs]:
        assert (await refresh(client, tab["refresh_token"])).status_code == 401


async def test_a_log_out_and_a_refresh_at_once_leave_nobody_signed_in(client, asha):
    for _ in range(20):
        tokens = (await log_in(client)).json()

        refreshed, left = await asyncio.gather(refresh(client, tokens["refresh_token"]), log_out(client, tokens))

        assert (refreshed.status_code in (200, 401), left.status_code) == (True, 204)
        for token in [tokens, *([refreshed.json()] if refreshed.status_code == 200 else [])]:
            assert (await refresh(client, token["refresh_token"])).status_code == 401


async def test_a_used_refresh_token_still_names_the_session_to_leave(client, tokens):
    successor = (await refresh(client, tokens["refresh_token"])).json()

    await log_out(client, tokens)

    assert (await refresh(client, successor["refresh_token"])).status_code == 401


async def test_nobody_ends_somebody_elses_session(client, tokens, stored_accounts):
    await client.post("/register", json=BRAM)
    bram = (await log_in(client, BRAM)).json()
    before = await stored_accounts()

    answers = [await log_out(client, bram, token) for token in (tokens["refresh_token"], new_secret_token())]
    without_a_token = await client.post("/logout", json={"refresh_token": tokens["refresh_token"]})

    assert [answer.status_code for answer in answers] == [204, 204]
    assert without_a_token.status_code == 401
    assert await stored_accounts() == before


# One's own account


async def test_everybody_reads_their_own_account(client, tokens, asha):
    answer = await client.get("/users/me", headers=bearer_headers(tokens))

    assert (answer.status_code, answer.json()) == (200, asha)


async def test_an_account_that_is_gone_is_not_found(client, keyring):
    sign = await keyring.access_token_signer()
    ghost = {"access_token": sign(Account(UUID(int=1), "ghost@example.com", Role.CUSTOMER, "", None))}

    read = await client.get("/users/me", headers=bearer_headers(ghost))
    changed = await change_password(client, ghost)

    assert_problem(read, 404, "account-not-found")
    assert_problem(changed, 409, "wrong-password")


async def test_a_new_password_replaces_the_old_one_and_ends_all_sessions(client, tokens):
    other = (await log_in(client)).json()

    answer = await change_password(client, tokens)

    assert answer.status_code == 204
    assert [(await refresh(client, said["refresh_token"])).status_code for said in (tokens, other)] == [401, 401]
    assert (await log_in(client)).status_code == 401
    assert (await log_in(client, password="a longer walk by the quay")).status_code == 200


async def test_changing_the_password_again_is_refused_since_the_old_one_is_no_longer_right(
    client, tokens, stored_accounts
):
    await change_password(client, tokens)
    before = await stored_accounts(attempts=False)

    answer = await change_password(client, tokens)

    assert answer.status_code == 409
    assert answer.json() == {
        "type": "/problems/wrong-password",
        "title": "The current password is wrong",
        "status": 409,
    }
    assert await stored_accounts(attempts=False) == before


@pytest.mark.parametrize(("new", "status"), [("password1", 409), (" " * 8, 400)], ids=["common", "blank"])
async def test_nobody_changes_to_a_password_that_nobody_may_choose(client, tokens, stored_accounts, new, status):
    before = await stored_accounts()

    answer = await change_password(client, tokens, new=new)

    assert answer.status_code == status
    assert await stored_accounts() == before


async def test_of_two_new_passwords_at_once_one_is_kept_and_the_other_refused(client, tokens):
    new = ["three grey herons on a wall", "four grey herons on a wall"]

    answers = await asyncio.gather(*(change_password(client, tokens, new=one) for one in new))

    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [204, 409]
    assert (await log_in(client, password=new[statuses.index(204)])).status_code == 200
    assert (await log_in(client, password=new[statuses.index(409)])).status_code == 401


async def test_no_session_with_the_old_password_outlives_its_change(client, asha):
    current = ASHA["password"]
    for round_ in range(15):
        new = f"walk number {round_} by the quay"
        tokens = (await log_in(client, password=current)).json()

        logged_in, changed = await asyncio.gather(
            log_in(client, password=current), change_password(client, tokens, current, new)
        )

        assert changed.status_code == 204
        assert logged_in.status_code in (200, 401)
        if logged_in.status_code == 200:
            assert (await refresh(client, logged_in.json()["refresh_token"])).status_code == 401
        current = new


async def test_wrong_current_passwords_count_like_failed_logins(client, tokens, stored_accounts):
    guesses = [(await change_password(client, tokens, current="guessed")).status_code for _ in range(10)]
    before = await stored_accounts()

    answer = await change_password(client, tokens)

    assert guesses == [409] * 10
    assert_problem(answer, 429, "too-many-attempts")
    assert int(answer.headers["Retry-After"]) >= 1
    assert (await log_in(client)).status_code == 429
    assert await stored_accounts() == before


# Keys, and what is never told


async def test_the_keys_are_public_and_may_be_kept_for_five_minutes(client):
    answer = await client.get("/.well-known/jwks.json")

    (key,) = answer.json()["keys"]
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert key.keys() == {"kty", "crv", "use", "alg", "kid", "x"}
    assert (await client.get("/.well-known/jwks.json")).content == answer.content


async def test_no_password_token_or_address_is_in_any_answer_or_log_line(client, database_url, capfd):
    secrets = [ASHA["password"], "a longer walk by the quay", "guessed in vain"]
    with structlog.testing.capture_logs() as lines:
        answers = [await client.post("/register", json=ASHA) for _ in range(2)]
        answers += [await client.post("/register", json={**ASHA, "role": "admin"})]
        answers += [await log_in(client, password="guessed in vain"), await log_in(client)]
        tokens = answers[-1].json()
        answers += [await change_password(client, tokens, current="guessed in vain")]
        answers += [await change_password(client, tokens), await refresh(client, tokens["refresh_token"])]
        answers += [await log_in(client, password="guessed in vain") for _ in range(11)]

    told = "".join(answer.text + str(answer.headers) for answer in answers)
    logged = json.dumps(lines, default=repr) + "".join(capfd.readouterr())
    assert not [secret for secret in [*secrets, "argon2"] if secret in told]
    assert lines
    forbidden = [*secrets, "argon2", *tokens.values(), ASHA["email"]]
    assert not [secret for secret in map(str, forbidden) if len(secret) > 6 and secret in logged]


async def test_when_the_database_is_away_every_operation_says_so(database_url):
    away = database_url.rpartition("@")[0] + "@127.0.0.1:9/nothing"
    async with Database(away, name="test", connections=1, pool_timeout=0.1) as database, shop(database) as client:
        answers = [
            await client.post("/register", json=ASHA),
            await log_in(client),
            await refresh(client, new_secret_token()),
            await client.get("/.well-known/jwks.json"),
            await client.get("/users/me", headers=bearer_headers({"access_token": _forged()})),
        ]

    assert [problem_of(answer) for answer in answers] == [(503, "outcome-unknown"), *[(503, "unavailable")] * 4]


async def test_keys_are_served_while_the_database_is_away(database, proxy):
    async with (
        Database(proxy.url, name="away", connections=1, transaction_timeout=2) as away,
        shop(database, keyring=Keyring(away, fresh=0)) as client,
    ):
        before = await client.get("/.well-known/jwks.json")
        proxy.hold()
        answer = await client.get("/.well-known/jwks.json")

    assert (before.status_code, answer.status_code) == (200, 200)
    assert answer.content == before.content


def _forged():
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return jwt.encode({}, Ed25519PrivateKey.generate(), "EdDSA", {"kid": "forged", "typ": "at+jwt"})


async def test_tokens_of_another_key_are_refused(client, tokens):
    answer = await client.get("/users/me", headers=bearer_headers({"access_token": _forged()}))

    assert answer.status_code == 401
