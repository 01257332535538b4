"""Paying by a provider that can be unsure: each rule of tests/protocol/provider.py, on the service as it is."""

import asyncio
from contextlib import suppress
from uuid import UUID

import msgspec
import pytest
import sqlalchemy as sa

from chassis.data.statement import Statement
from chassis.events.outbox import Outbox
from chassis.testing.deliveries import deliver
from chassis.testing.problems import assert_problem
from generated.events import OrderCancelledData, order_cancelled
from generated.states import AttemptStatus, PaymentStatus
from services.money import Money
from services.payment import tables
from services.payment.application.attempts import AttemptRecovery
from services.payment.domain import AmountDue, AttemptResult, Order, Payment
from services.payment.providers import mock, signatures
from services.payment.repository import AttemptRepository, PaymentUnitOfWork
from services.payment.tests.conftest import INTERNAL_KEY, NOW
from tests.accounts import ASHA, BRAM
from tooling.conformance.callers import internal_key_headers

pytestmark = pytest.mark.both_ways

ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")
LAMPS = AmountDue(ASHA.id, ASHA.email, Money(25998, "EUR"))
ATTEMPTS = Statement(sa.select(tables.payment_attempts).order_by(tables.payment_attempts.c.attempt_id))
CHARGES = Statement(sa.select(tables.mock_charges))

MOCK_SUCCEED, MOCK_FAIL = "/payment/v1/payments/mock-succeed", "/payment/v1/payments/mock-fail"
MOCK_BODIES = {
    MOCK_SUCCEED: {"order_id": str(ORDER), "amount_cents": 25998, "currency": "EUR"},
    MOCK_FAIL: {"order_id": str(ORDER), "code": "card_declined"},
}


class Died(BaseException):
    """What ends a process on a line; nothing that the service catches."""


@pytest.fixture
async def due(unit_of_work):
    """Asha's order waits for its payment."""
    async with unit_of_work() as work:
        await work.payments.upsert(Payment(UUID(int=1), ORDER, LAMPS))


@pytest.fixture
def attempt(client):
    async def attempt(method="mock_succeeds", key=None, caller=ASHA):
        headers = {**caller.headers, **({"Idempotency-Key": key} if key else {})}
        body = {"order_id": str(ORDER), "method": method}
        return await client.post("/payment/v1/payments/attempts", json=body, headers=headers)

    return attempt


@pytest.fixture
def void(client):
    async def void():
        return await client.post(
            "/payment/v1/payments/void", json={"order_id": str(ORDER)}, headers=internal_key_headers("order")
        )

    return void


@pytest.fixture
def hear(client):
    """Send a webhook as the mock does."""

    async def hear(ref, *, signature=None, age=0, body=None):
        body = msgspec.json.encode({"type": "charge.ended", "ref": ref}) if body is None else body
        signature = signature or signatures.sign(body, mock.webhook_secret(INTERNAL_KEY), NOW.timestamp() - age)
        headers = {"content-type": "application/json", "Webhook-Signature": signature}
        return await client.post("/payment/v1/webhooks/mock", content=body, headers=headers)

    return hear


@pytest.fixture
def status(payments):
    async def status():
        return (await payments.find(ORDER)).status

    return status


@pytest.fixture
def statuses(database):
    """How our attempts stand, the first one first."""

    async def statuses():
        return [row["status"] for row in await database.fetch_all(ATTEMPTS)]

    return statuses


@pytest.fixture
def charged(database):
    """How often the provider has taken the money."""

    async def charged():
        return sum(row["status"] == "CHARGED" for row in await database.fetch_all(CHARGES))

    return charged


async def test_an_order_is_paid_by_a_method_of_the_provider(due, attempt, status, statuses, read_outbox_types):
    answer = await attempt()

    assert answer.status_code == 200
    assert answer.json() == {"order_id": str(ORDER), "status": "CHARGED", "payment_status": "SUCCEEDED"}
    assert (await status(), await statuses()) == (PaymentStatus.SUCCEEDED, ["CHARGED"])
    assert await read_outbox_types() == ["payment.succeeded"]


