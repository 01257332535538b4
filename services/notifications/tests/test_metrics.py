"""What Prometheus is told of mails, on a real PostgreSQL and over real SMTP."""

from prometheus_client.parser import text_string_to_metric_families
from uuid_utils.compat import uuid7

from chassis.runtime.metrics import render_exposition
from chassis.testing.deliveries import deliver
from services.notifications.domain import RetryPolicy
from services.notifications.metrics import queued_mails_collector
from services.notifications.tests.event_factory import KINDS, make_event
from tests.accounts import ASHA


async def scrape(database):
    families = text_string_to_metric_families((await render_exposition([queued_mails_collector(database)])).decode())
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


async def test_mails_are_told_of_while_they_wait_and_counted_once_they_are_sent(database, subscribers, send_due):
    order = uuid7()
    before = await scrape(database)

    await deliver(subscribers, *(make_event(kind, order) for kind in KINDS))
    waiting = await scrape(database)
    await send_due()
    after = await scrape(database)

    assert (before["mails_queued",], before["mails_oldest_queued_age_seconds",]) == (0, 0)
    assert waiting["mails_queued",] == len(KINDS)
    assert waiting["mails_oldest_queued_age_seconds",] > 0
    assert after["mails_queued",] == 0
    assert after["mails_total", "SENT"] == before["mails_total", "SENT"] + len(KINDS)
    assert after["mails_total", "FAILED"] == before["mails_total", "FAILED"]


async def test_tries_that_failed_are_counted_by_their_reason(database, subscribers, send_due, scripted_smtp):
    scripted_smtp.replies[ASHA.email] = "550 no such mailbox"
    before = await scrape(database)
    await deliver(subscribers, make_event("order.created", uuid7()))

    await send_due(scripted_smtp.smtp, policy=RetryPolicy(max_rejections=1))
    after = await scrape(database)

    assert after["mail_failures_total", "refused"] == before["mail_failures_total", "refused"] + 1
    assert after["mails_total", "FAILED"] == before["mails_total", "FAILED"] + 1
