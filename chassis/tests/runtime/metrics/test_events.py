"""How far behind consumers and relays are, on real servers."""

import asyncio

import httpx
import msgspec
import psycopg

from chassis.data.database import PING_STATEMENT, Database, pools_collector
from chassis.data.leader_election import LeaderTask
from chassis.events.outbox import backlog_collector
from chassis.runtime.metrics import metrics_app
from chassis.testing.eventually import eventually
from chassis.testing.running import running_in_background
from chassis.tests.events.entries import entry_made, outgoing_event
from chassis.tests.runtime.metrics.conftest import read

KEY = "one key, so that all of it is in one partition"

POOLS = ("requests", "background", "reports")


def encoded(**facts):
    return msgspec.json.encode(entry_made(**facts))


def of(told, name, label):
    """The sum over all series of that name that have that label."""
    return sum(value for key, value in told.items() if key[0] == name and label in key)


async def test_a_consumer_exports_its_lag_and_the_age_of_its_current_event(consumer, on_topic, scrape, topic):
    away = True

    def before(_):
        if away:
            raise psycopg.OperationalError("the database is away")

    for text in ("a lamp", "a desk", "a chair"):
        await on_topic.produce(encoded(text=text), KEY)
    member = consumer(before)
    handled = of(await scrape(), "event_handling_seconds_count", "on_entry_made")
    async with running_in_background(member.run):

        async def behind():
            told = await scrape(member.collector)
            assert of(told, "consumer_lag_events", topic) == 3
            assert of(told, "consumer_event_age_seconds", topic) > 0.3
            assert told["event_retries_total", "on_entry_made", topic] >= 1
            return True

        await eventually(behind)
        away = False

        async def caught_up():
            told = await scrape(member.collector)
            assert of(told, "consumer_lag_events", topic) == 0
            assert of(told, "consumer_event_age_seconds", topic) == 0
            return True

        await eventually(caught_up)
    told = await scrape(member.collector)

    assert of(told, "event_handling_seconds_count", "on_entry_made") == handled + 3
    assert not [key for key in told if key[0] == "consumer_lag_events"]  # it has no part of the topic any more


async def test_dead_letters_are_counted_by_operation(consumer, on_topic, scrape, topic):
    def never(_):
        raise LookupError("of all things")

    async with running_in_background(consumer(never).run):
        for value in (b"{not json", encoded(text="a lamp")):
            await on_topic.produce(value, KEY)
        await eventually(lambda: two(on_topic.dead))
    told = await scrape()

    assert told["dead_letters_total", "none", topic] == 1
    assert told["dead_letters_total", "on_entry_made", topic] == 1
    assert told["event_retries_total", "on_entry_made", topic] == 4  # and the fifth fault was the last


async def two(letters):
    assert len(await letters()) == 2
    return True


async def test_the_outbox_backlog_is_exported_until_the_relay_has_sent_it(unit_of_work, relay, ledger, scrape, topic):
    look = backlog_collector(ledger, cache_seconds=0)
    async with unit_of_work() as work:
        await work.publish(outgoing_event(topic, text="a lamp"), outgoing_event(topic, text="a desk"))
    waiting = await scrape(look)

    async with running_in_background(relay.run):

        async def sent():
            told = await scrape(look)
            assert told["outbox_events",] == 0
            assert told["duty_leads", "outbox"] == 1
            return told

        told = await eventually(sent)
    ended = await scrape()

    assert waiting["outbox_events",] == 2
    assert waiting["outbox_oldest_event_age_seconds",] > 0
    assert told["outbox_oldest_event_age_seconds",] == 0
    assert told["events_published_total", topic] == 2
    assert ended["duty_leads", "outbox"] == 0


async def test_the_leader_gauge_is_set_while_the_leadership_lasts(ledger, scrape):
    done = asyncio.Event()

    async def work(_):
        done.set()
        await asyncio.sleep(0)

    async with running_in_background(LeaderTask(ledger, "sweeping", work, interval=0.1).run):
        await asyncio.wait_for(done.wait(), 5)
        leading = (await scrape())["duty_leads", "sweeping"]
    ended = (await scrape())["duty_leads", "sweeping"]

    assert (leading, ended) == (1, 0)


async def test_a_scrape_waits_for_no_request(ledger_url):
    async with Database(ledger_url, name="tests", connections=1) as database, database.transaction():
        transport = httpx.ASGITransport(metrics_app([backlog_collector(database)]))
        async with httpx.AsyncClient(transport=transport, base_url="http://ledger") as http:
            answer = await asyncio.create_task(http.get("/metrics"))  # in a context of its own, as servers do

    assert read(answer.text)["outbox_events",] == 0


async def test_pools_export_their_usage(ledger, ledger_url, scrape):
    async with Database(ledger_url, name="reports", background_connections=0, pool="reports") as reports:
        collector = pools_collector([ledger, reports])

        async def all_there():
            told = await scrape(collector)
            assert {told[name, pool] for name in ("pool_connections", "pool_idle_connections") for pool in POOLS} == {2}
            return True

        await eventually(all_there)
        async with ledger.transaction() as transaction:
            await transaction.execute(PING_STATEMENT)
            told = await scrape(collector)

    assert [told["pool_idle_connections", pool] for pool in POOLS] == [1, 2, 2]
    assert [told["pool_waiting_requests", pool] for pool in POOLS] == [0, 0, 0]
