"""Two of a service side by side: the gateway and Kafka give to both, one relay leads, and nobody is missed for long."""

import signal

import httpx
import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from chassis.testing.eventually import eventually_sync
from infra.local import control

BOTH = ["payment", "payment-2"]
INSERT_OUTBOX_ROW = """
INSERT INTO payment.outbox (event_id, topic, key, value, headers)
VALUES (gen_random_uuid(), 'payment.events', 'an order', '{}', '{}')"""
COUNT_UNPUBLISHED = "SELECT count(*) FROM payment.outbox WHERE published_at IS NULL"


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    """Give the run folder of a shop with two of the payment service, and of nothing else."""
    folder = tmp_path_factory.mktemp("replicas")
    control.start(folder, "--services", "payment", "--replicas", "2")
    yield folder
    control.stop(folder)


def read_metrics(run_dir, replica, name):
    """What a replica tells Prometheus under a name: labels and value of each sample."""
    text = httpx.get(control.read_manifest(run_dir)["services"][replica]["metrics"], trust_env=False).text
    return [(s.labels, s.value) for m in text_string_to_metric_families(text) for s in m.samples if s.name == name]


def partitions(run_dir, replica):
    lags = read_metrics(run_dir, replica, "shop_consumer_lag_events")
    return {labels["partition"] for labels, _ in lags if labels["topic"] == "order.events"}


def leading_replicas(run_dir, replicas):
    duty = ({"duty": "outbox"}, 1)
    return [replica for replica in replicas if duty in read_metrics(run_dir, replica, "shop_duty_leads")]


def test_each_has_its_own_address_and_is_another_instance(run_dir):
    services = control.read_manifest(run_dir)["services"]

    assert list(services) == BOTH
    assert len({services[replica][what] for replica in BOTH for what in ("url", "metrics", "pid", "log")}) == 8


def test_the_gateway_gives_requests_to_both(run_dir):
    for _ in range(4):
        answer = httpx.get(f"{control.read_manifest(run_dir)['gateway']}/payment/v1/_info", trust_env=False)
        assert answer.status_code == 200

    for replica in BOTH:
        asked = read_metrics(run_dir, replica, "shop_request_duration_seconds_count")
        assert sum(times for labels, times in asked if labels["operation"] == "get_payment_info") == 2


def test_two_replicas_share_the_partitions_of_a_topic(run_dir):
    def shared():
        first, second = (partitions(run_dir, replica) for replica in BOTH)
        return first and second and sorted([*first, *second]) == ["0", "1", "2"]

    eventually_sync(shared, within=30)


def test_when_the_leading_relay_is_killed_the_other_one_sends_what_there_is(run_dir):
    eventually_sync(lambda: len(leading_replicas(run_dir, BOTH)) == 1)
    (leader,) = leading_replicas(run_dir, BOTH)
    (other,) = {*BOTH} - {leader}

    control.keep_down(run_dir, leader, signal.SIGKILL)

    with psycopg.connect(control.read_manifest(run_dir)["postgres"], autocommit=True) as connection:
        connection.execute(INSERT_OUTBOX_ROW)
        eventually_sync(lambda: connection.execute(COUNT_UNPUBLISHED).fetchone() == (0,), within=30)
    assert leading_replicas(run_dir, [other]) == [other]
    control.release(run_dir, leader)
    assert leading_replicas(run_dir, BOTH) == [other]
