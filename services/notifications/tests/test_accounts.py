"""Mails about accounts: queued once, sent with a link that is good for once, and kept for a while only."""

import asyncio
import email
import email.policy
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INTERVAL
from uuid_utils.compat import uuid7

from chassis.data.retention import RetentionRule, apply_retention_rules
from chassis.data.statement import Statement
from chassis.events.messages import InvalidMessage
from chassis.events.tables import INBOX
from chassis.testing.deliveries import deliver
from generated.statements.notifications import ERASE_RECIPIENTS, ERASURE_MARGIN
from services.notifications.application.notifications import NotificationService
from services.notifications.domain import LINK_PATHS
from services.notifications.repository import ACCOUNT_MAILS_RETENTION_RULE
from services.notifications.subscribers import NotificationsSubscribers
from services.notifications.tables import deleted_accounts
from services.notifications.tables import mails as table
from services.notifications.tests.conftest import SHOP_URL
from services.notifications.tests.event_factory import ACCOUNT_KINDS, LINK, make_account_event, make_event
from services.notifications.tests.test_rendering import VisibleHtml, html_body, plain_text
from tests.accounts import ASHA, BRAM

WITH_LINK = tuple(LINK_PATHS)
DELETED_ACCOUNTS = Statement(deleted_accounts.select())
AGE_DELETIONS = Statement(
    deleted_accounts.update().values(deleted_at=deleted_accounts.c.deleted_at - sa.bindparam("by", type_=INTERVAL))
)
ERASURE = RetentionRule("recipients of mails", ERASE_RECIPIENTS, timedelta(days=30))
FORGET_DELIVERIES = Statement(INBOX.delete())
AGED = Statement(table.update().values(queued_at=table.c.queued_at - sa.bindparam("by", type_=INTERVAL)))


@pytest.fixture
def messages(scripted_smtp):
    """What the mail server took."""
    taken = []
    take = scripted_smtp.handle_DATA

    async def handle_data(server, session, envelope):
        taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return await take(server, session, envelope)

    scripted_smtp.handle_DATA = handle_data
    return taken


@pytest.mark.parametrize("kind", ACCOUNT_KINDS)
async def test_an_account_is_mailed_about_once_however_often_the_news_comes(subscribers, mail_rows, kind):
    event = make_account_event(kind)

    await deliver(subscribers, event, event)

    [row] = await mail_rows()
    assert (row["order_id"], row["user_id"], row["kind"], row["recipient"]) == (None, ASHA.id, kind, ASHA.email)
    assert row["message_id"] == f"<{ASHA.id}.{kind}.{event.event_id}@shop.example>"


@pytest.mark.parametrize("kind", [*WITH_LINK, "email.requested"])
async def test_what_is_asked_for_again_is_mailed_again(subscribers, mail_rows, kind):
    await deliver(subscribers, make_account_event(kind), make_account_event(kind, link_id=uuid7()))

    assert len({row["message_id"] for row in await mail_rows()}) == 2


@pytest.mark.parametrize("kind", ACCOUNT_KINDS)
async def test_news_for_what_is_not_one_address_is_put_aside(subscribers, mail_rows, kind):
    with pytest.raises(InvalidMessage):
        await deliver(subscribers, make_account_event(kind, email="asha@example.com, eve@example.com"))

    assert await mail_rows() == []


@pytest.mark.parametrize("kind", WITH_LINK)
async def test_a_mail_holds_a_link_to_the_shop_in_text_and_html_and_the_database_does_not(
    subscribers, send_due, scripted_smtp, messages, mail_rows, kind
):
    await deliver(subscribers, make_account_event(kind))

    await send_due(scripted_smtp.smtp)

    [message] = messages
    link = f"{SHOP_URL}{LINK_PATHS[kind]}?token=token-1"
    assert link in plain_text(message).splitlines()
    assert f'href="{link}"' in html_body(message)
    assert link in VisibleHtml(html_body(message)).text
    assert "None" not in plain_text(message) + html_body(message)
    assert "token-1" not in repr(await mail_rows())
    assert [row["status"] for row in await mail_rows()] == ["SENT"]


