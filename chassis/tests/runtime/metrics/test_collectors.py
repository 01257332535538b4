"""What is looked up when somebody asks, and what is told when it cannot be."""

import asyncio

from prometheus_client.parser import text_string_to_metric_families

from chassis.runtime.metrics import Collector, GaugeSpec, render_exposition

LAMPS_GAUGE = GaugeSpec("lamps", "Lamps on the shelf.")
LAMPS_BY_WOOD_GAUGE = GaugeSpec("lamps_by_wood", "The same, by what they are made of.", ("shelf", "wood"))


class Shelf:
    def __init__(self, *seen):
        self.seen, self.times = seen, 0

    async def look(self):
        self.times += 1
        if isinstance(self.seen[0], Exception):
            raise self.seen[0]
        await asyncio.sleep(0)
        return self.seen


async def test_a_collector_gives_each_gauge_its_value_in_order(scrape):
    shelf = Shelf(3, {("1", "walnut"): 2, ("1", "oak"): 1})

    told = await scrape(Collector(shelf.look, LAMPS_GAUGE, LAMPS_BY_WOOD_GAUGE))

    assert told["lamps",] == 3
    assert told["lamps_by_wood", "1", "walnut"] == 2
    assert told["lamps_by_wood", "1", "oak"] == 1


async def test_a_second_scrape_within_the_cache_time_collects_nothing(scrape):
    shelf = Shelf(3)
    look = Collector(shelf.look, LAMPS_GAUGE)

    await asyncio.gather(scrape(look), scrape(look))
    shelf.seen = (4,)
    told = await scrape(look)

    assert (told["lamps",], shelf.times) == (3, 1)


async def test_an_expired_value_is_collected_again(scrape):
    shelf = Shelf(3)
    look = Collector(shelf.look, LAMPS_GAUGE, cache_seconds=0)

    await scrape(look)
    shelf.seen = (4,)

    assert (await scrape(look))["lamps",] == 4


async def test_a_failed_collector_has_no_value_and_is_counted_and_the_others_are_scraped(scrape):
    away, there = (
        Collector(Shelf(OSError("the database is away")).look, LAMPS_GAUGE),
        Collector(Shelf({}).look, LAMPS_BY_WOOD_GAUGE),
    )
    before = (await scrape()).get(("looks_failed_total", "lamps"), 0)

    text = (await render_exposition([away, there])).decode()

    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert families["lamps"].samples == []  # known by its name, so that a dashboard can be held against it
    assert families["lamps_by_wood"].samples == []
    assert (await scrape())["looks_failed_total", "lamps"] == before + 1


async def test_a_slow_collector_times_out(scrape, monkeypatch):
    monkeypatch.setattr("chassis.runtime.metrics.COLLECT_TIMEOUT", 0.05)

    async def forever():
        await asyncio.sleep(60)

    told = await asyncio.wait_for(scrape(Collector(forever, LAMPS_GAUGE)), 5)

    assert ("lamps",) not in told


async def test_all_names_begin_with_the_namespace_but_those_that_every_process_has():
    families = {
        family.name: family
        for family in text_string_to_metric_families(
            (await render_exposition([Collector(Shelf(3).look, LAMPS_GAUGE)], "app")).decode()
        )
    }

    assert {name.partition("_")[0] for name in families} == {"app", "process"}
    assert [sample.name for sample in families["app_lamps"].samples] == ["app_lamps"]
    assert {sample.name for sample in families["app_looks_failed"].samples} <= {"app_looks_failed_total"}


async def test_process_metrics_are_exported(scrape):
    told = await scrape()

    assert told["process_resident_memory_bytes",] > 1_000_000
    assert told["process_cpu_seconds_total",] > 0
