"""Stripe behind the port, against a server of ours that does what Stripe publishes: the rules hold on a real line."""

import hmac
import json
from hashlib import sha256
from time import time
from uuid import UUID, uuid4

import pytest

from chassis.web.http_client import UpstreamUnavailable
from generated.states import AttemptStatus, PaymentStatus
from services.money import Money
from services.payment.domain import AmountDue, Payment
from services.payment.errors import AlreadyPaid, InvalidSignature, OrderNotPayable
from services.payment.providers.stripe import StripeProvider, to_stripe_amount
from services.payment.tests.stripe_server import StripeServer
from tests.accounts import ASHA

ORDER, PART = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001"), UUID(int=7)
LAMPS = AmountDue(ASHA.id, ASHA.email, Money(25998, "EUR"))
GOOD, SLOW = "pm_card_visa", "pm_slow"


@pytest.fixture
async def server():
    async with StripeServer() as server:
        yield server


@pytest.fixture
async def provider(server):
    async with StripeProvider("sk_test_of_the_shop", "whsec_of_the_shop", url=server.url, timeout=0.5) as provider:
        yield provider


@pytest.fixture
async def ref(provider):
    return await provider.begin(uuid4(), ORDER, LAMPS.money)


@pytest.fixture
async def due(unit_of_work):
    async with unit_of_work() as work:
        await work.payments.upsert(Payment(UUID(int=1), ORDER, LAMPS))


@pytest.fixture
def pay(payment_service):
    async def pay(method=GOOD):
        return (await payment_service.attempt(ORDER, method, owner=ASHA.id))[1]

    return pay


async def test_an_order_is_paid_and_stripe_is_told_what_for(due, pay, server, payments, read_outbox):
    payment = await pay()

    assert payment.status is PaymentStatus.SUCCEEDED
    (intent,) = server.intents.values()
    assert (intent["amount"], intent["currency"], intent["status"]) == (25998, "eur", "succeeded")
    assert intent["metadata"] == {"order_id": str(ORDER), "attempt_id": str(payment.attempt.id)}
    (event,) = await read_outbox()
    assert (event["type"], event["data"]["provider"]) == ("payment.succeeded", "stripe")


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("pm_card_chargeDeclined", "card_declined"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error"),
        ("no_method_of_stripes", "card_declined"),
    ],
)
async def test_what_stripe_declines_is_a_failed_attempt_that_can_never_be_charged(due, pay, server, method, code):
    payment = await pay(method)

    assert (payment.status, [failure.code for failure in payment.failures]) == (PaymentStatus.PENDING, [code])
    assert [intent["status"] for intent in server.intents.values()] == ["canceled"]
    assert (await pay()).status is PaymentStatus.SUCCEEDED
    assert sum(server.taken.values()) == 25998


@pytest.mark.parametrize("lost", ["lost_requests", "lost_answers", "hangs", "failures"])
async def test_before_the_attempt_is_begun_nothing_is_lost_but_the_try(due, pay, server, payments, lost):
    setattr(server, lost, 1)

    with pytest.raises(UpstreamUnavailable):
        await pay()

    assert (await payments.find(ORDER)).status is PaymentStatus.PENDING
    assert (await pay()).status is PaymentStatus.SUCCEEDED
    assert sum(server.taken.values()) == 25998


@pytest.mark.parametrize("lost", ["lost_answers", "hangs"])
async def test_a_charge_whose_answer_is_lost_is_looked_up_and_paid_once(
    due, pay, server, provider, payments, pass_time, look_up_attempts, monkeypatch, lost
):
    begin = provider.begin

    async def begin_and_lose(*arguments):
        ref = await begin(*arguments)
        setattr(server, lost, 1)
        return ref

    monkeypatch.setattr(provider, "begin", begin_and_lose)
    assert (await pay()).status is PaymentStatus.PROCESSING

    await pass_time()
    await look_up_attempts()
    await look_up_attempts()

    assert (await payments.find(ORDER)).status is PaymentStatus.SUCCEEDED
    assert server.taken == {"pi_1": 25998}


async def test_a_charge_is_asked_for_twice_and_made_once(provider, server, ref):
    server.lost_answers = 1
    with pytest.raises(UpstreamUnavailable):
        await provider.charge(ref, GOOD)

    result = await provider.charge(ref, GOOD)
    server.forget_keys()
    later = await provider.charge(ref, GOOD)

    assert result.status is later.status is AttemptStatus.CHARGED
    assert server.taken == {ref: 25998}


