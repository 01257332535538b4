"""Coming in and leaving, and what is kept of it between pages."""

import asyncio
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import pytest

from chassis.testing.faults import TcpProxy
from chassis.web.problems import Unauthorized, Unavailable
from services.redis_client import connect
from services.storefront.application import sessions as application
from services.storefront.clients import AuthServiceClient
from services.storefront.domain import Session
from services.storefront.repository import SessionStore
from services.storefront.tests.conftest import ORIGIN, csrf_of, field_of, sign_in
from services.storefront.tests.neighbours import ACCOUNT, ADDRESS, LAMP, LINK_TOKEN, PASSWORD, problem

FOREIGN = {"Origin": "https://evil.example"}
HTTPS = {"Origin": "https://service"}


def form(page, **fields):
    return {"csrf": csrf_of(page), "email": ACCOUNT["email"], "password": PASSWORD, **fields}


async def test_a_guest_who_only_looks_has_no_session(client, redis):
    pages = [await client.get(path) for path in ("/", "/sign-in", "/register", "/search")]

    assert [page.headers.get("set-cookie") for page in pages] == [None] * 4
    assert await redis.dbsize() == 0


async def test_signing_in_sets_a_cookie_that_scripts_and_others_cannot_use(client):
    answer = await sign_in(client, then="/search?q=lamp")

    assert (answer.status_code, answer.headers["location"]) == (303, "/search?q=lamp")
    name, *attributes = answer.headers["set-cookie"].split("; ")
    assert name.startswith("session=")
    assert attributes == ["Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=2592000"]
    assert "Sign out" in (await client.get("/")).text


async def test_the_cookie_of_a_shop_under_https_is_secure(client):
    page = await client.get("/sign-in")

    answer = await client.post("/sign-in", data=form(page), headers=HTTPS)

    assert answer.headers["set-cookie"].endswith("; Secure")


@pytest.fixture
async def secure_client(client_on, store):
    """Of a shop that is reached by https."""
    async with client_on(store, is_secure=True) as client:
        yield client


async def test_under_https_the_session_is_in_a_cookie_of_this_host_and_of_https_alone(secure_client, store):
    page = await secure_client.get("/sign-in")

    answer = await secure_client.post("/sign-in", data=form(page), headers=HTTPS)

    name, _, attributes = answer.headers["set-cookie"].partition("=")
    assert name == "__Host-session"
    assert attributes.partition("; ")[2] == "Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000; Secure"
    session_id = attributes.partition(";")[0]
    known, unknown = [
        (await secure_client.get("/", headers={"cookie": f"{cookie}={session_id}"})).text
        for cookie in ("__Host-session", "session")
    ]
    assert "Sign out" in known
    assert "Sign out" not in unknown


async def test_under_https_a_cookie_is_taken_back_as_it_was_set(secure_client):
    answer = await secure_client.get("/orders", headers={"cookie": "__Host-session=unknown"})

    assert answer.status_code == 401
    assert answer.headers["set-cookie"] == "__Host-session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure"


async def test_under_https_a_form_of_a_page_of_http_is_not_ours(secure_client, neighbours):
    page = await secure_client.get("/sign-in")

    answer = await secure_client.post("/sign-in", data=form(page), headers=ORIGIN)

    assert answer.status_code == 403
    assert neighbours.called("/auth/login") == []


async def test_browsers_are_told_to_stay_with_https_where_the_shop_has_it(secure_client, client):
    kept, free = [(await one.get("/")).headers.get("strict-transport-security") for one in (secure_client, client)]

    assert kept == "max-age=31536000"
    assert free is None


async def test_neither_tokens_nor_ids_are_where_others_might_read_them(client, redis):
    answer = await sign_in(client)
    page = await client.get("/")

    assert "access-1" not in page.text + str(answer.headers) + str(page.headers)
    stored = [key.decode() for key in await redis.keys("*")]
    assert not any(client.cookies["session"] in key for key in stored)
    assert all([await redis.ttl(key) > 0 for key in stored])


async def test_signing_in_renews_the_session(client, store):
    guest = Session("known to somebody else", "q7Vd0c2s")
    await store.add(guest)
    client.cookies.set("session", guest.id, domain="service.local", path="/")

    answer = await client.post(
        "/sign-in",
        data={"csrf": guest.csrf_token, "email": ACCOUNT["email"], "password": PASSWORD},
        headers={**ORIGIN, "cookie": f"session={guest.id}"},
    )

    assert answer.status_code == 303
    assert guest.id not in answer.headers["set-cookie"]
    assert await store.find(guest.id) is None


