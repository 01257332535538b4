"""The payment API, driven through its contract."""

import asyncio
from uuid import UUID

import pytest

from chassis.data.statement import Statement
from chassis.testing.problems import assert_problem
from generated.models.payment import FailureCode
from generated.states import PaymentStatus
from services.money import Money
from services.payment.domain import FAILURE_REASONS, AmountDue, Order, Payment
from services.payment.tables import payments as table
from tests.accounts import ADMIN, ASHA, BRAM
from tooling.conformance.callers import internal_key_headers

pytestmark = pytest.mark.both_ways

ROWS = Statement(table.select())
ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")
LAMPS = AmountDue(ASHA.id, ASHA.email, Money(25998, "EUR"))
PAY_PATH = {"order_id": str(ORDER), "amount_cents": 25998, "currency": "EUR"}
FAIL_PATH = {"order_id": str(ORDER), "code": "insufficient_funds", "reason": "Buy at evil.example"}


@pytest.fixture
async def asked(unit_of_work):
    """Asha's order waits for its payment."""
    async with unit_of_work() as work:
        await work.payments.upsert(Payment(UUID(int=1), ORDER, LAMPS))


async def record_success(client, caller=ASHA, key=None, **changed):
    return await attempt(client, "mock-succeed", {**PAY_PATH, **changed}, caller, key)


async def record_failure(client, caller=ASHA, key=None, **changed):
    return await attempt(client, "mock-fail", {**FAIL_PATH, **changed}, caller, key)


async def attempt(client, operation, body, caller, key):
    headers = {**caller.headers, **({"Idempotency-Key": key} if key else {})}
    return await client.post(f"/payment/v1/payments/{operation}", json=body, headers=headers)


async def void(client):
    return await client.post(
        "/payment/v1/payments/void", json={"order_id": str(ORDER)}, headers=internal_key_headers("order")
    )


async def test_a_shopper_pays_what_the_order_asks_for(client, asked, read_outbox_types):
    answer = await record_success(client)

    assert answer.status_code == 200
    assert answer.json()["status"] == "SUCCEEDED"
    assert await read_outbox_types() == ["payment.succeeded"]


async def test_an_order_of_the_first_version_in_no_currency_that_exists_is_paid_as_it_was_placed(
    client, unit_of_work, read_outbox_types
):
    async with unit_of_work() as work:
        await work.payments.upsert(Payment(UUID(int=1), ORDER, AmountDue(ASHA.id, ASHA.email, Money(25998, "ABC"))))

    answer = await record_success(client, currency="ABC")

    assert (answer.status_code, answer.json()["currency"]) == (200, "ABC")
    assert await read_outbox_types() == ["payment.succeeded"]


async def test_paying_twice_answers_the_first_payment_and_publishes_it_once(client, asked, read_outbox_types):
    first = await record_success(client)
    again = await record_success(client)

    assert again.json() == first.json()
    assert await read_outbox_types() == ["payment.succeeded"]


async def test_ten_payments_at_once_take_the_money_once(client, asked, read_outbox_types):
    answers = await asyncio.gather(*(record_success(client) for _ in range(10)))

    assert {answer.status_code for answer in answers} == {200}
    assert await read_outbox_types() == ["payment.succeeded"]


async def test_a_failed_attempt_that_is_repeated_with_its_key_counts_once(client, asked, read_outbox_types):
    answers = await asyncio.gather(*(record_failure(client, key="attempt-1") for _ in range(10)))
    later = await record_failure(client, key="attempt-2")
    other = await record_failure(client, key="attempt-2", code="card_declined")

    assert_problem(other, 422, "idempotency-key-reused")
    assert len({answer.content for answer in answers}) == 1
    assert [len(answer.json()["failures"]) for answer in (answers[0], later)] == [1, 2]
    assert await read_outbox_types() == ["payment.failed"] * 2


async def test_a_refused_payment_is_refused_again_with_its_key_and_paid_with_another(client, asked, read_outbox_types):
    refused = await record_success(client, key="pay-1", amount_cents=1)

    assert (await record_success(client, key="pay-1", amount_cents=1)).content == refused.content
    assert_problem(await record_success(client, key="pay-1"), 422, "idempotency-key-reused")
    assert await read_outbox_types() == []
    assert (await record_success(client, key="pay-2")).status_code == 200


async def test_an_order_can_be_paid_before_its_event_arrives(client, orders, read_outbox_types):
    orders[ORDER] = Order(LAMPS, "CREATED")

    answer = await record_success(client)

    assert answer.json()["status"] == "SUCCEEDED"
    assert await read_outbox_types() == ["payment.succeeded"]


async def test_an_order_nobody_knows_cannot_be_paid(client, payments, read_outbox_types):
    answer = await record_success(client)

    assert_problem(answer, 404, "order-not-found")
    assert await payments.find(ORDER) is None
    assert await read_outbox_types() == []


