"""Who may reach whom, by what the network policies say and by nothing else."""

import json
from urllib.parse import urlsplit

import pytest
import yaml

from chassis.contracts.asyncapi import EventApi
from generated.access import OPERATIONS
from generated.services import SERVICES
from tests.packaging.kubernetes.cluster import (
    BASE,
    EXAMPLE,
    ROOT,
    Peer,
    kustomization,
    may_connect,
    peer,
    pods,
    select_kind,
)

INTERNAL_CALLS = {
    ("cart", "catalog"),
    ("order", "cart"),
    ("order", "catalog"),
    ("order", "notifications"),
    ("order", "payment"),
    ("order", "shipping"),
    ("payment", "order"),
    ("storefront", "cart"),
    ("storefront", "catalog"),
    ("storefront", "notifications"),
    ("storefront", "order"),
    ("storefront", "payment"),
    ("storefront", "shipping"),
    *((name, "auth") for name in SERVICES if name != "auth"),  # for the keys that tokens are signed with
}
EACH_SERVICE = pytest.mark.parametrize("name", SERVICES)
HTTP, METRICS = 8000, 9100
OUTSIDE_PEER = Peer({"app.kubernetes.io/name": "order", "app.kubernetes.io/component": "api"}, namespace="elsewhere")
INTERNET = Peer(address="203.0.113.7")
PLACEHOLDER = Peer(address="192.0.2.7")
WITH_TABLES = [name for name, service in SERVICES.items() if service.schema]
STORES = {
    "postgresql": ({"seed", *(f"{name}-{role}" for name in WITH_TABLES for role in ("api", "worker"))}, 5432),
    "kafka": ({f"{name}-worker" for name, it in SERVICES.items() if "kafka" in it.stores} | {"seed"}, 9092),
    "redis": ({f"{name}-{role}" for name in ("cart", "storefront") for role in ("api", "worker")}, 6379),
    "s3": ({"catalog-api", "catalog-worker", "seed"}, 443),
    "smtp": ({"notifications-api", "notifications-worker"}, 25),
    "stripe": ({"payment-api", "payment-worker"}, 443),
    "collector": ({f"{name}-{role}" for name in SERVICES for role in ("api", "worker")}, 4318),
}  # fmt: skip
NOT_IN_EXAMPLE = {"collector", "stripe"}


def clients_at(port, stores):
    """Whoever may be let out to one of these stores, while they have the same address."""
    return {pod for store in stores if STORES[store][1] == port for pod in STORES[store][0]}


@pytest.mark.parametrize("role", ["api", "worker"])
@EACH_SERVICE
def test_a_service_reaches_those_whom_it_calls_and_nobody_else(name, role):
    reached = {other for other in SERVICES if may_connect(peer(f"{name}-{role}"), peer(f"{other}-api"), HTTP)}

    assert reached == {called for caller, called in INTERNAL_CALLS if caller == name}


@pytest.mark.parametrize(
    ("name", "operation"),
    [(name, it) for name, all_of_it in OPERATIONS.items() for it, access in all_of_it.items() if access.internal],
)
def test_those_whom_an_internal_operation_is_for_reach_it(name, operation):
    callers = OPERATIONS[name][operation].internal & SERVICES.keys()  # the operator comes by the gateway

    assert all(may_connect(peer(f"{caller}-api"), peer(f"{name}-api"), HTTP) for caller in callers)


def test_whoever_has_a_pact_over_http_reaches_the_other_side():
    pacts = [json.loads(path.read_text()) for path in (ROOT / "contracts" / "pacts").glob("*.json")]
    pairs = {
        (pact["consumer"]["name"], pact["provider"]["name"])
        for pact in pacts
        if any(one["type"] == "Synchronous/HTTP" for one in pact["interactions"])
    }

    # Of auth everybody asks the public keys, and no pact is about them.
    assert pairs == {(caller, called) for caller, called in INTERNAL_CALLS if called != "auth"} | {
        ("notifications", "auth"),
        ("storefront", "auth"),
    }


@EACH_SERVICE
def test_the_gateway_reaches_apis_and_no_workers(name):
    assert may_connect(peer("gateway"), peer(f"{name}-api"), HTTP)
    assert not may_connect(peer("gateway"), peer(f"{name}-worker"), HTTP)
    assert not may_connect(peer("gateway"), peer(f"{name}-api"), METRICS)


