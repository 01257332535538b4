import asyncio
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from chassis.data.retention import apply_retention_rules
from chassis.events import inbox
from chassis.events.consumer import Consumer
from chassis.events.relay import METADATA_MAX_AGE
from chassis.events.watchdog import ConsumerStalled
from chassis.runtime import tracing
from chassis.testing.deliveries import make_delivery
from chassis.testing.eventually import eventually
from chassis.testing.running import running_in_background
from chassis.testing.topics import add_partitions
from chassis.tests.events.entries import EntryMade, entry_made
from chassis.tests.ledger import INBOX_ROWS
from chassis.web.http_client import UndeclaredProblem

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
KEY = "one key, so that all of it stays in order"


class CannotBe(Exception):
    pass


@pytest.fixture
def committed_offsets(kafka, topic, service):
    """How many events of the topic the group has committed."""

    async def committed_offsets():
        async with AIOKafkaConsumer(bootstrap_servers=kafka, group_id=service, enable_auto_commit=False) as reader:
            partitions = [TopicPartition(topic, number) for number in range(3)]
            reader.assign(partitions)
            return sum([await reader.committed(partition) or 0 for partition in partitions])

    return committed_offsets


async def has_committed(committed_offsets, number):
    return await committed_offsets() == number


def encode_event(**facts):
    return msgspec.json.encode(entry_made(**facts))


async def test_an_event_takes_effect_once_however_often_it_comes(consumer, on_topic, texts):
    lamp = encode_event(text="a lamp")
    async with running_in_background(consumer().run):
        for value in (lamp, lamp, encode_event(text="a desk")):
            await on_topic.produce(value, KEY)
        await eventually(lambda: holds_event(texts, "a desk"))

    assert await texts() == ["a lamp", "a desk"]
    assert await on_topic.dead() == []


async def test_events_from_before_the_first_start_are_not_missed(consumer, on_topic, texts):
    await on_topic.produce(encode_event(text="a lamp"), KEY)

    async with running_in_background(consumer().run):
        await eventually(lambda: holds_event(texts, "a lamp"))


async def test_an_invalid_message_is_dead_lettered_and_the_next_is_handled(consumer, on_topic, texts, topic, service):
    event_id = uuid4()
    deep = (
        b'{"type":"entry.made","event_id":"","data":' + b"[" * 300 + b"]" * 300 + b"}"
    )  # deeper than schemas are held
    unreadable = [b"{not json", encode_event(text="", event_id=event_id), None, deep]
    async with running_in_background(consumer().run):
        for value in (*unreadable, encode_event(text="a lamp")):
            await on_topic.produce(value, KEY, traceparent=TRACE)
        await eventually(lambda: holds_event(texts, "a lamp"))

    dead = await on_topic.dead()
    assert [letter.value for letter in dead] == unreadable
    headers = [{name: text.decode() for name, text in letter.headers.items()} for letter in dead]
    assert {h["dead-topic"] for h in headers} == {topic}
    assert [h["dead-offset"] for h in headers] == ["0", "1", "2", "3"]
    assert {h["dead-consumer"] for h in headers} == {service}
    assert {h["dead-tries"] for h in headers} == {"1"}
    assert {h["traceparent"] for h in headers} == {TRACE}
    assert [h["dead-event-id"] for h in headers] == ["", str(event_id), "", ""]
    assert [h["dead-error"].split(":")[0] for h in headers] == ["InvalidMessage"] * 4


async def test_another_event_with_a_known_id_is_dead_lettered(consumer, on_topic, texts):
    event_id = uuid4()
    async with running_in_background(consumer().run):
        for text in ("a lamp", "a desk"):
            await on_topic.produce(encode_event(text=text, event_id=event_id), KEY)
        (letter,) = await eventually(on_topic.dead)

    assert letter.headers["dead-error"] == b"InvalidMessage: another event has this event_id"
    assert await texts() == ["a lamp"]


