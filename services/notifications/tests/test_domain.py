"""What may become of a mail."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.notifications.domain import JITTER, Mail, News, RetryPolicy, Status, is_one_address

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
NEWS = News(UUID(int=1), "order.created", UUID(int=2), "asha@example.com", {}, NOON)


def mail(status=Status.QUEUED, attempts=1):
    return Mail(UUID(int=3), NEWS, NEWS.message_id("shop.example"), NOON, status, attempts=attempts)


def test_every_copy_has_the_same_message_id():
    assert NEWS.message_id("shop.example") == "<00000000-0000-0000-0000-000000000001.order.created@shop.example>"


def test_a_mail_that_the_server_took_is_sent():
    queued = mail()

    queued.arrive()

    assert queued.status is Status.SENT


@pytest.mark.parametrize("status", [Status.SENT, Status.FAILED])
def test_a_mail_that_is_done_with_does_not_arrive(status):
    done = mail(status)

    with pytest.raises(ValueError, match=status):
        done.arrive()

    assert done.status is status


def test_a_mail_server_that_is_away_is_no_fault_of_the_mail():
    tried = mail(attempts=2000)

    tried.put_off()

    assert (tried.status, tried.refusals, tried.wait) == (Status.QUEUED, 0, timedelta())


def test_a_mail_refused_for_good_gets_an_hour_of_further_chances():
    refused, spent = mail(), timedelta()
    while refused.status is Status.QUEUED:
        refused.refuse(NOON + spent, RetryPolicy(), for_good=True)
        spent += refused.wait

    assert refused.refusals == RetryPolicy().max_rejections
    assert timedelta(minutes=50) <= spent < timedelta(hours=2)


def test_a_mail_refused_for_now_is_tried_for_days():
    refused, waits = mail(), []
    for _ in range(300):
        refused.refuse(NOON + timedelta(days=4), RetryPolicy(), for_good=False)
        waits.append(refused.wait)

    assert refused.status is Status.QUEUED
    quarter = timedelta(minutes=15)
    assert all((1 - JITTER) * quarter <= wait <= (1 + JITTER) * quarter for wait in waits[4:])
    assert len(set(waits)) > 250  # mails that failed together are not tried together again

    refused.refuse(NOON + timedelta(days=4, seconds=1), RetryPolicy(), for_good=False)

    assert refused.status is Status.FAILED


@pytest.mark.parametrize("for_good", [False, True], ids=["for now", "for good"])
def test_a_mail_that_waited_for_days_for_the_mail_server_gets_an_hour_of_chances_too(for_good):
    refused, spent = mail(), timedelta(days=5)
    while refused.status is Status.QUEUED:
        refused.refuse(NOON + spent, RetryPolicy(), for_good=for_good)
        spent += refused.wait

    assert refused.refusals == RetryPolicy().max_rejections
    assert spent >= timedelta(days=5, minutes=50)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "@",
        "asha",
        "asha@example.com, eve@example.com",
        "asha@example.com,eve@example.com",
        "asha@example.com;eve@example.com",
        "asha@example.com eve@example.com",
        "Eve <asha@example.com>",
        "<asha@example.com>",
        '"asha"@example.com',
        "asha@example.com\n",
        "asha@example.com\r\nBcc: eve@example.com",
        "asha\x00@example.com",
        "asha@example.com\u2028",
        "asha@exämple.com",
        "a" * 243 + "@example.com",
        "asha@[127.0.0.1]",
        "asha@example.com>ORCPT=eve",
    ],
)
def test_what_is_not_exactly_one_address_is_none(said):
    assert not is_one_address(said)


@pytest.mark.parametrize(
    "said", ["asha@example.com", "asha@example", "asha.o'neill+shop@mail.example.co.uk", ".a..b@example.com"]
)
def test_one_plain_address_is_one(said):
    assert is_one_address(said)
