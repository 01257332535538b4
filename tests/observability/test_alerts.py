"""Each alert asks for what running services tell, and fires when it should and not a minute before."""

import subprocess
from typing import NamedTuple

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from generated.services import SERVICES
from tests.observability.panels import LABELS_ADDED_BY_PROMETHEUS, PROMETHEUS_OWN_METRICS, ROOT, Query, series
from tests.observability.promtool import find_promtool

RULES_FILE = ROOT / "infra/prometheus/alerts.yml"
RULES = [rule for group in yaml.safe_load(RULES_FILE.read_text())["groups"] for rule in group["rules"]]
QUERIES = [Query(rule["alert"], rule["expr"], " ".join(rule["annotations"].values())) for rule in RULES]


class Case(NamedTuple):
    """What services tell, minute by minute, the last minute at which the alert is quiet, and the first at which not."""

    told: dict[str, str]
    quiet: int
    fires: int
    labels: str


CASES = {
    "DeadLetters": Case(
        {'shop_dead_letters_open{job="shop",service="order",instance="a"}': "0x2 1x20",
         'shop_dead_letters_open{job="shop",service="order",instance="b"}': "0x2 1x20",
         'shop_dead_letters_open{job="shop",service="cart"}': "0x22"},
        4, 5, 'service="order",severity="warning"'),
    "ConsumerBehind": Case(
        {'shop_consumer_event_age_seconds{job="shop",service="cart",topic="order.events",partition="0"}': "0x2 121x20",
         'shop_consumer_event_age_seconds{job="shop",service="order",topic="auth.events",partition="1"}': "120x22"},
        4, 5, 'service="cart",severity="critical",topic="order.events"'),
    "EventsPileUp": Case(
        {'shop_consumer_lag_events{job="shop",service="cart",topic="order.events",partition="0"}': "0x2 600x20",
         'shop_consumer_lag_events{job="shop",service="cart",topic="order.events",partition="1"}': "0x2 401x20",
         'shop_consumer_lag_events{job="shop",service="order",topic="auth.events",partition="1"}': "1000x22"},
        12, 13, 'service="cart",severity="warning",topic="order.events"'),
    "OutboxOld": Case(
        {'shop_outbox_oldest_event_age_seconds{job="shop",service="payment"}': "0x2 61x20",
         'shop_outbox_oldest_event_age_seconds{job="shop",service="auth"}': "60x22"},
        3, 4, 'service="payment",severity="critical"'),
    "OrdersOverdue": Case({'shop_orders_overdue{job="shop",service="order"}': "0x2 1x20"}, 12, 13,
                          'service="order",severity="critical"'),
    "OrdersPostponed": Case({'shop_orders_postponed{job="shop",service="order"}': "0x2 1x50"}, 32, 33,
                            'service="order",severity="warning"'),
    "OrdersStuck": Case(
        {'shop_orders_unsettled{job="shop",service="order",state="PENDING"}': "0x2 21x20",
         'shop_orders_unsettled{job="shop",service="order",state="CREATED"}': "500x22"},
        12, 13, 'service="order",severity="critical",state="PENDING"'),
    "MailsFailed": Case(
        {'shop_mails_total{job="shop",service="notifications",status="FAILED"}': "3x5 4x40",
         'shop_mails_total{job="shop",service="notifications",status="SENT"}': "0+60x45"},
        5, 7, 'service="notifications",severity="warning"'),
    "MailsWait": Case({'shop_mails_oldest_queued_age_seconds{job="shop",service="notifications"}': "0x2 901x20"}, 7, 8,
                      'service="notifications",severity="warning"'),
    "ProcessAway": Case(
        {'up{job="shop",service="cart",instance="a"}': "1x2 0x20", 'up{job="kafka",service="",instance="b"}': "0x22"},
        4, 5, 'instance="a",job="shop",service="cart",severity="critical"'),
    "NobodyLeads": Case(
        {'shop_duty_leads{job="shop",service="order",duty="sweeper",instance="a"}': "1x2 0x20",
         'shop_duty_leads{job="shop",service="order",duty="sweeper",instance="b"}': "0x22",
         'shop_duty_leads{job="shop",service="order",duty="outbox",instance="a"}': "1x2 0x20",
         'shop_duty_leads{job="shop",service="order",duty="outbox",instance="b"}': "0x2 1x20"},
        4, 5, 'duty="sweeper",service="order",severity="critical"'),
    "SweeperSilent": Case(
        {'shop_duty_leads{job="shop",service="order",duty="sweeper",instance="a"}': "1x2 stale",
         'shop_duty_leads{job="shop",service="order",duty="outbox",instance="a"}': "1x30"},
        7, 8, 'duty="sweeper",job="shop",service="order",severity="critical"'),
    "DutyFails": Case(
        {'shop_duties_failed_total{job="shop",service="order",duty="relay"}': "0+1x30",
         'shop_duties_failed_total{job="shop",service="auth",duty="relay"}': "1x30"},
        3, 10, 'duty="relay",service="order",severity="warning"'),
    "PoolFull": Case(
        {'shop_pool_waiting_requests{job="shop",service="catalog",pool="searches"}': "0x2 3x20",
         'shop_pool_waiting_requests{job="shop",service="catalog",pool="requests"}': "0 5 0 5 0 5 0 5 0 5"},
        4, 5, 'pool="searches",service="catalog",severity="critical"'),
    "ServerFaults": Case(
        {'shop_request_duration_seconds_count{job="shop",service="cart",operation="get_cart",status="500"}': "_x5 1x30",
         'shop_request_duration_seconds_count{job="shop",service="cart",operation="add_line",status="503"}': "0+9x35"},
        4, 6, 'operation="get_cart",service="cart",severity="warning"'),
    "ServerFaults, not the first": Case(
        {'shop_request_duration_seconds_count{job="shop",service="cart",operation="refresh",status="500"}': "1x30 2x9"},
        29, 32, 'operation="refresh",service="cart",severity="warning"'),
    "FiguresMissing": Case(
        {'shop_looks_failed_total{job="shop",service="order",figure="orders_unsettled"}': "0+1x30"},
        4, 12, 'figure="orders_unsettled",service="order",severity="warning"'),
}  # fmt: skip