async def test_events_not_addressed_to_this_service_are_skipped(consumer, on_topic, texts, service):
    struck = msgspec.json.encode({**msgspec.to_builtins(entry_made()), "type": "entry.struck"})
    async with running_in_background(consumer().run):
        await on_topic.produce(struck, KEY)
        await on_topic.produce(encode_event(text="for another"), KEY, **{"only-for": "another"})
        await on_topic.produce(encode_event(text="for us"), KEY, **{"only-for": service})
        await eventually(lambda: holds_event(texts, "for us"))

    assert await texts() == ["for us"]
    assert await on_topic.dead() == []


@pytest.mark.parametrize(
    "trouble",
    [psycopg.OperationalError("the database is away"), UndeclaredProblem(401, {"type": "/problems/unauthorized"})],
    ids=["the database is away", "a neighbour takes us for strangers"],
)
async def test_a_transient_error_is_retried_and_nothing_is_dead_lettered(consumer, on_topic, texts, trouble):
    tries = []

    def away(event):
        tries.append(event.data.text)
        if len(tries) < 8:
            raise trouble

    async with running_in_background(consumer(away).run):
        await on_topic.produce(encode_event(text="a lamp"), KEY)
        await on_topic.produce(encode_event(text="a desk"), KEY)
        await eventually(lambda: holds_event(texts, "a desk"))

    assert await texts() == ["a lamp", "a desk"]
    assert tries == ["a lamp"] * 8 + ["a desk"]
    assert await on_topic.dead() == []


async def test_a_permanent_error_is_dead_lettered_after_five_attempts(consumer, on_topic, texts):
    tries = []

    def never(event):
        if event.data.text == "a lamp":
            tries.append(event)
            raise CannotBe("of all things")

    async with running_in_background(consumer(never).run):
        await on_topic.produce(encode_event(text="a lamp"), KEY)
        await on_topic.produce(encode_event(text="a desk"), KEY)
        await eventually(lambda: holds_event(texts, "a desk"))

    (letter,) = await on_topic.dead()
    assert letter.headers["dead-error"] == b"CannotBe: of all things"
    assert letter.headers["dead-tries"] == b"5"
    assert len(tries) == 5
    assert await texts() == ["a desk"]


class SlowSubscribers:
    """Handles a lamp for ever, and everything else at once."""

    def __init__(self):
        self.tries, self.handled = 0, []

    async def on_entry_made(self, event: EntryMade) -> None:
        if event.data.text == "a lamp":
            self.tries += 1
            await asyncio.Event().wait()
        self.handled.append(event.data.text)


async def test_an_event_whose_handler_always_times_out_is_dead_lettered_after_five_attempts(
    messages, kafka, service, on_topic
):
    slow = SlowSubscribers()
    consumer = Consumer(service, messages, slow, kafka, handler_timeout=0.1, max_delay=0.05)

    async with running_in_background(consumer.run):
        await on_topic.produce(encode_event(text="a lamp"), KEY)
        await on_topic.produce(encode_event(text="a desk"), KEY)
        await eventually(lambda: slow.handled == ["a desk"])

    (letter,) = await on_topic.dead()
    assert letter.headers["dead-error"].startswith(b"HandlerTimeout: ")
    assert slow.tries == 5


async def test_a_handler_that_outlasts_the_shutdown_is_abandoned_and_nothing_is_dead_lettered(
    messages, kafka, service, on_topic
):
    slow, stopping = SlowSubscribers(), asyncio.Event()
    consumer = Consumer(service, messages, slow, kafka, handler_timeout=60, stop_timeout=0.1)
    consuming = asyncio.create_task(consumer.run(stopping))
    await on_topic.produce(encode_event(text="a lamp"), KEY)
    await eventually(lambda: slow.tries)

    stopping.set()
    await asyncio.wait_for(consuming, 5)

    assert await on_topic.dead() == []


async def test_a_consumer_killed_between_effect_and_offset_has_one_effect(consumer, on_topic, texts, crash):
    await on_topic.produce(encode_event(text="a lamp"), KEY)
    seen = []

    await crash("consumer")
    assert await texts() == ["a lamp"]
    async with running_in_background(consumer(seen.append).run):
        await on_topic.produce(encode_event(text="a desk"), KEY)
        await eventually(lambda: holds_event(texts, "a desk"))

    assert [event.data.text for event in seen] == ["a lamp", "a desk"]
    assert await texts() == ["a lamp", "a desk"]


