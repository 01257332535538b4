"""One's account, and what the links of mails lead to."""

import pytest

from services.storefront.tests.conftest import ORIGIN, csrf_of, sign_in
from services.storefront.tests.neighbours import ACCOUNT, ADDRESS, ADDRESS_ID, LAMP, LINK_TOKEN, PASSWORD, problem

LINK_PATHS = {"/account/reset-password": "/auth/password/reset", "/account/verify-email": "/auth/email/verify"}
LINK_FIELDS = {"/account/reset-password": {"password": "a longer walk by the quay"}, "/account/verify-email": {}}


async def open_link(client, path):
    return await client.get(path, params={"token": LINK_TOKEN})


async def send(client, path, page, **fields):
    form = {"csrf": csrf_of(page), "token": LINK_TOKEN, **LINK_FIELDS[path], **fields}
    return await client.post(path, data=form, headers=ORIGIN)


@pytest.mark.parametrize("path", LINK_PATHS)
async def test_a_link_that_is_only_opened_is_not_used(client, neighbours, redis, path):
    page = await open_link(client, path)

    assert page.status_code == 200
    assert f'name="token" value="{LINK_TOKEN}"' in page.text
    assert neighbours.called(LINK_PATHS[path]) == []
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers.get("set-cookie") is None
    assert await redis.dbsize() == 0


async def test_the_link_of_a_forgotten_password_leads_to_another_one(client, neighbours):
    path = "/account/reset-password"

    answer = await send(client, path, await open_link(client, path))

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?after=password_reset")
    (asked,) = neighbours.called(LINK_PATHS[path])
    assert asked["body"] == {"token": LINK_TOKEN, "password": "a longer walk by the quay"}


async def test_choosing_a_password_ends_all_sessions_of_its_account_and_the_cookie_of_this_one(client, sessions, redis):
    others = [await sessions.sign_in(ACCOUNT["email"], PASSWORD, address=None, instead_of=None) for _ in range(2)]
    await sign_in(client)
    path = "/account/reset-password"

    answer = await send(client, path, await open_link(client, path))

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?after=password_reset")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert [await sessions.find(one.id) for one in others] == [None, None]
    assert await redis.dbsize() == 0


async def test_a_password_by_a_link_that_is_refused_ends_no_session(client):
    await sign_in(client)
    path = "/account/reset-password"

    assert (await send(client, path, await open_link(client, path), token="x" * 43)).status_code == 409
    assert "Sign out" in (await client.get("/")).text


async def test_choosing_a_password_ends_no_session_of_somebody_else(client, neighbours, store):
    await sign_in(client)
    neighbours.responses["/auth/password/reset"] = (200, {"id": LAMP["id"]})
    path = "/account/reset-password"

    answer = await send(client, path, await open_link(client, path))

    assert answer.headers.get("set-cookie") is None
    assert await store.find(client.cookies["session"]) is not None


async def test_the_link_of_a_new_address_verifies_it(client, neighbours):
    path = "/account/verify-email"

    answer = await send(client, path, await open_link(client, path))

    assert (answer.status_code, answer.headers["location"]) == (303, "/account/email-verified")
    assert "Your address is verified" in (await client.get(answer.headers["location"])).text
    (asked,) = neighbours.called(LINK_PATHS[path])
    assert asked["body"] == {"token": LINK_TOKEN}


@pytest.mark.parametrize("path", LINK_PATHS)
async def test_a_link_that_was_used_says_so(client, path):
    page = await open_link(client, path)

    refused = await send(client, path, page, token="x" * 43)

    assert refused.status_code == 409
    assert "The link works no more" in refused.text


async def test_a_password_that_is_too_common_is_refused_at_its_field(client, neighbours):
    path = "/account/reset-password"
    neighbours.responses[LINK_PATHS[path]] = problem(409, "password-too-common")

    refused = await send(client, path, await open_link(client, path))

    assert refused.status_code == 409
    assert 'id="password-error"' in refused.text
    assert "a longer walk" not in refused.text
    assert f'name="token" value="{LINK_TOKEN}"' in refused.text  # to be sent again


async def test_a_password_that_is_too_short_is_refused_at_its_field(client, neighbours):
    path = "/account/reset-password"

    refused = await send(client, path, await open_link(client, path), password="short")

    assert (refused.status_code, neighbours.called(LINK_PATHS[path])) == (400, [])
    assert "Eight characters at least" in refused.text


