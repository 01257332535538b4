"""One method per message the order service receives, under its operation in asyncapi/order.yaml."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

from chassis.events.delivery import Delivery
from chassis.events.messages import InvalidMessage
from generated.events import (
    AccountDeleted,
    PaymentFailed,
    PaymentRefunded,
    PaymentSucceeded,
    ShippingCorrected,
    ShippingDelivered,
    ShippingDispatched,
    ShippingReady,
)
from services.money import Money
from services.order.application.completion import Completion
from services.order.application.erasure import AccountErasure
from services.order.application.timeline import TimelineService, to_timeline_entry
from services.order.errors import ChangeUnknown, PaymentAmountMismatch

RecordedEvent: TypeAlias = PaymentFailed | ShippingReady | ShippingDispatched | ShippingCorrected | ShippingDelivered


class OrderSubscribers:
    def __init__(self, completion: Completion, timeline: TimelineService, erasure: AccountErasure) -> None:
        self._completion, self._timeline, self._erasure = completion, timeline, erasure

    async def on_payment_succeeded(self, event: PaymentSucceeded, delivery: Delivery) -> None:
        with _amount_of(event) as paid:
            await self._completion.pay(event.order_id, paid, to_timeline_entry(event), delivery)

    async def on_payment_refunded(self, event: PaymentRefunded, delivery: Delivery) -> None:
        refund_id = event.data.refund_id or event.order_id
        change_id = None if refund_id == event.order_id else refund_id
        with _amount_of(event) as refunded:
            await self._completion.refund(event.order_id, change_id, refunded, to_timeline_entry(event), delivery)

    async def on_payment_failed(self, event: PaymentFailed, delivery: Delivery) -> None:
        await self._record(event, delivery)

    async def on_shipping_ready(self, event: ShippingReady, delivery: Delivery) -> None:
        await self._record(event, delivery)

    async def on_shipping_dispatched(self, event: ShippingDispatched, delivery: Delivery) -> None:
        await self._record(event, delivery)

    async def on_shipping_corrected(self, event: ShippingCorrected, delivery: Delivery) -> None:
        await self._record(event, delivery)

    async def on_shipping_delivered(self, event: ShippingDelivered, delivery: Delivery) -> None:
        await self._record(event, delivery)

    async def on_account_deleted(self, event: AccountDeleted, delivery: Delivery) -> None:
        await self._erasure.schedule(event.user_id, delivery)

    async def _record(self, event: RecordedEvent, delivery: Delivery) -> None:
        await self._timeline.record(event.order_id, to_timeline_entry(event), delivery)


@contextmanager
def _amount_of(event: PaymentSucceeded | PaymentRefunded) -> Iterator[Money]:
    """Raises: InvalidMessage when it is of another amount than the order, or its change: no repeat would mend that."""
    try:
        yield Money(event.data.amount_cents, event.data.currency)
    except (PaymentAmountMismatch, ChangeUnknown) as error:
        raise InvalidMessage(f"payment {event.data.payment_id} is of {error}") from error
