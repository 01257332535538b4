"""Dead letters: listed, read, sent back to the one consumer that could not handle them, and given up."""

import json
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import msgspec
import psycopg
import pytest

from chassis.data.retention import apply_retention_rules
from chassis.dead_letter_operations import DeadLetterHandlers, DeadLetterNotFound
from chassis.events import dead_letter_table
from chassis.events.dead_letter_table import DeadLetterTable
from chassis.events.dead_letters import DeadLetterStatus, dead_letter_id
from chassis.testing.dead_letters import NOW, DeadLetterStoreTests, make_letter
from chassis.testing.eventually import eventually
from chassis.testing.running import running_in_background
from chassis.testing.topics import produce_record
from chassis.tests.events.entries import entry_made
from chassis.web.problems import Unavailable

KEY = "0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class CannotBe(Exception):
    pass


@pytest.fixture
def store(ledger):
    return DeadLetterTable(ledger)


class TestDeadLetterTable(DeadLetterStoreTests):
    pass


@pytest.fixture
def letters(store, kafka):
    return DeadLetterHandlers(store, kafka)


@pytest.fixture
def faults():
    """What is wrong with the handling of an entry, by its text."""
    return {}


@pytest.fixture
def failing_consumer(consumer, faults, store):
    def fail(event):
        if event.data.text in faults:
            raise faults[event.data.text]

    return lambda **settings: consumer(fail, **{"dead_letters": store, **settings})


@pytest.fixture
def state_of(store):
    async def state_of(letter_id):
        letter = await store.find(letter_id)
        return letter and str(letter.status)

    return state_of


def has_state(state_of, letter_id, state):
    async def has_state():
        return await state_of(letter_id) == state

    return has_state


@pytest.fixture
def put_aside(failing_consumer, on_topic, store, faults):
    """Have an entry put aside, and say its letter; the consumer has stopped afterwards."""

    async def put_aside(text="a lamp", **headers):
        faults[text] = CannotBe()
        async with running_in_background(failing_consumer().run):
            await on_topic.produce(msgspec.json.encode(entry_made(text=text)), KEY, **headers)

            async def listed():
                return await store.list_by_status(DeadLetterStatus.OPEN, None, 1)

            (letter,) = await eventually(listed)
        del faults[text]
        return letter

    return put_aside


async def test_what_is_put_aside_is_listed_with_where_it_came_from_and_why(put_aside, letters, topic):
    letter = await put_aside()

    (listed,) = (await letters.list_dead_letters("OPEN", 20)).body["items"]

    assert listed["id"] == letter.id
    assert (listed["topic"], listed["operation"], listed["tries"]) == (topic, "on_entry_made", 5)
    assert listed["key"] == UUID(KEY)
    assert listed["error"] == "CannotBe"
    assert "position" not in listed


async def test_a_letter_is_read_as_it_came(put_aside, letters):
    letter = await put_aside()

    read = (await letters.get_dead_letter(letter.id)).body

    assert json.loads(read["value"])["data"] == {"text": "a lamp"}
    assert read["size"] == len(read["value"])
    assert read["letter"]["id"] == letter.id


@pytest.mark.parametrize(
    ("value", "said", "size"),
    [(None, None, 0), (b"\xff{", "\ufffd{", 2), (b"x" * 30_000, "x" * 20_000, 30_000)],
    ids=["no value", "no UTF-8", "long"],
)
async def test_what_is_no_event_is_listed_and_can_be_read(
    failing_consumer, kafka, topic, store, letters, value, said, size
):
    async with running_in_background(failing_consumer().run):
        await produce_record(kafka, topic, value, key="asha@example.com")

        async def listed():
            return await store.list_by_status(DeadLetterStatus.OPEN, None, 1)

        (letter,) = await eventually(listed)

    assert (letter.operation, letter.event_id, letter.key) == (None, None, None)
    read = (await letters.get_dead_letter(letter.id)).body
    assert (read["value"], read["size"]) == (said, size)


