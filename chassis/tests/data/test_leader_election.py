import asyncio

import psycopg
import pytest

from chassis.data import leader_election
from chassis.data.database import Database
from chassis.data.leader_election import LeaderTask, LeaderTaskStalled, Notifier
from chassis.runtime.retry import TransientError
from chassis.testing.eventually import eventually
from chassis.testing.running import running_in_background


def one_of(database, name, done, every=0.05, then=lambda: None):
    async def work(_):
        done.append(name)
        return then()

    return LeaderTask(database, "counting", work, every).run


async def test_of_two_candidates_one_leads_and_the_other_takes_over_when_it_ends(ledger):
    done, first_ends = [], asyncio.Event()
    first = asyncio.create_task(one_of(ledger, "first", done)(first_ends))
    await eventually(lambda: done)
    async with running_in_background(one_of(ledger, "second", done)):
        await eventually(lambda: len(done) > 8)
        assert set(done) == {"first"}

        first_ends.set()
        await first

        await eventually(lambda: done[-1] == "second")


async def test_a_leader_whose_session_was_ended_starts_over(ledger, ledger_url):
    done = []
    async with running_in_background(one_of(ledger, "it", done)):
        await eventually(lambda: done)

        terminate_leader_session(ledger_url)

        seen = len(done)
        await eventually(lambda: len(done) > seen + 3)


async def test_a_notification_wakes_the_leader_before_its_time(ledger):
    done = []
    async with running_in_background(one_of(ledger, "it", done, every=60)):
        await eventually(lambda: done)

        Notifier(ledger, "counting").notify()

        await eventually(lambda: len(done) == 2, within=2)


async def test_a_notification_waits_for_no_request(ledger, ledger_url):
    done = []
    async with (
        running_in_background(one_of(ledger, "it", done, every=60)),
        Database(ledger_url, name="tests", connections=1, pool_timeout=30) as database,
    ):
        await eventually(lambda: done)
        async with database.transaction():
            Notifier(database, "counting").notify()

            await eventually(lambda: len(done) == 2, within=2)


async def test_a_leader_in_the_same_process_is_woken_without_the_database(ledger):
    done, notifier = [], Notifier(Database("postgresql://nobody@127.0.0.1:1", name="away"), "counting")

    async def work(_):
        done.append("it")
        if len(done) == 2:
            notifier.notify()  # of what was committed after the work had looked for it

    async with running_in_background(LeaderTask(ledger, "counting", work, 60, notifier).run):
        await eventually(lambda: done)

        notifier.notify()

        await eventually(lambda: len(done) == 3, within=2)
    assert notifier.leader_wakeup is None


async def test_who_stands_by_notifies_the_leader_elsewhere(ledger):
    done, notifier = [], Notifier(ledger, "counting")
    async with running_in_background(one_of(ledger, "leader", done, every=60)):
        await eventually(lambda: done)
        async with running_in_background(LeaderTask(ledger, "counting", pytest.fail, 0.05, notifier).run):
            notifier.notify()

            await eventually(lambda: len(done) == 2, within=2)


async def test_a_transient_error_is_retried_and_any_other_ends_the_task(ledger):
    done, stopping = [], asyncio.Event()

    def first_away_then_broken():
        raise TransientError if len(done) < 3 else ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await one_of(ledger, "it", done, then=first_away_then_broken)(stopping)

    assert len(done) == 3


async def test_a_leader_that_waits_for_others_longer_than_its_session_may_be_idle_still_leads(ledger, monkeypatch):
    monkeypatch.setattr(leader_election, "IDLE_TIMEOUT", 0.3)
    monkeypatch.setattr(leader_election, "HEARTBEAT_INTERVAL", 0.05)
    done, answered, ends = [], asyncio.Event(), asyncio.Event()

    async def work(_):
        done.append("first")
        await answered.wait()

    first = asyncio.create_task(LeaderTask(ledger, "counting", work, 0.05).run(ends))
    await eventually(lambda: done)
    async with running_in_background(one_of(ledger, "second", done)):
        with pytest.raises(TimeoutError):  # three times as long as an idle session lives
            await asyncio.wait_for(asyncio.shield(first), 1)
        assert done == ["first"]

        answered.set()
        ends.set()
        await first
        await eventually(lambda: done[-1] == "second")


async def test_a_leader_that_loses_its_session_ends_what_it_has_begun_and_starts_over(ledger, ledger_url, monkeypatch):
    monkeypatch.setattr(leader_election, "HEARTBEAT_INTERVAL", 0.05)
    begun, done, answered = [], [], asyncio.Event()

    async def work(_):
        begun.append("it")
        await answered.wait()
        done.append("it")

    async with running_in_background(LeaderTask(ledger, "counting", work, 0.05).run):
        await eventually(lambda: begun)
        terminate_leader_session(ledger_url)
        answered.set()

        await eventually(lambda: len(done) > 1)
    assert len(begun) - len(done) <= 1


async def test_a_leader_that_has_more_to_do_does_not_wait(ledger):
    done = []
    async with running_in_background(one_of(ledger, "it", done, every=60, then=lambda: len(done) < 5)):
        await eventually(lambda: len(done) == 5)


async def test_a_task_that_neither_leads_nor_stands_by_makes_the_process_not_ready(ledger, monkeypatch):
    task, done = LeaderTask(ledger, "counting", lambda _: asyncio.sleep(0), 0.05), []
    await task.probe()
    monkeypatch.setattr(leader_election, "STALL_TIMEOUT", -0.05)
    with pytest.raises(LeaderTaskStalled, match="counting"):
        await task.probe()
    monkeypatch.setattr(leader_election, "STALL_TIMEOUT", 1)
    async with running_in_background(one_of(ledger, "leader", done)):
        await eventually(lambda: done)
        async with running_in_background(task.run):
            await eventually(lambda: len(done) > 40)
            await task.probe()


def terminate_leader_session(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE locktype = 'advisory' AND granted AND datname = current_database() AND pid <> pg_backend_pid()"
        )
