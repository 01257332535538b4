"""One method per operation of contracts/payment.yaml, under its operationId."""

from uuid import UUID

from chassis.web.responses import Response, ok
from generated.models import payment as api
from services.money import Money
from services.payment.application.payments import PaymentService
from services.payment.domain import Payment
from services.payment.errors import OrderNotFound


class PaymentHandlers:
    def __init__(self, payments: PaymentService) -> None:
        self._payments = payments

    async def succeed_payment(self, body: api.SuccessfulAttempt, owner: UUID | None) -> Response:
        paid = Money(body.amount_cents, body.currency)
        return ok(self._to_api(await self._payments.record_success(body.order_id, paid, owner)))

    async def fail_payment(self, body: api.FailedAttempt, owner: UUID | None) -> Response:
        return ok(self._to_api(await self._payments.record_failure(body.order_id, body.code, owner)))

    async def list_payments(self, order_id: UUID, owner: UUID | None) -> Response:
        payment = await self._payments.find(order_id, owner)
        return ok(api.PaymentPage(items=[self._to_api(payment)] if payment else [], next_cursor=None))

    async def void_payment(self, body: api.VoidRequest) -> Response:
        await self._payments.void(body.order_id)
        return ok(api.VoidedPayment(order_id=body.order_id, status="VOIDED"))

    def _to_api(self, payment: Payment) -> api.Payment:
        if payment.due is None:
            raise OrderNotFound
        return api.Payment(
            id=payment.id,
            order_id=payment.order_id,
            status=api.PaymentStatus(payment.status),
            amount_cents=payment.due.money.amount_cents,
            currency=payment.due.money.currency,
            provider=payment.due.provider(self._payments.provider_name),
            failures=[api.Failure(code=f.code, reason=f.reason, failed_at=f.failed_at) for f in payment.failures],
        )
