"""A mail server that was given a whole mail and does not say whether it took it."""

import asyncio
from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from chassis.testing.deliveries import deliver
from chassis.testing.eventually import eventually
from services.notifications import clients
from services.notifications.application import dispatcher as dispatcher_module
from services.notifications.application.dispatcher import LEASE, MAX_WAIT
from services.notifications.application.outcomes import COMPLETION_TIMEOUT
from services.notifications.clients import SmtpMailer
from services.notifications.tests.conftest import SHOP
from services.notifications.tests.event_factory import make_event
from tests.accounts import ADMIN, ASHA, BRAM


@pytest.fixture
def order():
    return uuid7()


@pytest.fixture
def whole_mails(scripted_smtp):
    """The recipients of mails that the server was given whole, and answers to never."""
    given = []

    async def hang():
        given.append(len(given))
        await asyncio.Event().wait()

    scripted_smtp.before_taking = hang
    return given


@pytest.fixture(autouse=True)
def short_timeouts(monkeypatch):
    monkeypatch.setattr(clients, "CONFIRMATION_TIMEOUT", 0.3)


@pytest.fixture
def counts(mail_rows):
    """Of each mail its status, how often it was refused, and how often of these it may have been taken."""

    async def counts():
        return [(row["status"], row["refusals"], row["unconfirmed"]) for row in await mail_rows()]

    return counts


def minutes_until_next(row):
    return round((row["next_try_at"] - row["queued_at"]) / timedelta(minutes=1))


async def test_a_mail_that_is_never_confirmed_is_sent_twice_more_much_later_and_then_fails(
    subscribers, send_due, scripted_smtp, whole_mails, counts, mail_rows, make_all_due, order
):
    await deliver(subscribers, make_event("order.created", order))

    await send_due(scripted_smtp.smtp)
    assert await counts() == [("QUEUED", 1, 1)]
    assert minutes_until_next((await mail_rows())[0]) == 15
    await make_all_due()
    await send_due(scripted_smtp.smtp)
    assert await counts() == [("QUEUED", 2, 2)]
    assert minutes_until_next((await mail_rows())[0]) == 60
    for _ in range(3):
        await make_all_due()
        await send_due(scripted_smtp.smtp)

    assert await counts() == [("FAILED", 3, 3)]
    assert len(whole_mails) == 3


async def test_an_admin_who_tries_again_what_was_never_confirmed_has_it_sent_once_more(
    subscribers, send_due, scripted_smtp, whole_mails, counts, mail_rows, make_all_due, client, order
):
    await deliver(subscribers, make_event("order.created", order))
    for _ in range(3):
        await send_due(scripted_smtp.smtp)
        await make_all_due()
    [row] = await mail_rows()

    await client.post(f"/notifications/v1/notifications/{row['id']}/retry", headers=ADMIN.headers)
    assert await counts() == [("QUEUED", 1, 2)]
    for _ in range(2):
        await send_due(scripted_smtp.smtp)
        await make_all_due()

    assert await counts() == [("FAILED", 2, 3)]
    assert len(whole_mails) == 4


async def test_a_mail_that_is_confirmed_late_is_sent_once(
    subscribers, send_due, scripted_smtp, counts, monkeypatch, order
):
    monkeypatch.setattr(clients, "SEND_TIMEOUT", 0.3)
    monkeypatch.setattr(clients, "CONFIRMATION_TIMEOUT", 10.0)

    async def look_at_the_mail():
        await asyncio.sleep(0.6)

    scripted_smtp.before_taking = look_at_the_mail
    await deliver(subscribers, make_event("order.created", order))

    await send_due(scripted_smtp.smtp)

    assert await counts() == [("SENT", 0, 0)]
    assert scripted_smtp.recipients == [ASHA.email]


