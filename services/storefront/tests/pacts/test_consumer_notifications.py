"""What the back office asks of notifications: the mails that wait, went out or failed, and to try one again."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from generated.clients.notifications import NotificationNotFound
from generated.models.notifications import NotificationStatus
from tests.pacts.consumer import Response
from tests.pacts.matchers import ExactValue
from tests.pacts.message_consumer import ORDER

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
MAIL_ID = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2f003")
MAIL = {
    "id": MAIL_ID,
    "order_id": ORDER,
    "kind": ExactValue("order.created"),
    "recipient": "asha@example.com",
    "status": ExactValue("SENT"),
    "queued_at": NOON,
    "sent_at": NOON,
}


async def test_mails_are_listed_by_how_they_ended(consumer):
    page = await consumer("notifications")(
        "The storefront asks for the mails that were sent.",
        "list_all_notifications",
        lambda client: client.list_all_notifications(status=NotificationStatus.SENT, limit=20, token="an admin's"),
        query={"status": "SENT", "limit": "20"},
        given={"a mail was sent": {"order_id": ORDER}},
        response=Response(200, {"items": [MAIL], "next_cursor": None}),
    )

    assert [one.id for one in page.items] == [MAIL_ID]


async def test_the_mails_of_an_order_are_listed(consumer):
    page = await consumer("notifications")(
        "The storefront asks for the mails of somebody's order.",
        "list_notifications",
        lambda client: client.list_notifications(order_id=ORDER, limit=100, token="an admin's"),
        query={"order_id": str(ORDER), "limit": "100"},
        given={"a mail was sent": {"order_id": ORDER}},
        as_admin=True,
        response=Response(200, {"items": [MAIL], "next_cursor": None}),
    )

    assert [one.recipient for one in page.items] == ["asha@example.com"]


async def test_a_mail_that_failed_is_tried_again(consumer):
    mail = await consumer("notifications")(
        "The storefront tries a mail again that failed.",
        "retry_notification",
        lambda client: client.retry_notification(notification_id=MAIL_ID, token="an admin's"),
        path={"notification_id": MAIL_ID},
        given={"a mail failed": {"order_id": ORDER, "notification_id": MAIL_ID}},
        response=Response(200, {**MAIL, "status": ExactValue("QUEUED"), "sent_at": None}),
    )

    assert mail.status == "QUEUED"


async def test_a_mail_that_there_is_not_is_not_tried_again(consumer):
    with pytest.raises(NotificationNotFound):
        await consumer("notifications")(
            "The storefront tries a mail again that there is not.",
            "retry_notification",
            lambda client: client.retry_notification(notification_id=MAIL_ID, token="an admin's"),
            path={"notification_id": MAIL_ID},
            given={"no mail was sent": {}},
            response=Response(404, {"type": ExactValue("/problems/notification-not-found")}),
        )
