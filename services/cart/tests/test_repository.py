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

from chassis.testing.faults import TcpProxy
from chassis.testing.problems import problem_of
from chassis.web.idempotency import IdempotencyKey
from chassis.web.problems import Unavailable
from services import CONTRACTS_FOLDER
from services.cart.application import CartService
from services.cart.domain import MAX_ADDITIONS, MAX_PRODUCTS, MAX_QUANTITY, Addition, Cart, Product
from services.cart.errors import CartFull, CurrencyMix, LineNotFound, TooManyAdditions, TooManyPieces
from services.cart.handlers import CartHandlers
from services.cart.repository import CART_TTL, CartStore
from services.cart.tests.conftest import CHAIR, LAMP, QUILT
from services.redis_client import connect
from tests.accounts import ASHA, BRAM
from tooling.conformance.callers import contract_test_client

CONTRACT = CONTRACTS_FOLDER / "cart.yaml"


def make_products(number):
    return [Product(UUID(int=i), f"Bead {i}", 10, "EUR") for i in range(number)]


async def count_outcomes(*calls):
    """How often each refusal came, and how often none."""
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    return Counter(type(outcome) for outcome in outcomes)


@pytest.mark.parametrize(
    "changed",
    [{"title": 'Café „lamp“ / "9″" \\ \x7f ☕'}, {"price_cents": 2**53 - 1}, {"price_cents": 0}],
    ids=["any letters", "a price of 16 digits", "a gift"],
)
async def test_an_addition_is_read_as_it_was_stored_even_after_pieces_were_removed(carts, make_addition, changed):
    addition = make_addition(replace(LAMP, **changed), 3)

    added = await carts.add(ASHA.id, addition)
    after = await carts.set_quantity(ASHA.id, LAMP.id, 2)

    (kept,) = added.additions
    assert replace(kept, revision=0) == addition
    assert await carts.get(ASHA.id) == after
    assert after.additions == (replace(kept, qty=2),)


async def test_additions_at_once_lose_nothing(carts, make_addition):
    async def add_lamps():
        for _ in range(12):
            await carts.add(ASHA.id, make_addition(LAMP))

    await asyncio.gather(*(add_lamps() for _ in range(8)))

    assert (await carts.get(ASHA.id)).lines[0].qty == 96


async def test_concurrent_additions_never_exceed_the_piece_limit(carts, make_addition):
    outcomes = await count_outcomes(*(carts.add(ASHA.id, make_addition(LAMP)) for _ in range(MAX_QUANTITY + 21)))

    assert outcomes == {Cart: MAX_QUANTITY, TooManyPieces: 21}
    assert (await carts.get(ASHA.id)).lines[0].qty == MAX_QUANTITY


async def test_concurrent_additions_never_exceed_the_line_limit(carts, make_addition):
    outcomes = await count_outcomes(
        *(carts.add(ASHA.id, make_addition(bead)) for bead in make_products(MAX_PRODUCTS + 10))
    )

    assert outcomes == {Cart: MAX_PRODUCTS, CartFull: 10}
    assert len((await carts.get(ASHA.id)).lines) == MAX_PRODUCTS


async def test_of_two_currencies_at_once_one_gets_in(carts, make_addition):
    for round_ in range(1, 31):
        outcomes = await count_outcomes(*(carts.add(UUID(int=round_), make_addition(one)) for one in (LAMP, QUILT)))

        assert outcomes == {Cart: 1, CurrencyMix: 1}
        assert len((await carts.get(UUID(int=round_))).lines) == 1


async def test_a_line_is_taken_out_by_one_of_many(carts, make_addition):
    await carts.add(ASHA.id, make_addition(LAMP))

    outcomes = await count_outcomes(*(carts.set_quantity(ASHA.id, LAMP.id, 0) for _ in range(8)))

    assert outcomes == {Cart: 1, LineNotFound: 7}


async def test_what_is_added_while_an_order_event_is_handled_stays(carts, make_addition):
    for round_ in range(1, 31):
        shopper, ordered = UUID(int=round_), make_addition(LAMP, 2)
        await carts.add(shopper, ordered)

        await asyncio.gather(
            carts.remove_ordered(shopper, [ordered.id]),
            carts.add(shopper, make_addition(LAMP)),
            carts.add(shopper, make_addition(CHAIR)),
        )

        pieces = {line.newest.product_id: line.qty for line in (await carts.get(shopper)).lines}
        assert pieces == {LAMP.id: 1, CHAIR.id: 1}


