"""What may become of a mail."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from generated.states import NotificationStatus
from services.money import Money
from services.notifications.domain import (
    ERASED_EMAIL,
    LINK_PATHS,
    RETRY_JITTER,
    Line,
    Mail,
    Notification,
    Order,
    RetryPolicy,
    is_email_address,
)

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
NOTIFICATION = Notification(UUID(int=1), "order.created", UUID(int=2), "asha@example.com", {}, NOON)


def make_mail(status=NotificationStatus.QUEUED, attempts=1):
    return Mail(UUID(int=3), NOTIFICATION, NOTIFICATION.message_id("shop.example"), NOON, status, attempts=attempts)


def test_every_copy_has_the_same_message_id():
    assert (
        NOTIFICATION.message_id("shop.example") == "<00000000-0000-0000-0000-000000000001.order.created@shop.example>"
    )


def test_what_comes_several_times_has_a_message_id_each_time():
    corrected = replace(NOTIFICATION, kind="shipping.corrected", occurrence="2")

    assert corrected.message_id("shop.example").endswith(".shipping.corrected.2@shop.example>")


@pytest.mark.parametrize(
    ("kind", "payload", "mailed"),
    [
        ("order.cancelled", {"reason": "requested"}, True),
        ("order.cancelled", {"reason": "rejected"}, False),
        ("order.cancelled", {"reason": "given-up"}, False),
        ("payment.succeeded", {"amount_cents": 12999}, True),
        ("payment.succeeded", {"amount_cents": 0}, False),
        ("shipping.ready", {}, True),
        ("account.deleted", {"email_verified": True}, True),
        ("account.deleted", {"email_verified": False}, False),
    ],
)
def test_nobody_is_mailed_who_need_not_be_told(kind, payload, mailed):
    assert replace(NOTIFICATION, kind=kind, payload=payload).is_mailed is mailed


def test_nothing_is_mailed_to_an_address_that_was_erased():
    assert NOTIFICATION.is_mailed is True
    assert replace(NOTIFICATION, recipient=ERASED_EMAIL).is_mailed is False


def test_a_mail_with_a_link_names_it():
    payload = {"link_id": str(UUID(int=7))}

    for kind in LINK_PATHS:
        assert replace(NOTIFICATION, kind=kind, payload=payload).link_id == UUID(int=7)
    assert replace(NOTIFICATION, kind="order.created", payload=payload).link_id is None


def test_a_mail_that_the_server_took_is_sent():
    queued = make_mail()

    queued.mark_sent()

    assert queued.status is NotificationStatus.SENT


def test_a_mail_that_was_given_up_and_taken_all_the_same_is_sent():
    failed = make_mail(NotificationStatus.FAILED)

    failed.mark_sent()

    assert failed.status is NotificationStatus.SENT


def test_a_mail_that_was_sent_does_not_arrive_again():
    sent = make_mail(NotificationStatus.SENT)

    with pytest.raises(ValueError, match="SENT"):
        sent.mark_sent()

    assert sent.status is NotificationStatus.SENT


def test_a_mail_server_that_is_away_is_no_fault_of_the_mail():
    attempted = make_mail(attempts=2000)

    attempted.retry_at_once()

    assert (attempted.status, attempted.rejections, attempted.retry_delay) == (
        NotificationStatus.QUEUED,
        0,
        timedelta(),
    )


def test_a_mail_refused_for_good_gets_an_hour_of_further_chances():
    rejected, elapsed = make_mail(), timedelta()
    for _ in range(RetryPolicy().max_rejections):
        assert rejected.status is NotificationStatus.QUEUED
        rejected.reject(NOON + elapsed, RetryPolicy(), permanent=True)
        elapsed += rejected.retry_delay

    assert rejected.status is NotificationStatus.FAILED
    assert timedelta(minutes=50) <= elapsed < timedelta(hours=2)


def test_a_mail_is_withdrawn_once_its_link_is_of_no_use():
    mail = make_mail()
    assert not mail.is_withdrawn

    mail.withdraw()

    assert mail.is_withdrawn is True


def test_a_mail_whose_link_cannot_be_had_waits_longer_each_time_up_to_five_minutes():
    delays = []
    for attempts in (1, 2, 3, 8, 9, 40):
        mail = replace(make_mail(), attempts=attempts)
        mail.retry_with_backoff()
        delays.append(mail.retry_delay.total_seconds())

    assert delays == [2, 4, 8, 256, 300, 300]


def test_the_pause_after_a_rejection_doubles_up_to_a_quarter_of_an_hour():
    rejected, minutes = make_mail(), []
    for _ in range(6):
        rejected.reject(NOON, RetryPolicy(), permanent=False)
        minutes.append(rejected.retry_delay / timedelta(minutes=1))

    assert minutes == [pytest.approx(pause, rel=RETRY_JITTER) for pause in (1, 2, 4, 8, 15, 15)]


def test_a_mail_refused_for_now_is_tried_for_days():
    rejected, delays = make_mail(), []
    for _ in range(300):
        rejected.reject(NOON + timedelta(days=4), RetryPolicy(), permanent=False)
        delays.append(rejected.retry_delay)

    assert rejected.status is NotificationStatus.QUEUED
    quarter_hour = timedelta(minutes=15)
    assert all((1 - RETRY_JITTER) * quarter_hour <= delay <= (1 + RETRY_JITTER) * quarter_hour for delay in delays[4:])
    assert len(set(delays)) > 250  # mails that failed together are not tried together again

    rejected.reject(NOON + timedelta(days=4, seconds=1), RetryPolicy(), permanent=False)

    assert rejected.status is NotificationStatus.FAILED


def test_a_mail_that_may_have_been_taken_is_tried_twice_more_much_later_and_counts_as_rejected():
    mail, states = make_mail(), []
    for _ in range(3):
        mail.leave_unconfirmed()
        states.append((mail.unconfirmed, mail.rejections, mail.status, mail.retry_delay))

    quarter_hour, hour = timedelta(minutes=15), timedelta(hours=1)
    assert states[:2] == [(1, 1, NotificationStatus.QUEUED, quarter_hour), (2, 2, NotificationStatus.QUEUED, hour)]
    assert states[2][:3] == (3, 3, NotificationStatus.FAILED)


@pytest.mark.parametrize("permanent", [False, True], ids=["for now", "for good"])
def test_a_mail_that_waited_for_days_for_the_mail_server_gets_an_hour_of_chances_too(permanent):
    rejected, elapsed = make_mail(), timedelta(days=5)
    for _ in range(RetryPolicy().max_rejections):
        assert rejected.status is NotificationStatus.QUEUED
        rejected.reject(NOON + elapsed, RetryPolicy(), permanent=permanent)
        elapsed += rejected.retry_delay

    assert rejected.status is NotificationStatus.FAILED
    assert elapsed >= timedelta(days=5, minutes=50)


@pytest.mark.parametrize(
    "address",
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
def test_what_is_not_exactly_one_address_is_none(address):
    assert not is_email_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "asha@example.com",
        "asha@example",
        "a" * 242 + "@example.com",
        "asha.o'neill+shop@mail.example.co.uk",
        ".a..b@example.com",
    ],
)
def test_one_plain_address_is_one(address):
    assert is_email_address(address)


def test_what_goes_out_of_an_order_is_not_in_it_any_more():
    lines = (Line("Walnut desk lamp", 2, 12999), Line("Oak chair", 1, 5000), Line("Walnut desk lamp", 1, 9999))
    order = Order(UUID(int=1), Money(40997, "EUR"), lines)
    removed = (Line("Walnut desk lamp", 1, 12999), Line("Oak chair", 1, 5000), Line("Colour card", 1, 0))

    left = order.without(Order(UUID(int=1), Money(17999, "EUR"), removed))

    kept = (Line("Walnut desk lamp", 1, 12999), Line("Walnut desk lamp", 1, 9999))
    assert left == Order(UUID(int=1), Money(22998, "EUR"), kept)


def test_no_more_goes_out_of_an_order_than_is_in_it():
    order = Order(UUID(int=1), Money(2, "EUR"), (Line("Colour card", 1, 1), Line("Colour card", 1, 1)))

    left = order.without(Order(UUID(int=1), Money(9, "EUR"), (Line("Colour card", 1, 1), Line("Colour card", 8, 1))))

    assert left == Order(UUID(int=1), Money(0, "EUR"), ())


def test_a_part_of_an_order_is_mailed_about_also_where_it_cost_nothing():
    assert replace(NOTIFICATION, kind="order.reduced", payload={"amount_cents": 0}).is_mailed