@pytest.mark.parametrize("path", LINK_PATHS)
async def test_a_form_of_another_site_uses_no_link(client, neighbours, path):
    page = await open_link(client, path)
    form = {"csrf": csrf_of(page), "token": LINK_TOKEN, **LINK_FIELDS[path]}

    refused = await client.post(path, data=form, headers={"Origin": "https://evil.example"})

    assert (refused.status_code, neighbours.called(LINK_PATHS[path])) == (403, [])


@pytest.mark.parametrize("path", LINK_PATHS)
async def test_while_auth_is_away_the_link_can_be_tried_again_from_the_page(client, neighbours, path):
    page = await open_link(client, path)
    neighbours.responses[LINK_PATHS[path]] = None

    answer = await send(client, path, page)

    assert answer.status_code == 503
    assert f'name="token" value="{LINK_TOKEN}"' in answer.text
    assert "a longer walk" not in answer.text


FORMS = {
    "/account/password": {"current_password": PASSWORD, "password": "a longer walk by the quay"},
    "/account/email": {"email": "asha@example.org", "current_password": PASSWORD},
    "/account/delete": {"current_password": PASSWORD},
    "/account/addresses": ADDRESS,
    "/account/verification": {},
    "/forgotten-password": {"email": ACCOUNT["email"]},
}
CALLED = {
    "/account/password": "/auth/users/me/password",
    "/account/email": "/auth/users/me/email",
    "/account/delete": "/auth/users/me/delete",
    "/account/addresses": "/auth/users/me/addresses",
    "/account/verification": "/auth/users/me/verification",
    "/forgotten-password": "/auth/password/forgotten",
}
PAGES = {"/account/verification": "/account"}  # a form is on the page of its path, but for this one


async def send_form(client, path, **fields):
    page = await client.get(PAGES.get(path, path))
    return await client.post(path, data={"csrf": csrf_of(page), **FORMS[path], **fields}, headers=ORIGIN)


def posted(neighbours, path):
    return [request["body"] for request in neighbours.called(CALLED[path]) if request["method"] == "POST"]


async def test_a_forgotten_password_is_asked_for_and_nobody_is_told_whether_there_is_an_account(client, neighbours):
    answer = await send_form(client, "/forgotten-password")
    page = await client.get(answer.headers["location"])

    assert answer.status_code == 303
    assert "If that address has an account here" in page.text
    assert posted(neighbours, "/forgotten-password") == [{"email": ACCOUNT["email"]}]


async def test_the_account_says_whether_its_address_is_verified(client, neighbours):
    await sign_in(client)
    before = await client.get("/account")
    neighbours.responses["/auth/users/me"] = 200, {**ACCOUNT, "email_verified": True}
    after = await client.get("/account")

    assert "asha@example.com" in before.text
    assert ["not verified yet" in page.text for page in (before, after)] == [True, False]


@pytest.mark.parametrize("path", ["/account/verification", "/account/email"])
async def test_a_link_to_an_address_is_on_its_way(client, neighbours, path):
    await sign_in(client)

    answer = await send_form(client, path)

    assert (answer.status_code, answer.headers["location"]) == (303, "/account/mail-sent")
    assert "A mail with a link is on its way" in (await client.get("/account/mail-sent")).text
    assert len(posted(neighbours, path)) == 1


async def test_another_password_ends_all_sessions_and_this_browser_has_a_new_one(client, sessions, store, neighbours):
    await sign_in(client)
    elsewhere = await sessions.sign_in(ACCOUNT["email"], PASSWORD, address=None, instead_of=None)
    before = client.cookies["session"]
    neighbours.password = "a longer walk by the quay"

    answer = await send_form(client, "/account/password")

    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert posted(neighbours, "/account/password") == [
        {"current_password": PASSWORD, "new_password": "a longer walk by the quay"}
    ]
    assert [await store.find(known) for known in (before, elsewhere.id)] == [None, None]
    assert client.cookies["session"] != before
    assert "Your account" in (await client.get("/account")).text


async def test_a_session_that_cannot_begin_anew_after_another_password_is_over(client, store, neighbours):
    await sign_in(client)
    before = client.cookies["session"]
    page = await client.get("/account/password")
    neighbours.responses["/auth/login"] = None

    answer = await client.post(
        "/account/password", data={"csrf": csrf_of(page), **FORMS["/account/password"]}, headers=ORIGIN
    )

    assert answer.status_code == 503
    assert "We cannot say yet whether it was done" in answer.text
    assert await store.find(before) is None


async def test_a_deleted_account_is_signed_out_everywhere(client, sessions, store, neighbours, redis):
    await sign_in(client)
    await sessions.sign_in(ACCOUNT["email"], PASSWORD, address=None, instead_of=None)

    answer = await send_form(client, "/account/delete")

    assert (answer.status_code, answer.headers["location"]) == (303, "/account/deleted")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert posted(neighbours, "/account/delete") == [{"password": PASSWORD}]
    assert "The account is deleted" in (await client.get("/account/deleted")).text
    assert await redis.dbsize() == 0