async def test_no_attempt_is_made_for_an_order_nobody_knows(client, payments, read_outbox_types):
    answer = await record_failure(client)

    assert_problem(answer, 404, "order-not-found")
    assert await payments.find(ORDER) is None
    assert await read_outbox_types() == []


@pytest.mark.parametrize("attempt", [record_success, record_failure])
async def test_another_shoppers_order_is_answered_like_a_missing_one(
    client, asked, payments, read_outbox_types, attempt
):
    foreign = await attempt(client, BRAM)
    missing = await attempt(client, BRAM, order_id=str(UUID(int=9)))

    assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content) == (404, missing.content)
    assert (await payments.find(ORDER)).status is PaymentStatus.PENDING
    assert await read_outbox_types() == []


@pytest.mark.parametrize("attempt", [record_success, record_failure])
@pytest.mark.parametrize("status", ["PENDING", "CREATED", "PAID", "CANCELLED", "REFUNDED", "REJECTED"])
@pytest.mark.parametrize("voided", [False, True], ids=["not met", "known as cancelled"])
async def test_another_shopper_learns_nothing_of_an_order_before_its_event_and_stores_no_row(
    client, orders, payments, read_outbox_types, attempt, status, voided
):
    missing = await attempt(client, BRAM)
    orders[ORDER] = Order(LAMPS, status)
    if voided:
        await void(client)
    before = await payments.find(ORDER)

    foreign = await attempt(client, BRAM)

    assert (foreign.status_code, foreign.content) == (404, missing.content)
    assert await payments.find(ORDER) == before
    assert await read_outbox_types() == []


@pytest.mark.parametrize("attempt", [record_success, record_failure])
@pytest.mark.parametrize("status", ["PENDING", "PAID", "CANCELLED", "REFUNDED", "REJECTED"])
async def test_the_owner_of_an_order_that_waits_for_no_payment_is_told_its_state_and_leaves_no_row(
    client, orders, payments, read_outbox_types, attempt, status
):
    orders[ORDER] = Order(LAMPS, status)

    answer = await attempt(client)

    assert (answer.status_code, answer.json()["detail"]) == (409, f"The order is {status}")
    assert await payments.find(ORDER) is None
    assert await read_outbox_types() == []


async def test_an_order_paid_and_cancelled_at_once_is_never_missing_to_its_owner(client, orders, payments):
    """Neither was it announced: payment knows it by asking, or by its cancellation."""
    answers = []
    for round_ in range(1, 41):
        order = UUID(int=round_)
        orders[order] = Order(LAMPS, "CREATED")

        paid, voided = await asyncio.gather(
            record_success(client, order_id=str(order)),
            client.post(
                "/payment/v1/payments/void", json={"order_id": str(order)}, headers=internal_key_headers("order")
            ),
        )

        assert sorted([paid.status_code, voided.status_code]) == [200, 409]
        answers.append(paid.status_code)

    assert 404 not in answers


@pytest.mark.parametrize("changed", [{"amount_cents": 1}, {"currency": "USD"}], ids=["amount", "currency"])
async def test_another_amount_is_refused_and_nothing_is_paid(client, asked, payments, read_outbox_types, changed):
    answer = await record_success(client, **changed)

    assert answer.status_code == 409
    assert answer.json() == {
        "type": "/problems/amount-differs",
        "title": "The order asks for another amount",
        "status": 409,
        "detail": "The order asks for 259.98 EUR",
    }
    assert (await payments.find(ORDER)).status is PaymentStatus.PENDING
    assert await read_outbox_types() == []


async def test_a_failed_attempt_is_published_and_the_next_one_may_succeed(client, asked, read_outbox_types):
    failed = await record_failure(client)
    paid = await record_success(client)

    assert failed.json()["status"] == "PENDING"
    assert failed.json()["failures"][0]["code"] == "insufficient_funds"
    assert paid.json()["status"] == "SUCCEEDED"
    assert await read_outbox_types() == ["payment.failed", "payment.succeeded"]


async def test_a_failed_attempt_is_explained_in_the_shops_words(client, asked, database, read_outbox):
    failed = await record_failure(client)

    (event,) = await read_outbox()
    meaning = {"code": "insufficient_funds", "reason": "There was too little money on the account"}
    assert event["data"] == meaning
    assert failed.json()["failures"] == [{**meaning, "failed_at": "2026-01-05T12:00:00Z"}]
    assert "evil.example" not in str(await database.fetch_all(ROWS))


@pytest.mark.parametrize("code", ["", "stolen", "card-declined", "Visit evil.example", 7, None])
async def test_a_code_that_the_contract_does_not_have_is_refused_and_nothing_is_recorded(
    client, asked, payments, read_outbox_types, code
):
    answer = await record_failure(client, code=code)

    assert_problem(answer, 400, "invalid-request")
    assert (await payments.find(ORDER)).failures == []
    assert await read_outbox_types() == []


