"""Events as a consumer delivers them, without a broker."""

from typing import Any

import msgspec
from aiokafka import ConsumerRecord

from chassis.events.delivery import Delivery
from chassis.events.subscriptions import Subscription


def make_record(value: bytes, topic: str = "") -> ConsumerRecord:
    """A record of that value, without headers."""
    return ConsumerRecord(topic, 0, 0, 0, 0, None, value, None, 0, len(value), ())


def make_delivery(event: Any) -> Delivery:
    """The delivery of a typed event, which is valid already, to the operation that is named after its type."""
    value = msgspec.json.encode(event)
    return Delivery(make_record(value), f"on_{event.type.replace('.', '_')}", msgspec.json.decode(value))


async def deliver(subscribers: object, *events: Any) -> None:
    """Call the subscriber of each event, as the consumer would."""
    for event in events:
        delivery = make_delivery(event)
        await Subscription(delivery.operation, getattr(subscribers, delivery.operation))(delivery)
