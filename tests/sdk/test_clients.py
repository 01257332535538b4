"""How the clients repeat, refuse and stay logged in, all alike."""

import asyncio
from itertools import pairwise
from threading import Semaphore
from uuid import UUID

import pytest

from chassis.testing.eventually import eventually
from tests.sdk.conftest import ScriptedResponse, items

LAMP = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001")
EMPTY = {"items": [], "total_cents": 0, "currency": None}
PRODUCT = {"id": str(LAMP), "title": "Lamp", "description": "", "price_cents": 1, "currency": "EUR", "sku": "LAMP"}
PRODUCT |= {"category_id": None, "active": True, "available": 1}
QUICK = {"first_pause": 0.01}


def problem(slug, status, **members):
    body = {"type": f"/problems/{slug}", "title": "As the contract has it", "status": status, **members}
    return ScriptedResponse(status, body)


def unavailable_response(slug="unavailable", after="0"):
    return ScriptedResponse(503, problem(slug, 503).body, {"Retry-After": after})


def tokens(number, expires_in=600):
    return {
        "access_token": f"access-token-number-{number}",
        "refresh_token": f"refresh-token-number-{number}-which-is-long-enough",
        "token_type": "bearer",
        "expires_in": expires_in,
    }


class Sessions:
    """Plays auth and a cart: the newest access token is good, the newest refresh token is traded for another."""

    def __init__(self, expires_in=600, *, together=0):
        self.number, self.expires_in, self.ended, self.away = 1, expires_in, False, False
        self.refused, self.all_refused = Semaphore(0), together  # a refresh is answered when so many were refused

    def __call__(self, received):
        if received.path == "/auth/login":
            return ScriptedResponse(200, tokens(self.number, self.expires_in))
        if received.path == "/auth/refresh":
            return self._refresh()
        if received.path == "/auth/logout":
            self.ended = True
            return ScriptedResponse(204)
        good = received.headers.get("authorization") == f"Bearer access-token-number-{self.number}"
        if good:
            return ScriptedResponse(200, EMPTY)
        self.refused.release()
        return problem("unauthorized", 401)

    def _refresh(self):
        if self.away:
            return unavailable_response()
        if self.ended:
            return problem("refresh-token-refused", 401)
        for _ in range(self.all_refused):
            assert self.refused.acquire(timeout=10)
        self.number += 1
        return ScriptedResponse(200, tokens(self.number))

    def expire(self):
        """The access token is no longer good, before its time."""
        self.number += 1


def request_to(gateway, path):
    return [received for received in gateway.received if received.path == path]


async def test_a_503_is_retried_after_its_retry_after(connect, gateway):
    opened = gateway(unavailable_response(after="1"), ScriptedResponse(200, EMPTY))
    shop = await connect(opened.url)

    cart = await shop.cart.get_cart()

    assert cart.items == []
    assert [later.at - earlier.at >= 1 for earlier, later in pairwise(opened.received)] == [True]


async def test_an_idempotency_key_is_generated_and_reused_for_retries(connect, gateway, shop_client):
    opened = gateway(
        unavailable_response(),
        ScriptedResponse(0),
        unavailable_response("outcome-unknown"),
        ScriptedResponse(201, EMPTY),
    )
    shop = await connect(opened.url, retry=shop_client.Retry(**QUICK))

    await shop.cart.add_line(product_id=LAMP, qty=2)

    assert len({(received.headers["idempotency-key"], received.body) for received in opened.received}) == 1
    assert len(opened.received) == 4


async def test_each_call_has_a_key_of_its_own_and_a_given_one_is_taken(connect, gateway):
    opened = gateway(ScriptedResponse(201, EMPTY))
    shop = await connect(opened.url)

    for given in (None, None, "mine"):
        await shop.cart.add_line(product_id=LAMP, qty=2, idempotency_key=given)

    keys = [received.headers["idempotency-key"] for received in opened.received]
    assert len(set(keys)) == 3
    assert keys[2] == "mine"


@pytest.mark.parametrize(
    "answer", [unavailable_response("outcome-unknown"), ScriptedResponse(0)], ids=["away", "no answer"]
)
async def test_an_unsafe_request_is_not_retried(connect, gateway, shop_client, answer):
    opened = gateway(answer, ScriptedResponse(201, {}))
    shop = await connect(opened.url)

    with pytest.raises((shop_client.problems.OutcomeUnknown, shop_client.TransportError)):
        await shop.auth.register_shopper(email="asha@example.com", password="a long walk by the quay")

    assert len(opened.received) == 1