@pytest.mark.parametrize(
    ("path", "slug", "field"),
    [
        ("/account/password", "wrong-password", "current_password"),
        ("/account/password", "password-too-common", "password"),
        ("/account/email", "wrong-password", "current_password"),
        ("/account/email", "email-taken", "email"),
        ("/account/delete", "wrong-password", "current_password"),
    ],
)
async def test_what_auth_refuses_stands_at_its_field_and_the_session_stays(client, neighbours, path, slug, field):
    await sign_in(client)
    neighbours.responses[CALLED[path]] = problem(409, slug)

    answer = await send_form(client, path)

    assert answer.status_code == 409
    assert f'id="{field}-error"' in answer.text
    assert PASSWORD not in answer.text
    assert "set-cookie" not in answer.headers
    assert (await client.get("/account")).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "slug", "text"),
    [
        ("/account/delete", 409, "last-admin", "The shop has no other admin."),
        ("/account/addresses", 409, "too-many-addresses", "Remove one of the saved addresses first."),
        ("/account/verification", 429, "too-many-attempts", "That was too often"),
        ("/account/email", 429, "too-many-attempts", "That was too often"),
        ("/account/password", 429, "too-many-attempts", "That was too often"),
        ("/account/delete", 429, "too-many-attempts", "That was too often"),
        ("/forgotten-password", 429, "too-many-attempts", "That was too often"),
    ],
)
async def test_what_auth_refuses_is_said_above_the_form(client, neighbours, path, status, slug, text):
    await sign_in(client)
    neighbours.responses[f"POST {CALLED[path]}"] = problem(status, slug)

    answer = await send_form(client, path)

    assert (answer.status_code, text in answer.text) == (status, True)


async def test_addresses_are_saved_and_removed(client, neighbours):
    await sign_in(client)

    saved = await send_form(client, "/account/addresses", address_line1="3 Kade", city="Utrecht", postcode="3511")
    page = await client.get("/account/addresses")
    removed = await client.post(f"/account/addresses/{ADDRESS_ID}/remove", data={"csrf": csrf_of(page)}, headers=ORIGIN)

    assert [saved.status_code, removed.status_code] == [303, 303]
    assert "3 Kade, Utrecht 3511" in page.text
    assert "12 Quay Street" not in (await client.get("/account/addresses")).text


async def test_an_address_that_is_gone_is_not_found(client):
    await sign_in(client)
    page = await client.get("/account/addresses")
    path = "/account/addresses/0198c3c5-0a4e-7c6e-9d26-000000000000/remove"

    assert (await client.post(path, data={"csrf": csrf_of(page)}, headers=ORIGIN)).status_code == 404


async def test_what_auth_knows_more_of_an_address_stands_at_its_field(client, neighbours):
    await sign_in(client)
    errors = [{"pointer": "/body/postcode", "rule": "required"}]
    neighbours.responses[f"POST {CALLED['/account/addresses']}"] = problem(400, "invalid-request", errors=errors)

    answer = await send_form(client, "/account/addresses", postcode="")

    assert answer.status_code == 400
    assert '<p class="field-error" id="postcode-error">' in answer.text
    assert 'value="12 Quay Street"' in answer.text


@pytest.mark.parametrize("path", FORMS)
async def test_while_auth_is_away_a_form_of_the_account_can_be_sent_again(client, neighbours, path):
    await sign_in(client)
    page = await client.get(PAGES.get(path, path))
    neighbours.responses[CALLED[path]] = None

    answer = await client.post(path, data={"csrf": csrf_of(page), **FORMS[path]}, headers=ORIGIN)

    assert answer.status_code == 503
    assert f'action="{path}"' in answer.text
    assert PASSWORD not in answer.text
    assert ('id="current_password"' in answer.text) is ("current_password" in FORMS[path])


@pytest.mark.parametrize("path", ["/account/verification", "/account/addresses"])
async def test_an_account_that_is_gone_by_now_is_not_found(client, neighbours, path):
    await sign_in(client)
    neighbours.responses[f"POST {CALLED[path]}"] = problem(404, "account-not-found")

    assert (await send_form(client, path)).status_code == 404


@pytest.mark.parametrize("path", ["/account", "/account/password", "/account/addresses", "/orders"])
async def test_whoever_has_not_signed_in_is_asked_to_and_comes_back(client, path):
    page = await client.get(path)

    assert page.status_code == 401
    assert f'name="then" value="{path}"' in page.text
