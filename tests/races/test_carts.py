"""What is put in a cart is ordered once, however it meets the news of an order."""

import asyncio

import pytest

from infra.local import control

pytestmark = pytest.mark.usefixtures("invariants_hold_afterwards")
SHOPPERS = 6


async def change(shop, shopper, product_id, qty):
    path = f"/cart/v1/cart/items/{product_id}"
    answer = await shop.http.patch(path, json={"qty": qty}, headers=shopper.headers)
    assert answer.status_code == 200, answer.text


async def check_out(shop, shopper):
    answer = await shop.check_out(shopper)
    assert answer.status_code == 201, answer.text
    return answer.json()


def pieces(order):
    return [(item["product_id"], item["qty"]) for item in order["items"]]


async def test_six_shoppers_who_bought_two_and_add_one_at_once_order_eighteen_pieces(shop):
    lamp, buyers = await shop.product(stock=40), await shop.shoppers(SHOPPERS)

    async def buys(buyer):
        await shop.add_to_cart(buyer, lamp, qty=2)
        first = await check_out(shop, buyer)
        await shop.add_to_cart(buyer, lamp)
        return [pieces(first), pieces(await check_out(shop, buyer))]

    orders = await asyncio.gather(*map(buys, buyers))

    assert orders == [[[(lamp, 2)], [(lamp, 1)]]] * SHOPPERS
    assert await shop.available(lamp) == 40 - 18


async def test_while_kafka_is_down_what_is_added_is_ordered_once_and_the_cart_comes_to_be_empty(shop, asha):
    lamp, shade = await shop.product(stock=9), await shop.product(stock=9, title="Linen shade")
    await shop.add_to_cart(asha, lamp, qty=2)
    await shop.add_to_cart(asha, shade)
    orders = []
    await asyncio.to_thread(control.hold, shop.run_dir, "kafka")
    try:
        orders.append(await check_out(shop, asha))
        await change(shop, asha, lamp, 5)
        await change(shop, asha, lamp, 4)
        orders.append(await check_out(shop, asha))
        await change(shop, asha, shade, 0)
        await shop.add_to_cart(asha, shade)
        orders.append(await check_out(shop, asha))
    finally:
        await asyncio.to_thread(control.release, shop.run_dir, "kafka")
    await shop.wait_until_invariants_hold()  # all is announced
    await shop.wait_until_consumed()

    assert list(map(pieces, orders)) == [[(lamp, 2), (shade, 1)], [(lamp, 2)], [(shade, 1)]]
    assert (await shop.available(lamp), await shop.available(shade)) == (5, 7)
    assert (await shop.http.get("/cart/v1/cart", headers=asha.headers)).json()["items"] == []