async def test_retries_are_limited(connect, gateway, shop_client):
    opened = gateway(unavailable_response())
    shop = await connect(opened.url, retry=shop_client.Retry(attempts=3, **QUICK))

    with pytest.raises(shop_client.problems.Unavailable) as refusal:
        await shop.cart.get_cart()

    assert (refusal.value.status, refusal.value.retry_after) == (503, 0)
    assert len(opened.received) == 3


async def test_a_long_retry_after_is_not_waited_for(connect, gateway, shop_client):
    opened = gateway(unavailable_response(after="3600"))
    shop = await connect(opened.url)

    with pytest.raises(shop_client.problems.Unavailable) as refusal:
        await shop.cart.get_cart()

    assert refusal.value.retry_after == 3600
    assert len(opened.received) == 1


async def test_a_slow_response_times_out(connect, gateway, shop_client):
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def never(_):
        asyncio.run_coroutine_threadsafe(asked.wait(), loop).result()
        return ScriptedResponse(200, EMPTY)

    shop = await connect(gateway(never).url, timeout=0.2, retry=shop_client.Retry(attempts=1))

    with pytest.raises(shop_client.TransportError, match="Timeout"):
        await shop.cart.get_cart()
    asked.set()


async def test_of_parallel_requests_with_a_token_that_is_refused_one_refreshes_it(connect, gateway):
    sessions = Sessions(together=5)
    opened = gateway(sessions)
    shop = await connect(opened.url)
    await shop.log_in("asha@example.com", "a long walk by the quay")
    sessions.expire()

    carts = await asyncio.gather(*(shop.cart.get_cart() for _ in range(5)))

    assert [cart.items for cart in carts] == [[]] * 5
    assert len(request_to(opened, "/auth/refresh")) == 1


async def test_what_was_refused_for_its_token_is_sent_again_safe_to_repeat_or_not(connect, gateway):
    sessions = Sessions()
    opened = gateway(sessions)
    shop = await connect(opened.url)
    await shop.log_in("asha@example.com", "a long walk by the quay")
    sessions.expire()

    await shop.cart.remove_line(LAMP)

    sent = request_to(opened, f"/cart/v1/cart/items/{LAMP}")
    assert [received.headers["authorization"][-1] for received in sent] == ["1", "3"]


async def test_a_token_is_refreshed_before_it_expires(connect, gateway):
    opened = gateway(Sessions(expires_in=1))
    shop = await connect(opened.url)
    await shop.log_in("asha@example.com", "a long walk by the quay")
    before = len(request_to(opened, "/auth/refresh"))

    async def refreshed():
        await asyncio.gather(shop.cart.get_cart(), shop.cart.get_cart())  # both are answered, with either token
        return len(request_to(opened, "/auth/refresh")) > before

    await eventually(refreshed)
    await shop.cart.get_cart()

    assert before == 0
    assert len(request_to(opened, "/auth/refresh")) == 1


async def test_while_auth_is_unavailable_a_token_is_used_until_it_expires(connect, gateway, shop_client):
    sessions = Sessions(expires_in=1)
    opened = gateway(sessions)
    shop = await connect(opened.url, retry=shop_client.Retry(attempts=1))
    await shop.log_in("asha@example.com", "a long walk by the quay")
    sessions.away = True

    async def refresh_was_tried():
        await shop.cart.get_cart()
        return request_to(opened, "/auth/refresh")

    await eventually(refresh_was_tried)
    sessions.expire()

    with pytest.raises(shop_client.problems.Unavailable):
        await shop.cart.get_cart()


async def test_an_ended_session_raises_and_its_tokens_are_dropped(connect, gateway, shop_client):
    sessions = Sessions()
    opened = gateway(sessions)
    shop = await connect(opened.url)
    await shop.log_in("asha@example.com", "a long walk by the quay")
    sessions.expire()
    sessions.ended = True

    with pytest.raises(shop_client.problems.RefreshTokenRefused):
        await shop.cart.get_cart()

    assert shop.tokens is None


async def test_a_session_can_be_resumed_by_another_client(connect, gateway):
    opened = gateway(Sessions())
    first = await connect(opened.url)
    await first.log_in("asha@example.com", "a long walk by the quay")
    second = await connect(opened.url, tokens=first.tokens)

    await second.cart.get_cart()

    assert len(request_to(opened, "/auth/login")) == 1


async def test_nobodys_token_is_sent_after_logging_out(connect, gateway, shop_client):
    opened = gateway(Sessions())
    shop = await connect(opened.url)
    await shop.log_in("asha@example.com", "a long walk by the quay")

    await shop.log_out()
    await shop.log_out()  # nothing more happens

    assert [received.body for received in request_to(opened, "/auth/logout")] == [
        b'{"refresh_token":"refresh-token-number-1-which-is-long-enough"}'
    ]
    with pytest.raises(shop_client.problems.Unauthorized):
        await shop.cart.get_cart()
    assert "authorization" not in opened.received[-1].headers


