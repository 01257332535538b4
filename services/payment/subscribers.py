"""One method per message the payment service receives, under its operation in asyncapi/payment.yaml."""

from chassis.events.delivery import Delivery
from generated.events import OrderCancelled, OrderCreated
from services.money import Money
from services.payment.application.payments import PaymentService
from services.payment.domain import AmountDue


class PaymentSubscribers:
    def __init__(self, payments: PaymentService) -> None:
        self._payments = payments

    async def on_order_created(self, event: OrderCreated, delivery: Delivery) -> None:
        due = AmountDue(event.user_id, event.user_email, Money(event.data.amount_cents, event.data.currency))
        await self._payments.record_amount_due(event.order_id, due, delivery)

    async def on_order_cancelled(self, event: OrderCancelled, delivery: Delivery) -> None:
        await self._payments.void_or_refund(event.order_id, delivery)