async def test_a_cart_is_kept_for_a_month_after_its_last_change(carts, redis, make_addition):
    key = f"cart:{{{ASHA.id}}}:lines"
    left = []

    for operation in (
        lambda: carts.add(ASHA.id, make_addition(LAMP)),
        lambda: carts.add(ASHA.id, make_addition(CHAIR)),
        lambda: carts.set_quantity(ASHA.id, LAMP.id, 5, make_addition(LAMP)),
        lambda: carts.set_quantity(ASHA.id, LAMP.id, 2),
        lambda: carts.clear(ASHA.id),
    ):
        await redis.expire(key, 10)
        await operation()
        left.append(await redis.ttl(key))

    assert CART_TTL == 30 * 24 * 3600
    assert all(CART_TTL - 5 < seconds <= CART_TTL for seconds in left)


async def test_all_of_a_cart_is_kept_under_one_key(carts, redis, make_addition):
    await carts.add(ASHA.id, make_addition(LAMP))
    await carts.add(ASHA.id, make_addition(CHAIR))

    assert await redis.keys() == [f"cart:{{{ASHA.id}}}:lines".encode()]


async def test_every_change_by_the_shopper_raises_the_revision_and_nothing_else_does(carts, make_addition):
    first, second = make_addition(LAMP, 2), make_addition(CHAIR)
    raising = [
        lambda: carts.add(ASHA.id, first),
        lambda: carts.add(ASHA.id, second),
        lambda: carts.set_quantity(ASHA.id, LAMP.id, 5, make_addition(LAMP)),
        lambda: carts.set_quantity(ASHA.id, LAMP.id, 1),
        lambda: carts.set_quantity(ASHA.id, LAMP.id, 0),
        lambda: carts.clear(ASHA.id),
    ]
    same = [
        lambda: carts.get(ASHA.id),
        lambda: carts.remove_ordered(ASHA.id, [second.id]),
        lambda: carts.clear(ASHA.id),
    ]

    revisions = [(await operation()).revision for operation in raising]
    await carts.add(BRAM.id, make_addition(LAMP, 2))
    unchanged = await carts.set_quantity(BRAM.id, LAMP.id, 2)
    for operation in same:
        await operation()

    assert revisions == sorted(set(revisions))
    assert (await carts.get(ASHA.id)).revision == revisions[-1]
    assert (await carts.get(BRAM.id)).revision == unchanged.revision


async def test_a_revision_is_not_given_again_after_a_cart_has_expired(carts, redis, make_addition):
    before = await carts.add(ASHA.id, make_addition(LAMP))
    await redis.flushdb()

    after = await carts.add(ASHA.id, make_addition(LAMP))

    assert after.revision > before.revision


async def test_a_revision_grows_also_when_the_clock_is_behind_it(carts, redis, make_addition):
    await redis.hset(f"cart:{{{ASHA.id}}}:lines", "revision", 2**52)

    cart = await carts.add(ASHA.id, make_addition(LAMP))

    assert cart.revision == cart.additions[0].revision == 2**52 + 1


async def test_pieces_are_taken_from_the_newest_addition_first_and_the_ids_stay(carts, make_addition, cart_contents):
    oldest, newer, newest = (make_addition(LAMP, qty) for qty in (2, 1, 3))
    for addition in (oldest, newer, newest):
        await carts.add(ASHA.id, addition)

    left = []
    for qty in (5, 3, 2, 1):
        await carts.set_quantity(ASHA.id, LAMP.id, qty)
        left.append({addition_id: pieces for addition_id, (_, pieces, _) in (await cart_contents()).items()})

    assert left == [
        {oldest.id: 2, newer.id: 1, newest.id: 2},
        {oldest.id: 2, newer.id: 1},
        {oldest.id: 2},
        {oldest.id: 1},
    ]


