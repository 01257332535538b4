"""Units of work that are functions, as one statement and in a transaction."""

import asyncio
from itertools import count
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest
import sqlalchemy as sa

from chassis.data.database import Database
from chassis.data.statement import Statement
from chassis.events.delivery import Delivery
from chassis.events.messages import InvalidMessage
from chassis.events.outbox import Outbox
from chassis.testing.deliveries import make_record
from chassis.tests.events.entries import entry_made, outgoing_event
from chassis.tests.ledger import CHANGE_ENTRY, COPY_ENTRY, ENTER, INBOX_ROWS, OUTBOX_ROWS, LedgerUnitOfWork
from chassis.unit_of_work import DatabaseUnitOfWorkFactory

pytestmark = pytest.mark.both_ways

ACCOUNT = UUID(int=7)
EXECUTIONS = Statement(
    sa.select(sa.func.sum(sa.column("generic_plans") + sa.column("custom_plans")).label("number")).select_from(
        sa.table("pg_prepared_statements")
    )
)


@pytest.fixture
def unit_of_work(ledger, messages, batches):
    return units_on(ledger, messages, batches)


def units_on(database, messages, batches=True):
    return DatabaseUnitOfWorkFactory(
        database, LedgerUnitOfWork, outbox=Outbox(messages), consumer="ledger", batches=batches
    )


@pytest.fixture
def delivery(topic, messages):
    """An event as it comes off Kafka."""

    def delivery(**facts):
        return Delivery.decode(make_record(msgspec.json.encode(entry_made(**facts)), topic), messages)

    return delivery


@pytest.fixture
async def entry(ledger):
    """The entry of an account, which is a number."""
    await ledger.execute(ENTER, account=ACCOUNT, text="0")


async def enter(work):
    await work.enter(ACCOUNT, "rent")
    return "entered"


async def test_a_change_and_its_event_are_committed_together(unit_of_work, topic, ledger, texts):
    async def enter(work):
        await work.enter(ACCOUNT, "rent")
        await work.publish(outgoing_event(topic))
        return "entered"

    assert await unit_of_work.run(enter) == "entered"

    assert await texts() == ["rent"]
    assert len(await ledger.fetch_all(OUTBOX_ROWS)) == 1


async def test_what_raises_changes_nothing_and_is_raised(unit_of_work, topic, ledger, texts, delivery):
    async def die(work):
        await work.enter(ACCOUNT, "never")
        await work.publish(outgoing_event(topic))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await unit_of_work.run(die)
    with pytest.raises(ZeroDivisionError):
        await unit_of_work.run_for_delivery(delivery(), die)

    assert await texts() == []
    assert [await ledger.fetch_all(rows) for rows in (OUTBOX_ROWS, INBOX_ROWS)] == [[], []]


async def test_an_event_is_handled_once(unit_of_work, texts, delivery):
    same = delivery()

    outcomes = [await unit_of_work.run_for_delivery(same, enter) for _ in range(3)]

    assert outcomes == ["entered", None, None]
    assert await texts() == ["rent"]


async def test_an_event_that_comes_several_times_at_once_is_handled_once(unit_of_work, texts, delivery):
    same = delivery()

    outcomes = await asyncio.gather(*(unit_of_work.run_for_delivery(same, enter) for _ in range(4)))

    assert sorted(outcomes, key=bool) == [None, None, None, "entered"]
    assert await texts() == ["rent"]


async def test_an_event_that_was_handled_is_not_refused_afterwards(unit_of_work, entry, texts, delivery):
    same = delivery()

    async def change_once(work):
        if await work.lock(ACCOUNT) != "0":
            raise ValueError("changed before")
        await work.change(ACCOUNT, "1")

    await unit_of_work.run_for_delivery(same, change_once)

    assert await unit_of_work.run_for_delivery(same, change_once) is None
    with pytest.raises(ValueError, match="changed before"):
        await unit_of_work.run_for_delivery(delivery(), change_once)
    assert await texts() == ["1"]


async def test_another_event_under_the_same_id_is_invalid(unit_of_work, delivery, texts):
    event_id = uuid4()
    await unit_of_work.run_for_delivery(delivery(event_id=event_id), enter)

    with pytest.raises(InvalidMessage, match="another event has this event_id"):
        await unit_of_work.run_for_delivery(delivery(event_id=event_id, text="another"), enter)

    assert await texts() == ["rent"]


