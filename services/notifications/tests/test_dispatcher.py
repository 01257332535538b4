"""From the event to the shopper's inbox: on a real PostgreSQL and over real SMTP."""

import asyncio
import random
import re
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import ClassVar

import psycopg
import pytest
from uuid_utils.compat import uuid7

from chassis.testing.certificates import make_certificate
from chassis.testing.deliveries import deliver
from chassis.testing.eventually import eventually
from chassis.testing.faults import TcpProxy
from chassis.testing.running import running_in_background
from services.notifications import clients
from services.notifications.application import dispatcher as dispatcher_module
from services.notifications.clients import SmtpMailer
from services.notifications.domain import Notification, RetryPolicy
from services.notifications.repository import MailRepository
from services.notifications.tests.conftest import ACCOUNT_ERASURE, SHOP
from services.notifications.tests.event_factory import KINDS, make_event
from tests.accounts import ASHA, BRAM


@pytest.fixture
def order():
    return uuid7()


def message_ids(order, kinds=KINDS):
    return [f"<{order}.{kind}@shop.example>" for kind in kinds]


def message_ids_of(received_mails):
    """Their Message-IDs, without what tells apart what comes several times."""
    occurrence = re.compile(r"(corrected|reduced)[.][0-9a-f-]+@")
    return [occurrence.sub(r"\1@", message["Message-ID"]) for message, _ in received_mails]


async def test_each_event_reaches_the_shopper_as_one_mail(subscribers, send_due, received_mails, mail_rows, order):
    await deliver(subscribers, *(make_event(kind, order) for kind in KINDS))

    await send_due()
    await send_due()

    mails = await received_mails(order)
    assert message_ids_of(mails) == message_ids(order)
    assert all(
        recipients == [ASHA.email] == [a.addr_spec for a in message["To"].addresses] for message, recipients in mails
    )
    for message, _ in mails:
        for form in ("plain", "html"):
            body = message.get_body((form,)).get_content()
            assert "Walnut desk lamp" in body
            assert "259.98 EUR" in body
    assert {(row["status"], row["attempts"]) for row in await mail_rows()} == {("SENT", 1)}


async def test_news_that_arrives_twice_counts_once(subscribers, send_due, received_mails, order):
    events = [make_event(kind, order) for kind in KINDS]

    await deliver(subscribers, *events, *events)
    await send_due()
    await deliver(subscribers, *events)
    await send_due()

    assert message_ids_of(await received_mails(order)) == message_ids(order)


async def test_in_whatever_order_the_news_comes_the_same_mails_leave(subscribers, send_due, received_mails):
    random_generator = random.Random(8)  # noqa: S311 (no secret)
    rotated = [KINDS[n:] + KINDS[:n] for n in range(len(KINDS))]
    orders = {uuid7(): kinds for kinds in [*rotated, *(random_generator.sample(KINDS, len(KINDS)) for _ in range(16))]}
    for order, kinds in orders.items():
        await deliver(subscribers, *(make_event(kind, order) for kind in kinds))

    await send_due(order_details_timeout=60)

    for order in orders:
        mails = await received_mails(order)
        assert message_ids_of(mails) == message_ids(order)
        assert all("259.98 EUR" in message.get_body(("plain",)).get_content() for message, _ in mails)


async def test_a_mail_waits_for_the_lines_of_its_order(subscribers, send_due, received_mails, order):
    await deliver(subscribers, make_event("payment.succeeded", order))

    await send_due(order_details_timeout=60)
    assert await received_mails(order) == []
    await deliver(subscribers, make_event("order.created", order))
    await send_due(order_details_timeout=60)

    mails = await received_mails(order)
    assert message_ids_of(mails) == message_ids(order, ["order.created", "payment.succeeded"])
    assert "Walnut desk lamp" in mails[1][0].get_body(("plain",)).get_content()


async def test_a_mail_whose_order_stays_unknown_leaves_without_lines(subscribers, send_due, received_mails, order):
    await deliver(subscribers, make_event("shipping.dispatched", order))

    await send_due(order_details_timeout=0)

    [(message, _)] = await received_mails(order)
    assert "LX123456789IE" in message.get_body(("plain",)).get_content()
    assert "Total" not in message.get_body(("plain",)).get_content()


