"""Carts of guests and of shoppers, and how one becomes the other."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from chassis.web.problems import Unavailable
from services.storefront.application import carts
from services.storefront.application.visits import SESSION_SECONDS
from services.storefront.clients import CatalogServiceClient
from services.storefront.domain import Account, GuestLine, Session
from services.storefront.repository import KEY_LENGTH, MAX_KEYS, MAX_NEW_GUESTS
from services.storefront.tests.conftest import NOON, ORIGIN, csrf_of, field_of, sign_in
from services.storefront.tests.neighbours import ACCOUNT, LAMP, MUG, PASSWORD, problem

ADD = "/cart/v1/cart/items"
EURO_MUG = {**MUG, "currency": "EUR"}
DAY = 86400


async def add(client, product=LAMP, qty=1, **form):
    """Put a product in the cart, from its page."""
    page = await client.get(f"/products/{product['id']}")
    form = {"csrf": csrf_of(page), "key": field_of(page, "key"), "qty": qty, **form}
    return await client.post(f"/products/{product['id']}", data=form, headers=ORIGIN)


async def change(client, product=LAMP, qty=0):
    page = await client.get("/sign-in")  # it has a form, whatever is in the cart
    form = {"csrf": csrf_of(page), "product_id": product["id"], "qty": qty}
    return await client.post("/cart", data=form, headers=ORIGIN)


def quantities(neighbours):
    return {line["title"]: line["qty"] for line in neighbours.cart.values()}


async def test_a_guests_cart_holds_what_was_put_in_at_the_prices_of_now(client, neighbours):
    answer = await add(client, qty=2)
    page = await client.get("/cart")

    assert (answer.status_code, answer.headers["location"]) == (303, "/cart")
    assert "Walnut desk lamp" in page.text
    assert "€259.98" in page.text
    assert neighbours.cart == {}


async def test_the_header_of_every_page_says_how_much_is_in_the_cart(client):
    assert 'class="count"' not in (await client.get("/")).text

    await add(client, qty=2)
    assert 'class="count">2<' in (await client.get("/")).text

    await change(client, qty=5)
    assert 'class="count">5<' in (await client.get("/")).text


async def kept(redis):
    """For how long each thing in Redis is kept, by the kind of its key."""
    return {key.decode().partition(":")[0]: await redis.ttl(key) for key in await redis.keys("*")}


@pytest.mark.parametrize("again", [add, change], ids=["adding", "changing"])
async def test_a_guests_cart_is_kept_for_thirty_days_after_its_last_change(client, redis, again):
    await add(client, qty=2)
    await client.get("/")
    for key in await redis.keys("*"):
        await redis.expire(key, DAY)

    answer = await again(client, qty=1)

    assert f"Max-Age={SESSION_SECONDS}" in answer.headers["set-cookie"]
    seconds = await kept(redis)
    assert set(seconds) == {"session", "guest-cart"}
    assert all(29 * DAY < left <= 30 * DAY for left in seconds.values())


async def test_what_a_new_guest_put_in_is_kept_for_an_hour_until_the_cookie_comes_back(client, redis):
    await add(client)
    before = await kept(redis)
    await client.get("/")
    after = await kept(redis)

    assert set(before) == set(after) == {"session", "guest-cart"}
    assert all(0 < seconds <= 3600 for seconds in before.values())
    assert all(29 * DAY < seconds <= 30 * DAY for seconds in after.values())


async def test_from_one_network_address_so_many_guests_come_in_an_hour_and_no_more(client, redis):
    page = await client.get(f"/products/{LAMP['id']}")

    async def add_from(address):
        client.cookies.clear()
        form = {"csrf": "", "key": field_of(page, "key"), "qty": 1}
        headers = ORIGIN if address is None else {**ORIGIN, "X-Real-Ip": address}
        return await client.post(f"/products/{LAMP['id']}", data=form, headers=headers)

    await add_from("203.0.113.7")
    [count] = await redis.keys("new-guests:*")
    await redis.incrby(count, MAX_NEW_GUESTS - 2)
    assert (await add_from("203.0.113.7")).status_code == 303
    stored = await redis.dbsize()

    refused = [await add_from("203.0.113.7") for _ in range(2)]

    assert [answer.status_code for answer in refused] == [429, 429]
    assert 0 < int(refused[0].headers["retry-after"]) <= 3600
    assert "That was too often" in refused[0].text
    assert "set-cookie" not in refused[0].headers
    assert (await redis.dbsize(), b"203.0.113.7" in count) == (stored, False)
    assert 0 < await redis.ttl(count) <= 3600
    assert [(await add_from(address)).status_code for address in ("203.0.113.8", None)] == [303, 303]


async def test_a_guest_who_has_a_session_is_counted_no_more(client, redis):
    for _ in range(3):
        page = await client.get(f"/products/{LAMP['id']}")
        form = {"csrf": csrf_of(page), "key": field_of(page, "key"), "qty": 1}
        await client.post(f"/products/{LAMP['id']}", data=form, headers={**ORIGIN, "X-Real-Ip": "203.0.113.7"})

    [count] = await redis.keys("new-guests:*")
    assert await redis.get(count) == b"1"


async def test_nobody_finds_a_session_by_its_cart(client, redis):
    await add(client)

    assert not any(client.cookies["session"] in key.decode() for key in await redis.keys("*"))


@pytest.mark.parametrize("signed_in", [False, True], ids=["guest", "shopper"])
async def test_a_form_sent_twice_puts_in_once(client, neighbours, signed_in):
    if signed_in:
        await sign_in(client)
    page = await client.get(f"/products/{LAMP['id']}")
    form = {"csrf": csrf_of(page), "key": field_of(page, "key"), "qty": 1}

    answers = [await client.post(f"/products/{LAMP['id']}", data=form, headers=ORIGIN)]
    if not signed_in:  # a guest has a session from now on
        form["csrf"] = csrf_of(await client.get("/cart"))
    answers += [await client.post(f"/products/{LAMP['id']}", data=form, headers=ORIGIN) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303] * 3
    assert 'class="count">1<' in (await client.get("/cart")).text


async def test_an_empty_cart_says_so(client):
    page = await client.get("/cart")

    assert page.status_code == 200
    assert "Your cart is empty" in page.text
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize("signed_in", [False, True], ids=["guest", "shopper"])
async def test_a_quantity_is_changed_and_nothing_takes_it_out(client, signed_in):
    if signed_in:
        await sign_in(client)
    await add(client)

    await change(client, qty=7)
    assert 'name="qty" type="number" inputmode="numeric" min="0" max="99" value="7"' in (await client.get("/cart")).text

    answers = [await change(client, qty=0) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert "Your cart is empty" in (await client.get("/cart")).text


async def test_somebody_without_a_cart_has_nothing_to_change(client):
    answer = await client.post("/cart", data={"csrf": "", "product_id": LAMP["id"], "qty": 1}, headers=ORIGIN)

    assert answer.status_code == 303


async def test_a_quantity_that_cannot_be_is_told_at_its_field(client):
    await add(client)

    answer = await change(client, qty=100)

    assert answer.status_code == 400
    assert 'aria-invalid="true" aria-describedby="qty-error"' in answer.text
    assert 'class="count">1<' in (await client.get("/")).text


async def test_a_guests_cart_is_of_one_currency(client):
    await add(client)

    answer = await add(client, MUG)

    assert answer.status_code == 409
    assert "What is in the cart is in another currency" in answer.text
    assert "Stoneware mug" not in (await client.get("/cart")).text


async def test_a_guest_has_no_more_than_99_pieces_of_a_product(client):
    await add(client, qty=99)

    answer = await add(client, qty=1)

    assert answer.status_code == 409
    assert 'class="count">99<' in (await client.get("/")).text


async def test_a_guests_cart_has_an_end(guest_carts):
    for number in range(50):
        assert await guest_carts.add("cart", GuestLine(UUID(int=number), 1, "EUR"), f"key-{number}") is None

    assert await guest_carts.add("cart", GuestLine(UUID(int=50), 1, "EUR"), "key-50") == "cart-full"
    assert await guest_carts.add("cart", GuestLine(UUID(int=0), 1, "EUR"), "key-51") is None
    assert len(await guest_carts.read("cart")) == 50


async def test_a_guests_cart_knows_the_newest_forms_and_is_no_larger_for_the_others(guest_carts, redis):
    line = GuestLine(UUID(int=1), 1, "EUR")
    for number in range(MAX_KEYS + 1):
        await guest_carts.set_quantity("cart", line.product_id, 1)
        await guest_carts.add("cart", line, f"key-{number}")

    await guest_carts.add("cart", line, "key-1")
    await guest_carts.add("cart", line, f"key-{MAX_KEYS}")

    assert [kept.qty for kept in await guest_carts.read("cart")] == [2]
    assert await redis.keys("*") == [b"guest-cart:cart"]
    assert len(await redis.hget("guest-cart:cart", "keys")) < MAX_KEYS * (KEY_LENGTH + 1)


async def test_a_cart_asks_for_all_its_products_together_and_for_their_pictures(client, neighbours):
    neighbours.products = [{**LAMP, "id": str(UUID(int=number)), "title": f"Lamp {number}"} for number in range(3)]
    for number in range(3):
        await add(client, {"id": str(UUID(int=number))})
    neighbours.requests.clear()

    page = await client.get("/cart")

    asked = [request["query"]["ids"] for request in neighbours.called("/catalog/v1/products/")]
    assert asked == [",".join(str(UUID(int=number)) for number in range(3))] * 2
    assert page.text.count("http://pictures.test/lamp.webp") == 3


async def test_more_products_than_catalog_names_at_once_are_asked_for_in_parts(catalog, neighbours):
    ids = [UUID(int=number) for number in range(101)]
    neighbours.products = [{**LAMP, "id": str(one)} for one in ids]

    found = await CatalogServiceClient(catalog).products(ids)

    assert found.keys() == set(ids)
    assert [request["query"]["ids"].count(",") + 1 for request in neighbours.called("/catalog/v1/products/")] in (
        [50, 50, 1], [50, 1, 50], [1, 50, 50]
    )  # fmt: skip


async def test_what_is_not_for_sale_does_not_come_into_a_guests_cart(client, neighbours):
    page = await client.get(f"/products/{LAMP['id']}")
    neighbours.products.remove(LAMP)

    form = {"csrf": "", "key": field_of(page, "key"), "qty": 1}
    answer = await client.post(f"/products/{LAMP['id']}", data=form, headers=ORIGIN)

    assert answer.status_code == 404


async def test_what_is_sold_no_more_is_no_part_of_a_guests_sum(client, neighbours):
    neighbours.products = [LAMP, EURO_MUG]
    await add(client)
    await add(client, EURO_MUG)
    neighbours.products = [EURO_MUG]

    page = await client.get("/cart")

    assert "Walnut desk lamp" not in page.text
    assert "€14.00" in page.text


async def test_a_shopper_sees_what_is_short_or_gone(client, neighbours):
    await sign_in(client)
    await add(client, qty=3)

    assert "Only 2 left" in (await client.get("/cart")).text

    neighbours.products.remove(LAMP)
    assert "Not sold any more" in (await client.get("/cart")).text


async def test_what_cart_refuses_is_told_on_the_products_page(client, neighbours):
    await sign_in(client)
    neighbours.responses[ADD] = problem(409, "too-many-additions")

    answer = await add(client)

    assert answer.status_code == 409
    assert "<h1>Walnut desk lamp</h1>" in answer.text
    assert "The cart was added to as often as it can be" in answer.text


async def test_more_pieces_that_cart_refuses_are_told_in_the_cart(client, neighbours):
    await sign_in(client)
    await add(client)
    neighbours.responses[f"{ADD}/{LAMP['id']}"] = problem(409, "product-unavailable")

    answer = await change(client, qty=5)

    assert answer.status_code == 409
    assert "One of the products is not sold any more." in answer.text
    assert quantities(neighbours) == {"Walnut desk lamp": 1}


@pytest.mark.parametrize("path", [f"/products/{LAMP['id']}", "/cart", "/cart/price", "/checkout"])
async def test_a_form_of_somebody_elses_page_buys_nothing(client, neighbours, path):
    await sign_in(client)
    page = await client.get(f"/products/{LAMP['id']}")

    form = {"csrf": csrf_of(page), "key": field_of(page, "key"), "qty": 1}
    answer = await client.post(path, data=form, headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403
    assert (neighbours.cart, neighbours.orders) == ({}, [])


async def test_while_cart_is_away_what_was_chosen_is_kept(client, neighbours):
    await sign_in(client)
    neighbours.responses[ADD] = None

    answer = await add(client, qty=2)

    assert answer.status_code == 503
    assert 'name="qty" value="2"' in answer.text


# From a guest's cart to an account's.


async def test_a_guests_cart_goes_along_when_signing_in(client, neighbours, redis):
    await add(client, qty=2)
    neighbours.cart = {}
    neighbours._put(LAMP, 1)

    await sign_in(client)

    assert quantities(neighbours) == {"Walnut desk lamp": 3}
    assert 'class="count">3<' in (await client.get("/")).text
    assert await redis.keys("guest-carts-of:*") == []


async def test_a_guests_cart_goes_along_when_registering(client, neighbours):
    await add(client, qty=2)
    page = await client.get("/register?then=/checkout")

    form = {"csrf": csrf_of(page), "then": "/checkout", "email": ACCOUNT["email"], "password": PASSWORD}
    answer = await client.post("/register", data=form, headers=ORIGIN)

    assert answer.headers["location"] == "/checkout"
    assert quantities(neighbours) == {"Walnut desk lamp": 2}


async def test_signing_in_works_while_cart_is_away_and_the_cart_goes_along_later(client, neighbours):
    await add(client, qty=2)
    neighbours.responses[ADD] = None

    answer = await sign_in(client)
    assert answer.status_code == 303
    assert neighbours.cart == {}

    del neighbours.responses[ADD]
    assert "€259.98" in (await client.get("/cart")).text
    assert quantities(neighbours) == {"Walnut desk lamp": 2}


async def test_signing_in_does_not_wait_for_a_cart_that_is_slow(client, neighbours, monkeypatch):
    monkeypatch.setattr(carts, "MERGE_SECONDS", 0.05)
    await add(client, qty=2)
    page = await client.get("/sign-in")
    neighbours.held_path, neighbours.hold = ADD, asyncio.Event()

    form = {"csrf": csrf_of(page), "email": ACCOUNT["email"], "password": PASSWORD}
    answer = await client.post("/sign-in", data=form, headers=ORIGIN)
    neighbours.hold.set()

    assert answer.status_code == 303
    assert "€259.98" in (await client.get("/cart")).text
    assert quantities(neighbours) == {"Walnut desk lamp": 2}


@pytest.fixture
async def handed_over(store, guest_carts):
    """A guest's cart with a lamp and a mug, of somebody who has just signed in, and the account."""
    guest, account = Session("a guest", "q7Vd0c2s"), Account(UUID(ACCOUNT["id"]), ACCOUNT["email"], "customer")
    cart_id = guest_carts.cart_id(guest)
    await guest_carts.add(cart_id, GuestLine(UUID(LAMP["id"]), 2, "EUR"), "a")
    await guest_carts.add(cart_id, GuestLine(UUID(MUG["id"]), 1, "EUR"), "b")
    await store.add(replace(guest, id="signed in", account=account), guest)
    return cart_id


