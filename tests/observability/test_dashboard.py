"""Every panel of the dashboard asks for what running services tell; and all that they tell is shown somewhere."""

import re
from itertools import combinations

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from generated.services import SERVICES
from tests.observability.panels import (
    LABELS_ADDED_BY_PROMETHEUS,
    PROMETHEUS_OWN_METRICS,
    ROOT,
    Query,
    dashboard,
    queries,
    series,
)


@pytest.fixture(scope="module")
def panels():
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


async def test_every_panel_queries_series_that_running_services_tell(read_metrics_text):
    known = PROMETHEUS_OWN_METRICS | {
        name: kind for service in SERVICES for name, kind in series(await read_metrics_text(service)).items()
    }

    asked = {(query.panel, name) for query in queries() for name in query.metrics}

    assert len(asked) > 30
    assert {(panel, name) for panel, name in asked if name not in known} == set()


async def test_every_series_of_ours_that_running_services_tell_is_in_some_panel(read_metrics_text):
    shown = {re.sub("_(bucket|count|sum)$", "", name) for query in queries() for name in query.metrics}

    ours = {
        name for service in SERVICES for name in series(await read_metrics_text(service)) if name.startswith("shop_")
    }

    assert {re.sub("_(bucket|count|sum)$", "", name) for name in ours} - shown == set()


async def test_panels_group_filter_and_name_by_labels_that_the_series_have(read_metrics_text):
    labels = {}
    for service in SERVICES:
        for family in text_string_to_metric_families(await read_metrics_text(service)):
            for sample in family.samples:
                labels.setdefault(sample.name, set()).update(sample.labels)

    misnamed = {
        (query.panel, *sorted(unknown))
        for query in queries()
        for name in query.metrics & labels.keys()
        if (unknown := query.labels - labels[name] - LABELS_ADDED_BY_PROMETHEUS)
    }

    assert misnamed == set()


async def test_counters_are_read_as_rates_and_gauges_as_they_are(read_metrics_text):
    kinds = {name: kind for service in SERVICES for name, kind in series(await read_metrics_text(service)).items()}

    for query in queries():
        for name in query.metrics & kinds.keys():
            as_rate = re.search(rf"\b(rate|increase)\({name}\b", query.expression) is not None
            assert as_rate == (kinds[name] != "gauge"), query


def test_a_query_is_read_rightly():
    query = Query(
        "", 'topk(5, sum by (le, x) (rate(shop_a_bucket{job="shop",y=~"a|b(c)"}[5m]))) - max(b)', "{{x}} {{z}}"
    )

    assert query.metrics == {"shop_a_bucket", "b"}
    assert query.labels == {"le", "x", "y", "z", "job"}


def test_no_panel_lies_upon_another(panels):
    for one, other in combinations([panel["gridPos"] for panel in dashboard()["panels"]], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below, (one, other)
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_every_panel_has_a_name_of_its_own_a_unit_and_the_source_that_is_provisioned(panels):
    (source,) = yaml.safe_load((ROOT / "infra/grafana/provisioning/datasources/prometheus.yml").read_text())[
        "datasources"
    ]

    assert len({panel["title"] for panel in panels}) == len(panels)
    assert all(panel["fieldConfig"]["defaults"]["unit"] for panel in panels)
    assert {target["datasource"]["uid"] for panel in panels for target in panel["targets"]} == {source["uid"]}


def test_prometheus_asks_every_service_on_the_port_it_has():
    jobs = yaml.safe_load((ROOT / "generated/prometheus.yml").read_text())["scrape_configs"]
    (shop,) = [job for job in jobs if job["job_name"] == "shop"]

    asked = {name: found["port"] for found in shop["dns_sd_configs"] for name in found["names"]}

    assert asked == {name: service.metrics_port for name, service in SERVICES.items()}