async def test_a_death_between_the_sending_and_the_mark_costs_one_copy_with_the_same_message_id(
    subscribers, database, send_due, received_mails, mail_rows, make_all_due, order
):
    class Crash(Exception):
        pass

    class CrashingMailRepository(MailRepository):
        async def complete(self, mails):
            raise Crash

    await deliver(subscribers, make_event("order.created", order))
    await send_due(mails=CrashingMailRepository(database))
    await send_due()
    assert message_ids_of(await received_mails(order)) == message_ids(order, ["order.created"])
    await make_all_due()
    await send_due()
    await send_due()

    assert message_ids_of(await received_mails(order)) == message_ids(order, ["order.created"]) * 2
    assert [(row["status"], row["attempts"]) for row in await mail_rows()] == [("SENT", 2)]


async def test_a_death_before_the_sending_loses_nothing(
    subscribers, send_due, received_mails, mail, make_all_due, order
):
    class CrashingMailer(SmtpMailer):
        async def send(self, message, recipient):
            raise asyncio.CancelledError

    await deliver(subscribers, make_event("order.created", order))
    await send_due(mailer=CrashingMailer(mail["smtp"], SHOP))
    await make_all_due()
    await send_due()

    assert message_ids_of(await received_mails(order)) == message_ids(order, ["order.created"])


async def test_a_database_that_is_away_for_a_moment_after_the_sending_costs_no_copy(
    subscribers, database, send_due, received_mails, mail_rows, make_all_due, order
):
    class FlakyMailRepository(MailRepository):
        failures_left = 2

        async def complete(self, mails):
            if self.failures_left:
                self.failures_left -= 1
                raise psycopg.OperationalError
            await super().complete(mails)

    await deliver(subscribers, make_event("order.created", order))

    await send_due(mails=FlakyMailRepository(database))
    await make_all_due()
    await send_due()

    assert len(await received_mails(order)) == 1
    assert [row["status"] for row in await mail_rows()] == ["SENT"]


async def test_of_several_senders_at_once_each_mail_is_sent_by_one(subscribers, send_due, received_mails):
    orders = [uuid7() for _ in range(10)]
    for order in orders:
        await deliver(subscribers, *(make_event(kind, order) for kind in KINDS))

    await asyncio.gather(*(send_due() for _ in range(3)))

    for order in orders:
        assert sorted(message_ids_of(await received_mails(order))) == sorted(message_ids(order))


async def test_what_is_queued_while_the_mail_server_is_down_arrives_when_it_is_back(
    subscribers, database, make_dispatcher, own_servers, received_mails, mail_rows, order
):
    sink = own_servers.start("mail")["mail"]
    own_servers.stop("mail")
    async with running_in_background(make_dispatcher(sink["smtp"]).run):
        await deliver(subscribers, *(make_event(kind, order) for kind in KINDS))
        await eventually(lambda: _is_attempted_and_queued(mail_rows))

        await asyncio.to_thread(own_servers.resume, "mail")

        await eventually(lambda: _is_all_sent(mail_rows), within=20)

    assert sorted(message_ids_of(await received_mails(order, sink["url"]))) == sorted(message_ids(order))
    assert {row["refusals"] for row in await mail_rows()} == {0}


async def _is_attempted_and_queued(mail_rows):
    rows = await mail_rows()
    assert {row["status"] for row in rows} == {"QUEUED"}
    return any(row["attempts"] for row in rows)


async def _is_all_sent(mail_rows):
    return {row["status"] for row in await mail_rows()} == {"SENT"}


@pytest.fixture
def self_signed(tmp_path):
    """A certificate that nobody vouches for, as a server presents it."""
    return make_certificate(tmp_path).server_context


async def test_a_mail_server_that_falls_silent_is_not_waited_for(
    subscribers, send_due, received_mails, mail_rows, make_all_due, mail, monkeypatch, order
):
    monkeypatch.setattr(clients, "SEND_TIMEOUT", 0.3)
    await deliver(subscribers, make_event("order.created", order))

    async with TcpProxy(int(mail["smtp"].rpartition(":")[2])) as proxy:
        proxy.hold()
        await send_due(f"127.0.0.1:{proxy.port}")
        assert [row["status"] for row in await mail_rows()] == ["QUEUED"]

    await make_all_due()
    await send_due()

    assert [row["status"] for row in await mail_rows()] == ["SENT"]
    assert set(message_ids_of(await received_mails(order))) == set(message_ids(order, ["order.created"]))


