"""Carts on a real Valkey: whole changes under concurrency, limits, and what a restart leaves."""

import asyncio
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from redis.crc import key_slot

from services.cart.domain import MOST_LINES, MOST_PIECES, Cart, Product
from services.cart.errors import CartFull, CurrencyMix, LineNotFound, TooManyPieces
from services.cart.handlers import CartHandlers
from services.cart.main import CONTRACT
from services.cart.repository import KEEP, Carts, connected
from services.cart.tests.conftest import CHAIR, LAMP, QUILT
from services.chassis.refusals import Unavailable
from services.chassis.testing.callers import ASHA, BRAM, client_of
from services.chassis.testing.faults import Line


def beads(number):
    return [Product(UUID(int=i), f"Bead {i}", 10, "EUR") for i in range(number)]


async def all_at_once(*calls):
    """How often each refusal came, and how often none."""
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    return Counter(type(outcome) for outcome in outcomes)


@pytest.mark.parametrize(
    "changed",
    [{"title": 'Café „lamp“ / "9″" \\ \x7f ☕'}, {"price_cents": 2**53 - 1}, {"price_cents": 0}],
    ids=["any letters", "a price of 16 digits", "a gift"],
)
async def test_a_line_comes_back_as_it_was_kept_also_when_its_pieces_were_changed(carts, line_of, changed):
    line = line_of(replace(LAMP, **changed), 2)

    added = await carts.add(ASHA.id, line)
    after = await carts.change(ASHA.id, LAMP.id, 3, line_id=UUID(int=99))

    assert added == Cart((line,))
    assert await carts.of(ASHA.id) == after == Cart((replace(line, id=UUID(int=99), qty=3),))


async def test_additions_at_once_lose_nothing(carts, line_of):
    async def adds():
        for _ in range(12):
            await carts.add(ASHA.id, line_of(LAMP))

    await asyncio.gather(*(adds() for _ in range(8)))

    assert (await carts.of(ASHA.id)).lines[0].qty == 96


async def test_no_crowd_gets_more_pieces_in_than_there_can_be(carts, line_of):
    outcomes = await all_at_once(*(carts.add(ASHA.id, line_of(LAMP)) for _ in range(MOST_PIECES + 21)))

    assert outcomes == {Cart: MOST_PIECES, TooManyPieces: 21}
    assert (await carts.of(ASHA.id)).lines[0].qty == MOST_PIECES


async def test_no_crowd_gets_more_lines_in_than_there_can_be(carts, line_of):
    outcomes = await all_at_once(*(carts.add(ASHA.id, line_of(bead)) for bead in beads(MOST_LINES + 10)))

    assert outcomes == {Cart: MOST_LINES, CartFull: 10}
    assert len((await carts.of(ASHA.id)).lines) == MOST_LINES


async def test_of_two_currencies_at_once_one_gets_in(carts, line_of):
    for round_ in range(1, 31):
        outcomes = await all_at_once(*(carts.add(UUID(int=round_), line_of(one)) for one in (LAMP, QUILT)))

        assert outcomes == {Cart: 1, CurrencyMix: 1}
        assert len((await carts.of(UUID(int=round_))).lines) == 1


async def test_a_line_is_taken_out_by_one_of_many(carts, line_of):
    await carts.add(ASHA.id, line_of(LAMP))

    outcomes = await all_at_once(*(carts.change(ASHA.id, LAMP.id, 0, line_id=uuid4()) for _ in range(8)))

    assert outcomes == {Cart: 1, LineNotFound: 7}


async def test_what_is_added_while_the_order_is_heard_of_stays(carts, line_of):
    for round_ in range(1, 31):
        shopper, ordered = UUID(int=round_), line_of(LAMP, 2)
        await carts.add(shopper, ordered)

        await asyncio.gather(
            carts.take_ordered(shopper, {LAMP.id: ordered.id}, event_id=uuid4()),
            carts.add(shopper, line_of(LAMP)),
            carts.add(shopper, line_of(CHAIR)),
        )

        pieces = {line.product_id: line.qty for line in (await carts.of(shopper)).lines}
        assert pieces in ({LAMP.id: 1, CHAIR.id: 1}, {LAMP.id: 3, CHAIR.id: 1})


async def test_a_cart_is_kept_for_a_month_after_its_last_change(carts, redis, line_of):
    key = f"cart:{{{ASHA.id}}}:lines"
    left = []

    for act in (
        lambda: carts.add(ASHA.id, line_of(LAMP)),
        lambda: carts.add(ASHA.id, line_of(CHAIR)),
        lambda: carts.change(ASHA.id, LAMP.id, 5, line_id=uuid4()),
    ):
        await redis.expire(key, 10)
        await act()
        left.append(await redis.ttl(key))

    assert KEEP == 30 * 24 * 3600
    assert all(KEEP - 5 < seconds <= KEEP for seconds in left)


async def test_an_event_is_remembered_for_a_month_beside_its_cart(carts, redis, line_of):
    line = line_of(LAMP)
    await carts.add(ASHA.id, line)
    await carts.add(ASHA.id, line_of(CHAIR))
    event = uuid4()

    await carts.take_ordered(ASHA.id, {LAMP.id: line.id}, event_id=event)

    assert KEEP - 5 < await redis.ttl(f"cart:{{{ASHA.id}}}:seen:{event}") <= KEEP
    assert len({key_slot(key) for key in await redis.keys()}) == 1