def test_every_code_of_the_contract_has_words_of_its_own():
    assert FAILURE_REASONS.keys() == {code.value for code in FailureCode}
    assert len(set(FAILURE_REASONS.values())) == len(FAILURE_REASONS)


FREE = AmountDue(ASHA.id, ASHA.email, Money(0, "EUR"))


async def test_an_order_that_costs_nothing_is_paid_when_it_is_first_received(client, orders, read_outbox_types):
    orders[ORDER] = Order(FREE, "CREATED")

    first = await record_success(client, amount_cents=0)
    again = await record_success(client, amount_cents=0)

    assert first.json() == again.json()
    assert (first.json()["status"], first.json()["provider"]) == ("SUCCEEDED", "none")
    assert await read_outbox_types() == ["payment.succeeded"]


async def test_an_attempt_to_pay_nothing_cannot_fail(client, orders, payments, read_outbox_types):
    orders[ORDER] = Order(FREE, "CREATED")

    answer = await record_failure(client)

    assert (answer.status_code, answer.json()["detail"]) == (409, "The order is PAID")
    assert (await payments.find(ORDER)).failures == []
    assert await read_outbox_types() == ["payment.succeeded"]


async def test_a_paid_order_cannot_fail_any_more(client, asked, payments, read_outbox_types):
    await record_success(client)

    answer = await record_failure(client)

    assert_problem(answer, 409, "order-not-payable")
    assert (await payments.find(ORDER)).failures == []
    assert await read_outbox_types() == ["payment.succeeded"]


async def test_attempts_are_bounded(client, asked, payments):
    for _ in range(20):
        await record_failure(client)

    answer = await record_failure(client)

    assert_problem(answer, 409, "too-many-failures")
    assert len((await payments.find(ORDER)).failures) == 20


async def test_a_voided_payment_cannot_succeed(client, asked, payments, read_outbox_types):
    assert (await void(client)).json()["status"] == "VOIDED"
    assert (await void(client)).status_code == 200

    answer = await record_success(client)

    assert_problem(answer, 409, "order-not-payable")
    assert (await payments.find(ORDER)).status is PaymentStatus.VOIDED
    assert await read_outbox_types() == []


async def test_a_paid_order_cannot_be_voided(client, asked, payments):
    await record_success(client)

    answer = await void(client)

    assert_problem(answer, 409, "already-paid")
    assert (await payments.find(ORDER)).status is PaymentStatus.SUCCEEDED


@pytest.mark.parametrize("status", ["CREATED", "CANCELLED"])
async def test_voiding_an_unknown_order_closes_it_for_good_and_its_owner_is_told_so(
    client, payments, orders, read_outbox_types, status
):
    await void(client)
    orders[ORDER] = Order(LAMPS, status)

    answer = await record_success(client)

    assert_problem(answer, 409, "order-not-payable")
    assert answer.json()["detail"] == "The order is CANCELLED"
    assert (await payments.find(ORDER)).status is PaymentStatus.VOIDED
    assert await read_outbox_types() == []


async def test_of_paying_and_voiding_at_once_exactly_one_wins(client, unit_of_work, payments):
    for round_ in range(1, 31):
        order = UUID(int=round_)
        async with unit_of_work() as work:
            await work.payments.upsert(Payment(UUID(int=100 + round_), order, LAMPS))

        paid, voided = await asyncio.gather(
            record_success(client, order_id=str(order)),
            client.post(
                "/payment/v1/payments/void", json={"order_id": str(order)}, headers=internal_key_headers("order")
            ),
        )

        assert sorted([paid.status_code, voided.status_code]) == [200, 409]
        winner = PaymentStatus.SUCCEEDED if paid.status_code == 200 else PaymentStatus.VOIDED
        assert (await payments.find(order)).status is winner


async def test_owners_and_admins_see_the_payment_and_others_see_nothing(client, asked):
    async def listed(caller, order=ORDER):
        answer = await client.get("/payment/v1/payments", params={"order_id": str(order)}, headers=caller.headers)
        return answer.json()["items"]

    assert [item["amount_cents"] for item in await listed(ASHA)] == [25998]
    assert await listed(ADMIN) == await listed(ASHA)
    assert await listed(BRAM) == await listed(BRAM, UUID(int=9)) == []


async def test_only_the_order_service_may_void(client, asked, payments):
    for headers in ({}, ASHA.headers, ADMIN.headers, internal_key_headers("payment"), {"X-Internal-Key": "guessed"}):
        answer = await client.post("/payment/v1/payments/void", json={"order_id": str(ORDER)}, headers=headers)

        assert answer.status_code in (401, 403)

    assert (await payments.find(ORDER)).status is PaymentStatus.PENDING
