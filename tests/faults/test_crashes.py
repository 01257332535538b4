"""Each service killed right after a commit and started again: all is completed, nothing lost or doubled."""

import asyncio
import os
import signal
from contextlib import suppress
from uuid import uuid4

import psycopg
import pytest

from features.shop.money import PRICE
from generated.clients.order import CheckoutGivenUp
from generated.models.payment import PaymentStatus
from infra.local import control
from tests.faults.retrying_client import check_out_despite_crashes, retry_until_available
from tests.shop import CHECK_OUT

pytestmark = pytest.mark.usefixtures("invariants_hold_afterwards")
# By what the shopper's address shows up in, the commit that was made.
COUNT_ORDERS_IN_STATUS = "SELECT 1 FROM orders.orders WHERE user_email = %s AND status = '{}'"
COUNT_RESERVATIONS_IN_STATUS = """
SELECT 1 FROM catalog.reservations r JOIN orders.orders o ON o.id = r.order_id
WHERE user_email = %s AND r.status = '{}'"""
COUNT_PAYMENTS_IN_STATUS = "SELECT 1 FROM payment.payments WHERE user_email = %s AND status = '{}'"
COUNT_SHIPMENTS_IN_STATUS = "SELECT 1 FROM shipping.shipments WHERE user_email = %s AND status = '{}'"
COUNT_MAILS_OF_KIND = "SELECT 1 FROM notifications.mails WHERE recipient = %s AND kind = '{}'"
AFTER_CHECKOUT = {
    "order": COUNT_ORDERS_IN_STATUS.format("CREATED"),
    "catalog": COUNT_RESERVATIONS_IN_STATUS.format("HELD"),
    "shipping": COUNT_SHIPMENTS_IN_STATUS.format("PENDING_PAYMENT"),
    "payment": COUNT_PAYMENTS_IN_STATUS.format("PENDING"),
    "notifications": COUNT_MAILS_OF_KIND.format("order.created"),
}
AFTER_PAYMENT = {
    "order": COUNT_ORDERS_IN_STATUS.format("PAID"),
    "catalog": COUNT_RESERVATIONS_IN_STATUS.format("COMMITTED"),
    "shipping": COUNT_SHIPMENTS_IN_STATUS.format("READY_TO_SHIP"),
    "payment": COUNT_PAYMENTS_IN_STATUS.format("SUCCEEDED"),
    "notifications": COUNT_MAILS_OF_KIND.format("payment.succeeded"),
}


async def kill_once(shop, service, committed, email):
    """Kill the service the moment that its commit can be seen; the supervisor starts it again."""
    pid = await asyncio.to_thread(control.wait_ready, shop.run_dir, service)
    async with await psycopg.AsyncConnection.connect(shop.manifest["postgres"], autocommit=True) as connection:
        async with asyncio.timeout(30):
            while await (await connection.execute(committed, [email])).fetchone() is None:
                pass  # no pause: what comes next in the service must not have the time
        os.kill(pid, signal.SIGKILL)
    await asyncio.to_thread(control.wait_ready, shop.run_dir, service, 60, pid)


@pytest.mark.parametrize("service", AFTER_CHECKOUT)
async def test_a_service_killed_after_its_part_in_a_checkout_loses_and_doubles_nothing(shop, asha, service):
    lamp = await shop.product(stock=5)
    await asha.add_to_cart(lamp)

    killed = asyncio.create_task(kill_once(shop, service, AFTER_CHECKOUT[service], asha.email))
    order_id = await check_out_despite_crashes(asha)
    await killed

    paid = await retry_until_available(lambda: asha.pay(PRICE, order_id))
    await shop.wait_for_status(order_id, "PAID", shipment="READY_TO_SHIP")
    assert paid.status is PaymentStatus.SUCCEEDED
    assert await shop.available(lamp) == 4


