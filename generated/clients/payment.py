# Generated from contracts/payment.yaml by scripts/generate.py. Do not edit.

"""Typed calls to Payment 2.0.0, for whoever needs something from it."""

from urllib.parse import quote
from uuid import UUID

from chassis.web.http_client import Client, Problem
from generated.models.common import DeadLetter, DeadLetterContent, DeadLetterPage, DeadLetterStatus, Health, Readiness
from generated.models.payment import (
    Attempt,
    AttemptRequest,
    FailedAttempt,
    Payment,
    PaymentInfo,
    PaymentPage,
    SuccessfulAttempt,
    VoidedPayment,
    VoidRequest,
    Webhook,
)


class AlreadyPaid(Problem):
    """The order is paid already."""


class AmountDiffers(Problem):
    """The order asks for another amount."""


class DeadLetterNotFound(Problem):
    """There is no such dead letter."""


class InvalidSignature(Problem):
    """The signature is not the provider's."""


class MockNotInUse(Problem):
    """The mock provider is not in use."""


class OrderNotFound(Problem):
    """There is no such order."""


class OrderNotPayable(Problem):
    """The order cannot be paid."""


class PaymentInProgress(Problem):
    """Another attempt to pay for this order is not decided yet."""


class ProviderNotFound(Problem):
    """There is no such provider."""


class TooManyFailures(Problem):
    """There were too many failed attempts to pay for this order."""