def revoked(neighbours):
    """The refresh tokens whose sessions auth was told to end."""
    return [request["body"]["refresh_token"] for request in neighbours.called("/auth/logout")]


async def test_whoever_signs_in_again_has_one_session_at_auth(client, neighbours, redis):
    await sign_in(client)
    before = client.cookies["session"]

    await sign_in(client)

    assert client.cookies["session"] != before
    assert revoked(neighbours) == ["refresh-1"]
    assert len(await redis.keys("session:*")) == 1


async def test_a_session_whose_account_cannot_be_told_ends_at_auth(client, neighbours, redis):
    neighbours.responses["/auth/users/me"] = problem(503, "unavailable")

    answer = await sign_in(client)

    assert answer.status_code == 503
    assert revoked(neighbours) == ["refresh-1"]
    assert await redis.dbsize() == 0


async def test_a_session_that_cannot_be_kept_ends_at_auth(neighbours, auth, clock, store, monkeypatch):
    async def full(*_):
        raise Unavailable

    monkeypatch.setattr(store, "add", full)
    sessions = application.Sessions(store, AuthServiceClient(auth, clock), clock)

    with pytest.raises(Unavailable):
        await sessions.sign_in(ACCOUNT["email"], PASSWORD, address=None, instead_of=None)

    assert revoked(neighbours) == ["refresh-1"]


async def test_who_signs_in_again_needs_auth_to_end_nothing(client, neighbours):
    await sign_in(client)
    neighbours.responses["/auth/logout"] = problem(503, "unavailable")

    assert (await sign_in(client)).status_code == 303


async def test_signing_out_ends_the_session_here_and_at_auth(client, neighbours, redis):
    await sign_in(client)
    page = await client.get("/")
    session_id = client.cookies["session"]

    answer = await client.post("/sign-out", data={"csrf": csrf_of(page)}, headers=ORIGIN)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert neighbours.called("/auth/logout")[0]["body"] == {"refresh_token": "refresh-1"}
    again = await client.get("/", headers={"cookie": f"session={session_id}"})
    assert "Sign in" in again.text
    assert await redis.dbsize() == 0


async def test_signing_out_again_changes_nothing(client):
    answer = await client.post("/sign-out", data={"csrf": ""}, headers=ORIGIN)

    assert answer.status_code == 303


async def test_signing_out_needs_no_auth(client, neighbours, redis):
    await sign_in(client)
    page = await client.get("/")
    neighbours.responses["/auth/logout"] = problem(503, "unavailable")

    answer = await client.post("/sign-out", data={"csrf": csrf_of(page)}, headers=ORIGIN)

    assert answer.status_code == 303
    assert await redis.dbsize() == 0


async def test_wrong_credentials_are_told_in_the_form_with_the_address_and_without_the_password(client):
    answer = await sign_in(client, password="not the quay", then="/search")

    assert answer.status_code == 401
    assert "The address or the password is wrong." in answer.text
    assert 'value="asha@example.com"' in answer.text
    assert 'name="then" value="/search"' in answer.text
    assert "not the quay" not in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(("path", "called"), [("/sign-in", "/auth/login"), ("/register", "/auth/register")])
async def test_too_many_attempts_say_when_to_try_again(client, neighbours, path, called):
    neighbours.responses[called] = problem(429, "too-many-attempts")

    answer = await client.post(path, data=form(await client.get(path)), headers=ORIGIN)

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert "That was too often" in answer.text


async def test_auth_is_told_from_where_somebody_signs_in(client, neighbours):
    page = await client.get("/sign-in")

    await client.post("/sign-in", data=form(page), headers={**ORIGIN, "X-Real-Ip": "203.0.113.7"})

    assert neighbours.called("/auth/login")[0]["headers"]["x-real-ip"] == "203.0.113.7"


async def test_registering_opens_an_account_and_signs_in(client, neighbours):
    page = await client.get("/register?then=/search")

    answer = await client.post("/register", data=form(page, then="/search"), headers=ORIGIN)

    assert (answer.status_code, answer.headers["location"]) == (303, "/search")
    assert neighbours.called("/auth/register")[0]["body"] == {"email": ACCOUNT["email"], "password": PASSWORD}
    assert "Sign out" in (await client.get("/")).text


