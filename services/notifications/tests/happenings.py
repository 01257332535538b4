"""All that can happen to an order, as events."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from generated import events
from services.chassis.testing.callers import ASHA

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
    "order.cancelled",
    "payment.refunded",
)


def event(kind, order, *, title="Walnut desk lamp", email=ASHA.email, user=ASHA.id, **said):
    """The event of that kind about the order; what it says can be said otherwise."""
    data = {
        "order.created": lambda: events.OrderCreatedData(
            amount_cents=25998,
            currency="EUR",
            items=[
                events.OrderedLine(product_id=uuid7(), title=title, qty=2, unit_price_cents=12999, line_id=uuid7()),
            ],
        ),
        "order.cancelled": lambda: events.OrderCancelledData(**{"reason": "requested", **said}),
        "payment.failed": lambda: events.PaymentFailedData(
            **{"reason": "The card was declined", "code": "card_declined", **said}
        ),
        "payment.succeeded": lambda: events.PaymentSucceededData(**{**PAID, **said}),
        "payment.refunded": lambda: events.PaymentRefundedData(**{**PAID, **said}),
        "shipping.ready": lambda: events.ShippingReadyData(shipment_id=REFERENCE),
        "shipping.dispatched": lambda: events.ShippingDispatchedData(
            **{"shipment_id": REFERENCE, "carrier": "An Post", "tracking_number": "LX123456789IE", **said}
        ),
        "shipping.corrected": lambda: events.ShippingCorrectedData(
            **{"shipment_id": REFERENCE, "carrier": "An Post", "tracking_number": "LX987654321IE", **said}
        ),
        "shipping.delivered": lambda: events.ShippingDeliveredData(shipment_id=REFERENCE),
    }[kind]()
    announce = getattr(events, kind.replace(".", "_"))
    at = datetime(2026, 1, 5, 12, tzinfo=UTC) + timedelta(minutes=KINDS.index(kind))
    return announce(order_id=order, user_id=user, user_email=email, data=data, timestamp=at).event


async def hear(subscribers, *happened):
    """Have the service receive the events, as the consumer would."""
    for one in happened:
        await getattr(subscribers, f"on_{one.type.replace('.', '_')}")(one)
