"""Shipments on a real PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from uuid_utils.compat import uuid7

from chassis.data.migrations import downgrade, upgrade
from chassis.data.retention import RetentionRule, apply_retention_rules
from chassis.testing.databases import schema_drift
from generated.states import ShipmentStatus
from services.money import Money
from services.shipping.domain import Item, Label, Recipient, Shipment
from services.shipping.outgoing_events import shipping_dispatched_event
from services.shipping.repository import PURGE_TOMBSTONES
from services.shipping.tables import metadata
from tests.accounts import ASHA

MIGRATIONS = Path(__file__).parents[1] / "alembic"

ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")
QUAY = Recipient(ASHA.id, ASHA.email, "12 Quay Street", "Apartment 3", "Galway", "IE", "H91 XY00")
POST = Label("An Post", "AP123456789IE")
AMOUNT = Money(25998, "EUR")
ITEMS = (Item(UUID(int=5), "Walnut desk lamp", 1), Item(UUID(int=6), "Oak chair", 2))


@pytest.fixture
def keep(unit_of_work):
    """Keep a shipment of the order in that state."""

    async def keep(status, recipient=QUAY, label=None, items=ITEMS):
        async with unit_of_work() as work:
            begun = await work.shipments.lock_or_create(ORDER)
            kept = Shipment(begun.id, ORDER, recipient, status, label, AMOUNT, items)
            await work.shipments.save(kept)
        return kept

    return keep


@pytest.mark.parametrize("recipient", [QUAY, replace(QUAY, address_line2=None)], ids=["two lines", "one line"])
@pytest.mark.parametrize("items", [ITEMS, ()], ids=["of two products", "of what nobody said"])
async def test_a_shipment_is_read_as_it_was_stored(keep, shipments, recipient, items):
    kept = await keep(ShipmentStatus.DISPATCHED, recipient, POST, items)

    assert await shipments.find_by_order(ORDER) == await shipments.find(kept.id) == kept


async def test_an_order_has_one_shipment_however_many_begin_it_at_once(unit_of_work, shipments):
    async def begin(work):
        shipment = await work.shipments.lock_or_create(ORDER)
        await work.shipments.save(shipment)
        return shipment.id

    ids = await asyncio.gather(*(unit_of_work.run(begin) for _ in range(10)))

    assert set(ids) == {(await shipments.find_by_order(ORDER)).id}


async def test_a_failed_transaction_stores_no_shipment(unit_of_work, shipments):
    with pytest.raises(RuntimeError, match="died"):
        async with unit_of_work() as work:
            await work.shipments.save(await work.shipments.lock_or_create(ORDER))
            raise RuntimeError("died before the commit")

    assert await shipments.find_by_order(ORDER) is None


async def test_a_change_and_its_event_are_committed_together_or_not_at_all(
    keep, unit_of_work, shipments, read_outbox_types
):
    kept = await keep(ShipmentStatus.READY_TO_SHIP)

    with pytest.raises(RuntimeError, match="died"):
        async with unit_of_work() as work:
            shipment = await work.shipments.lock(kept.id)
            shipment.dispatch(POST)
            await work.shipments.save(shipment)
            await work.publish(shipping_dispatched_event(shipment))
            raise RuntimeError("died before the commit")

    assert await shipments.find_by_order(ORDER) == kept
    assert await read_outbox_types() == []


@pytest.mark.parametrize(("recipient", "label"), [(None, POST), (QUAY, None)], ids=["to nobody", "without a number"])
async def test_the_database_rejects_dispatching_an_unready_shipment(keep, shipments, recipient, label):
    with pytest.raises(psycopg.errors.CheckViolation):
        await keep(ShipmentStatus.DISPATCHED, recipient, label)

    assert await shipments.find_by_order(ORDER) is None


async def test_only_tombstones_of_undrafted_orders_are_purged_after_their_retention(
    database, unit_of_work, shipments, monkeypatch
):
    cases = [(ShipmentStatus.CANCELLED, None)] * 5 + [
        (ShipmentStatus.CANCELLED, QUAY),
        (ShipmentStatus.READY_TO_SHIP, None),
    ]
    kept = {}
    async with unit_of_work() as work:
        for status, recipient in cases:
            begun = await work.shipments.lock_or_create(uuid7())
            kept[begun.order_id] = Shipment(begun.id, begun.order_id, recipient, status)
            await work.shipments.save(kept[begun.order_id])
    *tombstones, cancelled, paid = kept

    assert await database.execute(PURGE_TOMBSTONES, retention=timedelta(days=1), batch=9) == 0
    rule = RetentionRule("tombstones", PURGE_TOMBSTONES, timedelta(seconds=-1), batch=2)
    await apply_retention_rules(database, [rule], asyncio.Event())

    assert not any([await shipments.find_by_order(order_id) for order_id in tombstones])
    assert [await shipments.find_by_order(order_id) for order_id in (cancelled, paid)] == [kept[cancelled], kept[paid]]


def test_the_migrations_match_the_tables_and_can_be_downgraded(migrated_database_url):
    url = migrated_database_url("shipping")

    downgrade(MIGRATIONS, url, "base")
    upgrade(MIGRATIONS, url)

    assert schema_drift(url, metadata) == []


def test_addresses_of_the_first_version_are_kept_as_answers_may_say_them(migrated_database_url):
    url = migrated_database_url("shipping")
    downgrade(MIGRATIONS, url, "base")
    upgrade(MIGRATIONS, url, "0001")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO shipping.shipments"
            " (order_id, id, user_id, user_email, address_line1, address_line2, city, country, postcode, status)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, 'HK', '-', 'PENDING_PAYMENT')",
            [ORDER, ORDER, ASHA.id, ASHA.email, "12\u202e Quay", "\u3164", "\u200b"],
        )

    upgrade(MIGRATIONS, url)

    with psycopg.connect(url, autocommit=True) as connection:
        address = connection.execute(
            "SELECT address_line1, address_line2, city, country, postcode FROM shipping.shipments"
        ).fetchone()
        connection.execute("DELETE FROM shipping.shipments")
    assert address == ("12 Quay", None, "-", "HK", None)
