"""What the payment service tells others, made from what happened here."""

from chassis.events.outbox import OutgoingEvent
from generated import events
from services.payment.domain import AmountDue, Payment, Refund


def payment_succeeded_event(payment: Payment, provider: str) -> OutgoingEvent:
    due = _due(payment)
    return events.payment_succeeded(
        order_id=payment.order_id,
        user_id=due.user_id,
        user_email=due.user_email,
        data=events.PaymentSucceededData(
            amount_cents=due.money.amount_cents,
            currency=due.money.currency,
            provider=due.provider(provider),
            payment_id=payment.id,
        ),
    )


def payment_failed_event(payment: Payment) -> OutgoingEvent:
    """The last attempt failed."""
    due, failure = _due(payment), payment.failures[-1]
    return events.payment_failed(
        order_id=payment.order_id,
        user_id=due.user_id,
        user_email=due.user_email,
        data=events.PaymentFailedData(reason=failure.reason, code=failure.code),
    )


def payment_refunded_event(payment: Payment, refund: Refund, provider: str) -> OutgoingEvent:
    """So much went back, just now."""
    due = _due(payment)
    return events.payment_refunded(
        order_id=payment.order_id,
        user_id=due.user_id,
        user_email=due.user_email,
        data=events.PaymentRefundedData(
            amount_cents=refund.money.amount_cents,
            currency=refund.money.currency,
            provider=due.provider(provider),
            payment_id=payment.id,
            refund_id=refund.id,
            remaining_cents=payment.remaining_cents,
        ),
    )


def _due(payment: Payment) -> AmountDue:
    if payment.due is None:
        raise ValueError(f"payment {payment.id} was never due")
    return payment.due
