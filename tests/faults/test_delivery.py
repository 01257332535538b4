"""Events that come twice, in the wrong order, or as what no contract knows."""

import asyncio

import httpx
import msgspec
import psycopg
import pytest
from aiokafka import AIOKafkaProducer

from chassis.testing.eventually import eventually
from chassis.testing.topics import read_records
from features.shop.money import PRICE
from generated.clients.payment import OrderNotPayable
from generated.clients.shipping import ShipmentNotReady
from generated.models.order import OrderStatus
from services.money import Money
from tests.shop import TOPICS

RECEIVING_SERVICES = {
    "order.events": {"catalog", "cart", "payment", "shipping", "notifications"},
    "payment.events": {"order", "shipping", "notifications"},
    "shipping.events": {"order", "notifications"},
}


async def count_mails_about(shop, order):
    """Every mail that arrived about the order, by its Message-ID, which says the kind of news."""
    query = {"kind": "containing", "query": str(order.order_id), "limit": 250}
    async with httpx.AsyncClient(base_url=shop.manifest["mail"]) as inbox:
        found = (await inbox.get("/api/v2/search", params=query)).json()
    return sorted(mail["Content"]["Headers"]["Message-ID"][0] for mail in found["items"])


@pytest.mark.usefixtures("invariants_hold_afterwards")
async def test_every_event_delivered_twice_changes_nothing_and_mails_nobody(shop, asha):
    lamp = await shop.product(stock=9)
    delivered = await asha.place_order(lamp)
    await asha.fail_payment()
    await asha.pay()
    await shop.wait_for_status(delivered.order_id, "PAID", shipment="READY_TO_SHIP")
    await shop.warehouse.dispatch(delivered.order_id)
    await shop.warehouse.deliver(delivered.order_id)
    refunded = await shop.order_in_status("REFUNDED", asha, lamp)
    unpaid = await shop.order_in_status("CANCELLED", asha, lamp)
    reduced = await shop.order_in_status("PAID", asha, lamp, qty=2)
    await asha.cancel_items(lamp)
    sent_back = await asha.request_return(lamp, order_id=delivered.order_id)
    await shop.warehouse.receive_return(delivered.order_id, sent_back.id)
    orders = (delivered, refunded, unpaid, reduced)
    await shop.wait_until_invariants_hold()
    await shop.wait_until_consumed()
    before, mailed = await shop.snapshot(), [await count_mails_about(shop, order) for order in orders]

    sent = 0
    async with AIOKafkaProducer(bootstrap_servers=shop.manifest["kafka"]) as producer:
        for topic in TOPICS:
            for record in await read_records(shop.manifest["kafka"], topic):
                if record.key.decode() in {str(order.order_id) for order in orders}:
                    await producer.send_and_wait(topic, record.value, key=record.key, headers=list(record.headers))
                    sent += 1

    await shop.wait_until_consumed()
    assert await shop.snapshot() == before
    assert [await count_mails_about(shop, order) for order in orders] == mailed
    assert [len(set(mails)) for mails in mailed] == [len(mails) for mails in mailed] == [8, 5, 2, 5]
    assert sent == 8 + 5 + 2 + 5


async def hold_back_order_events(shop, connection):
    """Take the lock by which order's relay leads, from under it."""
    lock = "hashtext('orders.outbox'), 0"
    waiting = asyncio.create_task(connection.execute(f"SELECT pg_advisory_lock({lock})"))
    leads = """
    SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid::bigint = hashtext('orders.outbox')::bigint & 4294967295 AND objid = 0"""

    async def is_ours():
        if not waiting.done():
            await shop.postgres.execute(leads)
        return waiting.done()

    await eventually(is_ours)


@pytest.mark.usefixtures("invariants_hold_afterwards")
async def test_a_payment_received_before_its_order_leads_to_the_same_end(shop, asha):
    lamp = await shop.product(stock=5)
    async with await psycopg.AsyncConnection.connect(shop.manifest["postgres"], autocommit=True) as connection:
        await hold_back_order_events(shop, connection)
        order = await asha.place_order(lamp)

        await asha.pay()
        await shop.wait_for_status(order.order_id, "PAID", shipment="READY_TO_SHIP")
        await shop.wait_until_consumed()
        early = await eventually(lambda: count_mails_about(shop, order))

    await shop.wait_until_invariants_hold()
    await shop.wait_until_consumed()
    mails = await count_mails_about(shop, order)
    assert not any("order.created" in mail for mail in early)
    assert len(mails) == len(set(mails)) == 3
    assert (await asha.get_cart()).items == []
    assert await shop.states(order.order_id) == ("PAID", "COMMITTED", "SUCCEEDED", "READY_TO_SHIP")


