"""What Prometheus is told of mails, on a real PostgreSQL and over real SMTP."""

from prometheus_client.parser import text_string_to_metric_families
from uuid_utils.compat import uuid7

from services.chassis.metrics import exposition
from services.chassis.testing.callers import ASHA
from services.notifications.domain import RetryPolicy
from services.notifications.figures import queued
from services.notifications.tests.happenings import KINDS, event, hear


async def told(database):
    families = text_string_to_metric_families((await exposition([queued(database)])).decode())
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


async def test_mails_are_told_of_while_they_wait_and_counted_once_they_are_sent(database, subscribers, send_due):
    order = uuid7()
    before = await told(database)

    await hear(subscribers, *(event(kind, order) for kind in KINDS))
    waiting = await told(database)
    await send_due()
    after = await told(database)

    assert (before["shop_mails_queued",], before["shop_mails_oldest_queued_age_seconds",]) == (0, 0)
    assert waiting["shop_mails_queued",] == len(KINDS)
    assert waiting["shop_mails_oldest_queued_age_seconds",] > 0
    assert after["shop_mails_queued",] == 0
    assert after["shop_mails_total", "SENT"] == before["shop_mails_total", "SENT"] + len(KINDS)
    assert after["shop_mails_total", "FAILED"] == before["shop_mails_total", "FAILED"]


async def test_tries_that_failed_are_counted_by_their_reason(database, subscribers, send_due, strict_server):
    strict_server.says[ASHA.email] = "550 no such mailbox"
    before = await told(database)
    await hear(subscribers, event("order.created", uuid7()))

    await send_due(strict_server.smtp, policy=RetryPolicy(max_rejections=1))
    after = await told(database)

    assert after["shop_mail_failures_total", "refused"] == before["shop_mail_failures_total", "refused"] + 1
    assert after["shop_mails_total", "FAILED"] == before["shop_mails_total", "FAILED"] + 1