async def test_a_checkout_with_a_key_has_one_end_although_its_service_was_killed(shop, asha):
    lamp, key = await shop.product(stock=5), str(uuid4())
    await asha.add_to_cart(lamp)
    begun = "SELECT 1 FROM orders.orders WHERE user_email = %s"

    async def ending():
        with suppress(CheckoutGivenUp):  # the service came back after the sweeper's time
            await retry_until_available(lambda: asha.check_out(key=key))
        (response,) = shop.transport.last_responses(CHECK_OUT, 1)
        return response

    killed = asyncio.create_task(kill_once(shop, "order", begun, asha.email))
    first = await ending()
    await killed

    again = await ending()
    assert again.content == first.content
    await shop.wait_until_invariants_hold()
    assert await shop.available(lamp) == (4 if first.status_code == 201 else 5)


@pytest.mark.parametrize("service", AFTER_PAYMENT)
async def test_a_service_killed_after_its_part_in_a_payment_loses_and_doubles_nothing(shop, asha, service):
    lamp = await shop.product(stock=5)
    order = await asha.place_order(lamp)

    killed = asyncio.create_task(kill_once(shop, service, AFTER_PAYMENT[service], asha.email))
    paid = await retry_until_available(asha.pay)
    await killed

    again = await asha.pay()
    await shop.wait_for_status(order.order_id, "PAID", shipment="READY_TO_SHIP")
    assert again == paid
    assert await shop.available(lamp) == 4


AFTER_PARTIAL_CANCELLATION = {
    "order": "SELECT 1 FROM orders.changes c JOIN orders.orders o ON o.id = order_id WHERE user_email = %s",
    "shipping": "SELECT 1 FROM shipping.shipments WHERE user_email = %s AND change_ids <> '{}'",
    "catalog": """SELECT 1 FROM catalog.reservations r JOIN orders.orders o ON o.id = r.order_id
        WHERE user_email = %s AND returned <> '{}'""",
    "payment": "SELECT 1 FROM payment.refunds r JOIN payment.payments p USING (order_id) WHERE user_email = %s",
    "notifications": COUNT_MAILS_OF_KIND.format("order.reduced"),
}


@pytest.mark.parametrize("service", AFTER_PARTIAL_CANCELLATION)
async def test_a_service_killed_after_its_part_in_a_partial_cancellation_loses_and_doubles_nothing(shop, asha, service):
    lamp, key = await shop.product(stock=5), str(uuid4())
    order = await shop.order_in_status("PAID", asha, lamp, qty=3)

    killed = asyncio.create_task(kill_once(shop, service, AFTER_PARTIAL_CANCELLATION[service], asha.email))
    change = await retry_until_available(lambda: asha.cancel_items(lamp, key=key))
    await killed

    await shop.wait_until_invariants_hold()
    assert [one.id for one in (await asha.get_order()).changes] == [change.id]
    assert await shop.states(order.order_id) == ("PAID", "COMMITTED", "SUCCEEDED", "READY_TO_SHIP")
    assert await shop.available(lamp) == 3


AFTER_RETURN = {
    "order": "SELECT 1 FROM orders.changes c JOIN orders.orders o ON o.id = order_id"
    " WHERE user_email = %s AND c.status = 'RECEIVED'",
    **{name: AFTER_PARTIAL_CANCELLATION[name] for name in ("catalog", "payment", "notifications")},
}


@pytest.mark.parametrize("service", AFTER_RETURN)
async def test_a_service_killed_after_its_part_in_a_return_loses_and_doubles_nothing(shop, asha, service):
    lamp = await shop.product(stock=5)
    order = await shop.order_in_status("PAID", asha, lamp, qty=2)
    await shop.warehouse.dispatch(order.order_id)
    await shop.warehouse.deliver(order.order_id)
    await shop.wait_until_invariants_hold()
    asked = await asha.request_return(lamp, 2)

    killed = asyncio.create_task(kill_once(shop, service, AFTER_RETURN[service], asha.email))
    await retry_until_available(lambda: shop.warehouse.receive_return(order.order_id, asked.id))
    await killed

    await shop.wait_for_status(order.order_id, "REFUNDED")
    await shop.wait_until_invariants_hold()
    assert await shop.states(order.order_id) == ("REFUNDED", "RETURNED", "REFUNDED", "DELIVERED")
    assert await shop.available(lamp) == 5