async def test_a_mail_server_that_hangs_up_over_a_whole_mail_may_have_taken_it_though_nobody_answers_any_more(
    subscribers, send_due, scripted_smtp, counts, order
):
    async def die():
        scripted_smtp.hang_up()
        await asyncio.Event().wait()

    scripted_smtp.before_taking = die
    await deliver(subscribers, make_event("order.created", order))

    await send_due(scripted_smtp.smtp)

    assert await counts() == [("QUEUED", 1, 1)]


async def test_a_mail_server_that_hangs_before_it_is_given_the_mail_has_not_taken_it(
    subscribers, send_due, scripted_smtp, counts, monkeypatch, order
):
    monkeypatch.setattr(clients, "SEND_TIMEOUT", 0.3)
    scripted_smtp.hangs_at_data = True
    await deliver(subscribers, make_event("order.created", order))

    await send_due(scripted_smtp.smtp)

    assert await counts() == [("QUEUED", 1, 0)]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [("554 no", ("QUEUED", 1, 0)), ("451 later", ("QUEUED", 1, 0)), ("421 closing", ("QUEUED", 0, 0))],
    ids=["refused for good", "refused for now", "closing"],
)
async def test_a_whole_mail_that_is_refused_was_not_taken(
    subscribers, send_due, scripted_smtp, counts, order, reply, expected
):
    scripted_smtp.data_reply = reply
    await deliver(subscribers, make_event("order.created", order))

    await send_due(scripted_smtp.smtp)

    assert await counts() == [expected]


async def test_no_other_mail_waits_for_one_that_is_not_confirmed_nor_the_next_of_its_order(
    subscribers, send_due, scripted_smtp, whole_mails, counts, order
):
    await deliver(subscribers, make_event("order.created", order))
    await send_due(scripted_smtp.smtp)
    scripted_smtp.before_taking = None

    await deliver(
        subscribers, make_event("payment.succeeded", order), make_event("order.created", uuid7(), email=BRAM.email)
    )
    await send_due(scripted_smtp.smtp)

    assert await counts() == [("QUEUED", 1, 1), ("SENT", 0, 0), ("SENT", 0, 0)]


async def test_a_dispatcher_that_stops_leaves_what_is_not_confirmed_yet_unconfirmed(
    subscribers, make_dispatcher, scripted_smtp, whole_mails, counts, monkeypatch, order
):
    monkeypatch.setattr(clients, "CONFIRMATION_TIMEOUT", 60.0)
    monkeypatch.setattr(dispatcher_module, "DRAIN_TIMEOUT", 0.2)
    await deliver(subscribers, make_event("order.created", order))
    stopping = asyncio.Event()
    running = asyncio.create_task(make_dispatcher(scripted_smtp.smtp).run(stopping))
    await eventually(lambda: whole_mails)

    stopping.set()
    await asyncio.wait_for(running, 10)

    assert await counts() == [("QUEUED", 1, 1)]


async def test_lines_that_begin_with_a_dot_arrive_as_they_are(scripted_smtp):
    taken, take = [], scripted_smtp.handle_DATA

    async def keep(server, session, envelope):
        taken.append(envelope.original_content)
        return await take(server, session, envelope)

    scripted_smtp.handle_DATA = keep
    message = b"Message-ID: <a@shop.example>\r\n\r\n.\r\n..\r\n.hidden\r\nend.\r\n"
    mailer = SmtpMailer(scripted_smtp.smtp, SHOP)

    for _ in range(2):
        await mailer.send(message, ASHA.email)
    await mailer.close()

    assert taken == [message] * 2


def test_a_lease_lasts_longer_than_the_longest_attempt(monkeypatch):
    monkeypatch.undo()
    link_timeout, attempt = 2.0, clients.SEND_TIMEOUT + max(clients.CONFIRMATION_TIMEOUT, clients.PROBE_TIMEOUT)

    assert LEASE.total_seconds() > MAX_WAIT + link_timeout + attempt + COMPLETION_TIMEOUT
