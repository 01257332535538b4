"""From the event to the shopper's inbox: on a real PostgreSQL and over real SMTP."""

import asyncio
import random
import re
import ssl
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from uuid_utils.compat import uuid7

from services.chassis.outbox import Bell
from services.chassis.testing.callers import ASHA, BRAM
from services.chassis.testing.eventually import eventually
from services.chassis.testing.faults import Line
from services.chassis.testing.running import running
from services.chassis.unit_of_work import UnitOfWork
from services.notifications import clients
from services.notifications.clients import SmtpMailer
from services.notifications.domain import News, RetryPolicy
from services.notifications.repository import Mails, NotificationsWork
from services.notifications.sending import DUTY
from services.notifications.subscribers import NotificationsSubscribers
from services.notifications.tests.conftest import SHOP
from services.notifications.tests.happenings import KINDS, event, hear


@pytest.fixture
def order():
    return uuid7()


def ids(order, kinds=KINDS):
    return [f"<{order}.{kind}@shop.example>" for kind in kinds]


def ids_of(arrived):
    """Their Message-IDs, without the event's id in that of a correction."""
    return [re.sub(r"(corrected)[.][0-9a-f-]+@", r"\1@", message["Message-ID"]) for message, _ in arrived]


async def test_each_event_reaches_the_shopper_as_one_mail(subscribers, send_due, arrived, ledger, order):
    await hear(subscribers, *(event(kind, order) for kind in KINDS))

    await send_due()
    await send_due()

    mails = await arrived(order)
    assert ids_of(mails) == ids(order)
    assert all(to == [ASHA.email] == [a.addr_spec for a in message["To"].addresses] for message, to in mails)
    for message, _ in mails:
        for form in ("plain", "html"):
            body = message.get_body((form,)).get_content()
            assert "Walnut desk lamp" in body
            assert "259.98 EUR" in body
    assert {(row["status"], row["attempts"]) for row in await ledger()} == {("SENT", 1)}


async def test_news_that_arrives_twice_counts_once(subscribers, send_due, arrived, order):
    all_news = [event(kind, order) for kind in KINDS]

    await hear(subscribers, *all_news, *all_news)
    await send_due()
    await hear(subscribers, *all_news)
    await send_due()

    assert ids_of(await arrived(order)) == ids(order)


async def test_in_whatever_order_the_news_comes_the_same_mails_leave(subscribers, send_due, arrived):
    shuffled = random.Random(8)  # noqa: S311 (no secret)
    rotated = [KINDS[n:] + KINDS[:n] for n in range(len(KINDS))]
    orders = {uuid7(): kinds for kinds in [*rotated, *(shuffled.sample(KINDS, len(KINDS)) for _ in range(16))]}
    for order, kinds in orders.items():
        await hear(subscribers, *(event(kind, order) for kind in kinds))

    await send_due(patience=60)

    for order in orders:
        mails = await arrived(order)
        assert ids_of(mails) == ids(order)
        assert all("259.98 EUR" in message.get_body(("plain",)).get_content() for message, _ in mails)


async def test_a_mail_waits_for_the_lines_of_its_order(subscribers, send_due, arrived, order):
    await hear(subscribers, event("payment.succeeded", order))

    await send_due(patience=60)
    assert await arrived(order) == []
    await hear(subscribers, event("order.created", order))
    await send_due(patience=60)

    mails = await arrived(order)
    assert ids_of(mails) == ids(order, ["order.created", "payment.succeeded"])
    assert "Walnut desk lamp" in mails[1][0].get_body(("plain",)).get_content()


async def test_a_mail_whose_order_stays_unknown_leaves_without_lines(subscribers, send_due, arrived, order):
    await hear(subscribers, event("shipping.dispatched", order))

    await send_due(patience=0)

    [(message, _)] = await arrived(order)
    assert "LX123456789IE" in message.get_body(("plain",)).get_content()
    assert "Total" not in message.get_body(("plain",)).get_content()


