"""Send what is queued until killed: python -m services.notifications.tests.dispatching DATABASE_URL SMTP"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta

from chassis.data.database import Database
from services.notifications.application.dispatcher import MailDispatcher
from services.notifications.clients import SmtpMailer
from services.notifications.domain import RetryPolicy
from services.notifications.rendering import MailRenderer
from services.notifications.repository import MailRepository
from services.notifications.tests.conftest import SHOP, SHOP_URL, Links


async def main(database_url, smtp):
    async with Database(database_url, name="dispatching", connections=2) as database:
        dispatcher = MailDispatcher(
            MailRepository(database),
            Links(),
            MailRenderer(SHOP, SHOP_URL),
            [SmtpMailer(smtp, SHOP) for _ in range(2)],
            RetryPolicy(),
            order_details_timeout=timedelta(),
            now=lambda: datetime.now(UTC),
        )
        await dispatcher.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
