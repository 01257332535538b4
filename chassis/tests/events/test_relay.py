import asyncio
import signal
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest

from chassis.data.retention import apply_retention_rules
from chassis.events.messages import MessageContractViolation
from chassis.events.outbox import RETENTION_RULE, OutgoingEvent
from chassis.events.relay import Relay
from chassis.runtime import tracing
from chassis.testing.eventually import eventually
from chassis.testing.running import running_in_background
from chassis.testing.topics import add_partitions, create_topics
from chassis.tests.events.entries import entry_made, outgoing_event
from chassis.tests.ledger import OUTBOX_ROWS

ACCOUNT = UUID(int=7)
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def decode_texts(records):
    return [msgspec.json.decode(record.value)["data"]["text"] for record in records]


async def enter(unit_of_work, topic, text, account=ACCOUNT):
    async with unit_of_work() as work:
        await work.enter(account, text)
        await work.publish(outgoing_event(topic, text=text, account=account))


async def all_published(ledger):
    rows = await ledger.fetch_all(OUTBOX_ROWS)
    return bool(rows) and all(row["published_at"] for row in rows)


async def test_an_outgoing_event_arrives_with_its_key_and_its_trace(unit_of_work, topic, relay, on_topic):
    async with running_in_background(relay.run):
        with tracing.continued_trace(TRACE):
            await enter(unit_of_work, topic, "a lamp")
        (record,) = await eventually(on_topic.records)

    assert decode_texts([record]) == ["a lamp"]
    assert record.key == str(ACCOUNT).encode()
    assert dict(record.headers)["traceparent"].split(b"-")[1] == TRACE.encode().split(b"-")[1]


async def test_partitions_that_are_added_to_a_topic_in_use_get_events(
    unit_of_work, ledger, topic, kafka, on_topic, monkeypatch
):
    monkeypatch.setattr("chassis.events.relay.METADATA_MAX_AGE", 0.5)
    async with running_in_background(Relay(ledger, kafka).run):
        await enter(unit_of_work, topic, "before")
        await eventually(on_topic.records)

        await add_partitions(kafka, topic, 6)

        async def reaches_a_new_one():
            await enter(unit_of_work, topic, "after", account=uuid4())
            return any(record.partition >= 3 for record in await on_topic.records())

        await eventually(reaches_a_new_one)


async def test_an_outgoing_event_is_rolled_back_with_its_change(unit_of_work, topic, ledger, texts):
    with pytest.raises(ZeroDivisionError):
        async with unit_of_work() as work:
            await work.enter(ACCOUNT, "never")
            await work.publish(outgoing_event(topic, text="never"))
            raise ZeroDivisionError

    assert await texts() == []
    assert await ledger.fetch_all(OUTBOX_ROWS) == []


async def test_an_undeclared_event_rolls_its_change_back(unit_of_work, topic, ledger, texts):
    with pytest.raises(MessageContractViolation):
        async with unit_of_work() as work:
            await work.enter(ACCOUNT, "never")
            await work.publish(OutgoingEvent(topic, {"type": "entry.struck"}, key="a key"))

    assert await texts() == []
    assert await ledger.fetch_all(OUTBOX_ROWS) == []


async def test_the_same_event_cannot_be_published_twice(unit_of_work, topic, ledger):
    event = entry_made()
    async with unit_of_work() as work:
        await work.publish(OutgoingEvent(topic, event, key=str(event.order_id)))

    with pytest.raises(psycopg.errors.UniqueViolation, match="outbox_announces_an_event_once"):
        async with unit_of_work() as work:
            await work.publish(OutgoingEvent(topic, event, key=str(event.order_id)))

    assert len(await ledger.fetch_all(OUTBOX_ROWS)) == 1


async def test_a_relay_killed_between_sending_and_marking_sends_the_same_bytes_again(
    unit_of_work, topic, ledger, relay, on_topic, crash
):
    await enter(unit_of_work, topic, "a lamp")

    await crash("relay")
    assert len(await on_topic.records()) == 1
    assert not await all_published(ledger)
    async with running_in_background(relay.run):
        await eventually(lambda: all_published(ledger))

    first, again = await on_topic.records()
    assert (first.key, first.value, first.headers) == (again.key, again.value, again.headers)


async def test_of_two_relays_one_leads_and_order_per_key_outlives_it(
    unit_of_work, topic, ledger, relay, kafka, on_topic
):
    accounts = [uuid4() for _ in range(4)]
    first_ends = asyncio.Event()
    first = asyncio.create_task(Relay(ledger, kafka, batch_size=7).run(first_ends))
    async with running_in_background(relay.run):
        for number in range(100):
            await enter(unit_of_work, topic, f"{number}", accounts[number % 4])
            if number == 50:
                first_ends.set()
        await first
        await eventually(lambda: all_published(ledger))

    records = await on_topic.records()
    assert len(records) == 100
    for account in accounts:
        numbers = [
            int(text) for text in decode_texts(record for record in records if record.key == str(account).encode())
        ]
        assert numbers == sorted(numbers)


async def test_what_is_committed_while_the_broker_is_away_arrives_when_it_is_back(
    own_servers, unit_of_work, topic, ledger
):
    broker = own_servers.start("kafka")["kafka"]["url"]
    await create_topics(broker, topic)
    async with running_in_background(Relay(ledger, broker).run):
        await enter(unit_of_work, topic, "before")
        await eventually(lambda: all_published(ledger))

        await asyncio.to_thread(own_servers.stop, "kafka", signal.SIGKILL)
        await enter(unit_of_work, topic, "meanwhile")
        await asyncio.to_thread(own_servers.resume, "kafka")

        await eventually(lambda: all_published(ledger), within=30)


async def test_rows_that_cannot_be_published_keep_no_published_ones_from_being_purged(
    unit_of_work, topic, ledger, ledger_url
):
    for text in ("stuck", "long ago", "longer ago"):
        await enter(unit_of_work, topic, text)
    with psycopg.connect(ledger_url) as connection:
        connection.execute("UPDATE outbox SET published_at = now() - interval '8 days' WHERE id > 1")

    await apply_retention_rules(ledger, [RETENTION_RULE._replace(batch=1)], asyncio.Event())

    assert [row["id"] for row in await ledger.fetch_all(OUTBOX_ROWS)] == [1]


async def test_only_old_published_outbox_rows_are_purged(unit_of_work, topic, ledger, ledger_url):
    for text in ("long ago", "just now", "not yet"):
        await enter(unit_of_work, topic, text)
    with psycopg.connect(ledger_url) as connection:
        connection.execute("UPDATE outbox SET published_at = now() - interval '8 days' WHERE id = 1")
        connection.execute("UPDATE outbox SET published_at = now() - interval '6 days' WHERE id = 2")

    await apply_retention_rules(ledger, [RETENTION_RULE], asyncio.Event())

    assert [row["id"] for row in await ledger.fetch_all(OUTBOX_ROWS)] == [2, 3]
