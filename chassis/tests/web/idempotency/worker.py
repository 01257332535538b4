"""One request with an Idempotency-Key, executed in a process of its own, which dies by kill -9 on one line.

python -m chassis.tests.web.idempotency.worker LINE TARGET TEXT URL
"""

import asyncio
import os
import signal
import sys

from chassis.data.database import Database
from chassis.tests.web.idempotency.service import LedgerHandlers, application, post


async def die():
    os.kill(os.getpid(), signal.SIGKILL)


async def main(line, target, text, url):
    async with Database(url, name="worker", connections=2) as database:
        handlers = LedgerHandlers(database)
        setattr(handlers.hooks, line, die)
        await post(application(handlers, database), target, text)
        await die()


asyncio.run(main(*sys.argv[1:]))