@pytest.mark.parametrize(
    ("method", "code"),
    [("mock_fails_expired_card", "expired_card"), ("somebody_elses_method", "card_declined")],
)
async def test_a_method_that_is_declined_is_a_failed_attempt(due, attempt, payments, method, code, read_outbox_types):
    answer = await attempt(method)

    assert (answer.status_code, answer.json()["status"], answer.json()["payment_status"]) == (
        200,
        "DECLINED",
        "PENDING",
    )
    assert [failure.code for failure in (await payments.find(ORDER)).failures] == [code]
    assert await read_outbox_types() == ["payment.failed"]


async def test_an_order_that_was_not_announced_is_paid(orders, attempt, status):
    orders[ORDER] = Order(LAMPS, "CREATED")

    assert (await attempt()).status_code == 200
    assert await status() is PaymentStatus.SUCCEEDED


async def test_another_shoppers_order_is_missing_to_an_attempt(due, attempt, statuses):
    assert_problem(await attempt(caller=BRAM), 404, "order-not-found")
    assert await statuses() == []


async def test_a_paid_order_is_not_attempted_again(due, attempt, statuses, charged):
    await attempt()

    assert_problem(await attempt(), 409, "order-not-payable")
    assert (await statuses(), await charged()) == (["CHARGED"], 1)


async def test_attempts_are_bounded(due, attempt, statuses):
    for _ in range(20):
        await attempt("mock_fails_card_declined")

    assert_problem(await attempt(), 409, "too-many-failures")
    assert await statuses() == ["DECLINED"] * 20


@pytest.mark.parametrize("method", ["mock_answer_lost", "mock_request_lost"])
async def test_unknown_is_no_answer(due, attempt, status, statuses, method, read_outbox_types):
    answer = await attempt(method)

    assert answer.status_code == 202
    assert answer.json() == {"order_id": str(ORDER), "status": "OPEN", "payment_status": "PROCESSING"}
    assert (await status(), await statuses()) == (PaymentStatus.PROCESSING, ["OPEN"])
    assert await read_outbox_types() == []


async def test_a_charge_whose_answer_is_lost_is_looked_up_and_paid_once(
    due, attempt, look_up_attempts, pass_time, status, charged, read_outbox_types
):
    await attempt("mock_answer_lost")
    await look_up_attempts()
    assert await status() is PaymentStatus.PROCESSING  # whoever began it may still be at it

    for _ in range(3):
        await pass_time()
        await look_up_attempts()

    assert (await status(), await charged()) == (PaymentStatus.SUCCEEDED, 1)
    assert await read_outbox_types() == ["payment.succeeded"]


async def test_there_is_one_attempt_at_a_time(due, attempt, statuses):
    await attempt("mock_request_lost")

    assert_problem(await attempt(), 409, "payment-in-progress")
    assert await statuses() == ["OPEN"]


async def test_another_attempt_takes_over_how_the_one_before_ended(due, attempt, statuses, charged):
    await attempt("mock_answer_lost")

    assert_problem(await attempt(), 409, "order-not-payable")
    assert (await statuses(), await charged()) == (["CHARGED"], 1)


async def test_mock_succeed_finds_what_an_attempt_before_it_has_paid(due, client, attempt, charged):
    await attempt("mock_answer_lost")

    paid = await client.post(
        "/payment/v1/payments/mock-succeed",
        json={"order_id": str(ORDER), "amount_cents": 25998, "currency": "EUR"},
        headers=ASHA.headers,
    )

    assert (paid.status_code, paid.json()["status"], await charged()) == (200, "SUCCEEDED", 1)


async def test_mock_succeed_says_that_it_is_not_decided_when_its_answer_is_lost(due, client, provider, charged):
    provider.lost_answers = 1
    body = {"order_id": str(ORDER), "amount_cents": 25998, "currency": "EUR"}

    first = await client.post("/payment/v1/payments/mock-succeed", json=body, headers=ASHA.headers)
    again = await client.post("/payment/v1/payments/mock-succeed", json=body, headers=ASHA.headers)

    assert (first.status_code, first.json()["status"]) == (202, "PROCESSING")
    assert (again.status_code, again.json()["status"]) == (200, "SUCCEEDED")
    assert await charged() == 1


