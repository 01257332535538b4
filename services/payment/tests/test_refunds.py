"""What goes back: in parts or as a whole, once, whatever the provider does and whoever dies."""

import asyncio
from uuid import UUID

import pytest
import sqlalchemy as sa

from chassis.data.statement import Statement
from chassis.testing.deliveries import deliver, make_delivery
from chassis.testing.eventually import eventually
from generated.events import OrderCancelledData, order_cancelled
from generated.states import AttemptStatus, PaymentStatus
from services.money import Money
from services.payment.domain import AmountDue, AttemptResult, Payment
from services.payment.errors import RefundExceedsPayment, RefundOfAnotherAmount
from services.payment.repository import PaymentUnitOfWork
from services.payment.tables import refunds as table
from services.payment.tests.conftest import NOW
from tests.accounts import ASHA

pytestmark = pytest.mark.both_ways

ORDER, ATTEMPT = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001"), UUID(int=10)
CHANGE, OTHER = UUID(int=11), UUID(int=12)
LAMP, LAMPS = Money(12999, "EUR"), Money(25998, "EUR")
ROWS = Statement(sa.select(table).order_by(table.c.refund_id))


def cancelled():
    data = OrderCancelledData(reason="requested")
    return order_cancelled(order_id=ORDER, user_id=ASHA.id, user_email=ASHA.email, data=data).event


@pytest.fixture
async def paid(unit_of_work):
    """Asha has paid for two lamps."""
    async with unit_of_work() as work:
        await work.payments.upsert(Payment(UUID(int=1), ORDER, AmountDue(ASHA.id, ASHA.email, LAMPS)))
        payment = await work.payments.lock(ORDER)
        payment.begin_attempt(ATTEMPT, "ref")
        payment.end_attempt(ATTEMPT, AttemptResult(AttemptStatus.CHARGED), NOW)
        await work.payments.save(payment)


@pytest.fixture
def refund(payment_service):
    """Ask for a part, as an event that comes for the first time does."""

    async def refund(refund_id=CHANGE, money=LAMP, delivery=None):
        await payment_service.refund(ORDER, refund_id, money, delivery or make_delivery(cancelled()))

    return refund


@pytest.fixture
def rows(database):
    async def rows():
        return [(row["refund_id"], row["amount_cents"], row["status"]) for row in await database.fetch_all(ROWS)]

    return rows


async def test_a_part_goes_back_and_the_payment_stays_succeeded(
    paid, refund, dispatch_refunds, payments, provider, read_outbox, refund_notifications
):
    await refund()
    await dispatch_refunds()

    payment = await payments.find(ORDER)
    assert (payment.status, payment.remaining_cents) == (PaymentStatus.SUCCEEDED, 12999)
    assert provider.refunds == {CHANGE: ("ref", LAMP)}
    (event,) = await read_outbox()
    said = {name: event["data"][name] for name in ("amount_cents", "refund_id", "remaining_cents")}
    assert said == {"amount_cents": 12999, "refund_id": str(CHANGE), "remaining_cents": 12999}
    assert len(refund_notifications) == 1


async def test_the_same_event_twice_asks_for_one_refund(paid, refund, dispatch_refunds, rows, provider):
    delivery = make_delivery(cancelled())

    await refund(delivery=delivery)
    await refund(delivery=delivery)
    await dispatch_refunds()
    await refund(delivery=delivery)

    assert await rows() == [(CHANGE, 12999, "DONE")]
    assert provider.calls == 1


async def test_another_event_with_the_same_refund_asks_for_it_once(paid, refund, payments, rows):
    await refund()
    await refund()

    assert await rows() == [(CHANGE, 12999, "ASKED")]
    assert (await payments.find(ORDER)).refund_requested_cents == 12999


async def test_a_refund_that_says_another_amount_is_refused_and_changes_nothing(paid, refund, payments, rows):
    await refund()

    with pytest.raises(RefundOfAnotherAmount):
        await refund(money=Money(1, "EUR"))

    assert await rows() == [(CHANGE, 12999, "ASKED")]
    assert (await payments.find(ORDER)).refund_requested_cents == 12999


async def test_the_last_part_makes_the_payment_refunded(paid, refund, dispatch_refunds, payments, read_outbox):
    await refund()
    await refund(OTHER)
    await dispatch_refunds()

    assert (await payments.find(ORDER)).status is PaymentStatus.REFUNDED
    remaining = [event["data"]["remaining_cents"] for event in await read_outbox()]
    assert remaining == [12999, 0]


async def test_no_more_goes_back_than_was_paid_even_of_what_is_only_asked_for(
    paid, refund, payments, rows, dispatch_refunds, provider
):
    await refund()

    with pytest.raises(RefundExceedsPayment):
        await refund(OTHER, Money(13000, "EUR"))
    await dispatch_refunds()
    with pytest.raises(RefundExceedsPayment):
        await refund(OTHER, Money(13000, "EUR"))

    assert await rows() == [(CHANGE, 12999, "DONE")]
    assert (await payments.find(ORDER)).refund_requested_cents == 12999
    assert list(provider.refunds) == [CHANGE]


