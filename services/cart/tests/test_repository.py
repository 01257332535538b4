"""Carts on a real Valkey: whole changes under concurrency, limits, and what a restart leaves."""

import asyncio
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, replace
from itertools import count
from uuid import UUID, uuid4

import msgspec
import pytest

from services.cart.domain import MOST_ADDITIONS, MOST_PIECES, MOST_PRODUCTS, Addition, Cart, Product
from services.cart.errors import CartFull, CurrencyMix, LineNotFound, TooManyAdditions, TooManyPieces
from services.cart.handlers import CartHandlers
from services.cart.main import CONTRACT
from services.cart.repository import KEEP, Carts, connected
from services.cart.tests.conftest import CHAIR, LAMP, QUILT
from services.chassis.idempotency import IdempotencyKey
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
async def test_an_addition_comes_back_as_it_was_kept_also_when_pieces_were_taken_out(carts, addition_of, changed):
    addition = addition_of(replace(LAMP, **changed), 3)

    added = await carts.add(ASHA.id, addition)
    after = await carts.change(ASHA.id, LAMP.id, 2)

    (kept,) = added.additions
    assert replace(kept, revision=0) == addition
    assert await carts.of(ASHA.id) == after
    assert after.additions == (replace(kept, qty=2),)


async def test_additions_at_once_lose_nothing(carts, addition_of):
    async def adds():
        for _ in range(12):
            await carts.add(ASHA.id, addition_of(LAMP))

    await asyncio.gather(*(adds() for _ in range(8)))

    assert (await carts.of(ASHA.id)).lines[0].qty == 96


async def test_no_crowd_gets_more_pieces_in_than_there_can_be(carts, addition_of):
    outcomes = await all_at_once(*(carts.add(ASHA.id, addition_of(LAMP)) for _ in range(MOST_PIECES + 21)))

    assert outcomes == {Cart: MOST_PIECES, TooManyPieces: 21}
    assert (await carts.of(ASHA.id)).lines[0].qty == MOST_PIECES


async def test_no_crowd_gets_more_products_in_than_there_can_be(carts, addition_of):
    outcomes = await all_at_once(*(carts.add(ASHA.id, addition_of(bead)) for bead in beads(MOST_PRODUCTS + 10)))

    assert outcomes == {Cart: MOST_PRODUCTS, CartFull: 10}
    assert len((await carts.of(ASHA.id)).lines) == MOST_PRODUCTS


async def test_of_two_currencies_at_once_one_gets_in(carts, addition_of):
    for round_ in range(1, 31):
        outcomes = await all_at_once(*(carts.add(UUID(int=round_), addition_of(one)) for one in (LAMP, QUILT)))

        assert outcomes == {Cart: 1, CurrencyMix: 1}
        assert len((await carts.of(UUID(int=round_))).lines) == 1


async def test_a_line_is_taken_out_by_one_of_many(carts, addition_of):
    await carts.add(ASHA.id, addition_of(LAMP))

    outcomes = await all_at_once(*(carts.change(ASHA.id, LAMP.id, 0) for _ in range(8)))

    assert outcomes == {Cart: 1, LineNotFound: 7}


async def test_what_is_added_while_the_order_is_heard_of_stays(carts, addition_of):
    for round_ in range(1, 31):
        shopper, ordered = UUID(int=round_), addition_of(LAMP, 2)
        await carts.add(shopper, ordered)

        await asyncio.gather(
            carts.take_ordered(shopper, [ordered.id]),
            carts.add(shopper, addition_of(LAMP)),
            carts.add(shopper, addition_of(CHAIR)),
        )

        pieces = {line.newest.product_id: line.qty for line in (await carts.of(shopper)).lines}
        assert pieces == {LAMP.id: 1, CHAIR.id: 1}


async def test_a_cart_is_kept_for_a_month_after_its_last_change(carts, redis, addition_of):
    key = f"cart:{{{ASHA.id}}}:lines"
    left = []

    for act in (
        lambda: carts.add(ASHA.id, addition_of(LAMP)),
        lambda: carts.add(ASHA.id, addition_of(CHAIR)),
        lambda: carts.change(ASHA.id, LAMP.id, 5, addition_of(LAMP)),
        lambda: carts.change(ASHA.id, LAMP.id, 2),
        lambda: carts.clear(ASHA.id),
    ):
        await redis.expire(key, 10)
        await act()
        left.append(await redis.ttl(key))

    assert KEEP == 30 * 24 * 3600
    assert all(KEEP - 5 < seconds <= KEEP for seconds in left)


