"""Requests under load: so many are worked on, and the others begin soon or are refused and do nothing."""

import asyncio
import socket
import time
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from chassis.runtime.deadline import start_deadline
from chassis.runtime.process import _server
from chassis.testing.eventually import eventually
from chassis.testing.problems import assert_problem
from chassis.tests.web.shop import CONTRACT, LAMP, Answered, Handlers, lamp, shop
from chassis.web.concurrency import MAX_WAIT_SECONDS, ConcurrencyLimit
from chassis.web.http_transport import HttpTransport, Request
from chassis.web.problems import Unavailable
from chassis.web.request_parsing import ClientDisconnected
from chassis.web.responses import Response, ok

MAX_CONCURRENT = 20  # of a product's readers, by the contract
PRODUCT, PRODUCTS = f"/shop/v1/products/{LAMP}", "/shop/v1/products?limit=1"


class HeldHandlers(Handlers):
    """Handlers that answer for a product once they may."""

    def __init__(self):
        super().__init__()
        self.may_answer = asyncio.Event()

    async def get_product(self, product_id: UUID) -> Response:
        self.asked.append(("get_product", product_id))
        await self.may_answer.wait()
        return ok(lamp())


@pytest.fixture
def handlers():
    return HeldHandlers()


@asynccontextmanager
async def serving(handlers, contract=CONTRACT):
    """Serve a shop; inside, a function sends GET requests for its paths."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server, transport = _server(shop(handlers, contract=contract), 1), HttpTransport()
        running = asyncio.create_task(server.serve(sockets=[listening]))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        await eventually(lambda: server.started)

        async def ask(path, headers=None):
            response = await transport.send(Request("GET", url + path, headers or {}))
            return Answered(response.status, {k.lower(): v for k, v in response.headers.items()}, response.content)

        yield ask
        handlers.may_answer.set()
        await transport.close()
        server.stop()
        await running


@pytest.fixture
async def ask(handlers):
    async with serving(handlers) as ask:
        yield ask


async def fill(ask, handlers):
    """As many requests as are worked on at a time, all of them in hand."""
    tasks = [asyncio.create_task(ask(PRODUCT)) for _ in range(MAX_CONCURRENT)]
    await eventually(lambda: len(handlers.asked) == MAX_CONCURRENT)
    return tasks


async def test_what_cannot_begin_within_a_moment_is_refused_and_has_done_nothing(ask, handlers):
    in_hand, began = await fill(ask, handlers), time.monotonic()

    refused = await ask(PRODUCT)

    assert_problem(refused, 503, "unavailable")
    assert refused.headers["retry-after"] == "2"
    assert MAX_WAIT_SECONDS <= time.monotonic() - began < MAX_WAIT_SECONDS + 1
    assert len(handlers.asked) == MAX_CONCURRENT
    handlers.may_answer.set()
    assert {(await one).status for one in in_hand} == {200}
    assert (await ask(PRODUCT)).status == 200


async def test_other_operations_are_answered_meanwhile(ask, handlers):
    await fill(ask, handlers)

    assert (await ask(PRODUCTS)).status == 200
    assert (await ask("/shop/health")).status == 200


async def test_who_waits_no_longer_than_the_limit_is_refused_when_that_is_over(ask, handlers):
    await fill(ask, handlers)
    began = time.monotonic()

    assert_problem(await ask(PRODUCT, {"X-Timeout-Ms": "0"}), 503, "unavailable")

    assert time.monotonic() - began < MAX_WAIT_SECONDS


async def test_nothing_is_done_for_a_client_that_left_while_it_waited(ask, handlers):
    in_hand, waiting = await fill(ask, handlers), asyncio.create_task(ask(PRODUCT))
    await asyncio.wait([waiting], timeout=MAX_WAIT_SECONDS / 5)

    waiting.cancel()
    await asyncio.wait([waiting])
    assert (await ask(PRODUCT)).status == 503  # by now the server knows
    handlers.may_answer.set()
    await asyncio.gather(*in_hand)

    assert len(handlers.asked) == MAX_CONCURRENT


class Caller:
    """Somebody who waits for an answer, until they leave."""

    def __init__(self):
        self.left = asyncio.Event()

    async def receive(self):
        await self.left.wait()
        return {"type": "http.disconnect"}


@pytest.fixture
def limit():
    return ConcurrencyLimit("check_out", concurrent=1, max_waiting=2, max_wait_seconds=0.2)


async def enter(limit, caller=None):
    task = asyncio.create_task(limit.enter((caller or Caller()).receive))
    await asyncio.wait([task], timeout=0.01)
    return task


async def has_a_free_place(limit):
    """Whether one can enter at once; then they leave again."""
    entered = await enter(limit)
    if entered.done():
        limit.leave()
    return entered.done()


async def test_places_are_handed_on_in_the_order_of_arrival(limit):
    await enter(limit)
    first, second = await enter(limit), await enter(limit)

    limit.leave()
    await first

    assert not second.done()
    limit.leave()
    await second
    limit.leave()
    assert await has_a_free_place(limit)


async def test_beside_too_many_who_wait_nobody_waits(limit):
    await enter(limit)
    waiting = [await enter(limit) for _ in range(2)]
    began = time.monotonic()

    with pytest.raises(Unavailable) as refused:
        await limit.enter(Caller().receive)

    assert time.monotonic() - began < 0.1
    assert refused.value.nothing_done
    await asyncio.gather(*waiting, return_exceptions=True)


async def leave_as_client(caller, _):
    caller.left.set()


async def be_cancelled(_, waiting):
    waiting.cancel()


@pytest.mark.parametrize("go", [leave_as_client, be_cancelled], ids=["the client leaves", "the server stops"])
@pytest.mark.parametrize("handed", [False, True], ids=["before its turn", "as its turn comes"])
async def test_the_place_of_one_who_goes_is_free_again(limit, go, handed):
    caller = Caller()
    await enter(limit)
    waiting = await enter(limit, caller)

    if handed:
        limit.leave()
    await go(caller, waiting)
    with pytest.raises((ClientDisconnected, asyncio.CancelledError)):
        await waiting
    if not handed:
        limit.leave()

    assert await has_a_free_place(limit)


async def test_one_who_was_refused_takes_no_place_later(limit):
    await enter(limit)
    with pytest.raises(Unavailable):
        await limit.enter(Caller().receive)

    limit.leave()

    assert await has_a_free_place(limit)


async def test_nobody_waits_for_a_place_longer_than_their_caller_does(limit):
    await enter(limit)
    start_deadline(b"0")

    with pytest.raises(Unavailable):
        await limit.enter(pytest.fail)
