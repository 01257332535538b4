"""Events of every kind that the service consumes: about orders, and about accounts."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from generated import events
from tests.accounts import ASHA

REFERENCE = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2f001")
PAID = {"amount_cents": 25998, "currency": "EUR", "provider": "mock", "payment_id": REFERENCE}
KINDS = (
    "order.created",
    "payment.failed",
    "payment.succeeded",
    "shipping.ready",
    "shipping.dispatched",
    "shipping.corrected",
    "shipping.delivered",
    "order.reduced",
    "order.cancelled",
    "payment.refunded",
)

ACCOUNT_KINDS = ("verification.requested", "password.forgotten", "email.requested", "account.deleted")
LINK = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2f005")


def make_account_event(kind, *, link_id=LINK, email=ASHA.email, user_id=ASHA.id, email_verified=True):
    """An event of that kind about the account."""
    name = kind.replace(".", "_")
    values = {"email_verified": email_verified} if kind == "account.deleted" else {"link_id": link_id}
    data = getattr(events, f"{name.title().replace('_', '')}Data")(**values)
    timestamp = datetime(2026, 1, 5, 12, tzinfo=UTC)
    return getattr(events, name)(user_id=user_id, user_email=email, data=data, timestamp=timestamp).event


def make_event(kind, order, *, title="Walnut desk lamp", email=ASHA.email, user_id=ASHA.id, **overrides):
    """An event of that kind about the order; `overrides` replace fields of its data."""
    data = {
        "order.created": lambda: events.OrderCreatedData(
            amount_cents=25998,
            currency="EUR",
            items=[
                events.OrderedLine(product_id=uuid7(), title=title, qty=2, unit_price_cents=12999, line_id=uuid7()),
            ],
            **overrides,
        ),
        "order.cancelled": lambda: events.OrderCancelledData(**{"reason": "requested", **overrides}),
        "order.reduced": lambda: events.OrderReducedData(
            **{
                "change_id": REFERENCE,
                "kind": "cancellation",
                # Of another price than what the order is left with.
                "items": [events.ReducedItem(product_id=uuid7(), title=title, qty=1, unit_price_cents=25998)],
                "amount_cents": 25998,
                "currency": "EUR",
                "restock": True,
                **overrides,
            }
        ),
        "payment.failed": lambda: events.PaymentFailedData(
            **{"reason": "The card was declined", "code": "card_declined", **overrides}
        ),
        "payment.succeeded": lambda: events.PaymentSucceededData(**{**PAID, **overrides}),
        "payment.refunded": lambda: events.PaymentRefundedData(**{**PAID, **overrides}),
        "shipping.ready": lambda: events.ShippingReadyData(shipment_id=REFERENCE, **overrides),
        "shipping.dispatched": lambda: events.ShippingDispatchedData(
            **{"shipment_id": REFERENCE, "carrier": "An Post", "tracking_number": "LX123456789IE", **overrides}
        ),
        "shipping.corrected": lambda: events.ShippingCorrectedData(
            **{"shipment_id": REFERENCE, "carrier": "An Post", "tracking_number": "LX987654321IE", **overrides}
        ),
        "shipping.delivered": lambda: events.ShippingDeliveredData(shipment_id=REFERENCE, **overrides),
    }[kind]()
    build_event = getattr(events, kind.replace(".", "_"))
    timestamp = datetime(2026, 1, 5, 12, tzinfo=UTC) + timedelta(minutes=KINDS.index(kind))
    return build_event(order_id=order, user_id=user_id, user_email=email, data=data, timestamp=timestamp).event
