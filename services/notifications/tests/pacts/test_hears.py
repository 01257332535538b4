"""What notifications hears, and what it needs of it: whatever a mail says."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.chassis.inbox import INBOX
from services.chassis.statement import Statement
from services.notifications.composing import Composer
from services.notifications.tests.conftest import SHOP
from tests.pacts.terms import one_of

SEEN = Statement(INBOX.select())
MONEY = {"amount_cents": 25998, "currency": "EUR", "provider": "mock", "payment_id": UUID(int=7)}
LINE = {
    "product_id": UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001"),
    "title": "Walnut desk lamp",
    "qty": 2,
    "unit_price_cents": 12999,
    "line_id": UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2d001"),
}
SHIPMENT = {"shipment_id": UUID(int=8)}
NEWS = {
    "order.created": ({"amount_cents": 25998, "currency": "EUR", "items": [LINE]}, "Walnut desk lamp"),
    "order.cancelled": ({"reason": one_of("requested", "not-paid-in-time", "rejected", "given-up")}, "as requested"),
    "payment.succeeded": (MONEY, "259.98 EUR"),
    "payment.failed": ({"reason": "The card was declined", "code": "card_declined"}, "Your card was declined"),
    "payment.refunded": (MONEY, "259.98 EUR"),
    "shipping.ready": (SHIPMENT, "ready"),
    "shipping.dispatched": ({**SHIPMENT, "carrier": "An Post", "tracking_number": "LX123456789IE"}, "LX123456789IE"),
    "shipping.corrected": ({**SHIPMENT, "carrier": "An Post", "tracking_number": "LX987654321IE"}, "LX987654321IE"),
    "shipping.delivered": (SHIPMENT, "arrived"),
}


@pytest.fixture
def mailed(empty_database_for, database, mails, subscribers):
    """What is mailed to whom because of what is heard."""

    async def mailed(hear):
        empty_database_for("notifications")
        await hear(subscribers)
        mail, order = await mails.take(patience=timedelta(), lease=timedelta(minutes=1))
        message = Composer(SHOP)(mail, order)
        parts = [str(message[name]) for name in ("To", "Subject", "Message-ID")]
        texts = [part.get_content() for part in message.iter_parts()]
        seen = [row["event_id"] for row in await database.fetch_all(SEEN)]
        return "\n".join([*parts, *texts]), mail.news.user_id, mail.news.happened_at, seen

    return mailed


@pytest.mark.parametrize("kind", NEWS)
async def test_the_shopper_is_mailed(hears, mailed, kind):
    data, words = NEWS[kind]

    mail, *_ = await hears(kind, data, mailed)

    assert words in mail
