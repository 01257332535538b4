"""Mails on a real PostgreSQL."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from psycopg import sql
from uuid_utils.compat import uuid7

from chassis.data.database import Transaction
from chassis.data.migrations import downgrade, upgrade
from chassis.testing.databases import schema_drift
from chassis.testing.deliveries import deliver
from generated.states import NotificationStatus
from services.money import Money
from services.notifications.domain import Line, RetryPolicy
from services.notifications.repository import CLAIM_DUE_MAILS
from services.notifications.tables import metadata
from services.notifications.tests.event_factory import KINDS, make_event

MIGRATIONS = Path(__file__).parents[1] / "alembic"

ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")
FILL = """
INSERT INTO notifications.mails
    (id, order_id, kind, user_id, recipient, facts, happened_at, message_id, status, sent_at)
SELECT gen_random_uuid(), gen_random_uuid(), 'order.created', gen_random_uuid(), '', '{}', now(), '', 'SENT', now()
FROM generate_series(1, 5000)"""
ZERO, ONE_MINUTE = timedelta(), timedelta(minutes=1)


async def complete_as_sent(mails, claimed):
    """The claimed mail, once it is sent."""
    mail, _ = claimed
    mail.mark_sent()
    await mails.complete([mail])
    return mail


async def claim_one(mails, order_details_timeout=ZERO):
    """The (mail, order) that is due for the longest, or None."""
    claimed = await mails.claim(1, order_details_timeout, ONE_MINUTE)
    return claimed[0] if claimed else None


async def test_a_mail_comes_with_all_that_is_told_in_it(mails, subscribers):
    await deliver(subscribers, make_event("order.created", ORDER), event := make_event("shipping.dispatched", ORDER))

    await complete_as_sent(mails, await claim_one(mails))
    mail, order = await claim_one(mails)

    assert (mail.notification.order_id, mail.notification.kind, mail.notification.recipient) == (
        ORDER,
        event.type,
        event.user_email,
    )
    assert mail.notification.payload["tracking_number"] == "LX123456789IE"
    assert mail.notification.happened_at == event.timestamp
    assert (mail.status, mail.attempts, mail.rejections) == (NotificationStatus.QUEUED, 1, 0)
    assert (order.total, order.lines) == (Money(25998, "EUR"), (Line("Walnut desk lamp", 2, 12999),))


async def test_mails_leave_in_the_order_in_which_things_happened(mails, subscribers):
    await deliver(subscribers, *(make_event(kind, ORDER) for kind in reversed(KINDS)))

    claimed = [(await complete_as_sent(mails, await claim_one(mails))).notification.kind for _ in KINDS]

    assert claimed == list(KINDS)
    assert await claim_one(mails) is None


async def test_of_many_that_take_at_once_each_gets_another_mail(mails, subscribers):
    orders = [uuid7() for _ in range(8)]
    for order in orders:
        await deliver(subscribers, make_event("order.created", order), make_event("shipping.ready", order))

    claimed = await asyncio.gather(*(claim_one(mails) for _ in range(12)))

    assert sorted(mail[0].notification.order_id for mail in claimed if mail) == orders


async def test_a_mail_that_has_failed_keeps_no_later_one_of_its_order_and_no_other_waiting(mails, subscribers):
    other = uuid7()
    await deliver(
        subscribers,
        make_event("order.created", ORDER),
        make_event("shipping.ready", ORDER),
        make_event("order.created", other),
    )
    failed, _ = await claim_one(mails)
    failed.reject(failed.queued_at, RetryPolicy(), permanent=False)
    failed.retry_delay = timedelta(seconds=-60)  # it is due again, and for longer than the others
    await mails.complete([failed])

    claimed = [(await claim_one(mails))[0] for _ in range(3)]

    notification = [(mail.notification.order_id, mail.notification.kind) for mail in claimed]
    assert notification == [(ORDER, "shipping.ready"), (other, "order.created"), (ORDER, "order.created")]


@pytest.mark.parametrize("kind", ["shipping.dispatched", "shipping.corrected"])
async def test_a_mail_that_leaves_after_a_correction_names_the_number_that_is_right(
    mails, subscribers, make_all_due, kind
):
    wrong, right = (
        make_event(kind, ORDER, tracking_number="LX-1"),
        make_event("shipping.corrected", ORDER, tracking_number="LX-2"),
    )
    await deliver(subscribers, make_event("order.created", ORDER), wrong)
    await complete_as_sent(mails, await claim_one(mails))
    rejected, _ = await claim_one(mails)
    rejected.reject(rejected.queued_at, RetryPolicy(), permanent=False)
    await mails.complete([rejected])

    await deliver(subscribers, right, make_event("shipping.delivered", ORDER))
    on_time = [(await complete_as_sent(mails, await claim_one(mails))).notification for _ in range(2)]
    await make_all_due()
    late = (await claim_one(mails))[0].notification

    assert rejected.notification.payload["tracking_number"] == "LX-1"
    assert [notification.kind for notification in on_time] == ["shipping.corrected", "shipping.delivered"]
    assert (late.kind, late.payload["tracking_number"]) == (kind, "LX-2")
    assert late.payload == on_time[0].payload


async def test_a_mail_whose_sender_dies_each_time_is_not_sent_all_the_time(mails, subscribers, mail_rows, make_all_due):
    await deliver(subscribers, make_event("order.created", ORDER))
    leases = []
    for _ in range(9):
        await claim_one(mails)
        [row] = await mail_rows()
        leases.append((row["next_try_at"] - row["queued_at"]) / ONE_MINUTE)
        await make_all_due()

    assert [round(lease) for lease in leases] == [1, 2, 4, 8, 16, 32, 64, 64, 64]


async def test_a_mail_is_taken_again_only_when_the_lease_ends(mails, subscribers, make_all_due):
    await deliver(subscribers, make_event("order.created", ORDER))
    await claim_one(mails)

    assert await claim_one(mails) is None
    await make_all_due()

    assert (await claim_one(mails))[0].attempts == 2


async def test_who_took_too_long_to_be_refused_cannot_disturb_who_sends_now(
    mails, subscribers, mail_rows, make_all_due
):
    await deliver(subscribers, make_event("order.created", ORDER))
    slow, _ = await claim_one(mails)
    await make_all_due()
    await claim_one(mails)
    before = await mail_rows()

    slow.reject(slow.queued_at, RetryPolicy(), permanent=True)
    await mails.complete([slow])

    assert await mail_rows() == before


async def test_who_took_too_long_to_send_it_has_sent_it_all_the_same(mails, subscribers, mail_rows, make_all_due):
    await deliver(subscribers, make_event("order.created", ORDER))
    slow, _ = await claim_one(mails)
    await make_all_due()
    second, _ = await claim_one(mails)

    slow.mark_sent()
    await mails.complete([slow])
    second.reject(second.queued_at, RetryPolicy(), permanent=True)
    await mails.complete([second])

    [row] = await mail_rows()
    assert (row["status"], row["refusals"]) == ("SENT", 0)


async def test_a_mail_waits_for_its_order_but_not_for_ever(mails, subscribers):
    await deliver(subscribers, make_event("payment.succeeded", ORDER))

    assert await claim_one(mails, ONE_MINUTE) is None
    mail, order = await claim_one(mails)

    assert (mail.notification.kind, order) == ("payment.succeeded", None)


async def test_a_claim_is_planned_once_for_all_and_reads_only_what_is_queued(subscribers, database):
    await deliver(subscribers, make_event("order.created", ORDER))
    claim = {"max_rows": 4, "order_details_timeout": ZERO, "lease_seconds": 0.0}
    async with database.dedicated_connection() as connection:
        await connection.execute(FILL)
        await connection.execute("ANALYZE notifications.mails")
        for _ in range(12):
            assert len(await Transaction(connection).fetch_all(CLAIM_DUE_MAILS, **claim)) == 1

        planned = await connection.execute(
            "SELECT name, custom_plans, generic_plans FROM pg_prepared_statements WHERE statement LIKE 'WITH due%'"
        )
        [(name, custom, generic)] = await planned.fetchall()
        names = dict.fromkeys(re.findall(r"%\((\w+)\)s", CLAIM_DUE_MAILS.sql))
        values = sql.SQL(", ").join(sql.Literal(CLAIM_DUE_MAILS.parameters(claim)[name]) for name in names)
        explained = await connection.execute(sql.SQL("EXPLAIN EXECUTE {}({})").format(sql.Identifier(name), values))
        plan = "\n".join(line for (line,) in await explained.fetchall())

    assert (custom, generic) == (5, 7), plan
    assert "Index Scan using mails_due" in plan
    assert "Seq Scan on mails" not in plan


def test_the_migrations_match_the_tables_and_can_be_downgraded(migrated_database_url):
    url = migrated_database_url("notifications")

    downgrade(MIGRATIONS, url, "base")
    upgrade(MIGRATIONS, url)

    assert schema_drift(url, metadata) == []
