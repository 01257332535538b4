"""Neighbours whose answers are not in their contract, over real HTTP: all waits for them, and nothing is lost."""

import asyncio
import contextlib
import json
from datetime import timedelta

import pytest

from chassis.data.leader_election import LeaderTask
from chassis.testing.deliveries import deliver
from chassis.testing.eventually import eventually
from chassis.testing.running import running_in_background
from chassis.web.http_client import UndeclaredProblem, UpstreamUnavailable
from generated.clients.catalog import CatalogClient
from generated.clients.payment import PaymentClient
from generated.clients.shipping import ShippingClient
from generated.states import OrderStatus
from services.order.application import sweeper as module
from services.order.application.cancellation import Cancellation
from services.order.application.checkout import Checkout
from services.order.application.completion import Completion
from services.order.application.erasure import AccountErasure
from services.order.application.reduction import Reduction
from services.order.application.sweeper import Sweeper
from services.order.clients import CatalogServiceClient, PaymentServiceClient, ShippingServiceClient
from services.order.subscribers import OrderSubscribers
from services.order.tests.test_subscribers import succeeded
from services.order.tests.test_sweeper import END_POSTPONEMENTS, LATE_INTERVAL, PAUSES


def problem(status, slug, **members):
    body = json.dumps({"type": f"/problems/{slug}", "title": "No", "status": status, **members})
    return status, "application/problem+json", body


BAD_RESPONSES = {
    "takes us for strangers": problem(401, "unauthorized"),
    "says that we may not": problem(403, "forbidden"),
    "does not understand us": problem(400, "invalid-request"),
    "knows no such operation": problem(404, "not-found"),
    "has a problem nobody has heard of": problem(409, "moon-is-full"),
    "answers garbage": (200, "application/json", '{"order_id": 7}'),
    "answers what is no JSON": (200, "text/html", "<h1>It works!</h1>"),
    "falls over": (500, "text/plain", "Traceback"),
}


class Neighbour:
    """Catalog, payment and shipping at one address: they answer badly until they are healed."""

    def __init__(self):
        self.bad, self.asked = None, 0

    async def serve(self, reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                length = next(line for line in head.split("\r\n") if line.startswith("content-length: "))
                body = json.loads(await reader.readexactly(int(length[16:])))
                self.asked += 1
                status, kind, answer = self.bad or self._good(head, body)
                start = f"HTTP/1.1 {status} So\r\ncontent-type: {kind}\r\ncontent-length: {len(answer)}\r\n\r\n"
                writer.write((start + answer).encode())
        writer.close()

    def _good(self, head, body):
        state = {"commit ": "COMMITTED", "void ": "VOIDED", "cancel ": "CANCELLED"}
        (status,) = (state[operation] for operation in state if operation in head.split("\r\n")[0])
        return 200, "application/json", json.dumps({"order_id": body["order_id"], "status": status, "prices": []})


@pytest.fixture
async def neighbour():
    neighbour = Neighbour()
    server = await asyncio.start_server(neighbour.serve, "127.0.0.1")
    neighbour.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield neighbour
    server.close()


@pytest.mark.parametrize("bad", BAD_RESPONSES.values(), ids=BAD_RESPONSES.keys())
async def test_whatever_a_neighbour_answers_every_order_ends_as_it_should_once_it_is_healed(
    neighbour, database, orders, unit_of_work, checkout, timeline, an_order, read_outbox_types, monkeypatch, bad
):
    monkeypatch.setattr(module, "REQUEST_GRACE", timedelta())
    neighbour.bad = bad
    unpaid, unwanted, paid = (
        await an_order(payment_window=LATE_INTERVAL),
        await an_order(OrderStatus.PAID),
        await an_order(),
    )
    ended = {unpaid.id: OrderStatus.CANCELLED, unwanted.id: OrderStatus.CANCELLED, paid.id: OrderStatus.PAID}
    async with (
        CatalogClient(neighbour.url) as catalog,
        PaymentClient(neighbour.url) as payment,
        ShippingClient(neighbour.url) as shipping,
    ):
        inventory = CatalogServiceClient(catalog)
        cancellation = Cancellation(
            orders, unit_of_work, PaymentServiceClient(payment), ShippingServiceClient(shipping)
        )
        completion = Completion(orders, unit_of_work, inventory)
        reduction = Reduction(orders, unit_of_work, ShippingServiceClient(shipping))
        sweeper = Sweeper(orders, checkout, cancellation, reduction, completion, abandoned_after=-LATE_INTERVAL)
        async with running_in_background(LeaderTask(database, "sweeper", sweeper.run_once, 0.05).run):
            await deliver(OrderSubscribers(completion, timeline, AccountErasure(unit_of_work)), succeeded(paid.id))
            with pytest.raises((UpstreamUnavailable, UndeclaredProblem)):
                await cancellation.request(unwanted.id)
            await eventually(lambda: _tried_in_vain(database, 3))
            assert [(await orders.find(order.id)).status for order in (unpaid, unwanted, paid)] == [
                OrderStatus.CREATED, OrderStatus.PAID, OrderStatus.CREATED,
            ]  # fmt: skip
            neighbour.bad = None
            await database.execute(END_POSTPONEMENTS)

            await eventually(lambda: _all_ended(orders, ended))

    assert sorted(await read_outbox_types()) == ["order.cancelled not-paid-in-time", "order.cancelled requested"]


STRANGE_LINE = {
    "product_id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2bfff",
    "wanted": 2,
    "available": 1,
    "old_price_cents": 100,
    "new_price_cents": 200,
    "old_currency": "EUR",
    "new_currency": "EUR",
}


@pytest.mark.parametrize("members", [{}, {"lines": [STRANGE_LINE]}], ids=["of nothing", "of what the order has not"])
@pytest.mark.parametrize("slug", ["out-of-stock", "product-unavailable", "price-changed"])
async def test_a_refusal_that_does_not_say_of_what_leaves_the_checkout_as_it_was(
    neighbour, orders, unit_of_work, carts, shipments, an_order, read_outbox_types, slug, members
):
    neighbour.bad = problem(409, slug, **members)
    begun = await an_order(OrderStatus.PENDING)
    async with CatalogClient(neighbour.url) as catalog:
        checkout = Checkout(
            orders,
            unit_of_work,
            carts,
            CatalogServiceClient(catalog),
            shipments,
            payment_window=timedelta(minutes=15),
            price_validity=timedelta(hours=24),
            max_unpaid=5,
        )
        with pytest.raises(UpstreamUnavailable):
            await checkout.resume(begun.id)

        carts.put(begun.shopper.id, *begun.lines)
        with pytest.raises(UpstreamUnavailable):
            await checkout.place(begun.shopper, begun.details, email_verified=True)

    assert ((await orders.find(begun.id)).status, await read_outbox_types()) == (OrderStatus.PENDING, [])


async def _tried_in_vain(database, number):
    return sum(row["sweep_failures"] > 0 for row in await database.fetch_all(PAUSES)) == number


async def _all_ended(orders, statuses):
    return {order_id: (await orders.find(order_id)).status for order_id in statuses} == statuses
