"""One method per message the order service receives, under its operation in asyncapi/order.yaml."""

from collections.abc import Iterator
from contextlib import contextmanager

from chassis.events.delivery import Delivery
from chassis.events.messages import InvalidMessage
from generated.events import PaymentRefunded, PaymentSucceeded
from services.money import Money
from services.order.application.completion import Completion
from services.order.errors import PaymentAmountMismatch


class OrderSubscribers:
    def __init__(self, completion: Completion) -> None:
        self._completion = completion

    async def on_payment_succeeded(self, event: PaymentSucceeded, delivery: Delivery) -> None:
        with _amount_of(event) as paid:
            await self._completion.pay(event.order_id, paid, delivery)

    async def on_payment_refunded(self, event: PaymentRefunded, delivery: Delivery) -> None:
        with _amount_of(event) as refunded:
            await self._completion.refund(event.order_id, refunded, delivery)


@contextmanager
def _amount_of(event: PaymentSucceeded | PaymentRefunded) -> Iterator[Money]:
    """Raises: InvalidMessage when it is of another amount than the order: no repeat would mend that."""
    try:
        yield Money(event.data.amount_cents, event.data.currency)
    except PaymentAmountMismatch as error:
        raise InvalidMessage(f"payment {event.data.payment_id} is of {error}") from error
