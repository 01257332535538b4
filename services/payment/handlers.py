"""One method per operation of contracts/payment.yaml, under its operationId."""

from uuid import UUID

from chassis.web.responses import Response, accepted, no_content, ok
from generated.models import payment as api
from generated.states import PaymentStatus
from services.money import Money
from services.payment.application.attempts import AttemptSettlement
from services.payment.application.payments import PaymentService
from services.payment.domain import MOCK_PROVIDER, Payment
from services.payment.errors import InvalidSignature, MockNotInUse, OrderNotFound, ProviderNotFound
from services.payment.ports import PaymentProvider


class PaymentHandlers:
    def __init__(self, payments: PaymentService, settlement: AttemptSettlement, provider: PaymentProvider) -> None:
        self._payments, self._settlement, self._provider = payments, settlement, provider

    async def succeed_payment(
        self, body: api.SuccessfulAttempt, owner: UUID | None, resumed_id: UUID | None = None
    ) -> Response:
        self._require_mock()
        paid = Money(body.amount_cents, body.currency)
        return self._decided(await self._payments.pay(body.order_id, paid, "mock_succeeds", owner, resumed_id))

    async def fail_payment(
        self, body: api.FailedAttempt, owner: UUID | None, resumed_id: UUID | None = None
    ) -> Response:
        self._require_mock()
        method = f"mock_fails_{body.code}"
        _, payment = await self._payments.attempt(body.order_id, method, owner, resumed_id)
        return self._decided(payment)

    async def attempt_payment(
        self, body: api.AttemptRequest, owner: UUID | None, resumed_id: UUID | None = None
    ) -> Response:
        attempt_id, payment = await self._payments.attempt(body.order_id, body.method, owner, resumed_id)
        attempt = await self._payments.get_attempt(attempt_id)
        response = api.Attempt(
            order_id=body.order_id,
            status=api.AttemptStatus(attempt.status),
            payment_status=api.PaymentStatus(payment.status),
        )
        return ok(response) if attempt.is_ended else accepted(response)

    async def list_payments(self, order_id: UUID, owner: UUID | None) -> Response:
        payment = await self._payments.find(order_id, owner)
        return ok(api.PaymentPage(items=[self._to_api(payment)] if payment else [], next_cursor=None))

    async def void_payment(self, body: api.VoidRequest) -> Response:
        await self._payments.void(body.order_id)
        return ok(api.VoidedPayment(order_id=body.order_id, status="VOIDED"))

    async def receive_webhook(
        self,
        provider: str,
        raw_body: bytes,
        webhook_signature: str | None = None,
        stripe_signature: str | None = None,
    ) -> Response:
        if provider != self._provider.name:
            raise ProviderNotFound
        signature = webhook_signature if provider == MOCK_PROVIDER else stripe_signature
        if signature is None:
            raise InvalidSignature
        if (ref := self._provider.read_webhook(raw_body, signature)) is not None:
            await self._settlement.hear(ref)
        return no_content()

    def _require_mock(self) -> None:
        if self._payments.provider_name != MOCK_PROVIDER:
            raise MockNotInUse

    def _decided(self, payment: Payment) -> Response:
        response = self._to_api(payment)
        return accepted(response) if payment.status is PaymentStatus.PROCESSING else ok(response)

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
