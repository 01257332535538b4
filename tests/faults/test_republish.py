"""Events that the broker has lost are published again from the outboxes, and taken once."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from chassis.testing.eventually import eventually
from chassis.testing.topics import read_records
from infra import republish
from tests.faults.test_delivery import count_mails_about
from tests.shop import TOPICS


async def events_about(shop, order):
    """How often each event about the order is on the topics, by its event_id."""
    found = Counter()
    for topic in TOPICS:
        for record in await read_records(shop.manifest["kafka"], topic):
            if record.key == str(order.order_id).encode():
                found[msgspec.json.decode(record.value)["event_id"]] += 1
    return found


@pytest.mark.usefixtures("invariants_hold_afterwards")
async def test_what_is_published_again_changes_nothing_and_mails_nobody(shop, asha, capsys):
    lamp, began = await shop.product(stock=5), datetime.now(UTC)
    order = await asha.place_order(lamp)
    await asha.pay()
    await shop.wait_for_status(order.order_id, "PAID", shipment="READY_TO_SHIP")
    await shop.wait_until_invariants_hold()
    await shop.wait_until_consumed()
    before, mailed, published = (
        await shop.snapshot(),
        await count_mails_about(shop, order),
        await events_about(shop, order),
    )

    code = await asyncio.to_thread(republish.main, ["--since", began.isoformat(), "--run-dir", str(shop.run_dir)])

    assert code == 0
    assert capsys.readouterr().out.count("events are sent again") == 4

    async def all_are_there_again():
        return await events_about(shop, order) == {event_id: 2 * times for event_id, times in published.items()}

    assert len(published) >= 3
    await eventually(all_are_there_again, within=20)
    await shop.wait_until_consumed()
    assert await shop.snapshot() == before
    assert await count_mails_about(shop, order) == mailed


def test_a_moment_is_a_time_with_its_zone_or_so_long_ago():
    hour = datetime.now(UTC) - timedelta(hours=1)

    assert republish.parse_moment(hour.isoformat()) == hour
    for text in ("60m", "1h"):
        assert abs(republish.parse_moment(text) - hour) < timedelta(seconds=10)


@pytest.mark.parametrize("text", ["", "yesterday", "8d", "2020-01-05T12:00:00Z", "2999-01-05T12:00:00Z", "-1h"])
def test_what_the_outboxes_do_not_reach_is_refused(text):
    with pytest.raises(ValueError):
        republish.parse_moment(text)


def test_a_database_that_is_not_known_is_told_and_keeps_no_other(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("ORDER_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/nothing")

    assert republish.main(["--since", "1h", "--run-dir", str(tmp_path)]) == 1

    said = capsys.readouterr().err
    assert [f"Error: {service}: " in said for service in republish.sending_services()] == [True] * 4
