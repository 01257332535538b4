"""The last pieces are sold once, however many want them at the same moment."""

import asyncio
from collections import Counter
from uuid import uuid4

import pytest

from chassis.testing.eventually import eventually
from chassis.testing.problems import assert_problem, problem_of

pytestmark = pytest.mark.usefixtures("invariants_hold_afterwards")
ROUNDS, BUYERS, STOCK = 20, 20, 5


@pytest.fixture(scope="module")
async def buyers(shop):
    return await shop.shoppers(BUYERS)


async def test_of_twenty_buyers_at_once_exactly_five_get_one_of_five_lamps(shop, buyers):
    for _ in range(ROUNDS):
        lamp = await shop.product(stock=STOCK)
        await asyncio.gather(*(shop.add_to_cart(buyer, lamp) for buyer in buyers))

        answers = await asyncio.gather(*(shop.check_out(buyer) for buyer in buyers))

        assert Counter(answer.status_code for answer in answers) == {201: STOCK, 409: BUYERS - STOCK}
        refused = {problem_of(answer)[1] for answer in answers if answer.status_code == 409}
        assert refused == {"out-of-stock"}
        assert await shop.available(lamp) == 0
        await asyncio.gather(*(shop.empty_cart(buyer) for buyer in buyers))


async def test_buyers_who_want_the_same_two_things_in_other_orders_do_not_lock_each_other_out(shop, buyers):
    lamp, shade = await shop.product(stock=10), await shop.product(stock=10, title="Linen shade")
    for buyer, things in zip(buyers, [(lamp, shade), (shade, lamp)] * (BUYERS // 2), strict=True):
        for thing in things:
            await shop.add_to_cart(buyer, thing)

    answers = await asyncio.gather(*(shop.check_out(buyer) for buyer in buyers))

    assert Counter(answer.status_code for answer in answers) == {201: 10, 409: 10}
    assert (await shop.available(lamp), await shop.available(shade)) == (0, 0)
    await asyncio.gather(*(shop.empty_cart(buyer) for buyer in buyers))


async def test_ten_identical_checkouts_at_once_are_one_order(shop, asha):
    lamp = await shop.product(stock=20)
    await shop.add_to_cart(asha, lamp, qty=2)

    answers = await asyncio.gather(*(shop.check_out(asha) for _ in range(10)))

    refused = {problem_of(answer)[1] for answer in answers if answer.status_code != 201}
    assert refused <= {"cart-is-empty"}  # to whoever came after the cart had heard of the order
    assert len({answer.json()["order_id"] for answer in answers if answer.status_code == 201}) == 1
    assert await shop.available(lamp) == 18


async def test_ten_checkouts_at_once_with_one_key_are_one_order(shop, asha):
    lamp, key = await shop.product(stock=20), str(uuid4())
    await shop.add_to_cart(asha, lamp, qty=2)

    answers = await asyncio.gather(*(shop.check_out(asha, key=key) for _ in range(10)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await shop.available(lamp) == 18


async def test_checkouts_to_two_addresses_at_once_are_one_parcel_to_one_of_them(shop, asha):
    lamp = await shop.product(stock=2)
    await shop.add_to_cart(asha, lamp, qty=2)

    answers = await asyncio.gather(*(shop.check_out(asha, city=city) for city in ("Galway", "Cork") * 5))

    placed = {(answer.json()["order_id"], answer.json()["city"]) for answer in answers if answer.status_code == 201}
    refused = {problem_of(answer)[1] for answer in answers if answer.status_code != 201}
    assert len(placed) <= 1
    assert refused <= {"order-exists", "checkout-given-up", "cart-is-empty", *([] if placed else ["out-of-stock"])}
    if not placed:  # the last came before the one before it: what an order given up earlier holds is free soon

        async def placed_after_all():
            answer = await shop.check_out(asha)
            assert answer.status_code == 201, answer.text
            return True

        assert "out-of-stock" in refused
        await eventually(placed_after_all)
    assert await shop.available(lamp) == 0


async def test_the_same_key_again_is_answered_as_the_first_time_even_when_the_cart_has_changed(shop, asha):
    lamp, shade, key = await shop.product(stock=5), await shop.product(stock=5, title="Linen shade"), str(uuid4())
    await shop.add_to_cart(asha, lamp)
    first = await shop.check_out(asha, key=key)
    await shop.add_to_cart(asha, shade)

    again = await shop.check_out(asha, key=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.content, again.headers["location"]) == (first.content, first.headers["location"])
    assert await shop.available(shade) == 5


async def test_the_same_key_with_another_address_is_refused_and_nothing_is_ordered(shop, asha):
    lamp, key = await shop.product(stock=5), str(uuid4())
    await shop.add_to_cart(asha, lamp)
    first = await shop.check_out(asha, key=key)
    await shop.wait_until_invariants_hold()
    before = await shop.snapshot()

    other = await shop.check_out(asha, key=key, city="Cork")

    assert first.status_code == 201
    assert_problem(other, 422, "idempotency-key-reused")
    assert await shop.snapshot() == before