async def test_all_of_a_cart_is_kept_under_one_key(carts, redis, addition_of):
    await carts.add(ASHA.id, addition_of(LAMP))
    await carts.add(ASHA.id, addition_of(CHAIR))

    assert await redis.keys() == [f"cart:{{{ASHA.id}}}:lines".encode()]


async def test_every_change_by_the_shopper_raises_the_revision_and_nothing_else_does(carts, addition_of):
    first, second = addition_of(LAMP, 2), addition_of(CHAIR)
    raising = [
        lambda: carts.add(ASHA.id, first),
        lambda: carts.add(ASHA.id, second),
        lambda: carts.change(ASHA.id, LAMP.id, 5, addition_of(LAMP)),
        lambda: carts.change(ASHA.id, LAMP.id, 1),
        lambda: carts.change(ASHA.id, LAMP.id, 0),
        lambda: carts.clear(ASHA.id),
    ]
    same = [
        lambda: carts.of(ASHA.id),
        lambda: carts.take_ordered(ASHA.id, [second.id]),
        lambda: carts.clear(ASHA.id),
    ]

    revisions = [(await act()).revision for act in raising]
    await carts.add(BRAM.id, addition_of(LAMP, 2))
    unchanged = await carts.change(BRAM.id, LAMP.id, 2)
    for act in same:
        await act()

    assert revisions == sorted(set(revisions))
    assert (await carts.of(ASHA.id)).revision == revisions[-1]
    assert (await carts.of(BRAM.id)).revision == unchanged.revision


async def test_a_revision_is_not_given_again_after_a_cart_has_expired(carts, redis, addition_of):
    before = await carts.add(ASHA.id, addition_of(LAMP))
    await redis.flushdb()

    after = await carts.add(ASHA.id, addition_of(LAMP))

    assert after.revision > before.revision


async def test_a_revision_grows_also_when_the_clock_is_behind_it(carts, redis, addition_of):
    await redis.hset(f"cart:{{{ASHA.id}}}:lines", "revision", 2**52)

    cart = await carts.add(ASHA.id, addition_of(LAMP))

    assert cart.revision == cart.additions[0].revision == 2**52 + 1


async def test_pieces_are_taken_from_the_newest_addition_first_and_the_ids_stay(carts, addition_of, contents):
    oldest, newer, newest = (addition_of(LAMP, qty) for qty in (2, 1, 3))
    for addition in (oldest, newer, newest):
        await carts.add(ASHA.id, addition)

    left = []
    for qty in (5, 3, 2, 1):
        await carts.change(ASHA.id, LAMP.id, qty)
        left.append({addition_id: pieces for addition_id, (_, pieces, _) in (await contents()).items()})

    assert left == [
        {oldest.id: 2, newer.id: 1, newest.id: 2},
        {oldest.id: 2, newer.id: 1},
        {oldest.id: 2},
        {oldest.id: 1},
    ]


async def test_a_raise_that_is_made_twice_at_once_adds_its_pieces_once(carts, addition_of):
    await carts.add(ASHA.id, addition_of(LAMP, 2))

    await asyncio.gather(*(carts.change(ASHA.id, LAMP.id, 5, addition_of(LAMP)) for _ in range(8)))

    cart = await carts.of(ASHA.id)
    assert [addition.qty for addition in cart.additions] == [2, 3]


async def test_a_cart_is_not_added_to_for_ever(carts, addition_of):
    for n in range(MOST_ADDITIONS):
        await carts.add(ASHA.id, addition_of(beads(MOST_PRODUCTS)[n % MOST_PRODUCTS]))
    full = await carts.of(ASHA.id)
    bead = beads(1)[0]

    outcomes = await all_at_once(
        carts.add(ASHA.id, addition_of(bead)), carts.change(ASHA.id, bead.id, MOST_PIECES, addition_of(bead))
    )

    assert outcomes == {TooManyAdditions: 2}
    assert await carts.of(ASHA.id) == full


