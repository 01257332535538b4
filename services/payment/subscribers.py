"""One method per message the payment service receives, under its operation in asyncapi/payment.yaml."""

from uuid_utils.compat import uuid7

from generated.events import OrderCancelled, OrderCreated
from generated.states import PaymentStatus
from services.money import Money
from services.payment.announcements import refunded
from services.payment.application import expect_payment
from services.payment.domain import Due, Payment
from services.payment.errors import AlreadyPaid
from services.payment.ports import Provider, UnitOfWorkFactory


class PaymentSubscribers:
    def __init__(self, unit_of_work: UnitOfWorkFactory, provider: Provider) -> None:
        self._unit_of_work, self._provider = unit_of_work, provider

    async def on_order_created(self, event: OrderCreated) -> None:
        """Expect the payment of the order, unless it was cancelled already; one that costs nothing is paid."""
        due = Due(event.user_id, event.user_email, Money(event.data.amount_cents, event.data.currency))
        async with self._unit_of_work() as work:
            if await work.is_first_delivery(event):
                await expect_payment(work, event.order_id, due)

    async def on_order_cancelled(self, event: OrderCancelled) -> None:
        """Close the payment, or pay back what was paid."""
        payment = await self._closed(event)
        # Outside of any transaction; what is closed stays as it is until the provider has answered.
        if payment.status is PaymentStatus.SUCCEEDED and payment.due and not payment.due.is_free:
            await self._provider.give_back(payment.id, payment.due.money)
        async with self._unit_of_work() as work:
            if not await work.is_first_delivery(event):
                return
            now = await work.payments.locked(event.order_id)
            if now and now.refund():
                await work.payments.save(now)
                await work.publish(refunded(now, self._provider.name))

    async def _closed(self, event: OrderCancelled) -> Payment:
        """The payment, in a state in which no money can come in any more."""
        tombstone = Payment(uuid7(), event.order_id, None, PaymentStatus.VOIDED)
        async with self._unit_of_work() as work:
            await work.payments.expect(tombstone)
            payment = await work.payments.locked(event.order_id) or tombstone
            try:
                if payment.void():
                    await work.payments.save(payment)
            except AlreadyPaid:
                pass
        return payment
