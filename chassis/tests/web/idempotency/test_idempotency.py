"""A request with an Idempotency-Key is executed once, whatever happens to it and however often it comes."""

import asyncio

import psycopg
import pytest
import sqlalchemy as sa

from chassis.data.retention import apply_retention_rules
from chassis.data.statement import Statement
from chassis.testing.eventually import eventually
from chassis.testing.problems import assert_problem
from chassis.testing.transports import StubTransport
from chassis.tests.web.idempotency.service import LedgerHandlers, application, noop, post
from chassis.tests.web.shop import BRAM
from chassis.web.http_client import Client
from chassis.web.http_transport import Response
from chassis.web.idempotency import RETENTION_RULE
from chassis.web.tables import IDEMPOTENCY_KEYS

COUNT_WAITING_SESSIONS = Statement(
    sa.text(
        "SELECT count(*) AS sessions FROM pg_stat_activity WHERE usename = current_user AND wait_event_type = 'Lock'"
    )
)
COUNT_KNOWN_KEYS = Statement(sa.select(IDEMPOTENCY_KEYS.c.key).order_by(IDEMPOTENCY_KEYS.c.key))
AGE_KEYS = Statement(
    sa.update(IDEMPOTENCY_KEYS)
    .where(IDEMPOTENCY_KEYS.c.key == sa.bindparam("which"))
    .values(created_at=sa.text("now() - interval '49 h'"))
)


class UpstreamClient(Client):
    """A client as it is generated."""

    async def do_it(self):
        await self._call("do_it", "POST", "/", {204: None}, {}, safe=True)


class HeldRequest:
    """Holds a request up on a line, until it may go on or fail."""

    def __init__(self, handlers):
        self.handlers, self.reached, self.released = handlers, asyncio.Event(), asyncio.Event()
        self.error = None

    async def __call__(self):
        self.handlers.hooks.in_transaction = noop
        self.reached.set()
        await self.released.wait()
        if self.error:
            raise self.error

    def release(self, error=None):
        self.error = error
        self.released.set()


async def test_a_repeat_is_answered_with_the_same_bytes_and_changes_nothing(app, texts):
    first = await post(app)
    await post(app, text="heat", key="other")

    assert await post(app) == first
    assert (first.status, first.json()) == (201, {"entries": ["rent"]})
    assert await texts() == ["rent", "heat"]


async def test_without_a_key_each_request_is_one_of_its_own(app, texts):
    await post(app, key=None)
    await post(app, key=None)

    assert await texts() == ["rent", "rent"]


async def test_of_two_at_once_the_second_waits_and_is_answered_as_the_first(app, handlers, ledger, texts):
    handlers.hooks.in_transaction = held = HeldRequest(handlers)
    first = asyncio.create_task(post(app))
    await held.reached.wait()
    second = asyncio.create_task(post(app))
    await eventually(lambda: is_waiting(ledger))

    held.release()

    assert await second == await first
    assert await texts() == ["rent"]


async def is_waiting(ledger):
    return (await ledger.fetch_one(COUNT_WAITING_SESSIONS))["sessions"] == 1


async def test_a_repeat_begins_itself_when_the_request_it_waited_for_has_failed(app, handlers, ledger, texts):
    handlers.hooks.in_transaction = held = HeldRequest(handlers)
    first = asyncio.create_task(post(app))
    await held.reached.wait()
    second = asyncio.create_task(post(app))
    await eventually(lambda: is_waiting(ledger))

    held.release(error=psycopg.OperationalError())

    assert_problem(await first, 503, "unavailable")
    assert (await second).status == 201
    assert await texts() == ["rent"]


@pytest.mark.parametrize("line", ["before_change", "in_transaction", "after_transaction"])
async def test_a_retry_executes_once_after_a_crash_before_the_commit(app, crash, texts, line):
    await crash(line)
    assert await texts() == []

    answer = await post(app)

    assert (answer.status, await texts()) == (201, ["rent"])


