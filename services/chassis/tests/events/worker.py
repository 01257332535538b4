"""A relay or a consumer in a process of its own, which dies by kill -9 on one line.

python -m services.chassis.tests.events.worker relay|consumer CONTRACT DATABASE_URL KAFKA NAME
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from aiokafka import AIOKafkaConsumer

from services.chassis.consuming import Consumer
from services.chassis.database import Database
from services.chassis.messages import Messages
from services.chassis.relay import Relay
from services.chassis.tests.events.entries import LedgerSubscribers
from services.chassis.tests.ledger import LedgerWork
from services.chassis.unit_of_work import UnitOfWork


def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


class DiesBeforeTheMark(Relay):
    async def _publish(self, connection, producer, rows):
        connection.execute = die
        await super()._publish(connection, producer, rows)


async def main(role, contract, url, kafka, name):
    if role == "relay":
        await DiesBeforeTheMark(url, kafka).run(asyncio.Event())
    AIOKafkaConsumer.commit = die
    async with Database(url, name="worker", connections=2) as database:
        subscribers = LedgerSubscribers(UnitOfWork(database, LedgerWork, consumer="ledger"))
        await Consumer(name, Messages.read(Path(contract)), subscribers, kafka).run(asyncio.Event())


asyncio.run(main(*sys.argv[1:]))