@pytest.mark.parametrize(
    ("status", "slug"), [(429, "too-many-attempts"), (401, "wrong-credentials"), (403, "account-disabled")]
)
async def test_whoever_has_an_account_now_and_is_not_signed_in_signs_in(client, neighbours, status, slug):
    neighbours.responses["/auth/login"] = problem(status, slug)
    page = await client.get("/register?then=/search?q=lamp")

    answer = await client.post("/register", data=form(page, then="/search?q=lamp"), headers=ORIGIN)

    then = answer.headers["location"]
    assert (answer.status_code, then) == (303, "/sign-in?then=%2Fsearch%3Fq%3Dlamp&after=registration")
    assert len(neighbours.called("/auth/register")) == 1
    assert "set-cookie" not in answer.headers
    assert "Your account is there" in (await client.get(then)).text
    assert "Your account is there" not in (await client.get("/sign-in")).text


async def test_what_is_wrong_with_a_form_stands_at_its_fields(client, neighbours):
    page = await client.get("/register")

    answer = await client.post("/register", data=form(page, email='asha"<b>', password="short"), headers=ORIGIN)

    assert answer.status_code == 400
    assert 'id="email-error"' in answer.text
    assert "An e-mail address has an @ and a dot" in answer.text
    assert '<a href="#password">Eight characters at least</a>' in answer.text
    assert 'value="asha&#34;&lt;b&gt;"' in answer.text
    assert neighbours.called("/auth/register") == []


@pytest.mark.parametrize(
    ("slug", "field", "text"),
    [
        ("email-taken", "email", "This address has an account"),
        ("password-too-common", "password", "one of the commonest"),
    ],
)
async def test_a_refusal_of_auth_stands_at_the_field_that_it_is_about(client, neighbours, slug, field, text):
    neighbours.responses["/auth/register"] = problem(409, slug)
    page = await client.get("/register")

    answer = await client.post("/register", data=form(page), headers=ORIGIN)

    assert answer.status_code == 409
    assert text in answer.text.split(f'id="{field}-error"')[1].split("</p>")[0]


async def test_while_auth_is_away_what_was_typed_is_kept_but_for_the_password(client, neighbours):
    neighbours.responses["/auth/login"] = None

    answer = await sign_in(client, then="/search")

    assert answer.status_code == 503
    assert '<input type="hidden" name="email" value="asha@example.com">' in answer.text
    assert '<input type="hidden" name="then" value="/search">' in answer.text
    assert 'action="/sign-in"' in answer.text
    assert PASSWORD not in answer.text
    assert "to send it again does it once" in answer.text


async def test_an_account_that_may_have_been_opened_is_not_said_not_to_be(client, neighbours):
    neighbours.responses["/auth/register"] = None
    page = await client.get("/register")

    answer = await client.post("/register", data=form(page), headers=ORIGIN)

    assert answer.status_code == 503
    assert "We cannot say yet whether it was done" in answer.text


@pytest.mark.parametrize("headers", [FOREIGN, {"Origin": "null"}, {}], ids=["another's", "hidden", "none"])
@pytest.mark.parametrize("path", ["/sign-in", "/register", "/sign-out"])
async def test_a_form_of_another_origin_is_refused(client, neighbours, headers, path):
    page = await client.get("/sign-in")

    answer = await client.post(path, data=form(page), headers=headers)

    assert answer.status_code == 403
    assert neighbours.requests == []


async def test_a_form_without_the_token_of_its_session_is_refused_and_kept(client, neighbours):
    await sign_in(client)
    typed = {"email": "b@example.com", "password": PASSWORD}

    answers = [await client.post("/sign-in", data={**typed, "csrf": csrf}, headers=ORIGIN) for csrf in ("", "q7Vd0c2s")]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert "The page was open for a while" in answers[0].text
    assert 'value="b@example.com"' in answers[0].text
    assert len(neighbours.called("/auth/login")) == 1


@pytest.mark.parametrize("then", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "/a b"])
async def test_nobody_is_sent_to_another_place_after_signing_in(client, neighbours, then):
    assert (await client.get("/sign-in", params={"then": then})).status_code == 400
    assert (await sign_in(client, then=then)).status_code == 400
    assert neighbours.called("/auth/login") == []


