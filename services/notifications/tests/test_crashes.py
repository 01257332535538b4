"""What becomes of mails whose dispatcher is killed, by processes that are."""

import asyncio
import sys
from contextlib import asynccontextmanager

import psycopg
import pytest
from uuid_utils.compat import uuid7

from chassis.testing.deliveries import deliver
from chassis.testing.eventually import eventually
from services import ROOT
from services.notifications.application.dispatcher import MAILS_PER_CONNECTION
from services.notifications.tests.event_factory import KINDS, make_event

LOCK_MAILS = "SELECT id FROM notifications.mails FOR UPDATE"


@pytest.fixture
def dispatching(database, scripted_smtp):
    """Runs a process that sends what is queued; it is killed at the end of the block at the latest."""

    @asynccontextmanager
    async def dispatching():
        module = "services.notifications.tests.dispatching"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, database.url, scripted_smtp.smtp, cwd=ROOT
        )
        try:
            yield process
        finally:
            await kill(process)

    return dispatching


async def kill(process):
    if process.returncode is None:
        process.kill()
    await process.wait()


@pytest.fixture
def is_all_sent(mail_rows):
    async def is_all_sent():
        return {row["status"] for row in await mail_rows()} == {"SENT"}

    return is_all_sent


async def test_a_mail_that_was_claimed_and_not_sent_is_sent_once_by_another(
    subscribers, scripted_smtp, dispatching, is_all_sent, mail_rows, make_all_due
):
    recipients = [f"shopper{n}@example.com" for n in range(6)]
    scripted_smtp.unresponsive.update(recipients)
    for recipient in recipients:
        await deliver(subscribers, make_event("order.created", uuid7(), email=recipient))

    async with dispatching():
        await eventually(lambda: scripted_smtp.connection_count == 2)
        assert {row["attempts"] for row in await mail_rows()} == {1}
    scripted_smtp.unresponsive.clear()
    await make_all_due()
    async with dispatching():
        await eventually(is_all_sent)

    assert sorted(scripted_smtp.recipients) == recipients
    assert {(row["attempts"], row["refusals"]) for row in await mail_rows()} == {(2, 0)}


async def test_a_mail_that_was_sent_and_not_marked_is_sent_again_with_the_same_message_id(
    subscribers, database, scripted_smtp, dispatching, is_all_sent, mail_rows, make_all_due
):
    await deliver(subscribers, make_event("order.created", uuid7()))

    async with await psycopg.AsyncConnection.connect(database.url) as blocking:

        async def keep_from_being_marked():
            await blocking.execute(LOCK_MAILS)

        scripted_smtp.before_taking = keep_from_being_marked
        async with dispatching() as process:
            await eventually(lambda: len(scripted_smtp.recipients) == 1)
            await eventually(lambda: _query(database, "SELECT pid FROM pg_locks WHERE NOT granted"))
            await kill(process)
            # The server would make the mark although nobody waits for it any more.
            await _query(database, "SELECT pg_terminate_backend(pid, 2000) FROM pg_locks WHERE NOT granted")
        await blocking.rollback()
    scripted_smtp.before_taking = None
    assert [row["status"] for row in await mail_rows()] == ["QUEUED"]
    await make_all_due()
    async with dispatching():
        await eventually(is_all_sent)

    first, second = scripted_smtp.message_ids
    assert first == second == (await mail_rows())[0]["message_id"]


async def _query(database, statement):
    async with database.pooled_connection() as connection:
        return await (await connection.execute(statement)).fetchall()


async def test_of_several_replicas_one_of_which_is_killed_each_mail_is_sent_in_the_order_of_what_happened(
    subscribers, scripted_smtp, dispatching, is_all_sent, mail_rows, make_all_due
):
    orders, kinds = [uuid7() for _ in range(8)], KINDS[:4]
    for order in orders:
        await deliver(subscribers, *(make_event(kind, order) for kind in kinds))

    async with dispatching() as doomed, dispatching(), dispatching():
        await eventually(lambda: len(scripted_smtp.recipients) >= 8)
        await kill(doomed)
        counts = []
        await eventually(lambda: _is_quiet(counts, scripted_smtp))
        await make_all_due()  # nobody but the killed one has claimed any
        await eventually(is_all_sent)

    sent = list(dict.fromkeys(scripted_smtp.message_ids))
    for order in orders:
        of_order = [message_id for message_id in sent if str(order) in message_id]
        assert of_order == [f"<{order}.{kind}@shop.example>" for kind in kinds]
    # The killed one had claimed four for each of its connections, and may have sent and not marked all of them.
    assert len(scripted_smtp.message_ids) <= len(sent) + 2 * MAILS_PER_CONNECTION


def _is_quiet(counts, scripted_smtp):
    """Whether no mail came for a second, by the counts of each time it was asked."""
    counts.append(len(scripted_smtp.recipients))
    return len(counts) > 50 and len(set(counts[-50:])) == 1
