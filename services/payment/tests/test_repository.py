"""Payments on a real PostgreSQL."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from chassis.data.migrations import downgrade, upgrade
from chassis.data.retention import RetentionRule, apply_retention_rules
from chassis.testing.databases import schema_drift
from generated.states import AttemptStatus, PaymentStatus
from services.money import Money
from services.payment.domain import AmountDue, AttemptResult, Failure, Payment
from services.payment.outgoing_events import payment_succeeded_event
from services.payment.repository import PURGE_TOMBSTONES
from services.payment.tables import metadata
from tests.accounts import ASHA

MIGRATIONS = Path(__file__).parents[1] / "alembic"

ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")
DECLINED = Failure("card_declined", datetime(2026, 1, 5, 12, tzinfo=UTC))


def pending():
    return Payment(UUID(int=1), ORDER, AmountDue(ASHA.id, ASHA.email, Money(25998, "EUR")))


async def test_a_payment_is_read_as_it_was_stored(payments):
    kept = pending()
    await payments.upsert(kept)
    kept.begin_attempt(UUID(int=5), "ref")
    kept.failures.append(DECLINED)

    await payments.save(kept)

    assert await payments.find(ORDER) == kept


async def test_upserting_an_expected_payment_again_changes_nothing(payments):
    await payments.upsert(pending())

    await payments.upsert(Payment(UUID(int=2), ORDER, AmountDue(UUID(int=7), "bram@example.com", Money(1, "USD"))))

    assert await payments.find(ORDER) == pending()


async def test_what_is_due_is_filled_in_where_only_the_cancellation_was_known(payments):
    await payments.upsert(Payment(UUID(int=1), ORDER, None, PaymentStatus.VOIDED))

    await payments.upsert(pending())

    kept = await payments.find(ORDER)
    assert (kept.status, kept.due) == (PaymentStatus.VOIDED, pending().due)


async def test_a_change_and_its_event_are_committed_together_or_not_at_all(unit_of_work, payments, read_outbox_types):
    await payments.upsert(pending())

    with pytest.raises(RuntimeError, match="died"):
        async with unit_of_work() as work:
            payment = await work.payments.lock(ORDER)
            await work.attempts.add(payment.begin_attempt(UUID(int=5), "ref"))
            payment.end_attempt(UUID(int=5), AttemptResult(AttemptStatus.CHARGED), DECLINED.failed_at)
            await work.payments.save(payment)
            await work.publish(payment_succeeded_event(payment, "mock"))
            raise RuntimeError("died before the commit")

    assert (await payments.find(ORDER)).status is PaymentStatus.PENDING
    assert await read_outbox_types() == []


async def test_only_tombstones_of_unknown_orders_are_purged_after_their_retention(database, payments, monkeypatch):
    tombstones, due = [uuid7() for _ in range(5)], pending().due
    for order_id in tombstones:
        await payments.upsert(Payment(uuid7(), order_id, None, PaymentStatus.VOIDED))
    known = [Payment(uuid7(), uuid7(), due, status) for status in PaymentStatus if status != "PROCESSING"]
    for payment in known:
        await payments.upsert(payment)

    assert await database.execute(PURGE_TOMBSTONES, retention=timedelta(days=1), batch=9) == 0
    rule = RetentionRule("tombstones", PURGE_TOMBSTONES, timedelta(seconds=-1), batch=2)
    await apply_retention_rules(database, [rule], asyncio.Event())

    assert not any([await payments.find(order_id) for order_id in tombstones])
    assert [await payments.find(payment.order_id) for payment in known] == known


def test_the_migrations_match_the_tables_and_can_be_downgraded(migrated_database_url):
    url = migrated_database_url("payment")

    downgrade(MIGRATIONS, url, "base")
    upgrade(MIGRATIONS, url)

    assert schema_drift(url, metadata) == []