async def test_mock_fail_says_that_it_is_not_decided_when_its_answer_is_lost(due, client, provider, statuses):
    provider.lost_answers = 1

    answer = await client.post(MOCK_FAIL, json=MOCK_BODIES[MOCK_FAIL], headers=ASHA.headers)

    assert (answer.status_code, answer.json()["status"], await statuses()) == (202, "PROCESSING", ["OPEN"])


@pytest.mark.parametrize("path", [MOCK_SUCCEED, MOCK_FAIL])
async def test_the_operations_of_the_mock_begin_no_second_attempt(due, client, attempt, statuses, path):
    await attempt("mock_request_lost")

    assert_problem(await client.post(path, json=MOCK_BODIES[path], headers=ASHA.headers), 409, "payment-in-progress")
    assert await statuses() == ["OPEN"]


@pytest.mark.parametrize("path", [MOCK_SUCCEED, MOCK_FAIL])
async def test_the_operations_of_the_mock_are_refused_where_somebody_else_takes_the_money(
    due, client, provider, statuses, monkeypatch, path
):
    monkeypatch.setattr(type(provider), "name", "stripe")

    assert_problem(await client.post(path, json=MOCK_BODIES[path], headers=ASHA.headers), 409, "mock-not-in-use")
    assert await statuses() == []


async def test_the_same_key_goes_on_with_its_attempt_and_charges_once(due, attempt, provider, statuses, charged):
    provider.lost_answers = 1
    first = await attempt(key="pay-1")

    again = await attempt(key="pay-1")
    later = await attempt(key="pay-1")

    assert (first.status_code, again.status_code, again.json()["status"]) == (202, 200, "CHARGED")
    assert later.content == again.content
    assert (await statuses(), await charged()) == (["CHARGED"], 1)
    assert_problem(await attempt("mock_delayed", key="pay-1"), 422, "idempotency-key-reused")


async def test_voiding_asks_the_provider_which_cancels_what_has_not_arrived(
    due, attempt, void, status, statuses, provider, database, read_outbox_types
):
    await attempt("mock_request_lost")

    assert (await void()).status_code == 200

    assert (await status(), await statuses()) == (PaymentStatus.VOIDED, ["CANCELLED"])
    (row,) = await database.fetch_all(CHARGES)
    late = await provider.charge(row["ref"], "mock_succeeds")  # it arrives now
    assert late.status is AttemptStatus.CANCELLED
    assert await read_outbox_types() == []


async def test_voiding_a_charge_whose_answer_was_lost_finds_it_paid(due, attempt, void, status, read_outbox_types):
    await attempt("mock_answer_lost")

    assert_problem(await void(), 409, "already-paid")

    assert await status() is PaymentStatus.SUCCEEDED
    assert await read_outbox_types() == ["payment.succeeded"]


@pytest.mark.parametrize("lost", ["lost_requests", "lost_answers"])
async def test_voiding_without_the_providers_word_is_put_off_and_comes_again(
    due, attempt, void, provider, status, statuses, lost
):
    await attempt("mock_request_lost")
    setattr(provider, lost, 1)

    assert_problem(await void(), 503, "unavailable")
    assert (await status(), await statuses()) == (PaymentStatus.PROCESSING, ["OPEN"])

    assert (await void()).status_code == 200
    assert (await status(), await statuses()) == (PaymentStatus.VOIDED, ["CANCELLED"])


async def test_a_cancelled_order_whose_attempt_is_open_is_closed_at_the_provider(due, attempt, subscribers, status):
    await attempt("mock_request_lost")
    data = OrderCancelledData(reason="given-up")

    await deliver(subscribers, order_cancelled(order_id=ORDER, user_id=ASHA.id, user_email=ASHA.email, data=data).event)

    assert await status() is PaymentStatus.VOIDED