@pytest.fixture(scope="module")
def promtool():
    found = find_promtool()

    def run(*words):
        ended = subprocess.run([found, *words], capture_output=True, text=True, check=False, timeout=60)
        return ended.returncode, ended.stdout + ended.stderr

    return run


def test_prometheus_takes_the_rules(promtool):
    code, said = promtool("check", "rules", str(RULES_FILE))

    assert code == 0, said


def test_every_alert_is_tried():
    assert {case.partition(",")[0] for case in CASES} == {rule["alert"] for rule in RULES}


@pytest.mark.parametrize("name", CASES)
def test_an_alert_fires_when_it_should_and_not_a_minute_before(promtool, tmp_path, name):
    case, alert = CASES[name], name.partition(",")[0]
    expression = f'ALERTS{{alertname="{alert}",alertstate="firing"}}'
    fired = f'ALERTS{{alertname="{alert}",alertstate="firing",{case.labels}}}'
    tried = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in case.told.items()],
        "promql_expr_test": [
            {"expr": expression, "eval_time": f"{case.quiet}m", "exp_samples": []},
            {"expr": expression, "eval_time": f"{case.fires}m", "exp_samples": [{"labels": fired, "value": 1}]},
        ],
    }
    (tmp_path / "test.yml").write_text(yaml.safe_dump({"rule_files": [str(RULES_FILE)], "tests": [tried]}))

    code, said = promtool("test", "rules", str(tmp_path / "test.yml"))

    assert code == 0, said


async def test_every_alert_asks_for_series_that_running_services_tell(read_metrics_text):
    known = PROMETHEUS_OWN_METRICS | {
        name: kind for service in SERVICES for name, kind in series(await read_metrics_text(service)).items()
    }

    asked = {(query.panel, name) for query in QUERIES for name in query.metrics}

    assert len(asked) == len(RULES)
    assert {(alert, name) for alert, name in asked if name not in known} == set()


async def test_alerts_group_and_filter_by_labels_that_the_series_have(read_metrics_text):
    labels, values = {}, {}
    for service in SERVICES:
        for family in text_string_to_metric_families(await read_metrics_text(service)):
            for sample in family.samples:
                labels.setdefault(sample.name, set()).update(sample.labels)
                for label, value in sample.labels.items():
                    values.setdefault((sample.name, label), set()).add(value)

    misnamed = {
        (query.panel, *sorted(unknown))
        for query in QUERIES
        for name in query.metrics & labels.keys()
        if (unknown := query.labels - labels[name] - LABELS_ADDED_BY_PROMETHEUS)
    }

    assert misnamed == set()
    assert {"PENDING", "CANCELLING"} <= values["shop_orders_unsettled", "state"]
    assert "FAILED" in values["shop_mails_total", "status"]
    assert "sweeper" in values["shop_duty_leads", "duty"]


def test_every_alert_says_how_urgent_it_is_and_what_to_look_at():
    for rule in RULES:
        assert rule["labels"]["severity"] in ("critical", "warning"), rule["alert"]
        assert rule["annotations"].keys() == {"summary", "description"}, rule["alert"]
    assert len({rule["alert"] for rule in RULES}) == len(RULES)


def test_prometheus_reads_the_rules_in_containers():
    prometheus = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["prometheus"]
    (rules,) = yaml.safe_load((ROOT / "generated/prometheus.yml").read_text())["rule_files"]

    assert f"./{RULES_FILE.relative_to(ROOT)}:{rules}:ro" in prometheus["volumes"]
