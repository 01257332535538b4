"""A relay or a consumer in a process of its own, which dies by kill -9 on one line.

python -m chassis.tests.events.worker relay|consumer CONTRACT DATABASE_URL KAFKA NAME
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from aiokafka import AIOKafkaConsumer

from chassis.data.database import Database
from chassis.events.consumer import Consumer
from chassis.events.messages import MessageContract
from chassis.events.relay import Relay
from chassis.tests.events.entries import LedgerSubscribers
from chassis.tests.ledger import LedgerUnitOfWork
from chassis.unit_of_work import DatabaseUnitOfWorkFactory


def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


class DiesBeforeTheMark(Database):
    async def execute(self, *_, **__):
        die()


async def main(role, contract, url, kafka, name):
    if role == "relay":
        async with DiesBeforeTheMark(url, name="worker", connections=2) as database:
            await Relay(database, kafka).run(asyncio.Event())
    AIOKafkaConsumer.commit = die
    async with Database(url, name="worker", connections=2) as database:
        subscribers = LedgerSubscribers(DatabaseUnitOfWorkFactory(database, LedgerUnitOfWork, consumer="ledger"))
        await Consumer(name, MessageContract.load(Path(contract)), subscribers, kafka).run(asyncio.Event())


asyncio.run(main(*sys.argv[1:]))