async def test_a_raise_that_is_made_twice_at_once_adds_its_pieces_once(carts, make_addition):
    await carts.add(ASHA.id, make_addition(LAMP, 2))

    await asyncio.gather(*(carts.set_quantity(ASHA.id, LAMP.id, 5, make_addition(LAMP)) for _ in range(8)))

    cart = await carts.get(ASHA.id)
    assert [addition.qty for addition in cart.additions] == [2, 3]


async def test_a_cart_is_not_added_to_for_ever(carts, make_addition):
    for n in range(MAX_ADDITIONS):
        await carts.add(ASHA.id, make_addition(make_products(MAX_PRODUCTS)[n % MAX_PRODUCTS]))
    full = await carts.get(ASHA.id)
    bead = make_products(1)[0]

    outcomes = await count_outcomes(
        carts.add(ASHA.id, make_addition(bead)), carts.set_quantity(ASHA.id, bead.id, MAX_QUANTITY, make_addition(bead))
    )

    assert outcomes == {TooManyAdditions: 2}
    assert await carts.get(ASHA.id) == full


@pytest.fixture
async def version_1_addition(redis, now):
    """Two lamps in Asha's cart, as version 1 kept them: under the product's id, and without a revision."""
    lamps = Addition.from_product(LAMP, 2, addition_id=UUID(int=77), now=now())
    line = {**asdict(lamps), "unit_price_cents": "12999", "title": "Walnut \u202edesk lamp"}
    del line["revision"]
    await redis.hset(f"cart:{{{ASHA.id}}}:lines", str(LAMP.id), msgspec.json.encode(line))
    await redis.expire(f"cart:{{{ASHA.id}}}:lines", CART_TTL)
    return lamps


async def test_a_cart_of_version_1_is_read_as_it_was_but_for_what_no_title_may_have(carts, version_1_addition):
    assert await carts.get(ASHA.id) == Cart((version_1_addition,), revision=0)


async def test_a_cart_of_version_1_can_be_added_to_and_lowered(carts, version_1_addition, make_addition, cart_contents):
    more = make_addition(LAMP, 2)

    await carts.add(ASHA.id, more)
    await carts.set_quantity(ASHA.id, LAMP.id, 1)

    assert await cart_contents() == {version_1_addition.id: (LAMP.id, 1, 12999)}


async def test_what_was_ordered_from_a_cart_of_version_1_is_taken_out(
    carts, version_1_addition, make_addition, cart_contents
):
    more = make_addition(LAMP)
    await carts.add(ASHA.id, more)

    await carts.remove_ordered(ASHA.id, [version_1_addition.id])

    assert list(await cart_contents()) == [more.id]


@pytest.fixture
def dedicated_valkey(own_servers):
    """URL of a server that may be killed."""
    return own_servers.start("valkey")["valkey"]["url"]


@pytest.fixture
async def killable_carts(dedicated_valkey):
    """Carts on the server that may be killed."""
    async with connect(dedicated_valkey) as redis:
        await redis.flushdb()
        yield CartStore(redis)


async def test_after_a_kill_the_next_request_works_and_nothing_acknowledged_is_gone(
    own_servers, killable_carts, products, now
):
    lamp = {"product_id": str(LAMP.id), "qty": 2}
    async with contract_test_client(CONTRACT, CartHandlers(CartService(killable_carts, products, now))) as client:
        acknowledged = await client.post("/cart/v1/cart/items", json=lamp, headers=ASHA.headers)
        await asyncio.to_thread(own_servers.kill, "valkey")

        get_cart = await client.get("/cart/v1/cart", headers=ASHA.headers)
        added = await client.post("/cart/v1/cart/items", json=lamp, headers=ASHA.headers)

    assert (get_cart.status_code, get_cart.json()) == (200, acknowledged.json())
    assert (added.status_code, added.json()["items"][0]["qty"]) == (201, 4)