@pytest.fixture
async def old_lamps(redis, now):
    """Two lamps in Asha's cart, as version 1 kept them: under the product's id, and without a revision."""
    lamps = Addition.of(LAMP, 2, addition_id=UUID(int=77), now=now())
    line = {**asdict(lamps), "unit_price_cents": "12999", "title": "Walnut \u202edesk lamp"}
    del line["revision"]
    await redis.hset(f"cart:{{{ASHA.id}}}:lines", str(LAMP.id), msgspec.json.encode(line))
    return lamps


async def test_a_cart_of_version_1_is_read_as_it_was_but_for_what_no_title_may_have(carts, old_lamps):
    assert await carts.of(ASHA.id) == Cart((old_lamps,), revision=0)


async def test_a_cart_of_version_1_can_be_added_to_and_lowered(carts, old_lamps, addition_of, contents):
    more = addition_of(LAMP, 2)

    await carts.add(ASHA.id, more)
    await carts.change(ASHA.id, LAMP.id, 1)

    assert await contents() == {old_lamps.id: (LAMP.id, 1, 12999)}


async def test_what_was_ordered_from_a_cart_of_version_1_is_taken_out(carts, old_lamps, addition_of, contents):
    more = addition_of(LAMP)
    await carts.add(ASHA.id, more)

    await carts.take_ordered(ASHA.id, [old_lamps.id])

    assert list(await contents()) == [more.id]


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
                await fragile.take_ordered(ASHA.id, [uuid4()])
        finally:
            await asyncio.to_thread(own_backing.resume, "valkey")
        after = await client.get("/cart/v1/cart", headers=ASHA.headers)

    assert {answer.status_code for answer in answers} == {503}
    types = [answer.json()["type"].removeprefix("/problems/") for answer in answers]
    assert types == ["unavailable", "outcome-unknown", *["unavailable"] * 3]
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
    assert (after.status_code, after.json()) == (200, before)


async def test_kills_under_load_lose_no_acknowledged_addition(own_backing, fragile, addition_of):
    acknowledged, unknown = Counter(), Counter()
    over = asyncio.Event()

    async def writes(writer):
        attempts = count()
        while not over.is_set():
            attempt = next(attempts)
            shopper = UUID(int=1000 * writer + attempt // MOST_ADDITIONS)
            try:
                await fragile.add(shopper, addition_of(beads(MOST_PRODUCTS)[attempt % MOST_PRODUCTS]))
                acknowledged[shopper] += 1
            except Unavailable:
                unknown[shopper] += 1
                await asyncio.sleep(0.01)

    writers = [asyncio.create_task(writes(writer)) for writer in range(8)]
    for _ in range(3):
        await asyncio.to_thread(own_backing.kill, "valkey")
    over.set()
    await asyncio.gather(*writers)

    for shopper in acknowledged | unknown:
        pieces = sum(addition.qty for addition in (await fragile.of(shopper)).additions)
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


async def test_a_silent_server_is_waited_for_a_second_and_not_asked_twice(line, distant, addition_of):
    await distant.add(ASHA.id, addition_of(LAMP))
    line.hold()
    began = time.monotonic()

    with pytest.raises(Unavailable):
        await distant.add(ASHA.id, addition_of(LAMP))

    waited = time.monotonic() - began
    line.release()
    assert 0.9 < waited < 2
    assert (await distant.of(ASHA.id)).lines[0].qty == 2


async def test_an_addition_whose_answer_was_lost_is_made_once_under_its_key(line, distant, addition_of):
    key = IdempotencyKey(str(ASHA.id), "add_line", "asha-1", bytes(16))
    line.hold()
    with pytest.raises(Unavailable):
        await distant.add(ASHA.id, addition_of(LAMP), key)
    line.release()

    again = await distant.add(ASHA.id, addition_of(LAMP), key)

    assert again == await distant.of(ASHA.id)
    assert [addition.qty for addition in again.additions] == [1]


async def test_an_answer_that_nobody_waits_for_any_more_is_not_given_to_another_shopper(line, distant, addition_of):
    await distant.add(ASHA.id, addition_of(LAMP))
    line.hold()
    asked = asyncio.create_task(distant.of(ASHA.id))
    with suppress(TimeoutError):
        await asyncio.wait_for(asked, 0.05)
    line.release()

    assert asked.cancelled()
    assert await distant.of(BRAM.id) == Cart()
