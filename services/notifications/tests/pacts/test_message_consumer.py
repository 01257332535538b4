"""What notifications needs of the events it consumes: whatever a mail says."""

import email.policy
from datetime import timedelta
from email import message_from_bytes
from uuid import UUID

import pytest

from chassis.data.statement import Statement
from chassis.events.tables import INBOX
from services.notifications.rendering import MailRenderer
from services.notifications.tests.conftest import SHOP, SHOP_URL
from tests.pacts.matchers import ExactValue, one_of

INBOX_ROWS = Statement(INBOX.select())
MONEY = {"amount_cents": 25998, "currency": "EUR", "provider": "mock", "payment_id": UUID(int=7)}
LINE = {
    "product_id": UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001"),
    "title": "Walnut desk lamp",
    "qty": 2,
    "unit_price_cents": 12999,
    "line_id": UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2d001"),
}
LINK = {"link_id": UUID(int=9)}
SHIPMENT = {"shipment_id": UUID(int=8)}
EXPECTED_MAILS = {
    "order.created": ({"amount_cents": 25998, "currency": "EUR", "items": [LINE]}, "Walnut desk lamp"),
    "order.cancelled": ({"reason": one_of("requested", "not-paid-in-time", "rejected", "given-up")}, "as requested"),
    "order.reduced": (
        {
            "change_id": UUID(int=6),
            "kind": one_of("cancellation", "return"),
            "items": [{name: value for name, value in LINE.items() if name != "line_id"}],
            "amount_cents": 25998,
            "currency": "EUR",
            "restock": True,
        },
        "A part of your order",
    ),
    "payment.succeeded": (MONEY, "259.98 EUR"),
    "payment.failed": ({"reason": "The card was declined", "code": "card_declined"}, "Your card was declined"),
    "payment.refunded": (MONEY, "259.98 EUR"),
    "shipping.ready": (SHIPMENT, "ready"),
    "shipping.dispatched": ({**SHIPMENT, "carrier": "An Post", "tracking_number": "LX123456789IE"}, "LX123456789IE"),
    "shipping.corrected": ({**SHIPMENT, "carrier": "An Post", "tracking_number": "LX987654321IE"}, "LX987654321IE"),
    "shipping.delivered": (SHIPMENT, "arrived"),
    "verification.requested": (LINK, "https://shop.example/account/verify-email?token=issued for a link"),
    "password.forgotten": (LINK, "https://shop.example/account/reset-password?token=issued for a link"),
    "email.requested": (LINK, "change your password"),
    "account.deleted": ({"email_verified": ExactValue(True)}, "Your account is deleted"),
}


@pytest.fixture
def deliver_and_render(empty_database_for, database, mails, subscribers):
    """Delivers the event and renders the mail; (headers and texts, user id, time, ids in the inbox)."""

    async def deliver_and_render(deliver):
        empty_database_for("notifications")
        await deliver(subscribers)
        [(mail, order)] = await mails.claim(1, order_details_timeout=timedelta(), lease=timedelta(minutes=1))
        if mail.notification.link_id:  # which the dispatcher asks auth about
            mail.link_token = "issued for a link"
        message = message_from_bytes(MailRenderer(SHOP, SHOP_URL)(mail, order), policy=email.policy.default)
        headers = [str(message[name]) for name in ("To", "Subject", "Message-ID")]
        texts = [part.get_content() for part in message.iter_parts()]
        event_ids = [row["event_id"] for row in await database.fetch_all(INBOX_ROWS)]
        return "\n".join([*headers, *texts]), mail.notification.user_id, mail.notification.happened_at, event_ids

    return deliver_and_render


@pytest.mark.parametrize("kind", EXPECTED_MAILS)
async def test_the_shopper_is_mailed(message_consumer, deliver_and_render, kind):
    data, expected = EXPECTED_MAILS[kind]

    mail, *_ = await message_consumer(kind, data, deliver_and_render)

    assert expected in mail