async def test_a_death_between_the_sending_and_the_mark_costs_one_copy_with_the_same_message_id(
    subscribers, database, send_due, arrived, ledger, all_due, order
):
    class Died(Exception):
        pass

    class Dying(Mails):
        async def settle(self, mail):
            raise Died

    await hear(subscribers, event("order.created", order))
    await send_due(mails=Dying(database))
    await send_due()
    assert ids_of(await arrived(order)) == ids(order, ["order.created"])
    await all_due()
    await send_due()
    await send_due()

    assert ids_of(await arrived(order)) == ids(order, ["order.created"]) * 2
    assert [(row["status"], row["attempts"]) for row in await ledger()] == [("SENT", 2)]


async def test_a_death_before_the_sending_loses_nothing(subscribers, send_due, arrived, mail, all_due, order):
    class Dying(SmtpMailer):
        async def send(self, message, recipient):
            raise asyncio.CancelledError

    await hear(subscribers, event("order.created", order))
    await send_due(mailer=Dying(mail["smtp"], SHOP))
    await all_due()
    await send_due()

    assert ids_of(await arrived(order)) == ids(order, ["order.created"])


async def test_a_database_that_is_away_for_a_moment_after_the_sending_costs_no_copy(
    subscribers, database, send_due, arrived, ledger, all_due, order
):
    class Flickering(Mails):
        away = 2

        async def settle(self, mail):
            if self.away:
                self.away -= 1
                raise psycopg.OperationalError
            await super().settle(mail)

    await hear(subscribers, event("order.created", order))

    await send_due(mails=Flickering(database))
    await all_due()
    await send_due()

    assert len(await arrived(order)) == 1
    assert [row["status"] for row in await ledger()] == ["SENT"]


async def test_of_several_senders_at_once_each_mail_is_sent_by_one(subscribers, send_due, arrived):
    orders = [uuid7() for _ in range(10)]
    for order in orders:
        await hear(subscribers, *(event(kind, order) for kind in KINDS))

    await asyncio.gather(*(send_due() for _ in range(3)))

    for order in orders:
        assert sorted(ids_of(await arrived(order))) == sorted(ids(order))


async def test_what_is_queued_while_the_mail_server_is_down_arrives_when_it_is_back(
    subscribers, database, sender_to, own_backing, arrived, ledger, order
):
    sink = own_backing.start("mail")["mail"]
    own_backing.stop("mail")
    async with running(sender_to(sink["smtp"]).run):
        await hear(subscribers, *(event(kind, order) for kind in KINDS))
        await eventually(lambda: _tried_and_waiting(ledger))

        await asyncio.to_thread(own_backing.resume, "mail")

        await eventually(lambda: _all_sent(ledger), within=20)

    assert sorted(ids_of(await arrived(order, sink["url"]))) == sorted(ids(order))
    assert {row["refusals"] for row in await ledger()} == {0}


async def _tried_and_waiting(ledger):
    rows = await ledger()
    assert {row["status"] for row in rows} == {"QUEUED"}
    return any(row["attempts"] for row in rows)


async def _all_sent(ledger):
    return {row["status"] for row in await ledger()} == {"SENT"}


