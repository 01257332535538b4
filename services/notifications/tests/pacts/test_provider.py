"""Notifications is what others expect."""

from uuid import UUID

from chassis.testing.deliveries import deliver
from services import CONTRACTS_FOLDER
from services.notifications.handlers import NotificationsHandlers
from services.notifications.tests.event_factory import make_event

CONTRACT = CONTRACTS_FOLDER / "notifications.yaml"


async def test_notifications_honours_its_pacts(
    verify_provider, empty_database_for, notifications, subscribers, send_due
):
    async def nothing():
        empty_database_for("notifications")

    async def sent(order_id):
        await nothing()
        await deliver(subscribers, make_event("order.created", UUID(order_id)))
        await send_due()

    await verify_provider(
        CONTRACT,
        NotificationsHandlers(notifications),
        states={"no mail was sent": nothing, "a mail was sent": sent},
    )