async def test_the_notice_of_another_address_holds_no_link_and_asks_for_none(
    subscribers, send_due, scripted_smtp, messages, links
):
    await deliver(subscribers, make_account_event("email.requested"))

    await send_due(scripted_smtp.smtp)

    [message] = messages
    assert links.issued == []
    assert "http" not in plain_text(message)
    assert "change your password" in plain_text(message)
    for text in plain_text(message), VisibleHtml(html_body(message)).text:
        assert "about what was ordered before" in " ".join(text.split())
    assert "<a" not in html_body(message)


@pytest.mark.parametrize("kind", ACCOUNT_KINDS)
async def test_a_mail_says_why_it_comes_and_names_no_order(subscribers, send_due, scripted_smtp, messages, kind):
    await deliver(subscribers, make_account_event(kind))

    await send_due(scripted_smtp.smtp)

    [message] = messages
    for text in plain_text(message), VisibleHtml(html_body(message)).text:
        assert "You get this mail because" in text
        assert "What happens next" in text
        assert "Order" not in text
        assert ASHA.email not in text


async def test_a_mail_waits_for_no_order(subscribers, send_due, scripted_smtp):
    await deliver(subscribers, make_account_event("password.forgotten"))

    await send_due(scripted_smtp.smtp, order_details_timeout=3600.0)

    assert scripted_smtp.recipients == [ASHA.email]


async def test_a_mail_whose_link_is_of_no_use_any_more_is_neither_sent_nor_kept(
    subscribers, send_due, scripted_smtp, mail_rows, links
):
    links.used.add(LINK)
    event = make_account_event("password.forgotten")
    await deliver(subscribers, event)

    await send_due(scripted_smtp.smtp)
    await deliver(subscribers, event)

    assert scripted_smtp.recipients == []
    assert await mail_rows() == []


async def test_while_links_cannot_be_had_their_mails_wait_and_no_other(
    subscribers, send_due, scripted_smtp, mail_rows, links, make_all_due
):
    links.away = True
    await deliver(subscribers, make_account_event("password.forgotten"), make_event("order.created", uuid7()))

    await send_due(scripted_smtp.smtp)

    rows = {row["kind"]: row for row in await mail_rows()}
    assert {kind: rows[kind]["status"] for kind in rows} == {"password.forgotten": "QUEUED", "order.created": "SENT"}
    assert rows["password.forgotten"]["refusals"] == 0
    assert rows["password.forgotten"]["next_try_at"] > rows["password.forgotten"]["queued_at"]

    links.away = False
    await make_all_due()
    await send_due(scripted_smtp.smtp)

    assert {row["status"] for row in await mail_rows()} == {"SENT"}
    assert links.issued == [LINK]


async def test_a_mail_that_was_sent_and_not_marked_is_sent_again_with_a_token_of_its_own(
    subscribers, make_dispatcher, mails, scripted_smtp, messages, send_due, make_all_due
):
    class ForgetfulMails(type(mails)):
        async def complete(self, _):
            raise RuntimeError("died before the mark")

    await deliver(subscribers, make_account_event("password.forgotten"))
    dispatcher = make_dispatcher(scripted_smtp.smtp, mails=ForgetfulMails(mails._rows))
    await dispatcher.send_due(asyncio.Event())
    await dispatcher.drain()

    await make_all_due()
    await send_due(scripted_smtp.smtp)

    assert len({message["Message-ID"] for message in messages}) == 1
    assert [plain_text(message).partition("token=")[2].split()[0] for message in messages] == ["token-1", "token-2"]


async def test_a_late_withdrawal_deletes_no_mail_that_another_has_claimed(subscribers, mails, mail_rows, make_all_due):
    await deliver(subscribers, make_account_event("password.forgotten"))
    [(mail, _)] = await mails.claim(1, timedelta(), timedelta(minutes=1))
    await make_all_due()
    await mails.claim(1, timedelta(), timedelta(minutes=1))
    mail.withdraw()

    await mails.complete([mail])

    assert len(await mail_rows()) == 1


