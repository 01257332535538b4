"""Orders on a real PostgreSQL."""

import psycopg
import pytest
from uuid_utils.compat import uuid7

from services.chassis.migrations import downgrade, upgrade
from services.chassis.testing.callers import ASHA
from services.chassis.testing.databases import drift
from services.order.announcements import created
from services.order.domain import Reason, Status
from services.order.tables import metadata


async def test_an_order_comes_back_as_it_was_kept(orders, an_order):
    order = await an_order()

    assert await orders.find(order.id) == order


async def test_a_line_of_a_cart_is_ordered_at_most_once(orders, an_order):
    order = await an_order()
    order.id = uuid7()

    with pytest.raises(psycopg.errors.UniqueViolation, match="lines_a_cart_line_is_ordered_once"):
        await orders.add(order)


async def test_a_rejected_order_gives_its_lines_back(orders, an_order):
    order = await an_order(Status.PENDING)
    line_ids = [line.line_id for line in order.lines]
    assert await orders.ordered_from(ASHA.id, line_ids) == {line_ids[0]: order.id}

    order.reject(Reason.REJECTED)
    await orders.save(order)

    assert await orders.ordered_from(ASHA.id, line_ids) == {}


async def test_a_change_and_its_announcement_are_kept_together_or_not_at_all(unit_of_work, an_order, orders, announced):
    order = await an_order(Status.PENDING)

    with pytest.raises(RuntimeError, match="died"):
        async with unit_of_work() as work:
            locked = await work.orders.locked(order.id)
            locked.confirm()
            await work.orders.save(locked)
            await work.announce(created(locked))
            raise RuntimeError("died before the commit")

    assert (await orders.find(order.id)).status is Status.PENDING
    assert await announced() == []


def test_the_migrations_make_the_tables_the_code_believes_in_and_can_be_undone(database_url_for):
    url = database_url_for("order")

    downgrade("order", url, "base")
    upgrade("order", url)

    assert drift(url, metadata) == []