async def test_a_mail_server_that_falls_silent_in_the_middle_of_a_mail_is_no_fault_of_the_mail(
    subscribers, send_due, mail_rows, mail, monkeypatch, order
):
    async with TcpProxy(int(mail["smtp"].rpartition(":")[2])) as proxy:

        class StallingMailer(SmtpMailer):
            async def _connect(self):
                await super()._connect()
                proxy.hold()

        monkeypatch.setattr(clients, "SEND_TIMEOUT", 0.3)
        monkeypatch.setattr(clients, "PROBE_TIMEOUT", 0.3)
        await deliver(subscribers, make_event("order.created", order))
        await send_due(mailer=StallingMailer(f"127.0.0.1:{proxy.port}", SHOP))

    assert [(row["status"], row["refusals"]) for row in await mail_rows()] == [("QUEUED", 0)]


async def test_mails_on_which_the_server_hangs_keep_no_other_waiting(
    subscribers, make_dispatcher, scripted_smtp, mail_rows, monkeypatch
):
    monkeypatch.setattr(clients, "SEND_TIMEOUT", 0.5)
    hanging = [f"hangs{n}@example.com" for n in range(5)]
    fine = [f"fine{n}@example.com" for n in range(20)]
    scripted_smtp.unresponsive.update(hanging)
    for recipient in (*hanging, *fine):
        await deliver(subscribers, make_event("order.created", uuid7(), email=recipient))

    async with running_in_background(make_dispatcher(scripted_smtp.smtp).run):
        await eventually(lambda: sorted(scripted_smtp.recipients) == sorted(fine))
        await eventually(lambda: _is_rejected(mail_rows, hanging))

    rows = [row for row in await mail_rows() if row["recipient"] in hanging]
    assert [(row["status"], row["attempts"]) for row in rows] == [("QUEUED", 1)] * 5
    assert all(row["next_try_at"] > row["queued_at"] + timedelta(seconds=40) for row in rows)


async def test_a_mail_on_which_the_server_hangs_delays_no_other_that_was_claimed_with_it(
    subscribers, make_dispatcher, scripted_smtp, mail_rows
):
    fine = [f"fine{n}@example.com" for n in range(12)]
    scripted_smtp.unresponsive.add("hangs@example.com")
    for recipient in ("hangs@example.com", *fine):
        await deliver(subscribers, make_event("order.created", uuid7(), email=recipient))
    dispatcher = make_dispatcher(scripted_smtp.smtp)

    sending = asyncio.create_task(dispatcher.send_due(asyncio.Event()))
    rows = await eventually(lambda: _all_but_one_are_sent(mail_rows), within=clients.SEND_TIMEOUT / 2)
    sending.cancel()

    assert [row["recipient"] for row in rows if row["status"] == "QUEUED"] == ["hangs@example.com"]
    assert {row["attempts"] for row in rows} == {1}


async def _all_but_one_are_sent(mail_rows):
    rows = await mail_rows()
    return len([row for row in rows if row["status"] == "QUEUED"]) == 1 and rows


async def test_mails_that_were_sent_while_others_are_being_marked_are_marked_together(
    subscribers, database, send_due, mail_rows
):
    class SlowMailRepository(MailRepository):
        batches: ClassVar[list[int]] = []

        async def complete(self, mails):
            self.batches.append(len(mails))
            if len(self.batches) == 1:
                await asyncio.sleep(0.5)
            await super().complete(mails)

    for _ in range(9):
        await deliver(subscribers, make_event("order.created", uuid7()))

    await send_due(mails=SlowMailRepository(database))

    assert {row["status"] for row in await mail_rows()} == {"SENT"}
    assert sum(SlowMailRepository.batches) == 9
    assert SlowMailRepository.batches[1] > 1