async def test_no_change_is_lost_and_events_are_in_the_order_of_changes(unit_of_work, topic, entry, ledger, texts):
    async def increment(work):
        number = int(await work.lock(ACCOUNT)) + 1
        await work.change(ACCOUNT, f"{number}")
        await work.publish(outgoing_event(topic, text=f"{number}"))

    await asyncio.gather(*(unit_of_work.run(increment) for _ in range(20)))

    assert await texts() == ["20"]
    told = [msgspec.json.decode(row["value"])["data"]["text"] for row in await ledger.fetch_all(OUTBOX_ROWS)]
    assert told == [f"{number}" for number in range(1, 21)]


async def test_a_unit_of_work_reads_what_it_has_written_before(unit_of_work, texts):
    async def enter_and_change(work):
        await work.enter(ACCOUNT, "rent")
        await work.change(ACCOUNT, f"{await work.lock(ACCOUNT)} paid")

    await unit_of_work.run(enter_and_change)

    assert await texts() == ["rent paid"]


async def test_a_row_may_be_written_twice(unit_of_work, entry, texts):
    async def change_twice(work):
        await work.change(ACCOUNT, "1")
        await work.change(ACCOUNT, "2")

    await unit_of_work.run(change_twice)

    assert await texts() == ["2"]


async def test_a_row_that_is_inserted_may_be_changed(unit_of_work, texts):
    async def enter_and_change(work):
        await work.enter(ACCOUNT, "1")
        await work.transaction.write(CHANGE_ENTRY, of_account=ACCOUNT, new_text="2")

    await unit_of_work.run(enter_and_change)

    assert await texts() == ["2"]


async def test_a_write_may_be_within_a_write(unit_of_work, texts):
    async def enter_twice(work):
        await work.transaction.write(COPY_ENTRY, account=ACCOUNT, text="1")

    await unit_of_work.run(enter_twice)

    assert await texts() == ["1", "1"]


async def test_a_violated_constraint_is_raised(unit_of_work, topic, texts):
    event = outgoing_event(topic)

    async def publish_twice(work):
        await work.enter(ACCOUNT, "never")
        await work.publish(event, event)

    with pytest.raises(psycopg.errors.UniqueViolation, match="outbox_announces_an_event_once"):
        await unit_of_work.run(publish_twice)

    assert await texts() == []


@pytest.mark.parametrize("written", [True, False], ids=["a row that is changed", "a row that is only read"])
async def test_a_row_that_changes_between_read_and_write_is_read_again(
    ledger, messages, topic, entry, delivery, written
):
    read, others = [], count(1)

    async def decide(work):
        read.append(await work.lock(ACCOUNT))
        if len(read) == 1:
            await ledger.execute(CHANGE_ENTRY, of_account=ACCOUNT, new_text=f"{next(others)}")
        if written:
            await work.change(ACCOUNT, f"after {read[-1]}")
        await work.publish(outgoing_event(topic, text=f"after {read[-1]}"))

    await units_on(ledger, messages).run_for_delivery(delivery(), decide)

    assert read == ["0", "1"]
    (event,) = await ledger.fetch_all(OUTBOX_ROWS)
    assert (event["id"], msgspec.json.decode(event["value"])["data"]["text"]) == (1, "after 1")
    assert len(await ledger.fetch_all(INBOX_ROWS)) == 1


async def test_read_inbox_change_and_event_are_two_statements(ledger_url, messages, topic, ledger, entry, delivery):
    async def change(work):
        await work.change(ACCOUNT, f"{await work.lock(ACCOUNT)}0")
        await work.publish(outgoing_event(topic))

    async with Database(ledger_url, name="tests", connections=1, background_connections=0) as database:
        units = units_on(database, messages)
        await database.fetch_one(EXECUTIONS)
        before = await database.fetch_one(EXECUTIONS)
        await units.run_for_delivery(delivery(), change)
        after = await database.fetch_one(EXECUTIONS)

    # With the first question itself.
    assert after["number"] - before["number"] == 3