@pytest.mark.parametrize("source", [OUTSIDE_PEER, INTERNET], ids=["another namespace", "the internet"])
def test_from_elsewhere_only_the_gateway_is_reached(source):
    ports = (80, HTTP, 8080, 8082, METRICS)
    reached = {(pod, port) for pod in pods() for port in ports if may_connect(source, peer(pod), port)}

    assert reached == {("gateway", 8080)}


@EACH_SERVICE
def test_workers_answer_nobody_in_the_shop(name):
    assert not any(may_connect(peer(pod), peer(f"{name}-worker"), port) for pod in pods() for port in (HTTP, METRICS))


@EACH_SERVICE
def test_only_prometheus_reaches_the_metrics_port(name):
    for role in ("api", "worker"):
        assert may_connect(Peer(namespace="monitoring"), peer(f"{name}-{role}"), METRICS)
        assert not may_connect(Peer(namespace="monitoring"), peer(f"{name}-{role}"), HTTP)


@pytest.mark.parametrize("store", STORES)
def test_a_store_is_reached_by_those_who_keep_something_there(store):
    port = STORES[store][1]

    assert {pod for pod in pods() if may_connect(peer(pod), PLACEHOLDER, port)} == clients_at(port, STORES)


def test_those_who_send_or_receive_events_reach_kafka():
    workers = {f"{api.name}-worker" for api in EventApi.load_all(ROOT / "asyncapi") if api.operations}

    assert workers == STORES["kafka"][0] - {"seed"}


@pytest.mark.parametrize("port", [25, 80, 443, 4318, 5432, 6379, 8000, 9092])
def test_nobody_reaches_the_internet(port):
    assert [pod for pod in pods() if may_connect(peer(pod), INTERNET, port)] == []


@pytest.mark.parametrize("protocol", ["TCP", "UDP"])
def test_everybody_may_ask_for_names(protocol):
    dns = Peer({"k8s-app": "kube-dns"}, namespace="kube-system")

    assert all(may_connect(peer(pod), dns, 53, protocol=protocol) for pod in pods())
    assert not any(may_connect(peer(pod), dns, 443) for pod in pods())


def test_a_pod_that_no_policy_knows_is_alone():
    stranger = Peer({"app.kubernetes.io/name": "stranger"})

    assert not any(
        may_connect(stranger, peer(pod), port) for pod in pods() for port in (HTTP, 8080) if pod != "gateway"
    )
    assert not any(may_connect(stranger, PLACEHOLDER, port) for _, port in STORES.values())
    assert not may_connect(peer("gateway"), stranger, HTTP)


# With the addresses of an overlay


def test_the_ports_are_those_of_the_addresses():
    settings = select_kind("ConfigMap", EXAMPLE)["settings"]["data"]

    assert settings["KAFKA"].rpartition(":")[2] == str(STORES["kafka"][1])
    assert settings["SMTP"].rpartition(":")[2] == str(STORES["smtp"][1])
    assert urlsplit(settings["S3_URL"]).scheme == "https"


@pytest.mark.parametrize("store", set(STORES) - NOT_IN_EXAMPLE)
def test_an_overlay_opens_the_way_to_one_store_for_those_alone(store):
    patches = {one["target"]["name"]: yaml.safe_load(one["patch"]) for one in kustomization(EXAMPLE)["patches"]}
    network = patches[f"to-{store}"][0]["value"]
    wanted, port = STORES[store]
    there = Peer(address=network.replace("0/28", "1"))

    assert {pod for pod in pods() if may_connect(peer(pod), there, port, EXAMPLE)} == wanted
    assert not any(may_connect(peer(pod), there, port, BASE) for pod in pods())
    left = {pod for pod in pods() if may_connect(peer(pod), PLACEHOLDER, port, EXAMPLE)}
    assert left == clients_at(port, NOT_IN_EXAMPLE)


def test_there_is_no_collector_where_none_is_named():
    assert select_kind("ConfigMap", EXAMPLE)["settings"]["data"]["OTEL_EXPORTER_OTLP_ENDPOINT"] == ""
    assert not any(may_connect(peer(pod), INTERNET, 4318, EXAMPLE) for pod in pods())
