import asyncio
import sys
from types import SimpleNamespace
from uuid import uuid4

import pytest

from chassis.data.leader_election import Notifier
from chassis.events.consumer import Consumer
from chassis.events.messages import MessageContract
from chassis.events.outbox import Outbox
from chassis.events.relay import RELAY_TASK_NAME, Relay
from chassis.testing.topics import create_topics, produce_record, read_records
from chassis.tests.events.entries import LedgerSubscribers, contract_in
from chassis.tests.ledger import ENTRIES, LedgerUnitOfWork
from chassis.unit_of_work import DatabaseUnitOfWorkFactory


@pytest.fixture
async def topic(kafka):
    name = f"entries.{uuid4().hex[:12]}"
    await create_topics(kafka, name)
    return name


@pytest.fixture
def contract(tmp_path, topic):
    return contract_in(tmp_path, topic)


@pytest.fixture
def messages(contract):
    return MessageContract.load(contract)


@pytest.fixture
def unit_of_work(ledger, messages):
    return DatabaseUnitOfWorkFactory(
        ledger, LedgerUnitOfWork, outbox=Outbox(messages), notifier=Notifier(ledger, RELAY_TASK_NAME), consumer="ledger"
    )


@pytest.fixture
def relay(ledger, kafka):
    return Relay(ledger, kafka)


@pytest.fixture
def service(topic):
    """The name of a consumer that nobody else is."""
    return topic.replace("entries", "ledger")


@pytest.fixture
def consumer(service, messages, unit_of_work, kafka):
    def consumer(before=lambda _: None, **settings):
        subscribers = LedgerSubscribers(unit_of_work, before)
        return Consumer(service, messages, subscribers, kafka, **{"max_delay": 0.05, **settings})

    return consumer


@pytest.fixture
def on_topic(kafka, topic):
    """What can be done and seen from outside: `put` a value, read `records`, `dead` letters and their `headers`."""

    async def records():
        return await read_records(kafka, topic)

    async def dead():
        letters = await read_records(kafka, f"{topic}.dlq")
        return [SimpleNamespace(value=letter.value, headers=dict(letter.headers)) for letter in letters]

    async def put_there(value, key="", **headers):
        await produce_record(
            kafka, topic, value, key=key, headers={name: text.encode() for name, text in headers.items()}
        )

    return SimpleNamespace(records=records, dead=dead, produce=put_there)


@pytest.fixture
def texts(ledger):
    async def texts():
        return [row["text"] for row in await ledger.fetch_all(ENTRIES)]

    return texts


@pytest.fixture
def crash(contract, ledger_url, kafka, service):
    """Run a worker until it has killed itself."""

    async def crash(role):
        worker = [sys.executable, "-m", "chassis.tests.events.worker"]
        process = await asyncio.create_subprocess_exec(*worker, role, str(contract), ledger_url, kafka, service)
        assert await asyncio.wait_for(process.wait(), 20) == -9

    return crash