@pytest.fixture
async def session(sessions):
    return await sessions.sign_in(ACCOUNT["email"], PASSWORD, address=None, instead_of=None)


async def test_tokens_are_renewed_once_for_requests_that_come_together(sessions, session, store, neighbours, clock):
    clock.pass_(minutes=10)

    tokens = await asyncio.gather(*(sessions.access_token(session) for _ in range(5)))

    assert tokens == ["access-2"] * 5
    assert len(neighbours.called("/auth/refresh")) == 1
    assert (await store.find(session.id)).tokens.refresh_token == "refresh-2"


@pytest.mark.parametrize(("left", "token"), [(31, "access-1"), (30, "access-2"), (29, "access-2")])
async def test_a_token_is_renewed_half_a_minute_before_it_ends(sessions, session, clock, left, token):
    clock.pass_(seconds=600 - left)

    assert await sessions.access_token(session) == token


async def test_a_session_is_kept_for_as_long_as_auth_continues_it(client, redis):
    await sign_in(client)

    (key,) = await redis.keys("session:*")
    day = 24 * 60 * 60
    assert 14 * day - 60 < await redis.ttl(key) <= 14 * day


async def test_tokens_that_are_good_are_used_again(sessions, session, neighbours, clock):
    clock.pass_(minutes=9)

    assert await sessions.access_token(session) == "access-1"
    assert neighbours.called("/auth/refresh") == []


async def test_a_refresh_whose_answer_is_lost_is_made_anew_with_the_same_token(
    sessions, session, store, neighbours, clock
):
    clock.pass_(minutes=10)
    neighbours.responses["/auth/refresh"] = None
    with pytest.raises(Unavailable):
        await sessions.access_token(session)
    kept = await store.find(session.id)
    del neighbours.responses["/auth/refresh"]

    assert kept == session
    assert await sessions.access_token(session) == "access-2"


async def test_a_session_that_ended_at_auth_ends_here(sessions, session, store, neighbours, clock):
    clock.pass_(minutes=10)
    neighbours.refresh_token = "somebody else's"

    with pytest.raises(Unauthorized):
        await sessions.access_token(session)

    assert await store.find(session.id) is None


@pytest.fixture
async def page_of_ended_session(client, neighbours, clock):
    """A page that somebody still has open, whose session has ended at auth meanwhile."""
    await sign_in(client)
    page = await client.get("/")
    clock.pass_(minutes=10)
    neighbours.refresh_token = "somebody else's"
    return page


@pytest.mark.parametrize(
    ("method", "path", "fields", "then"),
    [("GET", "/cart", None, "/cart"), ("GET", "/orders?cursor=abc", None, "/orders?cursor=abc"),
     ("POST", f"/products/{LAMP['id']}", {"qty": 1, "key": uuid4().hex}, f"/products/{LAMP['id']}"),
     ("POST", "/cart", {"qty": 1, "product_id": LAMP["id"]}, "/cart"),
     ("POST", "/account/addresses", ADDRESS, "/account/addresses")],
    ids=["the cart", "orders", "an addition", "a change", "an address"],
)  # fmt: skip
async def test_whose_session_ended_at_auth_signs_in_again_and_goes_on_there(
    client, neighbours, redis, page_of_ended_session, method, path, fields, then
):
    fields = {"csrf": csrf_of(page_of_ended_session), **fields} if fields is not None else None

    answer = await client.request(method, path, data=fields, headers=ORIGIN)

    assert answer.status_code == 401
    assert "Welcome back" in answer.text
    assert field_of(answer, "then") == then
    assert "Sign out" not in answer.text
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert neighbours.cart == {}
    assert await redis.dbsize() == 0