async def test_what_the_shopper_has_left_is_cancelled_and_another_attempt_may_follow(
    due, attempt, settlement, database, pass_time, statuses, status
):
    await attempt("mock_request_lost")
    await pass_time()
    impatient = AttemptRepository(database, timeout=-NOW.resolution)

    await AttemptRecovery(impatient, settlement).run_once(asyncio.Event())

    assert (await status(), await statuses()) == (PaymentStatus.PENDING, ["CANCELLED"])
    assert (await attempt()).json()["payment_status"] == "SUCCEEDED"


async def test_a_provider_that_is_away_is_asked_again_after_longer_and_longer(
    due, attempt, look_up_attempts, pass_time, provider, database, status
):
    pause = Statement(
        sa.select(sa.extract("epoch", tables.payment_attempts.c.next_lookup_at - sa.func.now()).label("seconds"))
    )
    await attempt("mock_answer_lost")
    provider.lost_requests, pauses = 4, []

    for _ in range(4):
        await pass_time()
        await look_up_attempts()
        pauses.append(float((await database.fetch_one(pause))["seconds"]))

    assert 7 < pauses[0] < 13
    assert 7 * 8 < pauses[3] < 13 * 8
    assert await status() is PaymentStatus.PROCESSING
    await pass_time()
    await look_up_attempts()
    assert await status() is PaymentStatus.SUCCEEDED


async def test_what_was_charged_after_it_had_ended_is_paid_back_once(
    due, attempt, void, settlement, dispatch_refunds, provider, payments, statuses, read_outbox_types
):
    await attempt("mock_request_lost")
    await void()
    attempt_id = (await payments.find(ORDER)).attempt.id

    for _ in range(2):  # the provider breaks its word, and says so twice
        await settlement.apply(ORDER, attempt_id, AttemptResult(AttemptStatus.CHARGED))
    await dispatch_refunds()

    payment = await payments.find(ORDER)
    assert (payment.status, payment.refunded_cents) == (PaymentStatus.VOIDED, 0)
    assert provider.refunds == {attempt_id: (payment.attempt.ref, LAMPS.money)}
    assert await statuses() == ["CHARGED"]
    assert await read_outbox_types() == []


async def test_ten_attempts_at_once_take_the_money_once(due, attempt, charged, read_outbox_types):
    answers = await asyncio.gather(*(attempt() for _ in range(10)))

    assert sorted({answer.status_code for answer in answers}) == [200, 409]
    assert await charged() == 1
    assert await read_outbox_types() == ["payment.succeeded"]


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (PaymentUnitOfWork, "link_idempotency_key"),
        (mock.MockProvider, "charge"),
        (Outbox, "append"),
        (AttemptRepository, "close"),
    ],
    ids=["before the attempt is written down", "before it is charged", "before it is announced", "before it is closed"],
)
@pytest.mark.parametrize("then", ["look up", "pay again", "void"])
async def test_a_process_that_dies_leaves_what_is_settled_once(
    due, attempt, void, look_up_attempts, pass_time, payments, charged, statuses, monkeypatch, owner, name, then
):
    async def dies(*_, **__):
        raise Died

    with monkeypatch.context() as context, suppress(Died):
        context.setattr(owner, name, dies)
        await attempt()

    await pass_time()
    if then == "void":
        await void()
    elif then == "pay again":
        await attempt()
    await look_up_attempts()

    payment, taken = await payments.find(ORDER), await charged()
    assert (payment.status in (PaymentStatus.SUCCEEDED, PaymentStatus.REFUNDED)) == (taken == 1), payment
    assert taken <= 1
    if then == "void":
        assert payment.status is (PaymentStatus.SUCCEEDED if taken else PaymentStatus.VOIDED)
        assert "OPEN" not in await statuses()


