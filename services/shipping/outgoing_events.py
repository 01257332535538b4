"""What the shipping service tells others, made from what happened here."""

from chassis.events.outbox import OutgoingEvent
from generated import events
from services.shipping.domain import Label, Recipient, Shipment


def shipping_ready_event(shipment: Shipment) -> OutgoingEvent:
    recipient = _recipient(shipment)
    return events.shipping_ready(
        order_id=shipment.order_id,
        user_id=recipient.user_id,
        user_email=recipient.user_email,
        data=events.ShippingReadyData(shipment_id=shipment.id),
    )


def shipping_dispatched_event(shipment: Shipment) -> OutgoingEvent:
    recipient, label = _recipient(shipment), _label(shipment)
    return events.shipping_dispatched(
        order_id=shipment.order_id,
        user_id=recipient.user_id,
        user_email=recipient.user_email,
        data=events.ShippingDispatchedData(
            shipment_id=shipment.id, carrier=label.carrier, tracking_number=label.tracking_number
        ),
    )


def shipping_corrected_event(shipment: Shipment) -> OutgoingEvent:
    recipient, label = _recipient(shipment), _label(shipment)
    return events.shipping_corrected(
        order_id=shipment.order_id,
        user_id=recipient.user_id,
        user_email=recipient.user_email,
        data=events.ShippingCorrectedData(
            shipment_id=shipment.id, carrier=label.carrier, tracking_number=label.tracking_number
        ),
    )


def shipping_delivered_event(shipment: Shipment) -> OutgoingEvent:
    recipient = _recipient(shipment)
    return events.shipping_delivered(
        order_id=shipment.order_id,
        user_id=recipient.user_id,
        user_email=recipient.user_email,
        data=events.ShippingDeliveredData(shipment_id=shipment.id),
    )


def _recipient(shipment: Shipment) -> Recipient:
    if shipment.recipient is None:
        raise ValueError(f"shipment {shipment.id} was never drafted")
    return shipment.recipient


def _label(shipment: Shipment) -> Label:
    if shipment.label is None:
        raise ValueError(f"shipment {shipment.id} was never dispatched")
    return shipment.label