async def test_a_refusal_has_its_class_and_its_members(connect, gateway, shop_client):
    line = {"product_id": str(LAMP), "title": "Lamp", "old_price_cents": 1, "new_price_cents": 2}
    line |= {"old_currency": "EUR", "new_currency": "EUR"}
    shop = await connect(gateway(problem("price-changed", 409, detail="Dearer by now", lines=[line])).url)

    with pytest.raises(shop_client.problems.PriceChanged, match="Dearer by now") as refusal:
        await shop.order.check_out(address_line1="12 Quay Street", city="Galway", country="IE")

    assert (refusal.value.type, refusal.value.status) == ("/problems/price-changed", 409)
    assert [(each.product_id, each.new_price_cents) for each in refusal.value.lines] == [(LAMP, 2)]


@pytest.mark.parametrize("members", [{}, {"lines": "none of them"}], ids=["missing", "of another kind"])
async def test_a_member_that_is_not_there_is_none(connect, gateway, shop_client, members):
    shop = await connect(gateway(problem("price-changed", 409, **members)).url)

    with pytest.raises(shop_client.problems.PriceChanged) as refusal:
        await shop.order.check_out(address_line1="12 Quay Street", city="Galway", country="IE")

    assert refusal.value.lines is None


async def test_a_problem_that_nobody_knows_yet_can_be_read(connect, gateway, shop_client):
    shop = await connect(gateway(problem("of-tomorrow", 409, colour="green")).url)

    with pytest.raises(shop_client.ProblemError) as refusal:
        await shop.cart.clear_cart()

    assert (refusal.value.type, refusal.value.problem["colour"]) == ("/problems/of-tomorrow", "green")


@pytest.mark.parametrize(
    "answer", [ScriptedResponse(200), ScriptedResponse(404, "no such page"), ScriptedResponse(404, {})], ids=str
)
async def test_a_response_of_another_server_raises(connect, gateway, shop_client, answer):
    shop = await connect(gateway(answer).url)

    with pytest.raises(shop_client.UnexpectedResponse) as unexpected:
        await shop.cart.get_cart()

    assert unexpected.value.status == answer.status


@pytest.mark.parametrize("connect", ["async", "sync"], indirect=True)
async def test_a_response_of_another_shape_raises(connect, gateway, shop_client):
    shop = await connect(gateway(ScriptedResponse(200, {**EMPTY, "items": "none"})).url)

    with pytest.raises(shop_client.UnexpectedResponse, match="items"):
        await shop.cart.get_cart()


async def test_the_operators_key_goes_where_it_is_needed_and_nowhere_else(connect, gateway, shop_client):
    opened = gateway(ScriptedResponse(200, {"items": []}), ScriptedResponse(200, EMPTY))
    shop = await connect(opened.url, operator_key="devkey")

    await shop.catalog.restock_products(items=[shop_client.models.RestockLine(product_id=LAMP, qty=5)])
    await shop.cart.get_cart()

    assert [received.headers.get("x-internal-key") for received in opened.received] == ["devkey", None]
    assert opened.received[0].body == b'{"items":[{"product_id":"0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001","qty":5}]}'


@pytest.mark.parametrize("connect", ["async", "sync"], indirect=True)
async def test_the_client_names_itself_as_user_agent(connect, gateway, shop_client):
    opened = gateway(ScriptedResponse(200, EMPTY))
    shop = await connect(opened.url, user_agent="warehouse/1.0")

    await shop.cart.get_cart()

    (received,) = opened.received
    assert received.headers["user-agent"].startswith(f"warehouse/1.0 shop-client/{shop_client.__version__} ")


async def test_null_is_sent_only_where_it_means_something(connect, gateway):
    opened = gateway(ScriptedResponse(200, PRODUCT))
    shop = await connect(opened.url)

    await shop.catalog.change_product(LAMP, category_id=None)
    await shop.catalog.change_product(LAMP, price_cents=2)

    assert [received.body for received in opened.received] == [b'{"category_id":null}', b'{"price_cents":2}']


async def test_pages_follow_each_other_by_their_cursors(connect, gateway):
    def pages(received):
        cursor = received.path.partition("cursor=")[2]
        return ScriptedResponse(200, {"items": [], "next_cursor": {"": "first", "first": "second"}.get(cursor)})

    opened = gateway(pages)
    shop = await connect(opened.url)

    assert await items(shop.order.iter_orders(limit=5)) == []
    assert [received.path for received in opened.received] == [
        "/order/v1/orders?limit=5",
        "/order/v1/orders?limit=5&cursor=first",
        "/order/v1/orders?limit=5&cursor=second",
    ]