async def test_mails_about_accounts_are_kept_for_thirty_days_and_those_about_orders_with_them(
    subscribers, database, mail_rows
):
    await deliver(subscribers, make_account_event("password.forgotten"), make_event("order.created", uuid7()))
    await database.execute(AGED, by=timedelta(days=29, hours=23))
    await apply_retention_rules(database, [ACCOUNT_MAILS_RETENTION_RULE], asyncio.Event())
    assert len(await mail_rows()) == 2

    await database.execute(AGED, by=timedelta(hours=1))
    await apply_retention_rules(database, [ACCOUNT_MAILS_RETENTION_RULE], asyncio.Event())

    assert [row["kind"] for row in await mail_rows()] == ["order.created"]


# Deleted accounts


async def test_of_a_deleted_account_the_mails_about_it_are_gone_at_once_but_for_the_farewell(
    subscribers, mail_rows, database
):
    deleted = make_account_event("account.deleted")
    await deliver(
        subscribers,
        make_account_event("password.forgotten"),
        make_account_event("password.forgotten", user_id=BRAM.id, email=BRAM.email),
        make_event("order.created", uuid7()),
        deleted,
        deleted,
    )

    rows = {(row["kind"], row["recipient"]) for row in await mail_rows()}
    assert rows == {
        ("password.forgotten", BRAM.email), ("order.created", ASHA.email), ("account.deleted", ASHA.email),
    }  # fmt: skip
    assert [row["user_id"] for row in await database.fetch_all(DELETED_ACCOUNTS)] == [ASHA.id]


async def test_no_farewell_goes_to_an_address_that_nobody_verified(subscribers, mail_rows, database):
    await deliver(subscribers, make_account_event("account.deleted", email_verified=False))

    assert await mail_rows() == []
    assert len(await database.fetch_all(DELETED_ACCOUNTS)) == 1


async def test_the_address_of_a_deleted_account_is_erased_from_its_mails_after_thirty_days(
    subscribers, mail_rows, database
):
    await deliver(
        subscribers,
        make_event("order.created", uuid7()),
        make_event("order.created", uuid7(), user_id=BRAM.id, email=BRAM.email),
        make_account_event("account.deleted", email_verified=False),
        make_event("shipping.dispatched", uuid7()),
    )
    await database.execute(AGE_DELETIONS, by=timedelta(days=29, hours=23))
    await apply_retention_rules(database, [ERASURE], asyncio.Event())
    assert {row["recipient"] for row in await mail_rows()} == {ASHA.email, BRAM.email}

    await database.execute(AGE_DELETIONS, by=timedelta(hours=1))
    await apply_retention_rules(database, [ERASURE], asyncio.Event())
    assert {row["recipient"] for row in await mail_rows()} == {ASHA.email, BRAM.email}  # somebody may be queueing one

    await database.execute(AGE_DELETIONS, by=ERASURE_MARGIN)
    await apply_retention_rules(database, [ERASURE], asyncio.Event())
    [before] = await database.fetch_all(DELETED_ACCOUNTS)
    await apply_retention_rules(database, [ERASURE], asyncio.Event())

    assert sorted(row["recipient"] for row in await mail_rows()) == [BRAM.email, *["erased@account.invalid"] * 2]
    assert await database.fetch_all(DELETED_ACCOUNTS) == [before]
    assert (before["user_id"], before["erased_at"] is None) == (ASHA.id, False)