@pytest.fixture
def self_signed(tmp_path):
    """A certificate that nobody vouches for, as a server presents it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "mail.pem"
    unencrypted = Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    file.write_bytes(key.private_bytes(*unencrypted) + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def test_a_mail_server_that_falls_silent_is_not_waited_for(
    subscribers, send_due, arrived, ledger, all_due, mail, monkeypatch, order
):
    monkeypatch.setattr(clients, "LONGEST", 0.3)
    await hear(subscribers, event("order.created", order))

    async with Line(int(mail["smtp"].rpartition(":")[2])) as line:
        line.hold()
        await send_due(f"127.0.0.1:{line.port}")
        assert [row["status"] for row in await ledger()] == ["QUEUED"]

    await all_due()
    await send_due()

    assert [row["status"] for row in await ledger()] == ["SENT"]
    assert set(ids_of(await arrived(order))) == set(ids(order, ["order.created"]))


async def test_a_mail_server_that_falls_silent_in_the_middle_of_a_mail_is_no_fault_of_the_mail(
    subscribers, send_due, ledger, mail, monkeypatch, order
):
    async with Line(int(mail["smtp"].rpartition(":")[2])) as line:

        class Holding(SmtpMailer):
            async def _connect(self):
                await super()._connect()
                line.hold()

        monkeypatch.setattr(clients, "LONGEST", 0.3)
        monkeypatch.setattr(clients, "LONGEST_GREETING", 0.3)
        await hear(subscribers, event("order.created", order))
        await send_due(mailer=Holding(f"127.0.0.1:{line.port}", SHOP))

    assert [(row["status"], row["refusals"]) for row in await ledger()] == [("QUEUED", 0)]


async def test_mails_on_which_the_server_hangs_keep_no_other_waiting(
    subscribers, sender_to, strict_server, ledger, monkeypatch
):
    monkeypatch.setattr(clients, "LONGEST", 0.5)
    hanging = [f"hangs{n}@example.com" for n in range(5)]
    fine = [f"fine{n}@example.com" for n in range(20)]
    strict_server.hangs.update(hanging)
    for recipient in (*hanging, *fine):
        await hear(subscribers, event("order.created", uuid7(), email=recipient))

    async with running(sender_to(strict_server.smtp).run):
        await eventually(lambda: sorted(strict_server.mailed) == sorted(fine))
        await eventually(lambda: _refused(ledger, hanging))

    rows = [row for row in await ledger() if row["recipient"] in hanging]
    assert [(row["status"], row["attempts"]) for row in rows] == [("QUEUED", 1)] * 5
    assert all(row["next_try_at"] > row["queued_at"] + timedelta(seconds=40) for row in rows)


async def _refused(ledger, recipients):
    return {row["recipient"] for row in await ledger() if row["refusals"]} == set(recipients)


async def test_a_mail_on_which_the_server_always_hangs_fails_in_the_end_and_its_shopper_sees_it(
    subscribers, send_due, strict_server, client, ledger, all_due, monkeypatch, order
):
    monkeypatch.setattr(clients, "LONGEST", 0.2)
    strict_server.hangs.add(ASHA.email)
    await hear(subscribers, event("order.created", order))

    await send_due(strict_server.smtp)
    assert [row["status"] for row in await ledger()] == ["QUEUED"]
    await all_due()
    await send_due(strict_server.smtp, policy=RetryPolicy(max_rejections=2, give_up_after=timedelta()))
    await all_due()
    await send_due(strict_server.smtp)

    assert [(row["status"], row["attempts"]) for row in await ledger()] == [("FAILED", 2)]
    answer = await client.get("/notifications/v1/notifications", params={"order_id": str(order)}, headers=ASHA.headers)
    assert [item["status"] for item in answer.json()["items"]] == ["FAILED"]


async def test_a_recipient_refused_for_good_blocks_nobody_and_fails_in_the_end(
    subscribers, send_due, strict_server, ledger, all_due, order
):
    strict_server.says[ASHA.email] = "550 no such mailbox"
    await hear(subscribers, event("order.created", order), event("order.created", uuid7(), email=BRAM.email))

    for _ in range(RetryPolicy().max_rejections - 1):
        await send_due(strict_server.smtp)
        await all_due()
    assert [row["status"] for row in await ledger()] == ["QUEUED", "SENT"]
    await send_due(strict_server.smtp)
    await all_due()
    await send_due(strict_server.smtp)

    rows = await ledger()
    assert [row["status"] for row in rows] == ["FAILED", "SENT"]
    assert [row["attempts"] for row in rows] == [RetryPolicy().max_rejections, 1]
    assert strict_server.mailed == [BRAM.email]


@pytest.mark.parametrize(
    "email",
    ["asha@localhost", "a..b@example.com", ".asha.@example.com", "!#$%&'*+/=?^_`{|}~-@b.ie",
     "asha@xn--bcher-kva.example", f"{'x' * 70}@example.com", f"x@{'.'.join(['y' * 63] * 3)}.{'z' * 60}"],
    ids=["no dot", "two dots", "dots at the ends", "signs", "another script", "long name", "longest"],
)  # fmt: skip
async def test_whoever_has_an_address_that_a_browser_submits_is_mailed(
    subscribers, send_due, strict_server, ledger, order, email
):
    await hear(subscribers, event("order.created", order, email=email))

    await send_due(strict_server.smtp)

    assert [row["status"] for row in await ledger()] == ["SENT"]
    assert strict_server.mailed == [email]


@pytest.mark.parametrize("answer", ["450 come back later", "550 relaying denied"], ids=["for now", "for good"])
async def test_a_recipient_refused_once_gets_the_mail_later(
    subscribers, send_due, strict_server, ledger, all_due, order, answer
):
    strict_server.says[ASHA.email] = answer
    await hear(subscribers, event("order.created", order))

    await send_due(strict_server.smtp)
    await send_due(strict_server.smtp)
    assert [(row["status"], row["attempts"]) for row in await ledger()] == [("QUEUED", 1)]
    strict_server.says.clear()
    await all_due()
    await send_due(strict_server.smtp)

    assert [row["status"] for row in await ledger()] == ["SENT"]
    assert strict_server.mailed == [ASHA.email]


async def test_a_mail_server_whose_certificate_is_not_good_counts_against_no_mail(
    subscribers, send_due, strict_server, ledger, self_signed, order
):
    strict_server.tls = self_signed
    await hear(subscribers, event("order.created", order))

    await send_due(strict_server.smtp, policy=RetryPolicy(max_rejections=1))

    assert strict_server.mailed == []
    assert [(row["status"], row["refusals"]) for row in await ledger()] == [("QUEUED", 0)]


async def test_a_mail_server_that_is_closing_counts_against_no_mail(
    subscribers, send_due, strict_server, ledger, order
):
    strict_server.says[ASHA.email] = "421 closing"
    await hear(subscribers, event("order.created", order))

    await send_due(strict_server.smtp)

    assert [(row["status"], row["refusals"]) for row in await ledger()] == [("QUEUED", 0)]


async def test_a_mail_that_cannot_be_made_blocks_nobody(unit_of_work, subscribers, send_due, arrived, ledger, order):
    async with unit_of_work() as work:
        told = event("shipping.dispatched", order)
        news = News(uuid7(), told.type, told.user_id, told.user_email, {"carrier": "no number"}, told.timestamp)
        await work.queue(news, news.message_id("shop.example"))
    await hear(subscribers, told)

    await send_due()

    assert ids_of(await arrived(order)) == ids(order, ["shipping.dispatched"])
    assert [(row["status"], row["refusals"]) for row in await ledger()] == [("QUEUED", 1), ("SENT", 0)]


async def test_a_mail_that_nobody_can_hand_over_blocks_nobody_and_fails_in_the_end(
    subscribers, send_due, mail, ledger, all_due, order
):
    class Faulty(SmtpMailer):
        async def send(self, message, recipient):
            if recipient == BRAM.email:
                raise IndexError("a header that the library cannot fold")
            await super().send(message, recipient)

    await hear(subscribers, event("order.created", order, email=BRAM.email), event("order.created", uuid7()))

    for _ in range(2):
        await send_due(mailer=Faulty(mail["smtp"], SHOP), policy=RetryPolicy(2, timedelta()))
        await all_due()

    assert [(row["status"], row["refusals"]) for row in await ledger()] == [("FAILED", 2), ("SENT", 0)]


@pytest.mark.parametrize(("most", "connections"), [(100, 1), (3, 3)], ids=["a burst", "more than one may carry"])
async def test_a_burst_goes_over_as_few_connections_as_may_carry_it_and_none_stays_open(
    subscribers, send_due, strict_server, monkeypatch, order, most, connections
):
    monkeypatch.setattr(clients, "MOST_PER_CONNECTION", most)
    await hear(subscribers, *(event(kind, order) for kind in KINDS))

    await send_due(strict_server.smtp)

    assert strict_server.mailed == [ASHA.email] * len(KINDS)
    assert strict_server.ended == connections


async def test_the_bell_sends_a_mail_at_once_and_stopping_does_not_wait(database, sender_to, mail, ledger, arrived):
    unit_of_work = UnitOfWork(database, NotificationsWork, bell=Bell(database, DUTY), consumer="notifications")
    subscribers, orders = NotificationsSubscribers(unit_of_work, "shop.example"), [uuid7() for _ in range(9)]
    took = []

    async with running(sender_to(mail["smtp"]).run):
        for order in orders:
            await hear(subscribers, event("order.created", order))
            began = asyncio.get_running_loop().time()
            await eventually(lambda: _all_sent(ledger))
            took.append(asyncio.get_running_loop().time() - began)

    # The first may find the sender not listening yet; without a bell half of the others would take 0.5 s and more.
    assert sorted(took)[len(took) // 2] < 0.3
    for order in orders:
        assert len(await arrived(order)) == 1