async def test_a_letter_that_is_sent_back_is_handled_once_however_often_it_is(
    put_aside, letters, failing_consumer, texts, state_of, on_topic, service
):
    letter = await put_aside(traceparent=TRACE)

    answers = [await letters.redrive_dead_letter(letter.id) for _ in range(2)]
    async with running_in_background(failing_consumer().run):
        await eventually(has_state(state_of, letter.id, "HANDLED"))
        sent = len(await on_topic.dead())
        late = await letters.redrive_dead_letter(letter.id)

    assert [answer.body["status"] for answer in (*answers, late)] == ["REDRIVEN", "REDRIVEN", "HANDLED"]
    assert await texts() == ["a lamp"]
    first, *back = await on_topic.dead()
    assert len(back) == 2 == sent - 1
    headers = {name: value.decode() for name, value in back[0].headers.items() if not name.startswith("dead-")}
    assert headers == {"traceparent": TRACE, "only-for": service, "redrive-of": str(letter.id)}
    assert back[0].value == first.value
    assert len(await on_topic.records()) == 1


async def test_a_letter_that_fails_again_is_open_again_with_the_new_reason(
    put_aside, letters, failing_consumer, faults, state_of, store
):
    letter = await put_aside()
    faults["a lamp"] = TypeError("asha@example.com")

    await letters.redrive_dead_letter(letter.id)
    async with running_in_background(failing_consumer().run):
        await eventually(has_state(state_of, letter.id, "OPEN"))

    again = await store.find(letter.id)
    assert again.error.startswith("TypeError at ")
    assert (again.topic, again.partition, again.offset) == (letter.topic, letter.partition, letter.offset)
    assert again.position > letter.position
    assert again.redriven_at is not None
    assert await store.count_open() == 1
    assert json.loads((await letters.get_dead_letter(letter.id)).body["value"])["data"] == {"text": "a lamp"}


async def test_a_letter_is_sent_back_again_after_it_has_failed_again(
    put_aside, letters, failing_consumer, faults, state_of, texts
):
    letter = await put_aside()
    faults["a lamp"] = CannotBe()
    await letters.redrive_dead_letter(letter.id)
    async with running_in_background(failing_consumer().run):
        await eventually(has_state(state_of, letter.id, "OPEN"))
        del faults["a lamp"]

        await letters.redrive_dead_letter(letter.id)
        await eventually(has_state(state_of, letter.id, "HANDLED"))

    assert await texts() == ["a lamp"]


async def test_what_was_handled_long_ago_takes_no_effect_though_the_inbox_has_forgotten_it(
    put_aside, letters, failing_consumer, state_of, ledger, texts, on_topic, kafka, topic
):
    letter = await put_aside()
    await letters.redrive_dead_letter(letter.id)
    async with running_in_background(failing_consumer().run):
        await eventually(has_state(state_of, letter.id, "HANDLED"))
    async with ledger.pooled_connection() as connection:
        await connection.execute("DELETE FROM ledger.inbox")

    _, back = await on_topic.dead()
    await produce_record(kafka, f"{topic}.dlq", back.value, key=KEY, headers=back.headers)
    async with running_in_background(failing_consumer().run):
        await on_topic.produce(msgspec.json.encode(entry_made(text="a desk")), KEY)
        await eventually(lambda: _ends_with(texts, "a desk"))

    assert await texts() == ["a lamp", "a desk"]


async def _ends_with(texts, text):
    return (await texts())[-1:] == [text]


async def test_a_process_that_dies_after_sending_back_leaves_a_letter_that_is_handled(
    put_aside, letters, failing_consumer, state_of, texts, store, monkeypatch
):
    letter = await put_aside()

    async def dies(*_):
        raise ConnectionResetError

    with monkeypatch.context() as context, pytest.raises(ConnectionResetError):
        context.setattr(DeadLetterTable, "mark_redriven", dies)
        await letters.redrive_dead_letter(letter.id)

    assert await state_of(letter.id) == "OPEN"
    async with running_in_background(failing_consumer().run):
        await eventually(has_state(state_of, letter.id, "HANDLED"))
    assert await texts() == ["a lamp"]


async def test_a_letter_whose_note_was_lost_in_a_crash_is_put_aside_again_as_the_same(
    failing_consumer, on_topic, store, faults, ledger
):
    faults["a lamp"] = CannotBe()
    put, failed = store.put, []

    async def lost(letter):
        if not failed:
            failed.append(letter)
            raise psycopg.OperationalError("the database is away")
        await put(letter)

    flaky = SimpleNamespace(put=lost, find=store.find, mark_handled=store.mark_handled)
    async with running_in_background(failing_consumer(dead_letters=flaky).run):
        await on_topic.produce(msgspec.json.encode(entry_made(text="a lamp")), KEY)

        async def listed():
            return await store.list_by_status(DeadLetterStatus.OPEN, None, 2)

        (letter,) = await eventually(listed)

    assert letter.id == failed[0].id
    assert len(await on_topic.dead()) == 2
    assert letter.position == 1