async def test_ten_parts_at_once_take_no_more_back_than_was_paid(paid, refund, payments, rows):
    half = [refund(UUID(int=20 + n)) for n in range(10)]

    answers = await asyncio.gather(*half, return_exceptions=True)

    assert sum(answer is None for answer in answers) == 2
    assert len(await rows()) == 2
    assert (await payments.find(ORDER)).refund_requested_cents == 25998


async def test_an_order_that_is_not_paid_or_not_known_is_paid_nothing_back(unit_of_work, refund, rows):
    with pytest.raises(RefundExceedsPayment):
        await refund()
    async with unit_of_work() as work:
        await work.payments.upsert(Payment(UUID(int=1), ORDER, AmountDue(ASHA.id, ASHA.email, LAMPS)))

    with pytest.raises(RefundExceedsPayment):
        await refund()

    assert await rows() == []


async def test_a_cancellation_pays_back_what_is_left_after_a_part(
    paid, refund, subscribers, dispatch_refunds, payments, provider, read_outbox
):
    await refund()
    await deliver(subscribers, cancelled())
    await dispatch_refunds()

    assert {key: money for key, (_, money) in provider.refunds.items()} == {CHANGE: LAMP, ORDER: LAMP}
    assert (await payments.find(ORDER)).status is PaymentStatus.REFUNDED
    assert sorted(event["data"]["remaining_cents"] for event in await read_outbox()) == [0, 12999]


async def test_a_cancellation_of_which_every_part_is_asked_back_ends_refunded(
    paid, refund, subscribers, dispatch_refunds, payments, provider, read_outbox
):
    await refund()
    await refund(OTHER)
    await deliver(subscribers, cancelled())
    await dispatch_refunds()

    assert provider.refunds.keys() == {CHANGE, OTHER}
    assert (await payments.find(ORDER)).status is PaymentStatus.REFUNDED
    assert [event["data"]["amount_cents"] for event in await read_outbox()].count(0) == 1


async def test_a_provider_that_fails_is_asked_again_later_and_the_others_go_on(
    paid, refund, dispatch_refunds, pass_time, rows, provider, read_outbox_types
):
    await refund()
    await refund(OTHER)
    provider.lost_requests = 1

    await dispatch_refunds()
    await dispatch_refunds()  # it is not due yet

    assert sorted(status for _, _, status in await rows()) == ["ASKED", "DONE"]
    assert provider.calls == 2
    await pass_time()
    await dispatch_refunds()
    assert await rows() == [(CHANGE, 12999, "DONE"), (OTHER, 12999, "DONE")]
    assert await read_outbox_types() == ["payment.refunded"] * 2


async def test_each_failure_makes_the_pause_longer(paid, refund, dispatch_refunds, pass_time, database, provider):
    pause = Statement(sa.select(sa.extract("epoch", table.c.next_try_at - sa.func.now()).label("seconds")))
    await refund()
    provider.lost_requests, pauses = 12, []

    for _ in range(12):
        await dispatch_refunds()
        pauses.append(float((await database.fetch_one(pause))["seconds"]))
        await pass_time()

    assert 11 < pauses[0] < 19
    assert 11 * 4 < pauses[2] < 19 * 4
    assert pauses[-1] < 19 * 256


async def test_a_refund_whose_answer_is_lost_pays_once(
    paid, refund, dispatch_refunds, pass_time, rows, provider, read_outbox_types
):
    await refund()
    provider.lost_answers = 2

    for _ in range(3):
        await dispatch_refunds()
        await pass_time()

    assert provider.calls == 3
    assert len(provider.refunds) == 1
    assert await rows() == [(CHANGE, 12999, "DONE")]
    assert await read_outbox_types() == ["payment.refunded"]


async def test_a_crash_between_the_refund_and_storing_it_refunds_once(
    paid, refund, dispatch_refunds, pass_time, payments, provider, read_outbox_types, monkeypatch
):
    await refund(money=LAMPS)

    async def dies(work, *events):
        raise ConnectionResetError

    with monkeypatch.context() as context:
        context.setattr(PaymentUnitOfWork, "publish", dies)
        await dispatch_refunds()
    assert (await payments.find(ORDER)).status is PaymentStatus.SUCCEEDED
    await pass_time()
    await dispatch_refunds()

    assert (await payments.find(ORDER)).status is PaymentStatus.REFUNDED
    assert len(provider.refunds) == 1
    assert await read_outbox_types() == ["payment.refunded"]


async def test_a_crash_after_the_refund_is_claimed_asks_for_it_later(
    paid, refund, refunds, dispatch_refunds, pass_time, provider, rows
):
    await refund()
    assert len(await refunds.claim_due(9)) == 1  # and the process dies

    assert not await dispatch_refunds()
    assert provider.calls == 0
    await pass_time()
    await dispatch_refunds()

    assert await rows() == [(CHANGE, 12999, "DONE")]


async def test_two_dispatchers_at_once_announce_a_refund_once(
    paid, refund, refunds, dispatch_refunds, pass_time, rows, read_outbox_types
):
    await refund()
    await refund(OTHER)

    async def dispatch_late():
        await pass_time()
        await dispatch_refunds()

    await asyncio.gather(*(dispatch_late() for _ in range(4)))

    async def done():
        assert {status for _, _, status in await rows()} == {"DONE"}
        return True

    await eventually(done, within=5)
    assert await read_outbox_types() == ["payment.refunded"] * 2