async def test_while_the_server_is_down_every_operation_is_503_with_retry_after(
    own_servers, killable_carts, products, now
):
    lamp = {"product_id": str(LAMP.id), "qty": 2}
    async with contract_test_client(CONTRACT, CartHandlers(CartService(killable_carts, products, now))) as client:
        before = (await client.post("/cart/v1/cart/items", json=lamp, headers=ASHA.headers)).json()
        await asyncio.to_thread(own_servers.stop, "valkey")
        try:
            answers = [
                await client.get("/cart/v1/cart", headers=ASHA.headers),
                await client.post("/cart/v1/cart/items", json=lamp, headers=ASHA.headers),
                await client.patch(f"/cart/v1/cart/items/{LAMP.id}", json={"qty": 9}, headers=ASHA.headers),
                await client.delete(f"/cart/v1/cart/items/{LAMP.id}", headers=ASHA.headers),
                await client.post("/cart/v1/cart/clear", headers=ASHA.headers),
            ]
            with pytest.raises(Unavailable):
                await killable_carts.remove_ordered(ASHA.id, [uuid4()])
        finally:
            await asyncio.to_thread(own_servers.resume, "valkey")
        after = await client.get("/cart/v1/cart", headers=ASHA.headers)

    unavailable, unknown = (503, "unavailable"), (503, "outcome-unknown")
    assert [problem_of(answer) for answer in answers] == [unavailable, unknown, *[unavailable] * 3]
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
    assert (after.status_code, after.json()) == (200, before)


async def test_kills_under_load_lose_no_acknowledged_addition(own_servers, killable_carts, make_addition):
    acknowledged, unknown = Counter(), Counter()
    stopped = asyncio.Event()

    async def write(writer):
        attempts = count()
        while not stopped.is_set():
            attempt = next(attempts)
            shopper = UUID(int=1000 * writer + attempt // MAX_ADDITIONS)
            try:
                await killable_carts.add(shopper, make_addition(make_products(MAX_PRODUCTS)[attempt % MAX_PRODUCTS]))
                acknowledged[shopper] += 1
            except Unavailable:
                unknown[shopper] += 1
                await asyncio.sleep(0.01)

    writers = [asyncio.create_task(write(writer)) for writer in range(8)]
    for _ in range(3):
        await asyncio.to_thread(own_servers.kill, "valkey")
    stopped.set()
    await asyncio.gather(*writers)

    for shopper in acknowledged | unknown:
        pieces = sum(addition.qty for addition in (await killable_carts.get(shopper)).additions)
        assert acknowledged[shopper] <= pieces <= acknowledged[shopper] + unknown[shopper]


@pytest.fixture
async def proxy(dedicated_valkey):
    """A proxy to the dedicated Valkey that can stall."""
    async with TcpProxy(int(dedicated_valkey.rpartition(":")[2].partition("/")[0])) as proxy:
        yield proxy


@pytest.fixture
async def proxied_carts(proxy, killable_carts):
    """Carts behind the proxy, over one connection."""
    async with connect(f"redis://127.0.0.1:{proxy.port}/0", max_connections=1) as redis:
        yield CartStore(redis)


async def test_a_silent_server_is_waited_for_a_second_and_not_asked_twice(proxy, proxied_carts, make_addition):
    await proxied_carts.add(ASHA.id, make_addition(LAMP))
    proxy.hold()
    started_at = time.monotonic()

    with pytest.raises(Unavailable):
        await proxied_carts.add(ASHA.id, make_addition(LAMP))

    elapsed = time.monotonic() - started_at
    proxy.release()
    assert 0.9 < elapsed < 2
    assert (await proxied_carts.get(ASHA.id)).lines[0].qty == 2


async def test_an_addition_whose_answer_was_lost_is_made_once_under_its_key(proxy, proxied_carts, make_addition):
    key = IdempotencyKey(str(ASHA.id), "add_line", "asha-1", bytes(16))
    proxy.hold()
    with pytest.raises(Unavailable):
        await proxied_carts.add(ASHA.id, make_addition(LAMP), key)
    proxy.release()

    again = await proxied_carts.add(ASHA.id, make_addition(LAMP), key)

    assert again == await proxied_carts.get(ASHA.id)
    assert [addition.qty for addition in again.additions] == [1]


async def test_an_answer_that_nobody_waits_for_any_more_is_not_given_to_another_shopper(
    proxy, proxied_carts, make_addition
):
    await proxied_carts.add(ASHA.id, make_addition(LAMP))
    proxy.hold()
    asked = asyncio.create_task(proxied_carts.get(ASHA.id))
    with suppress(TimeoutError):
        await asyncio.wait_for(asked, 0.05)
    proxy.release()

    assert asked.cancelled()
    assert await proxied_carts.get(BRAM.id) == Cart()
