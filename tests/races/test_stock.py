"""The last pieces are sold once, however many want them at the same moment."""

import asyncio
from collections import Counter
from contextlib import suppress
from uuid import uuid4

import pytest
from msgspec.structs import replace

from chassis.testing.eventually import eventually
from chassis.web.http_client import Problem, UndeclaredProblem, UpstreamUnavailable
from features.shop.shopper import HOME
from generated.clients.order import CartIsEmpty, CheckoutGivenUp, OrderExists, OutOfStock
from generated.models.order import PlacedOrder
from tests.shop import CHECK_OUT

pytestmark = pytest.mark.usefixtures("invariants_hold_afterwards")
ROUNDS, BUYERS, STOCK = 20, 20, 5
CORK = replace(HOME, city="Cork")


async def gather_outcomes(calls):
    """What each call returned or raised."""
    return await asyncio.gather(*calls, return_exceptions=True)


@pytest.fixture(scope="module")
async def buyers(shop):
    return await shop.new_shoppers(BUYERS)


async def test_of_twenty_buyers_at_once_exactly_five_get_one_of_five_lamps(shop, buyers):
    for _ in range(ROUNDS):
        lamp = await shop.product(stock=STOCK)
        await asyncio.gather(*(buyer.add_to_cart(lamp) for buyer in buyers))

        outcomes = await gather_outcomes(buyer.check_out() for buyer in buyers)

        assert Counter(map(type, outcomes)) == {PlacedOrder: STOCK, OutOfStock: BUYERS - STOCK}
        assert await shop.available(lamp) == 0
        await asyncio.gather(*(buyer.empty_cart() for buyer in buyers))


async def test_buyers_who_want_the_same_two_things_in_other_orders_do_not_lock_each_other_out(shop, buyers):
    lamp, shade = await shop.product(stock=10), await shop.product(stock=10, title="Linen shade")
    for buyer, things in zip(buyers, [(lamp, shade), (shade, lamp)] * (BUYERS // 2), strict=True):
        for thing in things:
            await buyer.add_to_cart(thing)

    outcomes = await gather_outcomes(buyer.check_out() for buyer in buyers)

    assert Counter(map(type, outcomes)) == {PlacedOrder: 10, OutOfStock: 10}
    assert (await shop.available(lamp), await shop.available(shade)) == (0, 0)
    await asyncio.gather(*(buyer.empty_cart() for buyer in buyers))


async def test_ten_identical_checkouts_at_once_are_one_order(shop, asha):
    lamp = await shop.product(stock=20)
    await asha.add_to_cart(lamp, 2)

    outcomes = await gather_outcomes(asha.check_out() for _ in range(10))

    # The cart is empty to whoever came after it had heard of the order.
    assert set(map(type, outcomes)) <= {PlacedOrder, CartIsEmpty}
    assert len({placed.order_id for placed in outcomes if isinstance(placed, PlacedOrder)}) == 1
    assert await shop.available(lamp) == 18


async def test_ten_checkouts_at_once_with_one_key_are_one_order(shop, asha):
    lamp, key = await shop.product(stock=20), str(uuid4())
    await asha.add_to_cart(lamp, 2)

    await asyncio.gather(*(asha.check_out(key=key) for _ in range(10)))

    assert len({response.content for response in shop.transport.last_responses(CHECK_OUT, 10)}) == 1
    assert await shop.available(lamp) == 18


async def test_checkouts_to_two_addresses_at_once_are_one_parcel_to_one_of_them(shop, asha):
    lamp = await shop.product(stock=2)
    await asha.add_to_cart(lamp, 2)

    outcomes = await gather_outcomes(asha.check_out(to) for to in (HOME, CORK) * 5)

    placed = {(order.order_id, order.city) for order in outcomes if isinstance(order, PlacedOrder)}
    refused = {type(refusal) for refusal in outcomes if not isinstance(refusal, PlacedOrder)}
    assert len(placed) <= 1
    assert refused <= {OrderExists, CheckoutGivenUp, CartIsEmpty, *([] if placed else [OutOfStock])}
    if not placed:  # the last came before the one before it: what an order given up earlier holds is free soon

        async def placed_after_all():
            with suppress(Problem, UpstreamUnavailable):
                return await asha.check_out()

        assert OutOfStock in refused
        await eventually(placed_after_all)
    assert await shop.available(lamp) == 0


async def test_the_same_key_again_is_answered_as_the_first_time_even_when_the_cart_has_changed(shop, asha):
    lamp, shade, key = await shop.product(stock=5), await shop.product(stock=5, title="Linen shade"), str(uuid4())
    await asha.add_to_cart(lamp)
    await asha.check_out(key=key)
    (first,) = shop.transport.last_responses(CHECK_OUT, 1)
    await asha.add_to_cart(shade)

    await asha.check_out(key=key)

    (again,) = shop.transport.last_responses(CHECK_OUT, 1)
    assert (again.content, again.headers["location"]) == (first.content, first.headers["location"])
    assert await shop.available(shade) == 5


async def test_the_same_key_with_another_address_is_refused_and_nothing_is_ordered(shop, asha):
    lamp, key = await shop.product(stock=5), str(uuid4())
    await asha.add_to_cart(lamp)
    await asha.check_out(key=key)
    await shop.wait_until_invariants_hold()
    before = await shop.snapshot()

    with pytest.raises(UndeclaredProblem) as refused:
        await asha.check_out(CORK, key=key)

    assert (refused.value.status, refused.value.type) == (422, "/problems/idempotency-key-reused")
    assert await shop.snapshot() == before