async def test_a_list_that_is_broken_holds_up_no_event(failing_consumer, on_topic, faults, texts):
    faults["a lamp"] = CannotBe()

    async def broken(_):
        raise ValueError("of all things")

    async with running_in_background(failing_consumer(dead_letters=SimpleNamespace(put=broken)).run):
        await on_topic.produce(msgspec.json.encode(entry_made(text="a lamp")), KEY)
        await on_topic.produce(msgspec.json.encode(entry_made(text="a desk")), KEY)
        await eventually(lambda: _ends_with(texts, "a desk"))

    assert len(await on_topic.dead()) == 1


async def test_dismissing_is_for_letters_that_are_open_and_can_be_repeated(put_aside, letters):
    letter = await put_aside()

    answers = [(await letters.dismiss_dead_letter(letter.id)).body for _ in range(2)]

    assert [answer["status"] for answer in answers] == ["DISMISSED", "DISMISSED"]
    assert (await letters.list_dead_letters("OPEN", 20)).body == {"items": [], "next_cursor": None}


async def test_what_there_is_not_is_not_found_and_nothing_is_sent(letters, on_topic, store):
    expired = make_letter(topic="entries.of.yesterday")

    for ask in (letters.get_dead_letter, letters.redrive_dead_letter, letters.dismiss_dead_letter):
        with pytest.raises(DeadLetterNotFound):
            await ask(expired.id)

    assert await on_topic.records() == []


@pytest.mark.parametrize("position", [0, 7], ids=["another letter is there", "the topic does not reach so far"])
async def test_a_letter_that_its_topic_keeps_no_more_is_not_found(put_aside, letters, store, topic, on_topic, position):
    await put_aside()
    gone = make_letter(topic=topic, position=position)
    await store.put(gone)

    for ask in (letters.get_dead_letter, letters.redrive_dead_letter):
        with pytest.raises(DeadLetterNotFound):
            await ask(gone.id)

    assert len(await on_topic.records()) == 1
    assert (await store.find(gone.id)).status is DeadLetterStatus.OPEN


async def test_a_broker_that_is_away_is_told_and_nothing_is_changed(store):
    letter = make_letter()
    await store.put(letter)
    letters = DeadLetterHandlers(store, "127.0.0.1:9")

    for ask in (letters.get_dead_letter, letters.redrive_dead_letter):
        with pytest.raises(Unavailable):
            await ask(letter.id)

    assert await store.find(letter.id) == letter


async def test_pages_follow_each_other(store, letters):
    for number in range(1, 6):
        await store.put(make_letter(number))

    seen, cursor = [], ""
    while cursor is not None:
        page = (await letters.list_dead_letters("OPEN", 2, cursor)).body
        seen, cursor = [*seen, *(letter["offset"] for letter in page["items"])], page["next_cursor"]

    assert seen == [5, 4, 3, 2, 1]


async def test_letters_are_deleted_after_their_topics_have_forgotten_them(store, ledger):
    old, young = (
        make_letter(1, failed_at=NOW - timedelta(days=401)),
        make_letter(2, failed_at=NOW - timedelta(days=399)),
    )
    for letter in (old, young):
        await store.put(letter)

    await apply_retention_rules(ledger, [dead_letter_table.RETENTION_RULE], SimpleNamespace(is_set=lambda: False))

    assert await store.find(old.id) is None
    assert await store.find(young.id) == young


def test_ids_are_of_version_7_in_the_order_of_sending_and_the_same_each_time():
    def record(**facts):
        return SimpleNamespace(
            **{"topic": "entries", "partition": 0, "offset": 1, "timestamp": 1_700_000_000_000} | facts
        )

    first, later = dead_letter_id("ledger", record()), dead_letter_id("ledger", record(timestamp=1_700_000_000_001))
    others = {
        first, later, dead_letter_id("another", record()), dead_letter_id("ledger", record(offset=2)),
        dead_letter_id("ledger", record(partition=1)), dead_letter_id("ledger", record(topic="others")),
    }  # fmt: skip

    assert first < later
    assert dead_letter_id("ledger", record()) == first
    assert len(others) == 6
    assert {(letter_id.version, letter_id.variant) for letter_id in others} == {(7, "specified in RFC 4122")}
    assert dead_letter_id("ledger", record(timestamp=-1)).int >> 80 == 0
    assert dead_letter_id("ledger", record(timestamp=2**60)).int >> 80 == 2**48 - 1