async def test_an_emptied_cart_leaves_nothing_behind(carts, redis, line_of):
    await carts.add(ASHA.id, line_of(LAMP))

    await carts.change(ASHA.id, LAMP.id, 0, line_id=uuid4())

    assert await redis.dbsize() == 0


@pytest.fixture
def own_valkey(own_backing):
    """URL of a server that may be killed."""
    return own_backing.start("valkey")["valkey"]["url"]


@pytest.fixture
async def fragile(own_valkey):
    """Carts on it."""
    async with connected(own_valkey) as redis:
        await redis.flushdb()
        yield Carts(redis)


async def test_after_a_kill_the_next_request_works_and_nothing_acknowledged_is_gone(
    own_backing, fragile, products, now
):
    lamp = {"product_id": str(LAMP.id), "qty": 2}
    async with client_of(CONTRACT, CartHandlers(fragile, products, now)) as client:
        acknowledged = await client.post("/cart/v1/cart/items", json=lamp, headers=ASHA.headers)
        await asyncio.to_thread(own_backing.kill, "valkey")

        read = await client.get("/cart/v1/cart", headers=ASHA.headers)
        added = await client.post("/cart/v1/cart/items", json=lamp, headers=ASHA.headers)

    assert (read.status_code, read.json()) == (200, acknowledged.json())
    assert (added.status_code, added.json()["items"][0]["qty"]) == (201, 4)


async def test_while_the_server_is_away_shoppers_are_told_to_come_again(own_backing, fragile, products, now):
    lamp = {"product_id": str(LAMP.id), "qty": 2}
    async with client_of(CONTRACT, CartHandlers(fragile, products, now)) as client:
        before = (await client.post("/cart/v1/cart/items", json=lamp, headers=ASHA.headers)).json()
        await asyncio.to_thread(own_backing.stop, "valkey")
        try:
            answers = [
                await client.get("/cart/v1/cart", headers=ASHA.headers),
                await client.post("/cart/v1/cart/items", json=lamp, headers=ASHA.headers),
                await client.patch(f"/cart/v1/cart/items/{LAMP.id}", json={"qty": 9}, headers=ASHA.headers),
                await client.delete(f"/cart/v1/cart/items/{LAMP.id}", headers=ASHA.headers),
                await client.post("/cart/v1/cart/clear", headers=ASHA.headers),
            ]
            with pytest.raises(Unavailable):
                await fragile.take_ordered(ASHA.id, {LAMP.id: uuid4()}, event_id=uuid4())
        finally:
            await asyncio.to_thread(own_backing.resume, "valkey")
        after = await client.get("/cart/v1/cart", headers=ASHA.headers)

    assert {(answer.status_code, answer.json()["type"]) for answer in answers} == {(503, "/problems/unavailable")}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
    assert (after.status_code, after.json()) == (200, before)


async def test_kills_under_load_lose_no_acknowledged_addition(own_backing, fragile, line_of):
    acknowledged, unknown = Counter(), Counter()
    over = asyncio.Event()

    async def writes(shopper):
        while not over.is_set() and acknowledged[shopper] + unknown[shopper] < 4000:
            product = beads(MOST_LINES)[acknowledged[shopper] % MOST_LINES]
            try:
                await fragile.add(shopper, line_of(product))
                acknowledged[shopper] += 1
            except Unavailable:
                unknown[shopper] += 1
                await asyncio.sleep(0.01)

    shoppers = [UUID(int=number) for number in range(8)]
    writers = [asyncio.create_task(writes(shopper)) for shopper in shoppers]
    for _ in range(3):
        await asyncio.to_thread(own_backing.kill, "valkey")
    over.set()
    await asyncio.gather(*writers)

    for shopper in shoppers:
        pieces = sum(line.qty for line in (await fragile.of(shopper)).lines)
        assert acknowledged[shopper] <= pieces <= acknowledged[shopper] + unknown[shopper]


@pytest.fixture
async def line(own_valkey):
    """The network between a cart service and its server."""
    async with Line(int(own_valkey.rpartition(":")[2].partition("/")[0])) as line:
        yield line


@pytest.fixture
async def distant(line, fragile):
    """Carts at the other end of it, over one connection."""
    async with connected(f"redis://127.0.0.1:{line.port}/0", connections=1) as redis:
        yield Carts(redis)


async def test_a_silent_server_is_waited_for_a_second_and_not_asked_twice(line, distant, line_of):
    await distant.add(ASHA.id, line_of(LAMP))
    line.hold()
    began = time.monotonic()

    with pytest.raises(Unavailable):
        await distant.add(ASHA.id, line_of(LAMP))

    waited = time.monotonic() - began
    line.release()
    assert 0.9 < waited < 2
    assert (await distant.of(ASHA.id)).lines[0].qty == 2


async def test_an_answer_that_nobody_waits_for_any_more_is_not_given_to_another_shopper(line, distant, line_of):
    await distant.add(ASHA.id, line_of(LAMP))
    line.hold()
    asked = asyncio.create_task(distant.of(ASHA.id))
    with suppress(TimeoutError):
        await asyncio.wait_for(asked, 0.05)
    line.release()

    assert asked.cancelled()
    assert await distant.of(BRAM.id) == Cart()
