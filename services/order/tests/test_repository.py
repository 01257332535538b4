"""Orders on a real PostgreSQL."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from uuid_utils.compat import uuid7

from chassis.data.migrations import downgrade, upgrade
from chassis.data.retention import apply_retention_rules
from chassis.testing.databases import schema_drift
from generated.states import OrderStatus
from services.order.application.outgoing_events import order_created_event
from services.order.domain import CancelReason
from services.order.repository import REJECTED_ORDERS_RETENTION_RULE
from services.order.tables import metadata

MIGRATIONS = Path(__file__).parents[1] / "alembic"


async def test_an_order_is_read_as_it_was_stored(orders, an_order):
    order = await an_order()

    assert await orders.find(order.id) == order


async def test_a_line_of_a_cart_is_ordered_at_most_once(orders, an_order):
    order = await an_order()
    order.id = uuid7()

    with pytest.raises(psycopg.errors.UniqueViolation, match="lines_a_cart_line_is_ordered_once"):
        await orders.add(order)


async def test_a_rejected_order_gives_its_lines_back(orders, an_order):
    order = await an_order(OrderStatus.PENDING)
    order.reject(CancelReason.REJECTED)
    await orders.save(order)

    order.id, order.status = uuid7(), OrderStatus.CREATED
    await orders.add(order)
    state = await orders.lock_prior_orders(order.shopper, [line.line_id for line in order.lines])
    assert state.ordered == {line.line_id: order.id for line in order.lines}


async def test_a_shopper_has_one_checkout_under_way_at_most(an_order):
    await an_order(OrderStatus.PENDING)

    with pytest.raises(psycopg.errors.UniqueViolation, match="orders_one_checkout_at_a_time"):
        await an_order(OrderStatus.PENDING)


async def test_only_rejected_orders_are_purged_after_their_retention(database, an_order, statuses):
    for status in OrderStatus:
        await an_order(status)

    rule = REJECTED_ORDERS_RETENTION_RULE
    await apply_retention_rules(database, [rule._replace(retention=timedelta(days=1))], asyncio.Event())
    assert len(await statuses()) == len(OrderStatus)
    await apply_retention_rules(database, [rule._replace(retention=timedelta(seconds=-1))], asyncio.Event())

    assert await statuses() == sorted(set(OrderStatus) - {OrderStatus.REJECTED})


async def test_a_change_and_its_event_are_committed_together_or_not_at_all(
    unit_of_work, an_order, orders, read_outbox_types
):
    order = await an_order(OrderStatus.PENDING)

    with pytest.raises(RuntimeError, match="died"):
        async with unit_of_work() as work:
            locked = await work.orders.lock(order.id)
            locked.confirm()
            await work.orders.save(locked)
            await work.publish(order_created_event(locked))
            raise RuntimeError("died before the commit")

    assert (await orders.find(order.id)).status is OrderStatus.PENDING
    assert await read_outbox_types() == []


def test_the_migrations_match_the_tables_and_can_be_downgraded(migrated_database_url):
    url = migrated_database_url("order")

    downgrade(MIGRATIONS, url, "base")
    upgrade(MIGRATIONS, url)

    assert schema_drift(url, metadata) == []


def test_texts_of_the_first_version_that_no_answer_may_say_are_cleaned(migrated_database_url):
    url = migrated_database_url("order")
    downgrade(MIGRATIONS, url, "base")
    upgrade(MIGRATIONS, url, "0001")
    order = UUID(int=1)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO orders.orders (id, user_id, user_email, status, currency, address_line1, address_line2, city,"
            " country, postcode, created_at, pay_by)"
            " VALUES (%s, %s, 'asha@example.com', 'PAID', 'EUR', %s, %s, %s, 'UK', '-', now(), now())",
            [order, order, "12\u202e Quay", "\u3164", "\u200b"],
        )
        connection.execute(
            "INSERT INTO orders.lines"
            " (order_id, position, line_id, product_id, title, qty, unit_price_cents, priced_at)"
            " VALUES (%s, 0, %s, %s, 'Lamp\u200e', 1, 1, now())",
            [order, order, order],
        )

    upgrade(MIGRATIONS, url)

    with psycopg.connect(url, autocommit=True) as connection:
        address = connection.execute(
            "SELECT address_line1, address_line2, city, country, postcode FROM orders.orders"
        ).fetchone()
        title = connection.execute("SELECT title FROM orders.lines").fetchone()
        connection.execute("DELETE FROM orders.lines")
        connection.execute("DELETE FROM orders.orders")
    assert address == ("12 Quay", None, "-", "UK", None)
    assert title == ("Lamp",)