EVERYTHING = {"Walnut desk lamp": 2, "Stoneware mug": 1}


async def test_the_cart_goes_along_though_the_answer_to_signing_in_was_lost(client, neighbours, handed_over):
    await sign_in(client)

    assert quantities(neighbours) == EVERYTHING


async def test_a_merge_that_broke_off_after_an_addition_adds_nothing_twice(
    client, neighbours, handed_over, guest_carts, monkeypatch
):
    async def die(*_):
        raise Unavailable

    remove = guest_carts.remove
    monkeypatch.setattr(type(guest_carts), "remove", die)
    await sign_in(client)
    assert sum(quantities(neighbours).values()) > 0
    monkeypatch.setattr(type(guest_carts), "remove", lambda _self, *rest: remove(*rest))

    await client.get("/cart")

    assert quantities(neighbours) == EVERYTHING
    assert len(neighbours.called(ADD)) == 3


async def test_a_merge_that_broke_off_on_the_way_to_cart_loses_nothing(client, neighbours, handed_over):
    neighbours.responses[ADD] = problem(503, "unavailable")
    await sign_in(client)
    assert neighbours.cart == {}
    del neighbours.responses[ADD]

    await client.get("/cart")

    assert quantities(neighbours) == EVERYTHING


async def test_two_pages_at_once_merge_once(client, neighbours, handed_over):
    neighbours.responses[ADD] = problem(503, "unavailable")
    await sign_in(client)
    del neighbours.responses[ADD]

    await asyncio.gather(*(client.get("/cart") for _ in range(5)))

    assert quantities(neighbours) == EVERYTHING