async def test_what_was_typed_is_filled_in_once_its_sender_has_signed_in(client, neighbours, page_of_ended_session):
    typed = {"csrf": csrf_of(page_of_ended_session), **ADDRESS, "address_line1": "3 Härbour Row & Co"}
    asked = await client.post("/account/addresses", data=typed, headers=ORIGIN)
    kept = {name: unescape(field_of(asked, name)) for name in ("csrf", "then", "typed")}
    refused = await client.post("/sign-in", data={**form(asked, password="not the quay"), **kept}, headers=ORIGIN)
    assert field_of(refused, "typed") == field_of(asked, "typed")

    answer = await client.post("/sign-in", data={**form(asked), **kept}, headers=ORIGIN)
    elsewhere = await client.get("/account")
    first, second = [await client.get(answer.headers["location"]) for _ in range(2)]

    assert answer.headers["location"] == "/account/addresses"
    filled_in = 'value="3 Härbour Row &amp; Co"'
    assert [filled_in in page.text for page in (elsewhere, first, second)] == [False, True, False]
    assert neighbours.called("/auth/users/me/addresses")[0]["method"] == "GET"  # nothing was saved by itself


async def test_of_what_was_typed_no_password_is_kept(client, page_of_ended_session):
    typed = {"csrf": csrf_of(page_of_ended_session), "email": "b@example.com", "current_password": PASSWORD}

    asked = await client.post("/account/email", data=typed, headers=ORIGIN)

    assert field_of(asked, "typed") == "email=b%40example.com"


async def test_the_longest_address_that_can_be_typed_is_kept_whole(client, page_of_ended_session):
    lines = {"address_line1": "💡" * 200, "address_line2": "ä" * 200, "city": "💡" * 100, "postcode": "1" * 16}
    typed = {"csrf": csrf_of(page_of_ended_session), "country": "IE", **lines}

    asked = await client.post("/account/addresses", data=typed, headers=ORIGIN)

    assert dict(parse_qsl(unescape(field_of(asked, "typed")))) == {"country": "IE", **lines}


async def test_a_guest_who_is_asked_to_sign_in_stays_who_they_are(client, store):
    guest = Session("a guest", "q7Vd0c2s")
    await store.add(guest)

    answer = await client.get("/checkout", headers={"cookie": f"session={guest.id}"})

    assert answer.status_code == 401
    assert answer.headers.get("set-cookie") is None
    assert await store.find(guest.id) == guest


async def test_an_address_that_no_form_may_name_is_not_come_back_to(client):
    answer = await client.get(f"/orders?cursor={'a' * 300}")
    lost = await client.get("/käse", headers={"Accept": "text/html"})

    assert (answer.status_code, field_of(answer, "then")) == (401, "/orders")
    assert (lost.status_code, field_of(lost, "then")) == (404, "/")


async def test_while_sessions_are_away_what_was_typed_is_kept_with_its_token(client_on, neighbours, valkey):
    async with (
        TcpProxy(urlsplit(valkey).port) as proxy,
        connect(f"redis://127.0.0.1:{proxy.port}{urlsplit(valkey).path}") as redis,
        client_on(SessionStore(redis), redis=redis) as client,
    ):
        await sign_in(client)
        page = await client.get("/register")
        proxy.hold()
        answer = await client.post("/register", data=form(page, email="b@example.com"), headers=ORIGIN)
        proxy.release()

    assert answer.status_code == 503
    assert "Nothing was changed" in answer.text
    assert field_of(answer, "email") == "b@example.com"
    assert csrf_of(answer) == csrf_of(page) != ""
    assert neighbours.called("/auth/register") == []


async def test_pages_of_who_has_signed_in_are_not_shown_by_going_back(client):
    link = {"token": LINK_TOKEN}
    secret = [
        await client.get("/account/reset-password", params=link),
        await client.get("/account/verify-email", params=link),
    ]
    refused = await client.post("/account/reset-password", data={"csrf": "", "password": "x", **link}, headers=ORIGIN)
    stranger = await client.get("/")
    await sign_in(client)
    own = await client.get("/")

    assert {page.headers["cache-control"] for page in (*secret, refused, own)} == {"no-store"}
    assert stranger.headers["cache-control"] == "private, no-cache"


async def test_a_session_that_ended_while_its_tokens_were_renewed_does_not_come_back(
    sessions, session, store, neighbours, clock
):
    clock.pass_(minutes=10)
    neighbours.hold = asyncio.Event()
    renewing = asyncio.create_task(sessions.access_token(session))
    await neighbours.waiting.wait()
    await store.remove(session)
    neighbours.hold.set()
    await renewing

    assert await store.find(session.id) is None


async def test_all_sessions_of_an_account_can_be_ended(sessions, session, store):
    other = await sessions.sign_in(ACCOUNT["email"], PASSWORD, address=None, instead_of=None)
    guest = await sessions.begin(None)

    await sessions.end_all(session.account.id)

    assert [await store.find(one.id) for one in (session, other)] == [None, None]
    assert await store.find(guest.id) == guest


