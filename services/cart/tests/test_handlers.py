"""The cart API, driven through its contract."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from chassis.contracts.media_types import PROBLEM_JSON
from chassis.testing.problems import assert_problem
from chassis.testing.transports import StubTransport, json_response
from chassis.web.http_transport import Response
from chassis.web.problems import Unavailable
from generated.clients.catalog import CatalogClient
from services import CONTRACTS_FOLDER
from services.cart.application import CartService
from services.cart.clients import CatalogServiceClient
from services.cart.domain import MAX_ADDITIONS, MAX_PRODUCTS, Product
from services.cart.handlers import CartHandlers
from services.cart.tests.conftest import CHAIR, LAMP, QUILT
from tests.accounts import ADMIN, ASHA, BRAM
from tooling.conformance.callers import contract_test_client, internal_key_headers

CONTRACT = CONTRACTS_FOLDER / "cart.yaml"

EMPTY = {"items": [], "currency": None, "total_cents": 0}


async def add(client, product=LAMP, qty=1, caller=ASHA, key=None):
    body = {"product_id": str(product.id), "qty": qty}
    headers = {**caller.headers, **({"Idempotency-Key": key} if key else {})}
    return await client.post("/cart/v1/cart/items", json=body, headers=headers)


async def change(client, qty, product=LAMP, caller=ASHA):
    return await client.patch(f"/cart/v1/cart/items/{product.id}", json={"qty": qty}, headers=caller.headers)


async def remove(client, product=LAMP, caller=ASHA):
    return await client.delete(f"/cart/v1/cart/items/{product.id}", headers=caller.headers)


async def take_price(client, line_id, product=LAMP, caller=ASHA):
    path = f"/cart/v1/cart/items/{product.id}/price"
    return await client.post(path, json={"line_id": str(line_id)}, headers=caller.headers)


async def clear(client, caller=ASHA):
    return await client.post("/cart/v1/cart/clear", headers=caller.headers)


async def get_cart(client, caller=ASHA):
    answer = await client.get("/cart/v1/cart", headers=caller.headers)
    assert answer.status_code == 200
    return answer.json()


async def test_whoever_has_no_cart_has_an_empty_one(client):
    assert await get_cart(client) == EMPTY


async def test_a_product_is_put_in_as_it_is_called_and_costs_now(client):
    answer = await add(client, LAMP, 2)

    assert answer.status_code == 201
    cart = answer.json()
    assert UUID(cart["items"][0].pop("line_id")).version == 7
    assert cart == {
        "items": [
            {
                "product_id": str(LAMP.id),
                "title": "Walnut desk lamp",
                "unit_price_cents": 12999,
                "qty": 2,
                "total_cents": 25998,
                "added_at": "2026-01-05T12:00:00Z",
            }
        ],
        "currency": "EUR",
        "total_cents": 25998,
    }


async def test_more_of_a_product_costs_what_it_costs_now_and_what_is_in_already_what_it_cost_then(client, products):
    before = (await add(client, LAMP, 2)).json()["items"][0]
    products[LAMP.id] = replace(LAMP, title="Walnut lamp", price_cents=14999)

    cart = (await add(client, LAMP, 3)).json()

    (line,) = cart["items"]
    assert (line["qty"], line["title"], line["unit_price_cents"]) == (5, "Walnut lamp", 14999)
    assert line["total_cents"] == cart["total_cents"] == 2 * 12999 + 3 * 14999
    assert line["line_id"] != before["line_id"]
    assert line["added_at"] > before["added_at"]


async def test_every_shopper_has_a_cart_of_their_own(client):
    await add(client, LAMP, 2)
    await add(client, CHAIR, caller=BRAM)

    assert [line["title"] for line in (await get_cart(client))["items"]] == ["Walnut desk lamp"]
    assert [line["title"] for line in (await get_cart(client, BRAM))["items"]] == ["Oak chair"]
    assert await get_cart(client, ADMIN) == EMPTY


async def test_lines_stay_in_the_order_they_were_added_in_whatever_becomes_of_them(client):
    await add(client, LAMP)
    await add(client, CHAIR)

    await change(client, 7, LAMP)

    assert [line["title"] for line in (await get_cart(client))["items"]] == ["Walnut desk lamp", "Oak chair"]


async def test_what_is_not_for_sale_is_not_put_in(client, products):
    await add(client, CHAIR)
    before = await get_cart(client)
    del products[LAMP.id]

    answer = await add(client, LAMP)

    assert_problem(answer, 409, "product-unavailable")
    assert await get_cart(client) == before


async def test_a_second_currency_is_refused_and_the_cart_stays(client):
    await add(client, LAMP)
    before = await get_cart(client)

    answer = await add(client, QUILT)

    assert_problem(answer, 409, "currency-mix")
    assert answer.json()["detail"] == "The cart is in EUR"
    assert await get_cart(client) == before


@pytest.mark.parametrize("operation", [add, lambda c: change(c, 3)], ids=["put in", "raised"])
async def test_a_product_that_changed_its_currency_is_not_added_to(client, products, operation):
    await add(client, LAMP)
    before = await get_cart(client)
    products[LAMP.id] = replace(LAMP, currency="USD")

    answer = await operation(client)

    assert_problem(answer, 409, "currency-mix")
    assert await get_cart(client) == before


async def test_a_full_cart_takes_no_other_product_but_more_of_what_is_in(client, products):
    for number in range(MAX_PRODUCTS):
        product = products[UUID(int=number)] = Product(UUID(int=number), f"Bead {number}", 10, "EUR")
        assert (await add(client, product)).status_code == 201
    before = await get_cart(client)

    refused, more = await add(client, LAMP), await add(client, product)

    assert_problem(refused, 409, "cart-full")
    assert len(before["items"]) == len(more.json()["items"]) == MAX_PRODUCTS
    assert more.json()["total_cents"] == before["total_cents"] + 10


async def test_there_are_never_more_than_99_pieces_of_a_product(client):
    await add(client, LAMP, 98)
    before = await get_cart(client)

    refused, last = await add(client, LAMP, 2), await add(client, LAMP, 1)

    assert_problem(refused, 409, "too-many-pieces")
    assert before["items"][0]["qty"] == 98
    assert last.json()["items"][0]["qty"] == 99


async def test_a_raise_costs_what_the_product_costs_now_and_the_rest_what_it_cost(client, products):
    await add(client, LAMP, 2)
    products[LAMP.id] = replace(LAMP, price_cents=14999)

    answer = await change(client, 99)

    assert answer.status_code == 200
    assert answer.json()["items"][0]["qty"] == 99
    assert answer.json()["total_cents"] == 2 * 12999 + 97 * 14999


async def test_a_raise_that_is_repeated_adds_nothing_more(client, redis):
    await add(client, LAMP, 2)
    first = await change(client, 3)
    kept = await redis.dump(f"cart:{{{ASHA.id}}}:lines")

    again = await change(client, 3)

    assert again.json() == first.json()
    assert await redis.dump(f"cart:{{{ASHA.id}}}:lines") == kept


async def test_fewer_pieces_cost_what_was_seen_whatever_the_product_costs_now(client, products):
    before = (await add(client, LAMP, 3)).json()["items"][0]
    del products[LAMP.id]  # nobody is asked

    answer = await change(client, 1)

    assert answer.json()["items"] == [{**before, "qty": 1, "total_cents": 12999}]


async def test_what_is_not_sold_any_more_is_not_raised_but_can_be_taken_out(client, products):
    await add(client, LAMP, 2)
    before = await get_cart(client)
    del products[LAMP.id]

    answer = await change(client, 3)

    assert_problem(answer, 409, "product-unavailable")
    assert await get_cart(client) == before
    assert (await remove(client)).json() == EMPTY


async def test_a_cart_that_was_added_to_200_times_can_only_be_lowered(client, carts, products, make_addition):
    make_products = [Product(UUID(int=number), f"Bead {number}", 10, "EUR") for number in range(MAX_PRODUCTS)]
    products.update({bead.id: bead for bead in make_products})
    for n in range(MAX_ADDITIONS):
        await carts.add(ASHA.id, make_addition(make_products[n % MAX_PRODUCTS]))
    before = await get_cart(client)

    refused = [await add(client, make_products[0]), await change(client, 99, make_products[0])]

    for answer in refused:
        assert_problem(answer, 409, "too-many-additions")
    assert await get_cart(client) == before
    lowered = await change(client, 1, make_products[0])
    assert lowered.json()["total_cents"] == before["total_cents"] - 30


@pytest.mark.parametrize("again", ["asha-1", '"asha-1"'], ids=["bare", "in quotes"])
async def test_an_addition_with_the_same_key_is_made_once_and_answered_with_the_cart(client, products, again):
    first = await add(client, LAMP, 2, key="asha-1")
    repeats = [await add(client, LAMP, 2, key=again)]
    await add(client, CHAIR)
    del products[LAMP.id]
    before = await get_cart(client)

    repeats += [await add(client, LAMP, 2, key=again)]

    assert [(repeat.status_code, repeat.json()) for repeat in repeats] == [(201, first.json()), (201, before)]
    assert await get_cart(client) == before


async def test_twenty_additions_at_once_with_one_key_are_one(client):
    answers = await asyncio.gather(*(add(client, LAMP, 2, key="asha-1") for _ in range(20)))

    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert (await get_cart(client))["items"][0]["qty"] == 2


@pytest.mark.parametrize("refusal", ["product-unavailable", "too-many-pieces"])
async def test_a_refused_addition_is_refused_again_under_its_key(client, products, refusal):
    if refusal == "product-unavailable":
        del products[LAMP.id]
    else:
        await add(client, LAMP, 99)
    first = await add(client, LAMP, key="asha-1")
    products[LAMP.id] = LAMP
    await clear(client)

    again = await add(client, LAMP, key="asha-1")

    assert_problem(first, 409, refusal)
    assert (again.status_code, again.content) == (409, first.content)
    assert await get_cart(client) == EMPTY


async def test_a_key_with_another_addition_is_refused_and_changes_nothing(client):
    await add(client, LAMP, 2, key="asha-1")
    before = await get_cart(client)

    answers = [await add(client, LAMP, 3, key="asha-1"), await add(client, CHAIR, 2, key="asha-1")]

    for answer in answers:
        assert_problem(answer, 422, "idempotency-key-reused")
    assert await get_cart(client) == before


async def test_keys_of_different_shoppers_have_nothing_to_do_with_each_other(client):
    await add(client, LAMP, 2, key="the-same")

    assert (await add(client, LAMP, 2, BRAM, key="the-same")).json()["items"][0]["qty"] == 2


async def test_a_key_takes_no_more_room_the_more_is_in_the_cart(client, redis, carts, make_addition, products):
    await add(client, LAMP, key="asha-1")
    for _ in range(50):
        await carts.add(ASHA.id, make_addition(CHAIR))
    await add(client, LAMP, key="asha-2")

    lengths = [await redis.strlen(f"cart:{{{ASHA.id}}}:key:{key}") for key in ("asha-1", "asha-2")]
    assert lengths[0] == lengths[1] < 100


async def test_a_key_is_known_for_two_days_beside_its_cart(client, redis):
    await add(client, LAMP, 2, key="asha-1")

    assert 48 * 3600 - 5 < await redis.ttl(f"cart:{{{ASHA.id}}}:key:asha-1") <= 48 * 3600


async def test_setting_the_quantity_to_zero_removes_the_line(client):
    await add(client, LAMP, 2)
    await add(client, CHAIR)

    answer = await change(client, 0)

    assert [line["title"] for line in answer.json()["items"]] == ["Oak chair"]


async def test_a_product_is_taken_out_once(client):
    await add(client, LAMP, 2)

    first, again = await remove(client), await remove(client)

    assert (first.status_code, first.json()) == (200, EMPTY)
    assert_problem(again, 404, "line-not-found")


@pytest.mark.parametrize(
    "operation", [lambda c: change(c, 3), lambda c: change(c, 0), remove], ids=["more", "none", "out"]
)
async def test_what_is_not_in_the_cart_is_not_found_in_it(client, operation):
    await add(client, CHAIR)
    await add(client, LAMP, caller=BRAM)
    before, of_bram = await get_cart(client), await get_cart(client, BRAM)

    answer = await operation(client)

    assert_problem(answer, 404, "line-not-found")
    assert (await get_cart(client), await get_cart(client, BRAM)) == (before, of_bram)


async def test_clearing_a_cart_takes_everything_out_and_a_repeat_changes_nothing(client):
    await add(client, LAMP, 2)
    await add(client, CHAIR)
    await add(client, CHAIR, caller=BRAM)

    first, again = await clear(client), await clear(client)

    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (200, EMPTY)
    assert await get_cart(client) == EMPTY
    assert len((await get_cart(client, BRAM))["items"]) == 1


async def test_order_reads_each_addition_of_a_shopper_and_nobody_else_does(client, products):
    await add(client, LAMP, 2)
    products[LAMP.id] = replace(LAMP, price_cents=14999)
    await change(client, 3)
    path = f"/cart/v1/carts/{ASHA.id}"

    cart = (await client.get(path, headers=internal_key_headers("order"))).json()
    others = [
        (await client.get(path, headers=headers)).status_code
        for headers in ({}, ASHA.headers, ADMIN.headers, internal_key_headers("payment"), {"X-Internal-Key": "guessed"})
    ]

    assert [(line["qty"], line["unit_price_cents"]) for line in cart["items"]] == [(2, 12999), (1, 14999)]
    assert len({line["line_id"] for line in cart["items"]}) == 2
    assert (cart["currency"], cart["total_cents"]) == ("EUR", (await get_cart(client))["total_cents"])
    assert cart["revision"] > 0
    assert others == [401, 401, 401, 403, 401]


async def test_a_shopper_without_a_token_has_no_cart(client, redis):
    body = {"product_id": str(LAMP.id), "qty": 1}

    answers = [
        await client.get("/cart/v1/cart"),
        await client.post("/cart/v1/cart/items", json=body),
        await client.patch(f"/cart/v1/cart/items/{LAMP.id}", json={"qty": 1}),
        await client.delete(f"/cart/v1/cart/items/{LAMP.id}"),
        await client.post("/cart/v1/cart/clear"),
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert await redis.dbsize() == 0


@pytest.mark.parametrize(
    "body",
    [
        {"product_id": str(LAMP.id), "qty": 0},
        {"product_id": str(LAMP.id), "qty": -5},
        {"product_id": str(LAMP.id), "qty": 100},
        {"product_id": str(LAMP.id), "qty": 1.5},
        {"product_id": "the lamp", "qty": 1},
        {"product_id": str(LAMP.id), "qty": 1, "unit_price_cents": 1},
    ],
    ids=["none", "fewer than none", "too many", "and a half", "no id", "a price of one's own"],
)
async def test_a_line_that_is_not_what_the_contract_says_is_not_put_in(client, redis, body):
    answer = await client.post("/cart/v1/cart/items", json=body, headers=ASHA.headers)

    assert_problem(answer, 400, "invalid-request")
    assert await redis.dbsize() == 0


@pytest.mark.parametrize("qty", [-1, 100])
async def test_pieces_out_of_bounds_change_nothing(client, qty):
    before = (await add(client, LAMP, 2)).json()

    answer = await change(client, qty)

    assert_problem(answer, 400, "invalid-request")
    assert await get_cart(client) == before


@pytest.fixture
def client_with_catalog(carts, now):
    """A client of a cart service whose catalog answers by the given function."""

    def client_with_catalog(answer):
        client = CatalogClient("http://catalog", transport=StubTransport(answer), timeout=0.3)
        return contract_test_client(CONTRACT, CartHandlers(CartService(carts, CatalogServiceClient(client), now)))

    return client_with_catalog


async def test_the_catalog_says_what_a_product_is_called_and_costs(client_with_catalog):
    product = {"id": str(LAMP.id), "title": LAMP.title, "description": "", "price_cents": 12999, "currency": "EUR",
            "sku": "LAMP-WALNUT", "category_id": None, "active": True, "available": 5,
            "new": "and unknown here"}  # fmt: skip

    async with client_with_catalog(lambda _: json_response(200, product)) as client:
        answer = await add(client, LAMP, 2)

    assert (answer.status_code, answer.json()["total_cents"]) == (201, 25998)


async def test_what_the_catalog_does_not_know_is_not_for_sale(client_with_catalog, redis):
    problem = {"type": "/problems/product-not-found", "title": "There is no such product", "status": 404}

    async with client_with_catalog(lambda _: json_response(404, problem, PROBLEM_JSON)) as client:
        answer = await add(client)

    assert_problem(answer, 409, "product-unavailable")
    assert await redis.dbsize() == 0


def refuse_connection(request):
    raise ConnectionRefusedError


def respond_500(request):
    return Response(500, {})


def respond_invalid_body(request):
    return json_response(200, {"title": 7})


@pytest.mark.parametrize("catalog", [refuse_connection, respond_500, respond_invalid_body])
async def test_nothing_is_put_in_while_the_catalog_is_away_and_the_rest_works(
    client_with_catalog, carts, make_addition, catalog
):
    await carts.add(ASHA.id, make_addition(CHAIR, 2))

    async with client_with_catalog(catalog) as client:
        without, *answers = [
            await add(client, LAMP),
            await add(client, LAMP, key="asha-1"),
            await change(client, 3, CHAIR),
        ]
        changed = await change(client, 1, CHAIR)

    assert_problem(without, 503, "outcome-unknown")
    for answer in answers:
        assert_problem(answer, 503, "unavailable")
        assert int(answer.headers["retry-after"]) > 0
    assert [line["title"] for line in changed.json()["items"]] == ["Oak chair"]


def at(price_cents, product=LAMP):
    return replace(product, price_cents=price_cents)


async def line_of(client, product=LAMP):
    return next(line for line in (await get_cart(client))["items"] if line["product_id"] == str(product.id))


async def test_all_pieces_of_a_product_have_the_price_of_now(client, products, cart_contents):
    await add(client, LAMP, 2)
    await add(client, CHAIR)
    products[LAMP.id] = at(14999)
    await add(client, LAMP, 1)
    products[LAMP.id] = replace(at(9999), title="Oak desk lamp")
    seen = await line_of(client)

    answer = await take_price(client, seen["line_id"])

    assert answer.status_code == 200
    line = await line_of(client)
    assert answer.json() == await get_cart(client)
    assert (line["title"], line["qty"], line["total_cents"]) == ("Oak desk lamp", 3, 29997)
    assert line["line_id"] != seen["line_id"]
    assert sorted(contents[1:] for contents in (await cart_contents()).values()) == [(1, CHAIR.price_cents), (3, 9999)]


async def test_a_price_that_is_taken_twice_is_that_of_the_first_time(client, products):
    await add(client)
    seen = await line_of(client)
    products[LAMP.id] = at(9999)
    first = await take_price(client, seen["line_id"])
    products[LAMP.id] = at(19999)

    second = await take_price(client, seen["line_id"])

    assert (second.status_code, second.json()) == (200, first.json())


async def test_of_many_who_take_a_price_at_once_one_does(client, products, cart_contents):
    await add(client, LAMP, 2)
    seen = await line_of(client)
    products[LAMP.id] = at(9999)

    answers = await asyncio.gather(*(take_price(client, seen["line_id"]) for _ in range(8)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert [contents[1:] for contents in (await cart_contents()).values()] == [(2, 9999)]


async def test_what_is_not_in_the_cart_has_no_price_to_take(client, products, cart_contents):
    await add(client, CHAIR)
    before = await cart_contents()

    answer = await take_price(client, UUID(int=1))

    assert_problem(answer, 404, "line-not-found")
    assert await cart_contents() == before


async def test_what_is_not_sold_any_more_keeps_its_price_and_its_place(client, products, cart_contents):
    await add(client)
    seen, before = await line_of(client), await cart_contents()
    del products[LAMP.id]

    answer = await take_price(client, seen["line_id"])

    assert_problem(answer, 409, "product-unavailable")
    assert await cart_contents() == before


async def test_a_price_of_another_currency_is_taken_where_nothing_else_is_in_the_cart(client, products, cart_contents):
    await add(client)
    await add(client, CHAIR)
    seen, before = await line_of(client), await cart_contents()
    products[LAMP.id] = replace(LAMP, currency="GBP")

    refused = await take_price(client, seen["line_id"])

    assert_problem(refused, 409, "currency-mix", detail="The cart is in EUR")
    assert await cart_contents() == before
    await remove(client, CHAIR)
    assert (await take_price(client, seen["line_id"])).json()["currency"] == "GBP"


async def test_a_repeat_under_its_key_is_answered_while_catalog_is_away(client, products, monkeypatch):
    async def away(_product_id):
        raise Unavailable

    first = await add(client, key="once")
    monkeypatch.setattr(products, "get", away)

    again, other = await add(client, key="once"), await add(client, key="another")

    assert (again.status_code, again.json()) == (201, first.json())
    assert other.status_code == 503
