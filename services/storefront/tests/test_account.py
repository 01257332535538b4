"""What the links of mails lead to."""

import pytest

from services.storefront.tests.conftest import ORIGIN, csrf_of, sign_in
from services.storefront.tests.neighbours import LINK_TOKEN, problem

PATHS = {"/account/reset-password": "/auth/password/reset", "/account/verify-email": "/auth/email/verify"}
FIELDS = {"/account/reset-password": {"password": "a longer walk by the quay"}, "/account/verify-email": {}}


async def open_link(client, path):
    return await client.get(path, params={"token": LINK_TOKEN})


async def send(client, path, page, **fields):
    form = {"csrf": csrf_of(page), "token": LINK_TOKEN, **FIELDS[path], **fields}
    return await client.post(path, data=form, headers=ORIGIN)


@pytest.mark.parametrize("path", PATHS)
async def test_a_link_that_is_only_opened_is_not_used(client, neighbours, redis, path):
    page = await open_link(client, path)

    assert page.status_code == 200
    assert f'name="token" value="{LINK_TOKEN}"' in page.text
    assert neighbours.called(PATHS[path]) == []
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers.get("set-cookie") is None
    assert await redis.dbsize() == 0


async def test_the_link_of_a_forgotten_password_leads_to_another_one(client, neighbours):
    path = "/account/reset-password"

    answer = await send(client, path, await open_link(client, path))

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    (asked,) = neighbours.called(PATHS[path])
    assert asked["body"] == {"token": LINK_TOKEN, "password": "a longer walk by the quay"}


async def test_a_password_may_be_chosen_in_a_session_too(client):
    await sign_in(client)
    path = "/account/reset-password"

    assert (await send(client, path, await open_link(client, path))).status_code == 303


async def test_the_link_of_a_new_address_verifies_it(client, neighbours):
    path = "/account/verify-email"

    answer = await send(client, path, await open_link(client, path))

    assert (answer.status_code, answer.headers["location"]) == (303, "/account/email-verified")
    assert "Your address is verified" in (await client.get(answer.headers["location"])).text
    (asked,) = neighbours.called(PATHS[path])
    assert asked["body"] == {"token": LINK_TOKEN}


@pytest.mark.parametrize("path", PATHS)
async def test_a_link_that_was_used_says_so(client, path):
    page = await open_link(client, path)

    refused = await send(client, path, page, token="x" * 43)

    assert refused.status_code == 409
    assert "The link works no more" in refused.text


async def test_a_password_that_is_too_common_is_refused_at_its_field(client, neighbours):
    path = "/account/reset-password"
    neighbours.responses[PATHS[path]] = problem(409, "password-too-common")

    refused = await send(client, path, await open_link(client, path))

    assert refused.status_code == 409
    assert 'id="password-error"' in refused.text
    assert "a longer walk" not in refused.text
    assert f'name="token" value="{LINK_TOKEN}"' in refused.text  # to be sent again


async def test_a_password_that_is_too_short_is_refused_at_its_field(client, neighbours):
    path = "/account/reset-password"

    refused = await send(client, path, await open_link(client, path), password="short")

    assert (refused.status_code, neighbours.called(PATHS[path])) == (400, [])
    assert "Eight characters at least" in refused.text


@pytest.mark.parametrize("path", PATHS)
async def test_a_form_of_another_site_uses_no_link(client, neighbours, path):
    page = await open_link(client, path)
    form = {"csrf": csrf_of(page), "token": LINK_TOKEN, **FIELDS[path]}

    refused = await client.post(path, data=form, headers={"Origin": "https://evil.example"})

    assert (refused.status_code, neighbours.called(PATHS[path])) == (403, [])


@pytest.mark.parametrize("path", PATHS)
async def test_while_auth_is_away_the_link_can_be_tried_again_from_the_page(client, neighbours, path):
    page = await open_link(client, path)
    neighbours.responses[PATHS[path]] = None

    answer = await send(client, path, page)

    assert answer.status_code == 503
    assert f'name="token" value="{LINK_TOKEN}"' in answer.text
    assert "a longer walk" not in answer.text