async def test_a_retry_is_replayed_after_a_crash_after_the_commit(app, handlers, crash, texts):
    await crash("answer")
    assert await texts() == ["rent"]

    answer = await post(app)

    assert (answer.status, answer.json()) == (201, {"entries": ["rent"]})
    assert (handlers.executed, await texts()) == (0, ["rent"])


async def test_a_commit_whose_answer_is_lost_counts_once(proxy, app, texts):
    await post(proxy.app, text="heat", key="other")
    proxy.hold_after(b"COMMIT")
    posting = asyncio.create_task(post(proxy.app))
    await eventually(lambda: is_entered("rent", texts))

    proxy.cut()

    assert_problem(await posting, 503, "unavailable")
    assert (await post(app)).status == 201
    assert await texts() == ["heat", "rent"]


async def test_a_commit_whose_answer_is_lost_may_have_counted_where_there_is_no_key(proxy, texts):
    await post(proxy.app, text="heat", key="other")
    proxy.hold_after(b"COMMIT")
    posting = asyncio.create_task(post(proxy.app, key=None))
    await eventually(lambda: is_entered("rent", texts))

    proxy.cut()

    answer = await posting
    assert_problem(answer, 503, "outcome-unknown")
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize(("key", "said", "kept"), [(None, "outcome-unknown", ["rent"]), ("k", "unavailable", [])])
async def test_a_request_that_is_cut_short_may_have_counted_where_there_is_no_key(
    app, handlers, texts, key, said, kept
):
    reached = asyncio.Event()

    async def hang():
        reached.set()
        await asyncio.Event().wait()

    handlers.hooks.after_transaction = hang
    posting = asyncio.create_task(post(app, key=key))
    await asyncio.wait_for(reached.wait(), 5)

    posting.cancel()

    assert_problem(await posting, 503, said)
    assert await texts() == kept


@pytest.mark.parametrize(
    ("line", "key", "status"),
    [("before_change", "k", 201), ("after_transaction", "k", 500), ("after_transaction", None, 201)],
)
async def test_no_other_service_is_called_while_the_transaction_of_a_key_is_open(
    app, handlers, texts, line, key, status
):
    async with UpstreamClient("http://upstream", transport=StubTransport(lambda _: Response(204, {}))) as client:
        setattr(handlers.hooks, line, client.do_it)

        answer = await post(app, key=key)

    assert answer.status == status
    assert await texts() == (["rent"] if status == 201 else [])


async def is_entered(text, texts):
    return text in await texts()


async def test_a_refusal_is_replayed_though_the_world_has_changed(app, handlers, texts):
    handlers.closed = True
    refused = await post(app)
    handlers.closed = False

    assert await post(app) == refused
    assert_problem(refused, 409, "ledger-closed")
    assert await texts() == []
    assert (await post(app, key="other")).status == 201


async def test_what_was_changed_before_a_refusal_is_undone_and_its_key_is_kept(app, handlers, texts):
    async def refuses():
        raise type("LedgerClosed", (Exception,), {})

    handlers.hooks.after_transaction = refuses
    refused = await post(app)

    assert_problem(refused, 409, "ledger-closed")
    assert (await post(app), await texts()) == (refused, [])


async def test_a_request_that_could_not_be_served_leaves_its_key_free(app, handlers, ledger, texts):
    async def fails():
        raise psycopg.OperationalError

    handlers.hooks.after_transaction = fails
    assert_problem(await post(app), 503, "unavailable")
    assert await ledger.fetch_all(COUNT_KNOWN_KEYS) == []

    handlers.hooks.after_transaction = texts
    assert (await post(app)).status == 201
    assert await texts() == ["rent"]


async def test_a_request_that_the_contract_does_not_allow_leaves_its_key_free(app, texts):
    assert_problem(await post(app, text=""), 400, "invalid-request")

    assert (await post(app)).status == 201
    assert await texts() == ["rent"]


