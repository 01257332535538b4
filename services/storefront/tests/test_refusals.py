"""What people are told when a form is not taken, and where."""

import re

import pytest

from services.storefront.tests.conftest import ORIGIN, csrf_of, sign_in
from services.storefront.tests.neighbours import LAMP, LINK_TOKEN, MUG, ORDER, ORDER_ID, problem
from services.storefront.tests.test_buying import pay
from services.storefront.tests.test_cart import add

PAY = "/payment/v1/payments/mock-succeed"


async def test_a_payment_whose_answer_was_lost_may_have_been_made(client, neighbours):
    await sign_in(client)
    neighbours.orders = [ORDER]
    neighbours.responses[PAY] = None

    answer = await pay(client)

    assert answer.status_code == 503
    assert "to send it again does it once" in answer.text
    assert "Nothing was changed" not in answer.text


async def test_trying_again_sends_what_was_typed(client, neighbours):
    await sign_in(client)
    await add(client)
    page = await client.get("/checkout")
    neighbours.responses["/order/v1/orders/checkout"] = None
    form = {"csrf": csrf_of(page), "key": re.search(r'action="/checkout".*?name="key" value="([^"]*)"', page.text)[1]}
    form |= {"address_line1": "12 Quay Street", "city": "Galway", "country": "IE", "save": "true"}
    away = await client.post("/checkout", data=form, headers=ORIGIN)
    del neighbours.responses["/order/v1/orders/checkout"]

    main = away.text.partition("<main")[2].partition("</main>")[0]
    again = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', main))
    answer = await client.post("/checkout", data=again, headers=ORIGIN)

    assert again["save"] == "true"
    assert (away.status_code, answer.status_code) == (503, 303)


@pytest.mark.parametrize("path", ["/account/reset-password", "/account/verify-email"])
async def test_a_link_without_its_token_is_said_to_work_no_more(client, path):
    page = await client.get(path)

    assert "The link works no more" in page.text
    assert f'action="{path}"' not in page.text
    assert f'action="{path}"' in (await client.get(f"{path}?token={LINK_TOKEN}")).text


async def test_what_is_wrong_where_there_is_no_field_is_told_without_a_link(client):
    page = await client.get("/account/reset-password")

    form = {"csrf": csrf_of(page), "token": "", "password": "short"}
    answer = await client.post("/account/reset-password", data=form, headers=ORIGIN)

    assert answer.status_code == 400
    assert "The link works no more" in answer.text
    assert 'href="#token"' not in answer.text
    ids = set(re.findall(r' id="([^"]*)"', answer.text))
    assert set(re.findall(r'href="#([^"]*)"', answer.text)) <= ids


async def test_an_address_that_another_account_has_by_now_is_told_at_the_link(client, neighbours):
    neighbours.responses["/auth/email/verify"] = problem(409, "email-taken")
    page = await client.get(f"/account/verify-email?token={LINK_TOKEN}")

    form = {"csrf": csrf_of(page), "token": LINK_TOKEN}
    answer = await client.post("/account/verify-email", data=form, headers=ORIGIN)

    assert answer.status_code == 409
    assert "account has this address by now." in answer.text
    assert 'href="#email"' not in answer.text


async def test_what_was_left_empty_is_needed(client):
    answer = await sign_in(client, password="")

    assert answer.status_code == 400
    assert '<a href="#password">This is needed</a>' in answer.text
    assert "<title>Error: Sign in" in answer.text


async def test_whoever_tried_too_often_is_told_for_how_long_to_wait(client, neighbours, monkeypatch):
    monkeypatch.setattr(neighbours, "retry_after", 1801)
    neighbours.responses["/auth/login"] = problem(429, "too-many-attempts")

    answer = await sign_in(client)

    assert answer.status_code == 429
    assert "Please wait for 31 minutes, then try again." in answer.text


async def test_a_form_that_has_expired_and_has_no_page_of_its_own_says_so(client):
    await sign_in(client)

    answer = await client.post("/sign-out", data={"csrf": "q7Vd0c2s" * 4}, headers=ORIGIN)

    assert answer.status_code == 403
    assert "The page was open for a while" in answer.text
    assert "Not from here" not in answer.text


async def test_what_is_no_form_or_no_page_is_not_our_fault(client):
    looked_at = await client.get("/sign-out", headers={"accept": "text/html"})
    sent = await client.post("/sign-out", json={}, headers=ORIGIN)

    assert (looked_at.status_code, sent.status_code) == (405, 415)
    assert "our fault" not in looked_at.text + sent.text
    assert "What was sent is no form of the shop." in sent.text


async def test_a_search_for_nothing_shows_all_products(client):
    page = await client.get("/search")

    assert "<h1>All products</h1>" in page.text
    assert "“”" not in page.text


async def test_a_product_without_a_category_is_on_no_shelf_with_others(client):
    assert "On the same shelf" not in (await client.get(f"/products/{MUG['id']}")).text
    assert "On the same shelf" in (await client.get(f"/products/{LAMP['id']}")).text


@pytest.mark.parametrize("signed_in", [False, True], ids=["guest", "shopper"])
async def test_each_link_and_form_of_a_page_leads_to_an_operation(client, neighbours, signed_in):
    if signed_in:
        await sign_in(client)
        neighbours.orders = [ORDER]
    await add(client)
    seen, waiting = set(), ["/"]
    while waiting:
        path = waiting.pop()
        page = await client.get(path)
        assert page.status_code in (200, 401), path
        for link in re.findall(r'<a [^>]*href="(/[^"]*)"', page.text):
            if (link := link.replace("&amp;", "&")) not in seen and not link.startswith("/static/"):
                seen.add(link)
                waiting.append(link)
        for action in re.findall(r'<form [^>]*method="post" action="([^"]*)"', page.text):
            assert (await client.post(action, headers=ORIGIN)).status_code == 415, action

    assert {"/cart", "/checkout"} <= seen
    assert {"/account", "/orders", f"/orders/{ORDER_ID}"} <= seen or not signed_in