async def test_a_line_that_may_be_in_the_cart_for_long_is_not_added_again_but_told(
    client, neighbours, handed_over, clock
):
    neighbours.responses[ADD] = problem(503, "unavailable")
    await sign_in(client)
    del neighbours.responses[ADD]
    clock.pass_(hours=41)

    page = await client.get("/cart")

    assert neighbours.cart == {}
    assert page.text.count("It may have come along already") == 2


async def test_what_cart_does_not_take_is_left_over_until_the_shopper_leaves_it_out(client, neighbours, redis):
    await add(client)
    neighbours.responses[ADD] = problem(409, "currency-mix")

    await sign_in(client)
    page = await client.get("/cart")

    assert "Not everything came along from the cart you had before" in page.text
    assert "What is in the cart is in another currency" in page.text
    assert len(neighbours.called(ADD)) == 1
    await change(client, qty=0)
    assert "Not everything came along" not in (await client.get("/cart")).text
    assert await redis.keys("guest-carts-of:*") == []


async def test_what_comes_too_late_for_a_merge_is_not_lost_silently(client, guest_carts, store):
    await add(client)
    guest = await store.find(client.cookies["session"])
    page = await client.get(f"/products/{LAMP['id']}")
    await guest_carts.close(guest_carts.cart_id(guest), NOON)

    form = {"csrf": csrf_of(page), "key": field_of(page, "key"), "qty": 1}
    answer = await client.post(f"/products/{LAMP['id']}", data=form, headers=ORIGIN)

    assert answer.status_code == 403
    assert "Nothing was changed. Please send it once more." in answer.text
    assert (await add(client)).status_code == 303  # in a session of its own


async def test_the_cart_of_somebody_who_was_signed_in_does_not_go_along_to_another_account(client, neighbours):
    await sign_in(client)
    await add(client)
    neighbours.cart = {}

    await sign_in(client)

    assert neighbours.cart == {}