async def test_a_dispatcher_that_stops_gives_back_what_it_has_not_begun(
    subscribers, make_dispatcher, scripted_smtp, mail_rows
):
    stopping, delivered = asyncio.Event(), []

    class StoppingMailer(SmtpMailer):
        async def send(self, message, recipient):
            stopping.set()
            await super().send(message, recipient)
            delivered.append(recipient)

    for _ in range(4):
        await deliver(subscribers, make_event("order.created", uuid7()))

    await make_dispatcher(scripted_smtp.smtp, mailer=StoppingMailer(scripted_smtp.smtp, SHOP)).run(stopping)

    rows = await mail_rows()
    assert len(delivered) == 1
    assert sorted(row["status"] for row in rows) == ["QUEUED"] * 3 + ["SENT"]
    now = datetime.now(UTC)
    assert all(row["next_try_at"] <= now and row["refusals"] == 0 for row in rows if row["status"] == "QUEUED")


async def test_a_mail_that_waited_for_a_connection_until_its_lease_runs_short_is_given_back_and_sent(
    subscribers, send_due, scripted_smtp, mail_rows, monkeypatch
):
    monkeypatch.setattr(dispatcher_module, "MAX_WAIT", 1.0)
    monkeypatch.setattr(clients, "SEND_TIMEOUT", 1.5)
    scripted_smtp.unresponsive.add(ASHA.email)
    await deliver(subscribers, make_event("order.created", uuid7()))
    await deliver(subscribers, make_event("order.created", uuid7(), email=BRAM.email))

    await send_due(scripted_smtp.smtp, mailer=SmtpMailer(scripted_smtp.smtp, SHOP))

    assert scripted_smtp.recipients == [BRAM.email]
    assert [(row["status"], row["attempts"], row["refusals"]) for row in await mail_rows()] == [
        ("QUEUED", 1, 1),
        ("SENT", 2, 0),
    ]


async def _is_rejected(mail_rows, recipients):
    return {row["recipient"] for row in await mail_rows() if row["refusals"]} == set(recipients)


async def test_a_mail_on_which_the_server_always_hangs_fails_in_the_end_and_its_shopper_sees_it(
    subscribers, send_due, scripted_smtp, client, mail_rows, make_all_due, monkeypatch, order
):
    monkeypatch.setattr(clients, "SEND_TIMEOUT", 0.2)
    scripted_smtp.unresponsive.add(ASHA.email)
    await deliver(subscribers, make_event("order.created", order))

    await send_due(scripted_smtp.smtp)
    assert [row["status"] for row in await mail_rows()] == ["QUEUED"]
    await make_all_due()
    await send_due(scripted_smtp.smtp, policy=RetryPolicy(max_rejections=2, give_up_after=timedelta()))
    await make_all_due()
    await send_due(scripted_smtp.smtp)

    assert [(row["status"], row["attempts"]) for row in await mail_rows()] == [("FAILED", 2)]
    reply = await client.get("/notifications/v1/notifications", params={"order_id": str(order)}, headers=ASHA.headers)
    assert [item["status"] for item in reply.json()["items"]] == ["FAILED"]


async def test_a_recipient_refused_for_good_blocks_nobody_and_fails_in_the_end(
    subscribers, send_due, scripted_smtp, mail_rows, make_all_due, order
):
    scripted_smtp.replies[ASHA.email] = "550 no such mailbox"
    await deliver(
        subscribers, make_event("order.created", order), make_event("order.created", uuid7(), email=BRAM.email)
    )

    for _ in range(RetryPolicy().max_rejections - 1):
        await send_due(scripted_smtp.smtp)
        await make_all_due()
    assert [row["status"] for row in await mail_rows()] == ["QUEUED", "SENT"]
    await send_due(scripted_smtp.smtp)
    await make_all_due()
    await send_due(scripted_smtp.smtp)

    rows = await mail_rows()
    assert [row["status"] for row in rows] == ["FAILED", "SENT"]
    assert [row["attempts"] for row in rows] == [RetryPolicy().max_rejections, 1]
    assert scripted_smtp.recipients == [BRAM.email]


@pytest.mark.parametrize(
    "email",
    ["asha@localhost", "a..b@example.com", ".asha.@example.com", "!#$%&'*+/=?^_`{|}~-@b.ie",
     "asha@xn--bcher-kva.example", f"{'x' * 70}@example.com", f"x@{'.'.join(['y' * 63] * 3)}.{'z' * 60}"],
    ids=["no dot", "two dots", "dots at the ends", "signs", "another script", "long name", "longest"],
)  # fmt: skip
async def test_whoever_has_an_address_that_a_browser_submits_is_mailed(
    subscribers, send_due, scripted_smtp, mail_rows, order, email
):
    await deliver(subscribers, make_event("order.created", order, email=email))

    await send_due(scripted_smtp.smtp)

    assert [row["status"] for row in await mail_rows()] == ["SENT"]
    assert scripted_smtp.recipients == [email]


