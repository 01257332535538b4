"""One method per message the payment service receives, under its operation in asyncapi/payment.yaml."""

from chassis.events.delivery import Delivery
from chassis.events.messages import InvalidMessage
from generated.events import OrderCancelled, OrderCreated, OrderReduced
from services.money import Money
from services.payment.application.payments import PaymentService
from services.payment.domain import AmountDue
from services.payment.errors import RefundExceedsPayment, RefundOfAnotherAmount


class PaymentSubscribers:
    def __init__(self, payments: PaymentService) -> None:
        self._payments = payments

    async def on_order_created(self, event: OrderCreated, delivery: Delivery) -> None:
        due = AmountDue(event.user_id, event.user_email, Money(event.data.amount_cents, event.data.currency))
        await self._payments.record_amount_due(event.order_id, due, delivery)

    async def on_order_cancelled(self, event: OrderCancelled, delivery: Delivery) -> None:
        await self._payments.void_or_refund(event.order_id, delivery)

    async def on_order_reduced(self, event: OrderReduced, delivery: Delivery) -> None:
        """Pieces that cost nothing are passed over.

        Raises:
            InvalidMessage: So much was not paid, and no repeat would mend that.
        """
        if event.data.amount_cents == 0:
            return
        money = Money(event.data.amount_cents, event.data.currency)
        try:
            await self._payments.refund(event.order_id, event.data.change_id, money, delivery)
        except (RefundExceedsPayment, RefundOfAnotherAmount) as error:
            raise InvalidMessage(str(error)) from error
