"""One method per operation of contracts/payment.yaml, under its operationId."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from chassis.web.responses import Response, ok
from generated.models import payment as api
from generated.states import PaymentStatus
from services.money import Money
from services.payment.announcements import failed, succeeded
from services.payment.application import expect_payment
from services.payment.domain import Failure, Payment
from services.payment.errors import OrderNotFound
from services.payment.ports import Orders, Payments, Provider, UnitOfWork, UnitOfWorkFactory


class PaymentHandlers:
    def __init__(
        self,
        payments: Payments,
        unit_of_work: UnitOfWorkFactory,
        orders: Orders,
        provider: Provider,
        now: Callable[[], datetime],
    ) -> None:
        self._payments, self._unit_of_work = payments, unit_of_work
        self._orders, self._provider, self._now = orders, provider, now

    async def succeed_payment(self, body: api.SuccessfulAttempt, owner: UUID | None) -> Response:
        await self._ensure_known(body.order_id, owner)
        async with self._unit_of_work() as work:
            payment = await _owned(work, body.order_id, owner)
            if payment.succeed(Money(body.amount_cents, body.currency)):
                await work.payments.save(payment)
                await work.publish(succeeded(payment, self._provider.name))
        return ok(self._as_api(payment))

    async def fail_payment(self, body: api.FailedAttempt, owner: UUID | None) -> Response:
        await self._ensure_known(body.order_id, owner)
        async with self._unit_of_work() as work:
            payment = await _owned(work, body.order_id, owner)
            payment.fail(Failure(body.code, self._now()))
            await work.payments.save(payment)
            await work.publish(failed(payment))
        return ok(self._as_api(payment))

    async def list_payments(self, order_id: UUID, owner: UUID | None) -> Response:
        payment = await self._payments.find(order_id)
        seen = payment is not None and payment.due is not None and owner in (None, payment.due.user_id)
        return ok(api.PaymentPage(items=[self._as_api(payment)] if payment and seen else [], next_cursor=None))

    async def void_payment(self, body: api.VoidRequest) -> Response:
        async with self._unit_of_work() as work:
            await work.payments.expect(Payment(uuid7(), body.order_id, None, PaymentStatus.VOIDED))
            payment = await work.payments.locked(body.order_id)
            if payment and payment.void():
                await work.payments.save(payment)
        return ok(api.VoidedPayment(order_id=body.order_id, status="VOIDED"))

    async def _ensure_known(self, order_id: UUID, owner: UUID | None) -> None:
        """Learn who owes what for an order that was not announced yet, for its shopper may be faster than the event.

        Raises:
            OrderNotFound: There is no such order, or it is not the owner's.
            OrderNotPayable: It waits for no payment.
        """
        payment = await self._payments.find(order_id)
        if payment and payment.due:
            return
        order = await self._orders.get(order_id)
        if owner not in (None, order.due.user_id):
            raise OrderNotFound
        order.require_payable()
        async with self._unit_of_work() as work:
            await expect_payment(work, order_id, order.due)

    def _as_api(self, payment: Payment) -> api.Payment:
        if payment.due is None:
            raise OrderNotFound
        return api.Payment(
            id=payment.id,
            order_id=payment.order_id,
            status=api.PaymentStatus(payment.status),
            amount_cents=payment.due.money.amount_cents,
            currency=payment.due.money.currency,
            provider=payment.due.provider(self._provider.name),
            failures=[api.Failure(code=f.code, reason=f.reason, failed_at=f.failed_at) for f in payment.failures],
        )


async def _owned(work: UnitOfWork, order_id: UUID, owner: UUID | None) -> Payment:
    payment = await work.payments.locked(order_id)
    if payment is None or payment.due is None or owner not in (None, payment.due.user_id):
        raise OrderNotFound
    return payment
