"""What the order service tells others, made from what happened here."""

from msgspec import convert

from chassis.events.outbox import OutgoingEvent
from generated import events
from services.order.domain import Change, Order


def order_created_event(order: Order) -> OutgoingEvent:
    return events.order_created(
        order_id=order.id,
        user_id=order.shopper.id,
        user_email=order.shopper.email,
        data=convert(
            {**order.values(), "amount_cents": order.total_cents, "items": order.lines},
            events.OrderCreatedData,
            from_attributes=True,
        ),
    )


def order_cancelled_event(order: Order) -> OutgoingEvent:
    """The order came to nothing, for the reason it names."""
    if order.cancel_reason is None:
        raise ValueError(f"order {order.id} has not come to nothing")
    return events.order_cancelled(
        order_id=order.id,
        user_id=order.shopper.id,
        user_email=order.shopper.email,
        data=events.OrderCancelledData(reason=events.CancelReason(order.cancel_reason)),
    )


def order_reduced_event(order: Order, change: Change, *, restock: bool) -> OutgoingEvent:
    """Pieces went out of the order; whether they are for sale again."""
    return events.order_reduced(
        order_id=order.id,
        user_id=order.shopper.id,
        user_email=order.shopper.email,
        data=events.OrderReducedData(
            change_id=change.id,
            kind=events.ReductionKind(change.kind),
            items=[events.ReducedItem(**vars(item)) for item in change.items],
            amount_cents=change.amount_cents,
            currency=order.currency,
            restock=restock,
        ),
    )
