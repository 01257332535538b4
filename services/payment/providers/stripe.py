"""Stripe, by its own library: an attempt is a PaymentIntent, which it knows before money moves and cancels for good."""

from collections.abc import Awaitable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

import stripe

from chassis.web.http_client import UpstreamUnavailable
from generated.currencies import DECIMALS
from generated.states import AttemptStatus
from services.money import DEFAULT_DECIMALS, Money
from services.payment.domain import CARD_DECLINED, FAILURE_REASONS, AttemptResult
from services.payment.errors import InvalidSignature, OrderNotPayable
from services.payment.providers.signatures import TOLERANCE

T = TypeVar("T")
TIMEOUT = 8.0  # seconds for one call; what takes longer may still happen
# Where Stripe counts in another unit than ISO 4217 (docs.stripe.com/currencies), by its decimals.
STRIPE_DECIMALS = {"ISK": 2, "UGX": 2, "MGA": 0}
THREE_DECIMALS = 3  # of which Stripe wants the last one to be 0
UNDECIDED = AttemptResult(AttemptStatus.OPEN)


class StripeProvider:
    """Nothing of a card comes here: the method is a PaymentMethod that the shopper's browser has made at Stripe."""

    name = "stripe"

    def __init__(self, secret_key: str, webhook_secret: str, *, url: str = "", timeout: float = TIMEOUT) -> None:
        self._http = stripe.AIOHTTPClient(timeout=timeout)
        addresses: Any = {"api": url} if url else None
        # Each call is repeated by us, under its own key, when it is known what became of it.
        self._client = stripe.StripeClient(
            secret_key, http_client=self._http, base_addresses=addresses, max_network_retries=0
        )
        self._webhook_secret = webhook_secret

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self._http.close_async()  # type: ignore[no-untyped-call]

    async def begin(self, attempt_id: UUID, order_id: UUID, money: Money) -> str:
        """Raises: OrderNotPayable where Stripe takes no such amount."""
        intent = await _ask(
            self._client.v1.payment_intents.create_async(
                params={
                    "amount": to_stripe_amount(money),
                    "currency": money.currency.lower(),
                    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                    "metadata": {"order_id": str(order_id), "attempt_id": str(attempt_id)},
                },
                options={"idempotency_key": f"begin-{attempt_id}"},
            )
        )
        return intent.id

    async def charge(self, ref: str, method: str) -> AttemptResult:
        try:
            intent = await _ask(
                self._client.v1.payment_intents.confirm_async(
                    ref, params={"payment_method": method}, options={"idempotency_key": f"charge-{ref}"}
                )
            )
        except (
            stripe.CardError,
            stripe.InvalidRequestError,
        ):  # declined, no such method, or ended
            return await self._finish(ref)
        return _result_of(intent)

    async def cancel(self, ref: str) -> AttemptResult:
        with suppress(stripe.InvalidRequestError):  # it has ended, or is just being decided
            return _result_of(await _ask(self._client.v1.payment_intents.cancel_async(ref)))
        return _result_of(await _ask(self._client.v1.payment_intents.retrieve_async(ref)))

    async def look_up(self, ref: str) -> AttemptResult:
        intent = await _ask(self._client.v1.payment_intents.retrieve_async(ref))
        # One that was declined could be charged again under Stripe's rules, but is ended under ours.
        return await self.cancel(ref) if _was_declined(intent) else _result_of(intent)

    async def refund(self, ref: str, refund_id: UUID, money: Money) -> None:
        """Its key keeps a repeat from paying twice for a day; after that, what is written on the refund does."""
        made = await _ask(self._client.v1.refunds.list_async(params={"payment_intent": ref, "limit": 100}))
        refund = next((one for one in made.data if _refund_id(one) == str(refund_id)), None)
        if refund is None:
            refund = await _ask(
                self._client.v1.refunds.create_async(
                    params={
                        "payment_intent": ref,
                        "amount": to_stripe_amount(money),
                        "metadata": {"refund_id": str(refund_id)},
                    },
                    options={"idempotency_key": f"refund-{refund_id}"},
                )
            )
        if refund.status not in ("succeeded", "pending"):
            raise UpstreamUnavailable(f"refund {refund_id} is {refund.status} at Stripe")

    def read_webhook(self, body: bytes, signature: str) -> str | None:
        try:
            event = stripe.Webhook.construct_event(body, signature, self._webhook_secret, tolerance=TOLERANCE)
        except (stripe.SignatureVerificationError, ValueError):
            raise InvalidSignature from None
        ref = getattr(event.data.object, "id", None) if event.type.startswith("payment_intent.") else None
        return ref if isinstance(ref, str) else None

    async def _finish(self, ref: str) -> AttemptResult:
        """End what was not charged, so that nothing that comes late charges it."""
        result = await self.cancel(ref)
        if result.status is AttemptStatus.CANCELLED:  # it had no method that could be declined
            return AttemptResult(AttemptStatus.DECLINED, CARD_DECLINED)
        return result


def to_stripe_amount(money: Money) -> int:
    """The amount in Stripe's unit of its currency.

    Raises: OrderNotPayable where Stripe has no such amount.
    """
    decimals = DECIMALS.get(money.currency, DEFAULT_DECIMALS)
    wanted = STRIPE_DECIMALS.get(money.currency, decimals)
    amount, left = divmod(money.amount_cents * int(10**wanted), int(10**decimals))
    if left or (decimals == THREE_DECIMALS and amount % 10):
        raise OrderNotPayable("The payment provider takes no such amount")
    return amount


async def _ask(call: Awaitable[T]) -> T:
    """Raises: UpstreamUnavailable, unless Stripe answers; CardError and InvalidRequestError where it refuses."""
    try:
        return await call
    except (stripe.CardError, stripe.InvalidRequestError):
        raise
    except stripe.StripeError as error:
        raise UpstreamUnavailable(f"Stripe: {type(error).__name__}, {error.http_status}, {error.code}") from error


def _refund_id(refund: stripe.Refund) -> str | None:
    return getattr(refund.metadata, "refund_id", None)


def _was_declined(intent: stripe.PaymentIntent) -> bool:
    return intent.status == "requires_payment_method" and intent.last_payment_error is not None


def _result_of(intent: stripe.PaymentIntent) -> AttemptResult:
    if intent.status == "succeeded":
        return AttemptResult(AttemptStatus.CHARGED)
    if intent.status != "canceled":
        return UNDECIDED
    error = intent.last_payment_error
    if error is None:
        return AttemptResult(AttemptStatus.CANCELLED)
    # What an object of Stripe's has not is no attribute of it.
    said = (getattr(error, "decline_code", None), getattr(error, "code", None))
    code = next((code for code in said if code in FAILURE_REASONS), CARD_DECLINED)
    return AttemptResult(AttemptStatus.DECLINED, code)
