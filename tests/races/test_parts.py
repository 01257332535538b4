"""A part of an order is cancelled at the moment of its dispatch, its payment, its own end, or another part's."""

import pytest

from features.shop.money import PRICE
from generated.clients.order import AlreadyDispatched, NotEnoughPieces, NothingWouldBeLeft, OrderNotPaid
from generated.models.order import Order, OrderChange
from generated.models.payment import Payment
from generated.models.shipping import Shipment
from services.money import Money
from tests.races.test_endings import ROUNDS, all_rounds, race

pytestmark = pytest.mark.usefixtures("invariants_hold_afterwards")
TWO = Money(2 * PRICE.amount_cents, PRICE.currency)


async def place_orders(shop, lamp, *, paid=True):
    """As many orders of two lamps as there are rounds, each with its shopper; their parcels are ready."""
    buyers = await shop.new_shoppers(ROUNDS // 5)
    placed = [(buyer, (await buyer.place_order(lamp, 2)).order_id) for buyer in buyers for _ in range(5)]
    if paid:
        for buyer, order_id in placed:
            await buyer.pay(TWO, order_id)
        for _, order_id in placed:
            await shop.wait_for_status(order_id, "PAID", shipment="READY_TO_SHIP")
    return placed


async def count_packed(shop, order_id):
    return sum(item.qty for item in (await shop.warehouse.find_shipment(order_id)).items)


async def test_a_part_cancelled_and_its_parcel_dispatched_at_once_is_in_the_parcel_or_paid_back(shop):
    lamp = await shop.product(stock=2 * ROUNDS)
    placed = await place_orders(shop, lamp)
    waiting = iter([(buyer, order_id, await shop.warehouse.find_shipment(order_id)) for buyer, order_id in placed])

    async def play(head_start):
        buyer, order_id, shipment = next(waiting)
        dispatch = shop.gateway.shipping.dispatch_shipment(shipment_id=shipment.id, token=shop.admin.token)
        return order_id, *map(type, await race(buyer.cancel_items(lamp, 1, order_id), dispatch, head_start))

    outcomes = await all_rounds(play)

    await shop.wait_until_invariants_hold()
    for order_id, cancelled, dispatched in outcomes:
        assert dispatched is Shipment
        assert await shop.states(order_id) == ("PAID", "COMMITTED", "SUCCEEDED", "DISPATCHED")
        assert await count_packed(shop, order_id) == {OrderChange: 1, AlreadyDispatched: 2}[cancelled]
    parts = [cancelled for _, cancelled, _ in outcomes].count(OrderChange)
    assert await shop.available(lamp) == parts
    assert 0 < parts < ROUNDS, "nothing was decided by a race"


async def test_a_part_and_the_whole_cancelled_at_once_are_paid_back_once(shop):
    lamp = await shop.product(stock=2 * ROUNDS)
    waiting = iter(await place_orders(shop, lamp))

    async def play(head_start):
        buyer, order_id = next(waiting)
        calls = buyer.cancel_items(lamp, 1, order_id), buyer.cancel(order_id)
        return order_id, *map(type, await race(*calls, head_start))

    outcomes = await all_rounds(play)

    await shop.wait_until_invariants_hold()
    for order_id, part, whole in outcomes:
        assert (part in (OrderChange, OrderNotPaid), whole) == (True, Order), (part, whole)
        assert await shop.states(order_id) == ("REFUNDED", "RETURNED", "REFUNDED", "CANCELLED")
    assert await shop.available(lamp) == 2 * ROUNDS
    assert {part for _, part, _ in outcomes} == {OrderChange, OrderNotPaid}, "nothing was decided by a race"


async def test_two_parts_cancelled_at_once_leave_something_in_the_parcel(shop):
    lamp = await shop.product(stock=2 * ROUNDS)
    waiting = iter(await place_orders(shop, lamp))

    async def play(head_start):
        buyer, order_id = next(waiting)
        parts = [buyer.cancel_items(lamp, 1, order_id) for _ in range(2)]
        return order_id, {type(answer) for answer in await race(*parts, head_start / 10)}

    outcomes = await all_rounds(play)

    await shop.wait_until_invariants_hold()
    for order_id, answers in outcomes:
        assert answers == {OrderChange, NothingWouldBeLeft}
        assert await count_packed(shop, order_id) == 1
    assert await shop.available(lamp) == ROUNDS


async def test_a_part_cancelled_while_the_order_is_paid_is_paid_back_or_kept(shop):
    lamp = await shop.product(stock=2 * ROUNDS)
    waiting = iter(await place_orders(shop, lamp, paid=False))

    async def play(head_start):
        buyer, order_id = next(waiting)
        calls = buyer.cancel_items(lamp, 1, order_id), buyer.pay(TWO, order_id)
        return order_id, *map(type, await race(*calls, head_start))

    outcomes = await all_rounds(play)

    await shop.wait_until_invariants_hold()
    for order_id, part, paid in outcomes:
        assert (part in (OrderChange, OrderNotPaid), paid) == (True, Payment), (part, paid)
        assert await shop.states(order_id) == ("PAID", "COMMITTED", "SUCCEEDED", "READY_TO_SHIP")
    assert await shop.available(lamp) == [part for _, part, _ in outcomes].count(OrderChange)


async def test_a_return_asked_for_and_received_by_several_at_once_is_paid_back_once(shop):
    lamp = await shop.product(stock=2 * ROUNDS)
    placed = await place_orders(shop, lamp)
    for _, order_id in placed:
        await shop.warehouse.dispatch(order_id)
        await shop.warehouse.deliver(order_id)
    await shop.wait_until_invariants_hold()  # order has heard that they arrived
    waiting = iter(placed)

    async def play(head_start):
        buyer, order_id = next(waiting)
        asked = await race(*(buyer.request_return(lamp, 2, order_id) for _ in range(2)), head_start / 10)
        [change] = [answer for answer in asked if isinstance(answer, OrderChange)]
        [refused] = [answer for answer in asked if answer is not change]
        assert isinstance(refused, NotEnoughPieces), refused
        received = [shop.warehouse.receive_return(order_id, change.id) for _ in range(2)]
        assert {type(answer) for answer in await race(*received, head_start / 10)} == {OrderChange}
        return order_id

    for order_id in await all_rounds(play):
        await shop.wait_for_status(order_id, "REFUNDED")
    await shop.wait_until_invariants_hold()
    assert await shop.available(lamp) == 2 * ROUNDS
