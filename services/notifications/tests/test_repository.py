"""Mails on a real PostgreSQL."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from services.chassis.migrations import downgrade, upgrade
from services.chassis.testing.databases import drift
from services.money import Money
from services.notifications.domain import Line, RetryPolicy, Status
from services.notifications.tables import metadata
from services.notifications.tests.happenings import KINDS, event, hear

ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")
NOW, LONG = timedelta(), timedelta(minutes=1)


async def settled(mails, taken):
    """The mail that was taken, once it is sent."""
    mail, _ = taken
    mail.arrive()
    await mails.settle(mail)
    return mail


async def test_a_mail_comes_with_all_that_is_told_in_it(mails, subscribers):
    await hear(subscribers, event("order.created", ORDER), told := event("shipping.dispatched", ORDER))

    await settled(mails, await mails.take(NOW, LONG))
    mail, order = await mails.take(NOW, LONG)

    assert (mail.news.order_id, mail.news.kind, mail.news.recipient) == (ORDER, told.type, told.user_email)
    assert mail.news.facts["tracking_number"] == "LX123456789IE"
    assert mail.news.happened_at == told.timestamp
    assert (mail.status, mail.attempts, mail.refusals) == (Status.QUEUED, 1, 0)
    assert (order.total, order.lines) == (Money(25998, "EUR"), (Line("Walnut desk lamp", 2, 12999),))


async def test_mails_leave_in_the_order_in_which_things_happened(mails, subscribers):
    await hear(subscribers, *(event(kind, ORDER) for kind in reversed(KINDS)))

    taken = [(await settled(mails, await mails.take(NOW, LONG))).news.kind for _ in KINDS]

    assert taken == list(KINDS)
    assert await mails.take(NOW, LONG) is None


async def test_of_many_that_take_at_once_each_gets_another_mail(mails, subscribers):
    orders = [uuid7() for _ in range(8)]
    for order in orders:
        await hear(subscribers, event("order.created", order), event("shipping.ready", order))

    taken = await asyncio.gather(*(mails.take(NOW, LONG) for _ in range(12)))

    assert sorted(one[0].news.order_id for one in taken if one) == orders


async def test_a_mail_that_has_failed_keeps_no_later_one_of_its_order_and_no_other_waiting(mails, subscribers):
    other = uuid7()
    await hear(
        subscribers, event("order.created", ORDER), event("shipping.ready", ORDER), event("order.created", other)
    )
    failed, _ = await mails.take(NOW, LONG)
    failed.refuse(failed.queued_at, RetryPolicy(), for_good=False)
    failed.wait = timedelta(seconds=-60)  # it is due again, and for longer than the others
    await mails.settle(failed)

    taken = [(await mails.take(NOW, LONG))[0] for _ in range(3)]

    news = [(mail.news.order_id, mail.news.kind) for mail in taken]
    assert news == [(ORDER, "shipping.ready"), (other, "order.created"), (ORDER, "order.created")]


@pytest.mark.parametrize("kind", ["shipping.dispatched", "shipping.corrected"])
async def test_a_mail_that_leaves_after_a_correction_names_the_number_that_is_right(mails, subscribers, all_due, kind):
    wrong, right = (
        event(kind, ORDER, tracking_number="LX-1"),
        event("shipping.corrected", ORDER, tracking_number="LX-2"),
    )
    await hear(subscribers, event("order.created", ORDER), wrong)
    await settled(mails, await mails.take(NOW, LONG))
    refused, _ = await mails.take(NOW, LONG)
    refused.refuse(refused.queued_at, RetryPolicy(), for_good=False)
    await mails.settle(refused)

    await hear(subscribers, right, event("shipping.delivered", ORDER))
    on_time = [(await settled(mails, await mails.take(NOW, LONG))).news for _ in range(2)]
    await all_due()
    late = (await mails.take(NOW, LONG))[0].news

    assert refused.news.facts["tracking_number"] == "LX-1"
    assert [news.kind for news in on_time] == ["shipping.corrected", "shipping.delivered"]
    assert (late.kind, late.facts["tracking_number"]) == (kind, "LX-2")
    assert late.facts == on_time[0].facts


async def test_a_mail_whose_sender_dies_each_time_is_not_sent_all_the_time(mails, subscribers, ledger, all_due):
    await hear(subscribers, event("order.created", ORDER))
    leases = []
    for _ in range(9):
        await mails.take(NOW, LONG)
        [row] = await ledger()
        leases.append((row["next_try_at"] - row["queued_at"]) / LONG)
        await all_due()

    assert [round(lease) for lease in leases] == [1, 2, 4, 8, 16, 32, 64, 64, 64]


async def test_a_mail_is_taken_again_only_when_the_lease_ends(mails, subscribers, all_due):
    await hear(subscribers, event("order.created", ORDER))
    await mails.take(NOW, LONG)

    assert await mails.take(NOW, LONG) is None
    await all_due()

    assert (await mails.take(NOW, LONG))[0].attempts == 2


async def test_who_took_too_long_to_be_refused_cannot_disturb_who_sends_now(mails, subscribers, ledger, all_due):
    await hear(subscribers, event("order.created", ORDER))
    slow, _ = await mails.take(NOW, LONG)
    await all_due()
    await mails.take(NOW, LONG)
    before = await ledger()

    slow.refuse(slow.queued_at, RetryPolicy(), for_good=True)
    await mails.settle(slow)

    assert await ledger() == before


async def test_who_took_too_long_to_send_it_has_sent_it_all_the_same(mails, subscribers, ledger, all_due):
    await hear(subscribers, event("order.created", ORDER))
    slow, _ = await mails.take(NOW, LONG)
    await all_due()
    second, _ = await mails.take(NOW, LONG)

    slow.arrive()
    await mails.settle(slow)
    second.refuse(second.queued_at, RetryPolicy(), for_good=True)
    await mails.settle(second)

    [row] = await ledger()
    assert (row["status"], row["refusals"]) == ("SENT", 0)


async def test_a_mail_waits_for_its_order_but_not_for_ever(mails, subscribers):
    await hear(subscribers, event("payment.succeeded", ORDER))

    assert await mails.take(LONG, LONG) is None
    mail, order = await mails.take(NOW, LONG)

    assert (mail.news.kind, order) == ("payment.succeeded", None)


def test_the_migrations_make_the_tables_the_code_believes_in_and_can_be_undone(database_url_for):
    url = database_url_for("notifications")

    downgrade("notifications", url, "base")
    upgrade("notifications", url)

    assert drift(url, metadata) == []