class PaymentClient(Client):
    """One method per operation of contracts/payment.yaml, under its operationId."""

    async def succeed_payment(
        self, *, body: SuccessfulAttempt, idempotency_key: str | None = None, token: str | None = None
    ) -> Payment:
        """Pay for an order.

        Raises:
            OrderNotFound: There is no such order.
            AmountDiffers: The order asks for another amount.
            OrderNotPayable: The order cannot be paid.
            PaymentInProgress: Another attempt to pay for this order is not decided yet.
            MockNotInUse: The mock provider is not in use.
        """
        answer: Payment = await self._call(
            "succeed_payment",
            "POST",
            "/payment/v1/payments/mock-succeed",
            {200: Payment, 202: Payment},
            {
                "/problems/order-not-found": OrderNotFound,
                "/problems/amount-differs": AmountDiffers,
                "/problems/order-not-payable": OrderNotPayable,
                "/problems/payment-in-progress": PaymentInProgress,
                "/problems/mock-not-in-use": MockNotInUse,
            },
            headers={"Idempotency-Key": idempotency_key, "Authorization": token and f"Bearer {token}"},
            body=body,
            safe=True,
        )
        return answer

    async def fail_payment(
        self, *, body: FailedAttempt, idempotency_key: str | None = None, token: str | None = None
    ) -> Payment:
        """Try to pay for an order, and fail.

        Raises:
            OrderNotFound: There is no such order.
            OrderNotPayable: The order cannot be paid.
            TooManyFailures: There were too many failed attempts to pay for this order.
            PaymentInProgress: Another attempt to pay for this order is not decided yet.
            MockNotInUse: The mock provider is not in use.
        """
        answer: Payment = await self._call(
            "fail_payment",
            "POST",
            "/payment/v1/payments/mock-fail",
            {200: Payment, 202: Payment},
            {
                "/problems/order-not-found": OrderNotFound,
                "/problems/order-not-payable": OrderNotPayable,
                "/problems/too-many-failures": TooManyFailures,
                "/problems/payment-in-progress": PaymentInProgress,
                "/problems/mock-not-in-use": MockNotInUse,
            },
            headers={"Idempotency-Key": idempotency_key, "Authorization": token and f"Bearer {token}"},
            body=body,
            safe=False,
        )
        return answer

    async def list_payments(self, *, order_id: UUID, token: str | None = None) -> PaymentPage:
        """List the payments of an order."""
        answer: PaymentPage = await self._call(
            "list_payments",
            "GET",
            "/payment/v1/payments",
            {200: PaymentPage},
            {},
            query={"order_id": order_id},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def void_payment(self, *, body: VoidRequest) -> VoidedPayment:
        """Close the payment of an order that is to be cancelled.

        Raises:
            AlreadyPaid: The order is paid already.
        """
        answer: VoidedPayment = await self._call(
            "void_payment",
            "POST",
            "/payment/v1/payments/void",
            {200: VoidedPayment},
            {"/problems/already-paid": AlreadyPaid},
            body=body,
            safe=True,
        )
        return answer

    async def list_payment_dead_letters(
        self, *, status: DeadLetterStatus, limit: int | None = None, cursor: str | None = None, token: str | None = None
    ) -> DeadLetterPage:
        """List the events that this service could not handle."""
        answer: DeadLetterPage = await self._call(
            "list_payment_dead_letters",
            "GET",
            "/payment/v1/admin/dead-letters",
            {200: DeadLetterPage},
            {},
            query={"status": status, "limit": limit, "cursor": cursor},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def get_payment_dead_letter(self, *, letter_id: UUID, token: str | None = None) -> DeadLetterContent:
        """Read an event that this service could not handle.

        Raises:
            DeadLetterNotFound: There is no such dead letter.
        """
        answer: DeadLetterContent = await self._call(
            "get_payment_dead_letter",
            "GET",
            f"/payment/v1/admin/dead-letters/{letter_id}",
            {200: DeadLetterContent},
            {"/problems/dead-letter-not-found": DeadLetterNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def redrive_payment_dead_letter(self, *, letter_id: UUID, token: str | None = None) -> DeadLetter:
        """Send back an event that this service could not handle.

        Raises:
            DeadLetterNotFound: There is no such dead letter.
        """
        answer: DeadLetter = await self._call(
            "redrive_payment_dead_letter",
            "POST",
            f"/payment/v1/admin/dead-letters/{letter_id}/redrive",
            {200: DeadLetter},
            {"/problems/dead-letter-not-found": DeadLetterNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def dismiss_payment_dead_letter(self, *, letter_id: UUID, token: str | None = None) -> DeadLetter:
        """Give an event up that this service cannot handle.

        Raises:
            DeadLetterNotFound: There is no such dead letter.
        """
        answer: DeadLetter = await self._call(
            "dismiss_payment_dead_letter",
            "POST",
            f"/payment/v1/admin/dead-letters/{letter_id}/dismiss",
            {200: DeadLetter},
            {"/problems/dead-letter-not-found": DeadLetterNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def attempt_payment(
        self, *, body: AttemptRequest, idempotency_key: str | None = None, token: str | None = None
    ) -> Attempt:
        """Pay for an order by a method of the provider.

        Raises:
            OrderNotFound: There is no such order.
            OrderNotPayable: The order cannot be paid.
            TooManyFailures: There were too many failed attempts to pay for this order.
            PaymentInProgress: Another attempt to pay for this order is not decided yet.
        """
        answer: Attempt = await self._call(
            "attempt_payment",
            "POST",
            "/payment/v1/payments/attempts",
            {200: Attempt, 202: Attempt},
            {
                "/problems/order-not-found": OrderNotFound,
                "/problems/order-not-payable": OrderNotPayable,
                "/problems/too-many-failures": TooManyFailures,
                "/problems/payment-in-progress": PaymentInProgress,
            },
            headers={"Idempotency-Key": idempotency_key, "Authorization": token and f"Bearer {token}"},
            body=body,
            safe=False,
        )
        return answer

    async def receive_webhook(
        self, *, provider: str, body: Webhook, webhook_signature: str | None = None, stripe_signature: str | None = None
    ) -> None:
        """Hear from the provider that an attempt has ended.

        Raises:
            InvalidSignature: The signature is not the provider's.
            ProviderNotFound: There is no such provider.
        """
        await self._call(
            "receive_webhook",
            "POST",
            f"/payment/v1/webhooks/{quote(provider, safe='')}",
            {204: None},
            {"/problems/invalid-signature": InvalidSignature, "/problems/provider-not-found": ProviderNotFound},
            headers={"Webhook-Signature": webhook_signature, "Stripe-Signature": stripe_signature},
            body=body,
            safe=True,
        )

    async def get_payment_health(self) -> Health:
        """Say whether the process is alive."""
        answer: Health = await self._call("get_payment_health", "GET", "/payment/health", {200: Health}, {}, safe=True)
        return answer

    async def get_payment_readiness(self) -> Readiness:
        """Say whether all that the service needs is there."""
        answer: Readiness = await self._call(
            "get_payment_readiness", "GET", "/payment/health/ready", {200: Readiness}, {}, safe=True
        )
        return answer

    async def get_payment_info(self) -> PaymentInfo:
        """Say which service and version this is."""
        answer: PaymentInfo = await self._call(
            "get_payment_info", "GET", "/payment/v1/_info", {200: PaymentInfo}, {}, safe=True
        )
        return answer