async def test_a_mail_too_large_for_the_server_is_refused_and_lets_the_next_of_its_order_go(
    subscribers, send_due, scripted_smtp, mail_rows, make_all_due, order
):
    scripted_smtp.max_size = 100
    await deliver(subscribers, make_event("order.created", order))
    await send_due(scripted_smtp.smtp)

    scripted_smtp.max_size = None
    await deliver(subscribers, make_event("payment.succeeded", order))
    await send_due(scripted_smtp.smtp)

    assert [(row["status"], row["refusals"]) for row in await mail_rows()] == [("QUEUED", 1), ("SENT", 0)]


@pytest.mark.parametrize("reply", ["450 come back later", "550 relaying denied"], ids=["for now", "for good"])
async def test_a_recipient_refused_once_gets_the_mail_later(
    subscribers, send_due, scripted_smtp, mail_rows, make_all_due, order, reply
):
    scripted_smtp.replies[ASHA.email] = reply
    await deliver(subscribers, make_event("order.created", order))

    await send_due(scripted_smtp.smtp)
    await send_due(scripted_smtp.smtp)
    assert [(row["status"], row["attempts"]) for row in await mail_rows()] == [("QUEUED", 1)]
    scripted_smtp.replies.clear()
    await make_all_due()
    await send_due(scripted_smtp.smtp)

    assert [row["status"] for row in await mail_rows()] == ["SENT"]
    assert scripted_smtp.recipients == [ASHA.email]


async def test_a_mail_server_whose_certificate_is_not_good_counts_against_no_mail(
    subscribers, send_due, scripted_smtp, mail_rows, self_signed, order
):
    scripted_smtp.tls = self_signed
    await deliver(subscribers, make_event("order.created", order))

    await send_due(scripted_smtp.smtp, policy=RetryPolicy(max_rejections=1))

    assert scripted_smtp.recipients == []
    assert [(row["status"], row["refusals"]) for row in await mail_rows()] == [("QUEUED", 0)]


async def test_a_mail_server_that_is_closing_counts_against_no_mail(
    subscribers, send_due, scripted_smtp, mail_rows, order
):
    scripted_smtp.replies[ASHA.email] = "421 closing"
    await deliver(subscribers, make_event("order.created", order))

    await send_due(scripted_smtp.smtp)

    assert [(row["status"], row["refusals"]) for row in await mail_rows()] == [("QUEUED", 0)]


async def test_a_mail_that_cannot_be_made_blocks_nobody(
    unit_of_work, subscribers, send_due, received_mails, mail_rows, order
):
    async with unit_of_work() as work:
        event = make_event("shipping.dispatched", order)
        notification = Notification(
            uuid7(), event.type, event.user_id, event.user_email, {"carrier": "no number"}, event.timestamp
        )
        await work.mails.add(notification, notification.message_id("shop.example"), ACCOUNT_ERASURE)
    await deliver(subscribers, event)

    await send_due()

    assert message_ids_of(await received_mails(order)) == message_ids(order, ["shipping.dispatched"])
    assert [(row["status"], row["refusals"]) for row in await mail_rows()] == [("QUEUED", 1), ("SENT", 0)]


async def test_a_mail_that_nobody_can_hand_over_blocks_nobody_and_fails_in_the_end(
    subscribers, send_due, mail, mail_rows, make_all_due, order
):
    class FaultyMailer(SmtpMailer):
        async def send(self, message, recipient):
            if recipient == BRAM.email:
                raise IndexError("a header that the library cannot fold")
            await super().send(message, recipient)

    await deliver(
        subscribers, make_event("order.created", order, email=BRAM.email), make_event("order.created", uuid7())
    )

    for _ in range(2):
        await send_due(mailer=FaultyMailer(mail["smtp"], SHOP), policy=RetryPolicy(2, timedelta()))
        await make_all_due()

    assert [(row["status"], row["refusals"]) for row in await mail_rows()] == [("FAILED", 2), ("SENT", 0)]