async def test_an_attempt_that_is_begun_twice_is_one(provider, server):
    attempt = uuid4()

    assert await provider.begin(attempt, ORDER, LAMPS.money) == await provider.begin(attempt, ORDER, LAMPS.money)
    assert len(server.intents) == 1


async def test_what_is_cancelled_is_never_charged(provider, server, ref):
    assert (await provider.cancel(ref)).status is AttemptStatus.CANCELLED
    assert (await provider.cancel(ref)).status is AttemptStatus.CANCELLED

    late = await provider.charge(ref, GOOD)

    assert late.status is AttemptStatus.DECLINED
    assert server.taken == {}


async def test_what_is_charged_is_not_cancelled(provider, ref):
    await provider.charge(ref, GOOD)

    assert (await provider.cancel(ref)).status is AttemptStatus.CHARGED


@pytest.mark.parametrize(("method", "cancels"), [(SLOW, False), ("pm_card_authenticationRequired", True)])
async def test_what_is_not_decided_is_open(provider, ref, method, cancels):
    assert not (await provider.charge(ref, method)).is_final
    assert not (await provider.look_up(ref)).is_final

    result = await provider.cancel(ref)

    assert result.status is (AttemptStatus.CANCELLED if cancels else AttemptStatus.OPEN)


async def test_voiding_while_stripe_decides_is_put_off(due, pay, server, payment_service, payments):
    await pay(SLOW)

    with pytest.raises(UpstreamUnavailable):
        await payment_service.void(ORDER)
    assert (await payments.find(ORDER)).status is PaymentStatus.PROCESSING

    server.intents["pi_1"]["status"] = "succeeded"
    with pytest.raises(AlreadyPaid):
        await payment_service.void(ORDER)
    assert (await payments.find(ORDER)).status is PaymentStatus.SUCCEEDED


async def test_a_refund_is_made_once_though_its_answer_is_lost_and_a_day_passes(provider, server, ref):
    await provider.charge(ref, GOOD)
    server.lost_answers = 1
    with pytest.raises(UpstreamUnavailable):
        await provider.refund(ref, PART, Money(12999, "EUR"))

    for _ in range(2):
        await provider.refund(ref, PART, Money(12999, "EUR"))
        server.forget_keys()

    assert server.taken == {ref: 12999}


async def test_a_refund_that_stripe_has_not_made_stays_asked_for(provider, server, ref):
    await provider.charge(ref, GOOD)
    await provider.refund(ref, PART, Money(12999, "EUR"))
    (refund,) = server.refunds.values()
    refund["status"] = "failed"

    with pytest.raises(UpstreamUnavailable, match="failed"):
        await provider.refund(ref, PART, Money(12999, "EUR"))


@pytest.mark.parametrize(
    ("money", "amount"),
    [
        (Money(25998, "EUR"), 25998),
        (Money(500, "JPY"), 500),
        (Money(500, "ISK"), 50000),
        (Money(500, "UGX"), 50000),
        (Money(500, "MGA"), 5),
        (Money(5120, "KWD"), 5120),
    ],
)
def test_an_amount_is_in_stripes_unit_of_its_currency(money, amount):
    assert to_stripe_amount(money) == amount


@pytest.mark.parametrize("money", [Money(5124, "KWD"), Money(501, "MGA")])
def test_an_amount_that_stripe_has_not_is_not_rounded(money):
    with pytest.raises(OrderNotPayable):
        to_stripe_amount(money)


def signed(event, secret=b"whsec_of_the_shop", at=None):
    body = json.dumps(event).encode()
    at = int(at or time())
    return body, f"t={at},v1={hmac.new(secret, f'{at}.'.encode() + body, sha256).hexdigest()}"


def event(kind="payment_intent.succeeded"):
    return {
        "id": "evt_1",
        "object": "event",
        "type": kind,
        "data": {"object": {"id": "pi_1", "object": "payment_intent"}},
    }


def test_a_webhook_names_the_attempt_that_it_is_about(provider):
    assert provider.read_webhook(*signed(event())) == "pi_1"
    assert provider.read_webhook(*signed(event("payout.paid"))) is None


@pytest.mark.parametrize(
    "wrong",
    [{"secret": b"whsec_of_somebody"}, {"at": time() - 301}],
    ids=["somebody else's", "of long ago"],
)
def test_a_webhook_that_stripe_did_not_sign_just_now_is_refused(provider, wrong):
    with pytest.raises(InvalidSignature):
        provider.read_webhook(*signed(event(), **wrong))
    with pytest.raises(InvalidSignature):
        provider.read_webhook(b"{}", "nonsense")
