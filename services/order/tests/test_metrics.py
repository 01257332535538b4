"""What Prometheus is told of orders, on a real PostgreSQL."""

from datetime import UTC, datetime, timedelta

from uuid_utils.compat import uuid7

from chassis.runtime.metrics import render_exposition
from generated.states import OrderStatus
from services.order.metrics import unsettled_orders_collector
from services.order.tests.conftest import LAMP


async def told(database):
    lines = (await render_exposition([unsettled_orders_collector(database)])).decode().splitlines()
    return {line for line in lines if line.startswith("orders_")}


async def test_orders_are_counted_by_what_they_wait_for(database, orders, an_order):
    for settled in (OrderStatus.PAID, OrderStatus.CANCELLED, OrderStatus.REJECTED):
        await an_order(settled, payment_window=timedelta(minutes=-1))
    await orders.postpone((await an_order(OrderStatus.PENDING)).id)
    await an_order(payment_window=timedelta(minutes=15))
    await an_order(payment_window=timedelta(minutes=-1))
    reduced = await an_order(OrderStatus.PAID)
    reduced.request_partial_cancellation(uuid7(), {LAMP: 1}, datetime.now(UTC))
    await orders.save(reduced)
    cancelled = await an_order()
    cancelled.request_cancellation()
    await orders.save(cancelled)

    assert await told(database) == {
        'orders_unsettled{state="PENDING"} 1.0',
        'orders_unsettled{state="CREATED"} 3.0',
        'orders_unsettled{state="CANCELLING"} 1.0',
        'orders_unsettled{state="REDUCING"} 1.0',
        "orders_overdue 1.0",
        "orders_postponed 1.0",
    }
