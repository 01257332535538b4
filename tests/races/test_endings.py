"""Pay, cancel and dispatch at the same moment: one row decides, and all the others follow it."""

import asyncio

import pytest

from chassis.testing.problems import assert_problem

pytestmark = pytest.mark.usefixtures("invariants_hold_afterwards")
ROUNDS = 30
# How much later than the other the second one begins: from far behind to far ahead.
HEAD_STARTS = [(n - ROUNDS / 2) * 0.006 for n in range(ROUNDS)]


async def at_once(one, other, head_start):
    """Begin both, the one so many seconds before the other, or after it."""

    async def later(call, seconds):
        await asyncio.sleep(max(seconds, 0))
        return await call

    return await asyncio.gather(later(one, -head_start), later(other, head_start))


async def all_rounds(race):
    """The outcomes of all rounds, a few of which run at a time."""
    turns = asyncio.Semaphore(3)

    async def one(head_start):
        async with turns:
            return await race(head_start)

    return await asyncio.gather(*(one(head_start) for head_start in HEAD_STARTS))


async def orders_of_many(shop, lamp):
    """As many unpaid orders as there are rounds, each with its shopper: nobody may have more than a few."""
    return [(buyer, await shop.order(buyer, lamp)) for buyer in await shop.shoppers(ROUNDS // 5) for _ in range(5)]


async def test_an_order_paid_and_cancelled_at_once_is_cancelled_and_no_money_is_kept(shop):
    lamp = await shop.product(stock=ROUNDS)
    waiting = iter(await orders_of_many(shop, lamp))

    async def race(head_start):
        buyer, order = next(waiting)
        paid, cancelled = await at_once(shop.pay(buyer, order), shop.cancel(buyer, order), head_start)
        return order, paid.status_code, cancelled.status_code

    outcomes = await all_rounds(race)

    await shop.wait_until_invariants_hold()
    for order, paid, cancelled in outcomes:
        stands = await shop.states(order)
        assert cancelled == 200  # paid or not, it has not been dispatched
        assert stands[0] == {200: "REFUNDED", 409: "CANCELLED"}[paid], stands
    assert await shop.available(lamp) == ROUNDS
    assert {paid for _, paid, _ in outcomes} == {200, 409}, "nothing was decided by a race"


async def test_an_order_cancelled_as_soon_as_it_is_placed_is_never_missing_to_whoever_pays_for_it(shop, asha):
    lamp = await shop.product(stock=ROUNDS)
    outcomes = []
    for head_start in HEAD_STARTS:
        order = await shop.order(asha, lamp)
        paid, cancelled = await at_once(shop.pay(asha, order), shop.cancel(asha, order), head_start)
        outcomes.append((paid.status_code, cancelled.status_code))

    await shop.wait_until_invariants_hold()
    assert set(outcomes) == {(200, 200), (409, 200)}


async def test_a_parcel_cancelled_and_dispatched_at_once_either_leaves_or_is_refunded(shop):
    lamp = await shop.product(stock=ROUNDS)
    placed = await orders_of_many(shop, lamp)
    for buyer, order in placed:
        assert (await shop.pay(buyer, order)).status_code == 200
    for _, order in placed:
        await shop.wait_for_status(order, "PAID", shipment="READY_TO_SHIP")
    waiting = iter([(buyer, order, await shop.shipment(order)) for buyer, order in placed])

    async def race(head_start):
        buyer, order, shipment = next(waiting)
        dispatched, cancelled = await at_once(shop.dispatch(shipment), shop.cancel(buyer, order), head_start)
        return order, dispatched, cancelled

    outcomes = await all_rounds(race)

    await shop.wait_until_invariants_hold()
    left = 0
    for order, dispatched, cancelled in outcomes:
        answers, stands = (dispatched.status_code, cancelled.status_code), await shop.states(order)
        if answers == (200, 409):
            assert_problem(cancelled, 409, "already-dispatched")
            assert stands == ("PAID", "COMMITTED", "SUCCEEDED", "DISPATCHED")
            left += 1
        else:
            assert answers == (409, 200)
            assert_problem(dispatched, 409, "shipment-not-ready")
            assert stands == ("REFUNDED", "RETURNED", "REFUNDED", "CANCELLED")
    assert await shop.available(lamp) == ROUNDS - left
    assert 0 < left < ROUNDS, "nothing was decided by a race"