@pytest.mark.parametrize("first", ["entries", "accounts/asha/entries"])
async def test_another_request_with_the_same_key_is_refused_and_not_executed(app, texts, first):
    await post(app, first)
    before = await texts()
    target = first if first == "entries" else "accounts/bram/entries"

    refused = await post(app, target, text="heat" if first == "entries" else "rent")

    assert_problem(refused, 422, "idempotency-key-reused")
    assert await texts() == before


async def test_the_same_key_of_another_caller_is_another_key(app, texts):
    await post(app)

    await post(app, sub=BRAM)

    assert await texts() == ["rent", "rent"]


async def test_the_same_key_for_another_operation_is_another_key(app, texts):
    await post(app)

    await post(app, "corrections")

    assert await texts() == ["rent", "rent"]


async def test_a_key_in_quotes_is_the_same_key(app, texts):
    first = await post(app)

    assert await post(app, key='"k"') == first
    assert await texts() == ["rent"]


async def test_the_key_covers_changes_outside_of_units_of_work_and_what_was_undone_stays_undone(app, crash, texts):
    await crash("after_transaction", "corrections")
    assert await texts() == []

    first = await post(app, "corrections")

    assert await post(app, "corrections") == first
    assert await texts() == ["rent"]


async def test_whoever_waits_is_notified_when_the_change_is_committed_and_not_before(ledger, texts):
    sent = []
    notifier = type("Notifier", (), {"notify": lambda _: sent.append(asyncio.ensure_future(texts()))})()
    handlers = LedgerHandlers(ledger, notifier)

    async def nothing_sent():
        assert sent == []

    handlers.hooks.after_transaction = nothing_sent
    app = application(handlers, ledger)
    await post(app)
    await post(app)

    assert [await one for one in sent] == [["rent"]]


async def test_requests_through_connexion_s_own_stack_are_executed_once_too(handlers, ledger, texts):
    app = application(handlers, ledger, compiled=False)
    first = await post(app)

    assert await post(app) == first
    assert_problem(await post(app, text="heat"), 422, "idempotency-key-reused")
    assert await texts() == ["rent"]


async def test_a_retry_continues_what_a_crashed_request_began(app, crash, texts):
    await crash("after_transaction", "transfers")
    assert await texts() == ["rent begun"]

    first = await post(app, "transfers")

    assert (first.status, await post(app, "transfers")) == (201, first)
    assert await texts() == ["rent begun", "rent ended"]


async def test_of_two_at_once_the_second_continues_what_the_first_began(app, handlers, texts):
    may_end = asyncio.Event()
    handlers.hooks.after_transaction = may_end.wait
    first = asyncio.create_task(post(app, "transfers"))
    await eventually(lambda: is_entered("rent begun", texts))
    handlers.hooks.after_transaction = noop
    second = await post(app, "transfers")
    may_end.set()

    assert await first == second
    assert await texts() == ["rent begun", "rent ended"]


async def test_another_request_for_what_was_begun_is_refused(app, texts):
    await post(app, "transfers")

    assert_problem(await post(app, "transfers", text="heat"), 422, "idempotency-key-reused")
    assert await texts() == ["rent begun", "rent ended"]


async def test_a_refusal_before_anything_was_begun_is_replayed(app, handlers, texts):
    handlers.closed = True
    refused = await post(app, "transfers")
    handlers.closed = False

    assert_problem(refused, 409, "ledger-closed")
    assert (await post(app, "transfers"), await texts()) == (refused, [])


async def test_keys_are_known_for_48_hours_and_then_purged_in_batches(app, ledger, texts):
    for key in "abcdef":
        await post(app, key=key)
    for key in "abcde":
        await ledger.execute(AGE_KEYS, which=key)

    await apply_retention_rules(ledger, [RETENTION_RULE._replace(batch=2)], asyncio.Event())

    assert [row["key"] for row in await ledger.fetch_all(COUNT_KNOWN_KEYS)] == ["f"]
    await post(app, key="a")
    assert (await texts()).count("rent") == 7
