"""What order asks of notifications: which mails were sent about an order."""

from datetime import UTC, datetime
from uuid import UUID

from services.order.clients import NotificationsServiceClient
from services.order.domain import TimelineEntry
from tests.pacts.consumer import Response
from tests.pacts.matchers import ExactValue
from tests.pacts.message_consumer import ORDER

MAIL, NOON = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2f003"), datetime(2026, 1, 5, 12, tzinfo=UTC)


def sent_mails(client):
    return NotificationsServiceClient(client).list_sent(ORDER)


async def test_a_mail_that_was_sent_stands_in_the_timeline(consumer):
    sent = await consumer("notifications")(
        "Order reads which mails were sent about an order.",
        "list_sent_mails",
        sent_mails,
        path={"order_id": ORDER},
        given={"a mail was sent": {"order_id": ORDER}},
        response=Response(200, {"items": [{"id": MAIL, "kind": ExactValue("order.created"), "sent_at": NOON}]}),
    )

    assert sent == [TimelineEntry(NOON, MAIL, "mail.sent", {"mail": "order.created"})]


async def test_an_order_about_which_no_mail_was_sent_has_none(consumer):
    sent = await consumer("notifications")(
        "Order reads which mails were sent about an order that is new.",
        "list_sent_mails",
        sent_mails,
        path={"order_id": ORDER},
        given={"no mail was sent": {}},
        response=Response(200, {"items": ExactValue([])}),
    )

    assert sent == []
