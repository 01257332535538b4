"""Notifications is what others expect."""

from uuid import UUID

from sqlalchemy import bindparam

from chassis.data.statement import Statement
from chassis.events.dead_letter_table import DeadLetterTable
from chassis.testing.deliveries import deliver
from services import CONTRACTS_FOLDER
from services.notifications.handlers import NotificationsHandlers
from services.notifications.tables import mails
from services.notifications.tests.event_factory import make_event

CONTRACT = CONTRACTS_FOLDER / "notifications.yaml"
FAIL_MAIL = Statement(mails.update().values(id=bindparam("mail"), status="FAILED"))


async def test_notifications_honours_its_pacts(
    verify_provider, empty_database_for, database, notifications, subscribers, send_due
):
    async def nothing():
        empty_database_for("notifications")

    async def sent(order_id):
        await nothing()
        await deliver(subscribers, make_event("order.created", UUID(order_id)))
        await send_due()

    async def failed(order_id, notification_id):
        await nothing()
        await deliver(subscribers, make_event("order.created", UUID(order_id)))
        await database.execute(FAIL_MAIL, mail=UUID(notification_id))

    await verify_provider(
        CONTRACT,
        NotificationsHandlers(notifications),
        dead_letters=DeadLetterTable(database),
        states={"no mail was sent": nothing, "a mail was sent": sent, "a mail failed": failed},
    )
