"""Something that a checkout needs is away: what can be promised is, the rest is refused, and nothing is kept of it."""

import asyncio
import signal

import pytest

from chassis.testing.problems import assert_problem
from chassis.web.http_client import UpstreamUnavailable
from features.shop.shopper import address
from generated.clients.order import OutOfStock
from infra.local import control
from services.money import Money
from tests.faults.retrying_client import retry_until_available
from tests.shop import CHECK_OUT

pytestmark = pytest.mark.usefixtures("invariants_hold_afterwards")


class ServiceOutage:
    """A part that is down inside the block, and whose return nobody waits for."""

    def __init__(self, shop, part):
        self._shop, self._part = shop, part

    async def __aenter__(self):
        await asyncio.to_thread(control.keep_down, self._shop.run_dir, self._part, signal.SIGKILL)

    async def __aexit__(self, *_):
        await asyncio.to_thread(control.release, self._shop.run_dir, self._part, within=0)


@pytest.mark.parametrize("service", ["catalog", "shipping"])
async def test_a_checkout_that_cannot_be_finished_says_so_and_holds_no_stock(shop, asha, service):
    lamp = await shop.product(stock=5)
    await asha.add_to_cart(lamp, 2)

    async with ServiceOutage(shop, service):
        with pytest.raises(UpstreamUnavailable):
            await asha.check_out()
        (refused,) = shop.transport.last_responses(CHECK_OUT, 1)

    assert_problem(refused, 503, "unavailable")
    assert int(refused.headers["retry-after"]) > 0
    await asyncio.to_thread(control.wait_ready, shop.run_dir, service)
    await shop.wait_until_invariants_hold(within=90)
    assert await asha.list_orders() == []
    assert await shop.available(lamp) == 5
    await asha.check_out()


async def test_a_checkout_tried_again_is_for_the_cart_and_the_address_of_now(shop, asha):
    lamp, television = await shop.product(stock=1), await shop.product(stock=1, title="Television")
    await asha.add_to_cart(lamp)
    await asha.add_to_cart(television)

    async with ServiceOutage(shop, "shipping"):
        with pytest.raises(UpstreamUnavailable, match="503"):
            await asha.check_out(address("1 Old Road, Galway"))
        await shop.gateway.cart.remove_line(product_id=television.id, token=asha.token)
    await asyncio.to_thread(control.wait_ready, shop.run_dir, "shipping")
    placed = await asha.check_out(address("2 New Street, Galway"))

    # The lamp was the last one, and set aside for the order of both.
    assert [item.product_id for item in placed.items] == [lamp.id]
    assert [parcel.address_line1 for parcel in await asha.list_shipments()] == ["2 New Street"]
    await shop.wait_until_invariants_hold()
    assert (await shop.available(lamp), await shop.available(television)) == (0, 1)


async def test_what_was_added_while_a_checkout_could_not_be_finished_is_ordered_with_it(shop, asha):
    lamp, bulb = await shop.product(stock=1), await shop.product(stock=1, title="Bulb")
    await asha.add_to_cart(lamp)

    async with ServiceOutage(shop, "shipping"):
        with pytest.raises(UpstreamUnavailable, match="503"):
            await asha.check_out()
        await asha.add_to_cart(bulb)
    await asyncio.to_thread(control.wait_ready, shop.run_dir, "shipping")
    placed = await asha.check_out()

    assert {item.product_id for item in placed.items} == {lamp.id, bulb.id}


async def test_a_refused_checkout_leaves_nothing_anywhere(shop, asha):
    lamp = await shop.product(stock=1)
    await asha.add_to_cart(lamp, 2)
    await shop.wait_until_invariants_hold()
    before = await shop.snapshot()

    with pytest.raises(OutOfStock):
        await asha.check_out()

    await shop.wait_until_consumed()
    assert await shop.snapshot() == before


async def test_an_order_that_costs_nothing_waits_for_payment_to_come_back_and_is_paid_once(shop, asha):
    card = await shop.product(stock=5, price=Money(0, "EUR"), title="Colour card")

    async with ServiceOutage(shop, "payment"):
        order = await asha.place_order(card)
        states = await shop.states(order.order_id)

    assert states == ("CREATED", "HELD", "-", "PENDING_PAYMENT")
    await asyncio.to_thread(control.wait_ready, shop.run_dir, "payment")
    await shop.wait_for_status(order.order_id, "PAID", shipment="READY_TO_SHIP")


async def test_a_checkout_succeeds_while_kafka_is_down_and_is_published_when_it_is_back(shop, asha):
    lamp = await shop.product(stock=5)
    await asha.add_to_cart(lamp, 2)

    async with ServiceOutage(shop, "kafka"):
        order = await asha.check_out()
        await asha.pay()
        states = await shop.states(order.order_id)

    assert states == ("CREATED", "HELD", "SUCCEEDED", "PENDING_PAYMENT")
    await asyncio.to_thread(control.wait_ready, shop.run_dir, "kafka")
    await shop.wait_for_status(order.order_id, "PAID", shipment="READY_TO_SHIP")
    await shop.wait_until_consumed()
    assert (await retry_until_available(asha.get_cart)).items == []