@pytest.mark.parametrize(
    ("max_mails", "connections"), [(100, 1), (3, ceil(len(KINDS) / 3))], ids=["a burst", "more than one may carry"]
)
async def test_a_burst_goes_over_as_few_connections_as_may_carry_it_and_none_stays_open(
    subscribers, send_due, scripted_smtp, monkeypatch, order, max_mails, connections
):
    monkeypatch.setattr(clients, "MAX_MAILS_PER_CONNECTION", max_mails)
    await deliver(subscribers, *(make_event(kind, order) for kind in KINDS))

    await send_due(scripted_smtp.smtp)

    assert scripted_smtp.recipients == [ASHA.email] * len(KINDS)
    assert scripted_smtp.quit_count == connections


async def test_a_mail_that_waits_for_its_order_is_sent_as_soon_as_the_order_is_known(
    make_subscribers, make_dispatcher, scripted_smtp, monkeypatch, order
):
    monkeypatch.setattr(dispatcher_module, "POLL_INTERVAL", 30)
    dispatcher = make_dispatcher(scripted_smtp.smtp, order_details_timeout=60)
    subscribers = make_subscribers(dispatcher.wake)

    async with running_in_background(dispatcher.run):
        await deliver(subscribers, make_event("payment.succeeded", order), make_event("shipping.ready", order))
        await deliver(subscribers, make_event("order.created", order))
        await eventually(lambda: len(scripted_smtp.message_ids) == 3)

    assert scripted_smtp.message_ids == message_ids(order, ["order.created", "payment.succeeded", "shipping.ready"])


async def test_a_connection_is_kept_for_the_next_mail_and_ended_when_there_is_none(
    make_subscribers, make_dispatcher, scripted_smtp, monkeypatch
):
    mailer = SmtpMailer(scripted_smtp.smtp, SHOP)
    dispatcher = make_dispatcher(scripted_smtp.smtp, mailer=mailer)
    subscribers = make_subscribers(dispatcher.wake)

    async with running_in_background(dispatcher.run):
        for sent in range(1, 4):
            await deliver(subscribers, make_event("order.created", uuid7()))
            await eventually(lambda sent=sent: len(scripted_smtp.recipients) == sent)
        assert (scripted_smtp.connection_count, scripted_smtp.quit_count) == (1, 0)

        monkeypatch.setattr(clients, "MAX_IDLE", 0)
        await eventually(lambda: scripted_smtp.quit_count == 1)

    assert scripted_smtp.connection_count == scripted_smtp.quit_count == 1


async def test_a_mail_server_that_ended_a_kept_connection_meanwhile_counts_against_no_mail(
    subscribers, make_dispatcher, scripted_smtp, mail_rows
):
    dispatcher = make_dispatcher(scripted_smtp.smtp, mailer=SmtpMailer(scripted_smtp.smtp, SHOP))
    for sent in range(1, 3):
        await deliver(subscribers, make_event("order.created", uuid7()))
        await dispatcher.send_due(asyncio.Event())
        scripted_smtp.hang_up()
        await eventually(lambda sent=sent: scripted_smtp.lost_count == sent)
    await dispatcher.drain()

    assert {(row["status"], row["attempts"]) for row in await mail_rows()} == {("SENT", 1)}
    assert scripted_smtp.connection_count == 2


async def test_a_queued_mail_is_sent_at_once_and_stopping_does_not_wait(
    make_subscribers, make_dispatcher, mail, mail_rows, received_mails
):
    dispatcher, orders, delays = make_dispatcher(mail["smtp"]), [uuid7() for _ in range(9)], []
    subscribers = make_subscribers(dispatcher.wake)

    async with running_in_background(dispatcher.run):
        for order in orders:
            await deliver(subscribers, make_event("order.created", order))
            started_at = asyncio.get_running_loop().time()
            await eventually(lambda: _is_all_sent(mail_rows))
            delays.append(asyncio.get_running_loop().time() - started_at)

    # Without being woken half of them would take 0.5 s and more.
    assert sorted(delays)[len(delays) // 2] < 0.3
    for order in orders:
        assert len(await received_mails(order)) == 1