@pytest.mark.usefixtures("invariants_hold_afterwards")
async def test_a_free_order_cancelled_before_its_creation_is_received_stays_cancelled(shop, asha):
    card = await shop.product(stock=5, price=Money(0, "EUR"), title="Colour card")
    async with await psycopg.AsyncConnection.connect(shop.manifest["postgres"], autocommit=True) as connection:
        await hold_back_order_events(shop, connection)
        order = await asha.place_order(card)

        assert (await asha.cancel()).status is OrderStatus.CANCELLED

    await shop.wait_until_invariants_hold()
    assert await shop.states(order.order_id) == ("CANCELLED", "RELEASED", "VOIDED", "CANCELLED")
    assert await shop.available(card) == 5


@pytest.mark.usefixtures("invariants_hold_afterwards")
async def test_a_cancelled_order_is_neither_paid_nor_dispatched_before_the_event_is_received(shop, asha):
    lamp = await shop.product(stock=5)
    unpaid, paid = await shop.order_in_status("CREATED", asha, lamp), await shop.order_in_status("PAID", asha, lamp)
    await shop.wait_until_consumed()
    async with await psycopg.AsyncConnection.connect(shop.manifest["postgres"], autocommit=True) as connection:
        await hold_back_order_events(shop, connection)
        cancelled = [await asha.cancel(order.order_id) for order in (unpaid, paid)]

        with pytest.raises(OrderNotPayable):
            await asha.pay(PRICE, unpaid.order_id)
        with pytest.raises(ShipmentNotReady):
            await shop.warehouse.dispatch(paid.order_id)

    assert [order.status for order in cancelled] == [OrderStatus.CANCELLED, OrderStatus.CANCELLED]
    await shop.wait_for_status(unpaid.order_id, "CANCELLED")
    await shop.wait_for_status(paid.order_id, "REFUNDED")
    await shop.wait_until_invariants_hold()
    assert await shop.available(lamp) == 5


@pytest.mark.parametrize(
    "poison",
    [
        pytest.param(b'{"event_id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2e001", ', id="not JSON"),
        pytest.param(b'{"event_id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2e002", "type": 7}', id="not by the contract"),
    ],
)
async def test_an_invalid_message_is_dead_lettered_with_its_origin_and_the_next_one_is_handled(shop, asha, poison):
    lamp, before = await shop.product(stock=5), await shop.snapshot()
    origins = set()
    async with AIOKafkaProducer(bootstrap_servers=shop.manifest["kafka"]) as producer:
        for topic in TOPICS:
            for partition in sorted(await producer.partitions_for(topic)):  # wherever the next good one goes
                sent = await producer.send_and_wait(topic, poison, key=b"poison", partition=partition)
                origins |= {(topic, partition, sent.offset, hearer) for hearer in RECEIVING_SERVICES[topic]}
    await shop.wait_until_consumed()
    assert await shop.snapshot() == before

    order = await shop.order_in_status("PAID", asha, lamp)

    await shop.wait_until_invariants_hold()
    assert await shop.states(order.order_id) == ("PAID", "COMMITTED", "SUCCEEDED", "READY_TO_SHIP")
    dead = [record for topic in TOPICS for record in await read_records(shop.manifest["kafka"], f"{topic}.dlq")]
    told = [msgspec.convert(dict(record.headers), dict[str, bytes]) for record in dead if record.value == poison]
    names = ("topic", "partition", "offset", "consumer")
    put_aside = [tuple(headers[f"dead-{name}"].decode() for name in names) for headers in told]
    assert sorted(put_aside) == sorted(tuple(map(str, origin)) for origin in origins)
    assert all(headers["dead-error"].startswith(b"InvalidMessage") for headers in told)
