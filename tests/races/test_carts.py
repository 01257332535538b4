"""What is put in a cart is ordered once, however it meets the news of an order."""

import asyncio

import pytest

from infra.local import control

pytestmark = pytest.mark.usefixtures("invariants_hold_afterwards")
SHOPPERS = 6


def ordered_pieces(order):
    return [(item.product_id, item.qty) for item in order.items]


async def test_six_shoppers_who_bought_two_and_add_one_at_once_order_eighteen_pieces(shop):
    lamp, buyers = await shop.product(stock=40), await shop.new_shoppers(SHOPPERS)

    async def buys(buyer):
        await buyer.add_to_cart(lamp, 2)
        first = await buyer.check_out()
        await buyer.add_to_cart(lamp)
        return [ordered_pieces(first), ordered_pieces(await buyer.check_out())]

    orders = await asyncio.gather(*map(buys, buyers))

    assert orders == [[[(lamp.id, 2)], [(lamp.id, 1)]]] * SHOPPERS
    assert await shop.available(lamp) == 40 - 18


async def test_while_kafka_is_down_what_is_added_is_ordered_once_and_the_cart_comes_to_be_empty(shop, asha):
    lamp, shade = await shop.product(stock=9), await shop.product(stock=9, title="Linen shade")
    await asha.add_to_cart(lamp, 2)
    await asha.add_to_cart(shade)
    orders = []
    await asyncio.to_thread(control.keep_down, shop.run_dir, "kafka")
    try:
        orders.append(await asha.check_out())
        await asha.set_quantity(lamp, 5)
        await asha.set_quantity(lamp, 4)
        orders.append(await asha.check_out())
        await asha.set_quantity(shade, 0)
        await asha.add_to_cart(shade)
        orders.append(await asha.check_out())
    finally:
        await asyncio.to_thread(control.release, shop.run_dir, "kafka")
    await shop.wait_until_invariants_hold()  # all is announced
    await shop.wait_until_consumed()

    assert list(map(ordered_pieces, orders)) == [[(lamp.id, 2), (shade.id, 1)], [(lamp.id, 2)], [(shade.id, 1)]]
    assert (await shop.available(lamp), await shop.available(shade)) == (5, 7)
    assert (await asha.get_cart()).items == []