async def test_a_process_that_dies_after_the_charge_is_finished_by_the_recovery(
    due, attempt, look_up_attempts, pass_time, status, charged, read_outbox_types, monkeypatch
):
    async def dies(*_, **__):
        raise Died

    with monkeypatch.context() as context, suppress(Died):
        context.setattr(AttemptRepository, "close", dies)
        await attempt()
    assert (await status(), await charged()) == (PaymentStatus.PROCESSING, 1)

    await pass_time()
    await look_up_attempts()

    assert (await status(), await charged()) == (PaymentStatus.SUCCEEDED, 1)
    assert await read_outbox_types() == ["payment.succeeded"]


async def test_a_webhook_is_a_hint_that_counts_once_however_often_it_comes(
    due, attempt, hear, status, payments, read_outbox_types
):
    await attempt("mock_answer_lost")
    ref = (await payments.find(ORDER)).attempt.ref

    assert [(await hear(ref)).status_code for _ in range(3)] == [204] * 3

    assert await status() is PaymentStatus.SUCCEEDED
    assert await read_outbox_types() == ["payment.succeeded"]


async def test_a_webhook_that_comes_too_early_or_too_late_changes_nothing(
    due, attempt, void, hear, status, payments, read_outbox_types
):
    await attempt("mock_request_lost")
    ref = (await payments.find(ORDER)).attempt.ref

    assert (await hear(ref)).status_code == 204
    assert await status() is PaymentStatus.PROCESSING
    await void()
    assert (await hear(ref)).status_code == 204

    assert await status() is PaymentStatus.VOIDED
    assert await read_outbox_types() == []


async def test_a_webhook_while_the_provider_is_away_is_to_be_sent_again(due, attempt, hear, provider, payments, status):
    await attempt("mock_answer_lost")
    ref = (await payments.find(ORDER)).attempt.ref
    provider.lost_requests = 1

    assert (await hear(ref)).status_code == 503
    assert (await hear(ref)).status_code == 204
    assert await status() is PaymentStatus.SUCCEEDED


async def test_a_webhook_of_an_unknown_attempt_or_another_matter_is_heard_and_changes_nothing(due, hear, status):
    assert (await hear("mock_of_nobody")).status_code == 204
    assert (await hear("", body=b'{"type": "balance.changed"}')).status_code == 204
    assert (await hear("", body=b'{"ref": 7}')).status_code == 204
    assert await status() is PaymentStatus.PENDING


@pytest.mark.parametrize(
    "signature",
    [
        "t=1767614400,v1=00",
        "v1=00",
        "t=,v1=",
        "t=1767614400",
        "t=1767614400,t=1767614400,v1=00",
        "t=٣,v1=00",
        "nonsense",
    ],
)
async def test_a_webhook_that_the_provider_did_not_sign_is_refused_and_changes_nothing(
    due, attempt, hear, payments, status, provider, signature
):
    await attempt("mock_answer_lost")
    calls = provider.calls

    answer = await hear((await payments.find(ORDER)).attempt.ref, signature=signature.encode())

    assert answer.status_code in (400, 403)
    assert (await status(), provider.calls) == (PaymentStatus.PROCESSING, calls)


@pytest.mark.parametrize(("age", "code"), [(299, 204), (301, 403), (-299, 204), (-301, 403)])
async def test_a_signature_holds_for_five_minutes(due, hear, age, code):
    assert (await hear("mock_of_nobody", age=age)).status_code == code


async def test_a_signature_is_of_the_bytes_as_they_came(due, hear):
    signed = signatures.sign(b'{"ref":"a"}', mock.webhook_secret(INTERNAL_KEY), NOW.timestamp())

    assert_problem(await hear("", body=b'{"ref": "a"}', signature=signed), 403, "invalid-signature")
    assert (await hear("", body=b'{"ref":"a"}', signature=f"{signed},v1=00")).status_code == 204


async def test_another_providers_webhook_is_not_found_here(client, hear):
    answer = await client.post("/payment/v1/webhooks/other", json={"ref": "a"}, headers={"Webhook-Signature": "t=1"})

    assert_problem(answer, 404, "provider-not-found")
    unsigned = await client.post("/payment/v1/webhooks/mock", json={"ref": "a"})
    assert_problem(unsigned, 403, "invalid-signature")
