"""Something that a checkout needs is away: what can be promised is, the rest is refused, and nothing is kept of it."""

import asyncio
import signal

import pytest

from chassis.testing.problems import assert_problem
from infra.local import control
from tests.faults.retrying_client import retry_until

pytestmark = pytest.mark.usefixtures("invariants_hold_afterwards")


class Away:
    """A part that is down inside the block, and whose return nobody waits for."""

    def __init__(self, shop, part):
        self._shop, self._part = shop, part

    async def __aenter__(self):
        await asyncio.to_thread(control.hold, self._shop.run_dir, self._part, signal.SIGKILL)

    async def __aexit__(self, *_):
        await asyncio.to_thread(control.release, self._shop.run_dir, self._part, within=0)


@pytest.mark.parametrize("service", ["catalog", "shipping"])
async def test_a_checkout_that_cannot_be_finished_says_so_and_holds_no_stock(shop, asha, service):
    lamp = await shop.product(stock=5)
    await shop.add_to_cart(asha, lamp, qty=2)

    async with Away(shop, service):
        refused = await shop.check_out(asha)

    assert_problem(refused, 503, "unavailable")
    assert int(refused.headers["retry-after"]) > 0
    await asyncio.to_thread(control.wait_ready, shop.run_dir, service)
    await shop.wait_until_invariants_hold(within=90)
    assert (await shop.http.get("/order/v1/orders", headers=asha.headers)).json()["items"] == []
    assert await shop.available(lamp) == 5
    assert (await shop.check_out(asha)).status_code == 201


async def test_a_checkout_tried_again_is_for_the_cart_and_the_address_of_now(shop, asha):
    lamp, television = await shop.product(stock=1), await shop.product(stock=1, title="Television")
    await shop.add_to_cart(asha, lamp)
    await shop.add_to_cart(asha, television)

    async with Away(shop, "shipping"):
        assert (await shop.check_out(asha, address_line1="1 Old Road")).status_code == 503
        removed = await shop.http.delete(f"/cart/v1/cart/items/{television}", headers=asha.headers)
        assert removed.status_code == 200
    await asyncio.to_thread(control.wait_ready, shop.run_dir, "shipping")
    placed = await shop.check_out(asha, address_line1="2 New Street")

    # The lamp was the last one, and set aside for the order of both.
    assert placed.status_code == 201, placed.text
    assert [item["product_id"] for item in placed.json()["items"]] == [lamp]
    parcels = await shop.http.get(
        "/shipping/v1/shipments", params={"order_id": placed.json()["order_id"]}, headers=asha.headers
    )
    assert [parcel["address_line1"] for parcel in parcels.json()] == ["2 New Street"]
    await shop.wait_until_invariants_hold()
    assert (await shop.available(lamp), await shop.available(television)) == (0, 1)


async def test_what_was_added_while_a_checkout_could_not_be_finished_is_ordered_with_it(shop, asha):
    lamp, bulb = await shop.product(stock=1), await shop.product(stock=1, title="Bulb")
    await shop.add_to_cart(asha, lamp)

    async with Away(shop, "shipping"):
        assert (await shop.check_out(asha)).status_code == 503
        await shop.add_to_cart(asha, bulb)
    await asyncio.to_thread(control.wait_ready, shop.run_dir, "shipping")
    placed = await shop.check_out(asha)

    assert placed.status_code == 201, placed.text
    assert {item["product_id"] for item in placed.json()["items"]} == {lamp, bulb}


async def test_a_refused_checkout_leaves_nothing_anywhere(shop, asha):
    lamp = await shop.product(stock=1)
    await shop.add_to_cart(asha, lamp, qty=2)
    await shop.wait_until_invariants_hold()
    before = await shop.snapshot()

    refused = await shop.check_out(asha)

    assert_problem(refused, 409, "out-of-stock")
    await shop.wait_until_consumed()
    assert await shop.snapshot() == before


async def test_an_order_that_costs_nothing_waits_for_payment_to_come_back_and_is_paid_once(shop, asha):
    card = await shop.product(stock=5, price_cents=0, title="Colour card")

    async with Away(shop, "payment"):
        order = await shop.order(asha, card)
        states = await shop.states(order)

    assert states == ("CREATED", "HELD", "-", "PENDING_PAYMENT")
    await asyncio.to_thread(control.wait_ready, shop.run_dir, "payment")
    await shop.wait_for_status(order, "PAID", shipment="READY_TO_SHIP")


async def test_a_checkout_succeeds_while_kafka_is_down_and_is_published_when_it_is_back(shop, asha):
    lamp = await shop.product(stock=5)
    await shop.add_to_cart(asha, lamp, qty=2)

    async with Away(shop, "kafka"):
        placed = await shop.check_out(asha)
        paid = await shop.pay(asha, placed.json())
        states = await shop.states(placed.json())

    assert (placed.status_code, paid.status_code) == (201, 200)
    assert states == ("CREATED", "HELD", "SUCCEEDED", "PENDING_PAYMENT")
    await asyncio.to_thread(control.wait_ready, shop.run_dir, "kafka")
    await shop.wait_for_status(placed.json(), "PAID", shipment="READY_TO_SHIP")
    await shop.wait_until_consumed()
    cart = await retry_until(lambda: shop.http.get("/cart/v1/cart", headers=asha.headers), 200)
    assert cart.json()["items"] == []