@pytest.mark.parametrize(("path", "other"), [("/sign-in", "/register"), ("/register", "/sign-in")])
async def test_whoever_comes_in_the_other_way_still_gets_where_they_wanted(client, neighbours, path, other):
    asked = await client.get(path, params={"then": "/search?q=lamp"})
    refused = await client.post(
        path, data={"csrf": csrf_of(asked), "then": "/checkout", "email": "asha", "password": "x"}, headers=ORIGIN
    )

    assert f'href="{other}?then=%2Fsearch%3Fq%3Dlamp"' in asked.text
    assert f'href="{other}?then=%2Fcheckout"' in refused.text
    assert f'href="{other}"' in (await client.get(path)).text


async def test_an_account_has_twenty_sessions_at_most_of_which_the_oldest_end(sessions, session, store, redis):
    later = [await sessions.sign_in(ACCOUNT["email"], PASSWORD, address=None, instead_of=None) for _ in range(20)]

    assert await store.find(session.id) is None
    assert None not in [await store.find(one.id) for one in later]
    assert await redis.zcard(f"sessions-by-age:{ACCOUNT['id']}") == 20


async def test_sessions_that_have_ended_by_themselves_leave_the_index(sessions, session, redis):
    index = f"sessions-by-age:{ACCOUNT['id']}"
    (member,) = await redis.zrange(index, 0, -1)
    await redis.zincrby(index, -timedelta(days=14, seconds=1).total_seconds(), member)
    await sessions.sign_in(ACCOUNT["email"], PASSWORD, address=None, instead_of=None)

    assert member not in await redis.zrange(index, 0, -1)
    assert await redis.zcard(index) == 1


async def test_sessions_that_begin_while_all_are_ended_can_be_ended_by_the_next_time(sessions, session, store):
    account_id = session.account.id
    begun = [
        sessions.sign_in(ACCOUNT["email"], PASSWORD, address=None, instead_of=None) if number % 2 else
        sessions.end_all(account_id)
        for number in range(16)
    ]  # fmt: skip
    late = [one for one in await asyncio.gather(*begun) if one is not None]

    await sessions.end_all(account_id)

    assert [await store.find(one.id) for one in late] == [None] * 8


@pytest.mark.parametrize(
    ("name", "value"),
    [("account", b'{"id":"0198c3c5-0a4e-7c6e-9d26-3f1f4be2c001"}'), ("tokens", b"{}"), ("csrf_token", None),
     ("csrf_token", b"\xff"), ("cart_pieces", b"many")],
    ids=["a field less", "no tokens", "no csrf token", "no text", "no number"],
)  # fmt: skip
async def test_a_session_of_another_release_is_none(client, redis, name, value):
    await sign_in(client)
    (key,) = await redis.keys("session:*")
    await (redis.hdel(key, name) if value is None else redis.hset(key, name, value))

    page = await client.get("/")

    assert page.status_code == 200
    assert "Sign in" in page.text
    assert (await sign_in(client)).status_code == 303


@pytest.mark.parametrize("setting", ["maxmemory", "min-replicas-to-write"])
async def test_a_store_that_takes_nothing_more_is_away(own_servers, client_on, setting):
    url = own_servers.start("valkey")["valkey"]["url"]
    async with connect(url) as redis, client_on(SessionStore(redis), redis=redis) as client:
        await redis.config_set(setting, "1")
        refused = await sign_in(client)
        await redis.config_set(setting, "0")
        taken = await sign_in(client)

    assert (refused.status_code, taken.status_code) == (503, 303)


async def test_who_leaves_is_not_kept_waiting_by_auth(client, neighbours, redis, monkeypatch):
    monkeypatch.setattr(application, "SIGN_OUT_SECONDS", 0.05)
    await sign_in(client)
    page = await client.get("/")
    neighbours.hold = asyncio.Event()
    leaving = asyncio.create_task(client.post("/sign-out", data={"csrf": csrf_of(page)}, headers=ORIGIN))
    await neighbours.waiting.wait()

    answer = await asyncio.wait_for(leaving, 1)  # auth has not answered

    neighbours.hold.set()
    assert answer.status_code == 303
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert await redis.dbsize() == 0