async def test_what_was_handled_is_committed_soon_though_nothing_follows(consumer, on_topic, texts, committed_offsets):
    async with running_in_background(consumer().run):
        for number in range(3):
            await on_topic.produce(encode_event(text=f"{number}"), KEY)
            await eventually(lambda number=number: holds_event(texts, f"{number}"))

        assert await eventually(lambda: has_committed(committed_offsets, 3))


async def test_what_was_handled_is_committed_at_the_stop(consumer, on_topic, texts, committed_offsets):
    async with running_in_background(consumer(commit_interval=3600).run):
        for number in range(3):
            await on_topic.produce(encode_event(text=f"{number}"), KEY)
            await eventually(lambda number=number: holds_event(texts, f"{number}"))
        while_it_ran = await committed_offsets()

    assert (while_it_ran, await committed_offsets()) == (1, 3)


async def test_partitions_are_handed_over_with_what_was_handled(consumer, on_topic, texts, committed_offsets):
    seen = []
    async with running_in_background(consumer(commit_interval=3600).run):
        for number in range(3):
            await on_topic.produce(encode_event(text=f"{number}"), KEY)
            await eventually(lambda number=number: holds_event(texts, f"{number}"))

        async with running_in_background(consumer(seen.append, instance="1", commit_interval=3600).run):
            await eventually(lambda: has_committed(committed_offsets, 3))

    assert seen == []


async def test_partitions_that_are_added_to_a_topic_in_use_are_consumed(
    consumer, on_topic, texts, topic, kafka, monkeypatch
):
    assert METADATA_MAX_AGE < 60
    monkeypatch.setattr("chassis.events.consumer.METADATA_MAX_AGE", 0.5)
    async with running_in_background(consumer().run):
        await on_topic.produce(encode_event(text="before"), KEY)
        await eventually(lambda: holds_event(texts, "before"))

        await add_partitions(kafka, topic, 5)
        async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
            for partition in (3, 4):
                value = encode_event(text=f"in {partition}")
                await producer.send_and_wait(topic, value, key=KEY.encode(), partition=partition)

        await eventually(lambda: holds_event(texts, "in 3"))
        await eventually(lambda: holds_event(texts, "in 4"))


async def test_an_event_is_handled_in_the_trace_it_was_published_in(consumer, on_topic):
    traces = []
    async with running_in_background(consumer(lambda _: traces.append(tracing.current_traceparent())).run):
        await on_topic.produce(encode_event(), KEY, traceparent=TRACE)
        await eventually(lambda: traces)

    assert traces[0].split("-")[1] == TRACE.split("-")[1]


async def test_a_stalled_consumer_ends(consumer, on_topic, messages, kafka, service):
    class Deaf(Consumer):
        async def _poll(self, *_):
            await asyncio.sleep(0.05)

    class Subscribers:
        async def on_entry_made(self, event: dict) -> None: ...

    await on_topic.produce(encode_event(), KEY)

    with pytest.raises(ConsumerStalled, match="no progress"):
        await asyncio.wait_for(
            Deaf(service, messages, Subscribers(), kafka, stall_timeout=0.3).run(asyncio.Event()), 20
        )


async def test_old_inbox_rows_are_purged(ledger, ledger_url):
    for number in (1, 2):
        async with ledger.transaction() as transaction:
            delivery = make_delivery(entry_made(event_id=UUID(int=number)))
            assert await inbox.record_delivery(transaction, "ledger", delivery)
    with psycopg.connect(ledger_url) as connection:
        connection.execute(
            "UPDATE inbox SET received_at = now() - interval '31 days' WHERE event_id = %s", [UUID(int=1)]
        )

    await apply_retention_rules(ledger, [inbox.RETENTION_RULE], asyncio.Event())

    assert await ledger.fetch_all(INBOX_ROWS) == [{"consumer": "ledger", "event_id": UUID(int=2)}]


async def holds_event(texts, text):
    return text in await texts()
