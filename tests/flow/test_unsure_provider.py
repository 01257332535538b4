"""The running shop and its mock provider, when that is unsure: what run_demo.py --unsure shows, and a webhook."""

from chassis.testing.eventually import eventually
from demo.console import Console
from demo.scenario import Scenario
from generated.models.payment import AttemptStatus

CHARGE_OF_ORDER = """
SELECT decided_at <= now(), webhook_due_at FROM payment.mock_charges
JOIN payment.payments ON ref = attempt_ref WHERE order_id = %s"""


async def test_a_payment_whose_answer_is_lost_ends_paid_once(shop):
    scenario = Scenario(shop, Console())
    await scenario.buy_until_delivered()

    await scenario.pay_unsure_provider()  # which says what it expects

    await shop.wait_until_invariants_hold()


async def test_a_payment_that_is_decided_late_is_told_of_by_a_webhook(shop, asha):
    order = await asha.place_order(await shop.product(stock=1))

    attempt = await asha.attempt_payment("mock_delayed")

    assert attempt.status is AttemptStatus.UNDECIDED
    await shop.wait_for_status(order.order_id, "PAID", shipment="READY_TO_SHIP")

    async def webhook_is_heard():
        row = await (await shop.postgres.execute(CHARGE_OF_ORDER, [order.order_id])).fetchone()
        assert row == (True, None), row
        return True

    await eventually(webhook_is_heard, within=10)
    await shop.wait_until_invariants_hold()