async def test_a_mail_that_waits_still_when_its_recipient_is_erased_is_sent_to_nobody(
    subscribers, send_due, scripted_smtp, mail_rows, database
):
    await deliver(subscribers, make_event("order.created", uuid7()))
    await send_due(scripted_smtp.smtp)
    await deliver(subscribers, make_event("order.created", uuid7()))
    await deliver(subscribers, make_account_event("account.deleted", email_verified=False))
    await database.execute(AGE_DELETIONS, by=timedelta(days=31))

    await apply_retention_rules(database, [ERASURE], asyncio.Event())
    await send_due(scripted_smtp.smtp)

    assert scripted_smtp.recipients == [ASHA.email]
    assert sorted((row["status"], row["recipient"]) for row in await mail_rows()) == [
        ("FAILED", "erased@account.invalid"), ("SENT", "erased@account.invalid"),
    ]  # fmt: skip


@pytest.mark.parametrize("aged_by", [timedelta(days=30), timedelta(days=3650)], ids=["about to be erased", "erased"])
async def test_news_of_an_order_that_come_later_are_mailed_to_nobody(subscribers, mail_rows, database, aged_by):
    await deliver(subscribers, make_account_event("account.deleted", email_verified=False))
    await database.execute(AGE_DELETIONS, by=aged_by)
    await apply_retention_rules(database, [ERASURE], asyncio.Event())
    late = make_event("payment.refunded", uuid7())

    await deliver(subscribers, late, late, make_event("order.created", uuid7()))
    await deliver(subscribers, make_event("payment.refunded", uuid7(), user_id=BRAM.id, email=BRAM.email))

    assert [row["recipient"] for row in await mail_rows()] == [BRAM.email]


async def test_a_farewell_is_mailed_also_where_addresses_are_erased_at_once(mails, unit_of_work, mail_rows):
    notifications = NotificationService(mails, unit_of_work, "shop.example", account_erasure=timedelta())

    await deliver(NotificationsSubscribers(notifications), make_account_event("account.deleted"))

    assert [row["kind"] for row in await mail_rows()] == ["account.deleted"]


async def test_a_process_that_dies_while_it_erases_has_erased_and_noted_nothing(subscribers, mail_rows, database):
    await deliver(subscribers, make_event("order.created", uuid7()))
    await deliver(subscribers, make_account_event("account.deleted", email_verified=False))
    await database.execute(AGE_DELETIONS, by=timedelta(days=31))
    before = await mail_rows(), await database.fetch_all(DELETED_ACCOUNTS)

    with pytest.raises(RuntimeError, match="died"):
        async with database.transaction() as transaction:
            await transaction.execute(ERASE_RECIPIENTS, retention=timedelta(days=30), batch=50)
            raise RuntimeError("died before the commit")

    assert (await mail_rows(), await database.fetch_all(DELETED_ACCOUNTS)) == before


@pytest.mark.parametrize("kind", ACCOUNT_KINDS)
async def test_news_about_an_account_that_the_inbox_knows_no_more_are_not_mailed_again(
    subscribers, mail_rows, database, kind
):
    event = make_account_event(kind)
    await deliver(subscribers, event)
    before = await mail_rows()
    await database.execute(FORGET_DELIVERIES)

    await deliver(subscribers, event)

    assert len(await mail_rows()) == len(before) == 1


async def test_nobody_is_mailed_at_an_address_that_was_erased(subscribers, mail_rows):
    await deliver(subscribers, make_event("payment.refunded", uuid7(), email="erased@account.invalid"))

    assert await mail_rows() == []


async def test_a_process_that_dies_over_a_deletion_has_erased_and_remembered_nothing(
    subscribers, mail_rows, database, monkeypatch
):
    async def die(*_):
        raise RuntimeError("died before the commit")

    await deliver(subscribers, make_account_event("password.forgotten"))
    before, deleted = await mail_rows(), make_account_event("account.deleted")
    with monkeypatch.context() as dying, pytest.raises(RuntimeError, match="died"):
        dying.setattr("services.notifications.repository.MailRepository.add", die)
        await deliver(subscribers, deleted)
    assert (await mail_rows(), await database.fetch_all(DELETED_ACCOUNTS)) == (before, [])

    await deliver(subscribers, deleted)

    assert [row["kind"] for row in await mail_rows()] == ["account.deleted"]
