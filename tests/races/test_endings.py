"""Pay, cancel and dispatch at the same moment: one row decides, and all the others follow it."""

import asyncio

import pytest

from features.shop.money import PRICE
from generated.clients.order import AlreadyDispatched
from generated.clients.payment import OrderNotPayable
from generated.clients.shipping import ShipmentNotReady
from generated.models.order import Order
from generated.models.payment import Payment
from generated.models.shipping import Shipment

pytestmark = pytest.mark.usefixtures("invariants_hold_afterwards")
ROUNDS = 30
# How much later than the other the second one begins: from far behind to far ahead.
HEAD_STARTS = [(n - ROUNDS / 2) * 0.006 for n in range(ROUNDS)]


async def race(one, other, head_start):
    """Begin both, the one so many seconds before the other, or after it; what each returned or raised."""

    async def later(call, seconds):
        await asyncio.sleep(max(seconds, 0))
        return await call

    return await asyncio.gather(later(one, -head_start), later(other, head_start), return_exceptions=True)


async def all_rounds(play):
    """The outcomes of all rounds, a few of which run at a time."""
    turns = asyncio.Semaphore(3)

    async def one(head_start):
        async with turns:
            return await play(head_start)

    return await asyncio.gather(*(one(head_start) for head_start in HEAD_STARTS))


async def orders_of_many(shop, lamp):
    """As many unpaid orders as there are rounds, each with its shopper: nobody may have more than a few."""
    buyers = await shop.new_shoppers(ROUNDS // 5)
    return [(buyer, (await buyer.place_order(lamp)).order_id) for buyer in buyers for _ in range(5)]


async def pay_and_cancel(buyer, order_id, head_start):
    return await race(buyer.pay(PRICE, order_id), buyer.cancel(order_id), head_start)


async def test_an_order_paid_and_cancelled_at_once_is_cancelled_and_no_money_is_kept(shop):
    lamp = await shop.product(stock=ROUNDS)
    waiting = iter(await orders_of_many(shop, lamp))

    async def play(head_start):
        buyer, order_id = next(waiting)
        return order_id, *map(type, await pay_and_cancel(buyer, order_id, head_start))

    outcomes = await all_rounds(play)

    await shop.wait_until_invariants_hold()
    for order_id, paid, cancelled in outcomes:
        stands = await shop.states(order_id)
        assert cancelled is Order  # paid or not, it has not been dispatched
        assert stands[0] == {Payment: "REFUNDED", OrderNotPayable: "CANCELLED"}[paid], stands
    assert await shop.available(lamp) == ROUNDS
    assert {paid for _, paid, _ in outcomes} == {Payment, OrderNotPayable}, "nothing was decided by a race"


async def test_an_order_cancelled_as_soon_as_it_is_placed_is_never_missing_to_whoever_pays_for_it(shop, asha):
    lamp = await shop.product(stock=ROUNDS)
    outcomes = []
    for head_start in HEAD_STARTS:
        order = await asha.place_order(lamp)
        outcomes.append(tuple(map(type, await pay_and_cancel(asha, order.order_id, head_start))))

    await shop.wait_until_invariants_hold()
    assert set(outcomes) == {(Payment, Order), (OrderNotPayable, Order)}


async def test_a_parcel_cancelled_and_dispatched_at_once_either_leaves_or_is_refunded(shop):
    lamp = await shop.product(stock=ROUNDS)
    placed = await orders_of_many(shop, lamp)
    for buyer, order_id in placed:
        await buyer.pay(PRICE, order_id)
    for _, order_id in placed:
        await shop.wait_for_status(order_id, "PAID", shipment="READY_TO_SHIP")
    waiting = iter([(buyer, order_id, await shop.warehouse.find_shipment(order_id)) for buyer, order_id in placed])

    async def play(head_start):
        buyer, order_id, shipment = next(waiting)
        dispatch = shop.gateway.shipping.dispatch_shipment(shipment_id=shipment.id, token=shop.admin.token)
        return order_id, *map(type, await race(dispatch, buyer.cancel(order_id), head_start))

    outcomes = await all_rounds(play)

    await shop.wait_until_invariants_hold()
    left = 0
    for order_id, *answers in outcomes:
        stands = await shop.states(order_id)
        if answers == [Shipment, AlreadyDispatched]:
            assert stands == ("PAID", "COMMITTED", "SUCCEEDED", "DISPATCHED")
            left += 1
        else:
            assert answers == [ShipmentNotReady, Order]
            assert stands == ("REFUNDED", "RETURNED", "REFUNDED", "CANCELLED")
    assert await shop.available(lamp) == ROUNDS - left
    assert 0 < left < ROUNDS, "nothing was decided by a race"
