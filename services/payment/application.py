"""What is done alike, whether an order was announced or asked for."""

from uuid import UUID

from uuid_utils.compat import uuid7

from services.payment.announcements import succeeded
from services.payment.domain import NO_PROVIDER, Due, Payment
from services.payment.ports import UnitOfWork


async def expect_payment(work: UnitOfWork, order_id: UUID, due: Due) -> None:
    """Wait for the payment of an order; one that costs nothing is paid with that, and no provider is asked.

    A repeat changes nothing, and an order that was cancelled before stays unpaid.
    """
    await work.payments.expect(Payment(uuid7(), order_id, due))
    if not due.is_free:
        return
    payment = await work.payments.locked(order_id)
    if payment and payment.succeed_for_free():
        await work.payments.save(payment)
        await work.publish(succeeded(payment, NO_PROVIDER))
