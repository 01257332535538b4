"""What runs: as the contracts, the settings and a cluster that trusts nobody would have it."""

import json
from dataclasses import fields
from importlib import import_module
from typing import get_type_hints

import pytest

from chassis.contracts.asyncapi import EventApi
from chassis.runtime.process import SHUTDOWN_GRACE_SECONDS
from chassis.runtime.settings import SettingsError, read_settings
from generated.access import OPERATIONS
from generated.services import SERVICES
from infra import seeding
from services import EVENT_CONTRACTS_FOLDER
from tests.packaging.kubernetes.cluster import BASE, EXAMPLE, ROOT, pods, select_kind

PODS = pods()
ROLES = [(name, role) for name in SERVICES for role in ("api", "worker")]
EACH_ROLE = pytest.mark.parametrize(("name", "role"), ROLES)
EACH_POD = pytest.mark.parametrize("pod", PODS)


def container_of(pod):
    (container,) = PODS[pod]["spec"]["containers"]
    return container


def all_containers_of(pod):
    return [*PODS[pod]["spec"].get("initContainers", []), container_of(pod)]


def environment(pod, folder=BASE):
    """What a container is told; a field of the pod is its path in brackets."""
    maps, container = select_kind("ConfigMap", folder), container_of(pod)
    said = {}
    for source in container.get("envFrom", []):
        said |= maps[source["configMapRef"]["name"]]["data"]
    for variable in container["env"]:
        assert variable["name"] not in said
        source = variable.get("valueFrom", {})
        if "configMapKeyRef" in source:
            said[variable["name"]] = maps[source["configMapKeyRef"]["name"]]["data"][source["configMapKeyRef"]["key"]]
        else:
            said[variable["name"]] = variable.get("value", f"[{source.get('fieldRef', {}).get('fieldPath')}]")
    return said


def settings_of(name):
    return import_module(f"services.{name}.settings").Settings


# The environment


@EACH_ROLE
def test_variables_are_those_that_the_settings_read(name, role):
    told = {variable.removesuffix("_FILE").lower() for variable in environment(f"{name}-{role}")}

    unused = {f"{name}_url", *([] if role == "worker" else ["instance"])}
    if not any(access.internal for access in OPERATIONS[name].values()):
        unused.add("internal_keys")
    assert told == {one.name for one in fields(settings_of(name))} - unused


@pytest.mark.parametrize("folder", [BASE, EXAMPLE], ids=lambda folder: folder.name)
@EACH_ROLE
def test_a_service_starts_with_its_environment(name, role, folder, tmp_path):
    told = environment(f"{name}-{role}", folder)
    secret = {
        "internal_keys": json.dumps({"order": ["o" * 32], "payment": ["p" * 32], "operator": ["q" * 32]}),
        "database_url": "postgresql://role:password@postgresql.internal:5432/shop",
    }
    for variable, path in told.items():
        if variable.endswith("_FILE"):
            file = tmp_path / path.removeprefix("/run/secrets/")
            file.write_text(secret.get(file.name, "s" * 32))
            told[variable] = str(file)
    if name == "payment" and folder == BASE:  # which leaves it to an overlay to say who takes the money
        with pytest.raises(SettingsError, match="PAYMENT_PROVIDER"):
            read_settings(settings_of(name), told)
        told["PAYMENT_PROVIDER"] = "mock"

    settings = read_settings(settings_of(name), told)

    assert settings.environment == "production"
    assert settings.host == "0.0.0.0"  # noqa: S104  # where probes and callers find it


@EACH_ROLE
def test_secrets_are_files_and_no_variables(name, role):
    told, pod = environment(f"{name}-{role}"), PODS[f"{name}-{role}"]
    hidden = {field.upper() for field, kind in get_type_hints(settings_of(name)).items() if "Secret" in repr(kind)}
    (volume,) = (one["secret"] for one in pod["spec"]["volumes"] if one["name"] == "secrets")

    assert not hidden & told.keys()
    assert volume["secretName"] == name
    assert {f"/run/secrets/{item['path']}" for item in volume["items"]} == {
        path for variable, path in told.items() if variable.endswith("_FILE")
    }
    assert volume["defaultMode"] == 0o440


@EACH_ROLE
def test_neighbours_are_called_by_the_names_and_ports_of_their_services(name, role):
    services = select_kind("Service")

    for variable, address in environment(f"{name}-{role}").items():
        neighbour = variable.removesuffix("_URL").lower()
        if variable.endswith("_URL") and neighbour in SERVICES:
            assert address == f"http://{neighbour}:{services[neighbour]['spec']['ports'][0]['port']}"


@pytest.mark.parametrize("name", [api.name for api in EventApi.load_all(EVENT_CONTRACTS_FOLDER) if api.receives])
def test_a_worker_keeps_the_name_by_which_kafka_knows_it_and_no_two_share_one(name):
    assert f"{name}-worker" in select_kind("StatefulSet")
    assert environment(f"{name}-worker")["INSTANCE"] == "[metadata.name]"
    assert "INSTANCE" not in environment(f"{name}-api")  # it is no member of any group


def test_the_gateways_environment_has_the_address_of_every_service_and_nothing_else():
    (sidecar,) = PODS["gateway"]["spec"]["initContainers"]
    own = {
        "PROBLEMS_URL": f"http://127.0.0.1:{sidecar['command'][-1]}",
        "CORS_ORIGINS": "",
        "TRUSTED_PROXIES": "",
        "RATE_LIMITS": "on",
    }

    assert environment("gateway") == {f"{name.upper()}_URL": f"http://{name}:8000" for name in SERVICES} | own
    assert sidecar["command"][:-1] == ["python", "-m", "infra.gateway.problems"]
    assert sidecar["restartPolicy"] == "Always"


def test_the_seed_is_told_what_it_reads():
    told, pod = environment("seed"), PODS["seed"]
    (items,) = (one["secret"]["items"] for one in pod["spec"]["volumes"] if "secret" in one)

    databases = {f"{name.upper()}_DATABASE_URL" for name in seeding.services_with_migrations()}
    assert {variable.removesuffix("_FILE") for variable in told} == {
        *seeding.SETTING_NAMES,
        *seeding.KAFKA_SETTING_NAMES,
        *databases,
    }
    assert {f"/run/secrets/{item['path']}" for item in items} == {p for v, p in told.items() if v.endswith("_FILE")}
    assert container_of("seed")["command"] == ["python", "-m", "infra.seeding"]


# Roles, ports and probes


@EACH_ROLE
def test_each_role_is_run_as_such(name, role):
    assert container_of(f"{name}-{role}")["command"] == ["python", "-m", f"services.{name}.main", "--role", role]
    assert f"{name}-{role}" in select_kind("Deployment" if role == "api" else "StatefulSet")


@EACH_ROLE
def test_probes_ask_the_operations_of_the_contract_at_the_port_that_is_served(name, role):
    container, told = container_of(f"{name}-{role}"), environment(f"{name}-{role}")
    ports = {port["name"]: str(port["containerPort"]) for port in container["ports"]}
    health, ready = (OPERATIONS[name][operation] for operation in (f"get_{name}_health", f"get_{name}_readiness"))

    asked = {probe: container[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert {probe: get["path"] for probe, get in asked.items()} == {
        "startupProbe": health.path, "livenessProbe": health.path, "readinessProbe": ready.path,
    }  # fmt: skip
    assert health.public and ready.public
    assert {get["port"] for get in asked.values()} == {"http"}
    assert ports == {"http": told["PORT"], "metrics": told["METRICS_PORT"]}
    assert PODS[f"{name}-{role}"]["metadata"]["annotations"]["prometheus.io/port"] == told["METRICS_PORT"]


def test_the_gateway_serves_where_its_configuration_says():
    ports = {port["name"]: port["containerPort"] for port in container_of("gateway")["ports"]}
    configuration = select_kind("ConfigMap")["gateway"]["data"]["traefik.yml"]
    mounts = {one["mountPath"] for one in container_of("gateway")["volumeMounts"]}

    assert ports == {"http": 8080, "admin": 8082}
    assert 'address: ":8080"' in configuration
    assert 'address: ":8082"' in configuration
    assert "ping: {entryPoint: admin}" in configuration
    assert "file: {directory: /etc/traefik/routes, watch: true}" in configuration
    assert {"/etc/traefik/traefik.yml", "/etc/traefik/routes/routes.yml"} < mounts


def test_the_gateway_has_the_generated_routes():
    routes = (ROOT / "generated" / "gateway" / "routes.yml").read_text("utf-8")

    assert select_kind("ConfigMap")["gateway-routes"]["data"] == {"routes.yml": routes}


# Many of each, and fewer


@EACH_ROLE
def test_a_drained_node_leaves_somebody_to_do_the_work(name, role):
    budget = select_kind("PodDisruptionBudget")[f"{name}-{role}"]["spec"]
    if role == "api":
        least = select_kind("HorizontalPodAutoscaler")[f"{name}-api"]["spec"]["minReplicas"]
    else:
        least = select_kind("StatefulSet")[f"{name}-worker"]["spec"]["replicas"]

    assert least > budget["maxUnavailable"]


@pytest.mark.parametrize("name", select_kind("Deployment"))
def test_who_answers_requests_is_as_many_as_needed(name):
    (scaler,) = (
        one["spec"]
        for one in select_kind("HorizontalPodAutoscaler").values()
        if one["spec"]["scaleTargetRef"]["name"] == name
    )

    assert 2 <= scaler["minReplicas"] < scaler["maxReplicas"]
    assert "replicas" not in select_kind("Deployment")[name]["spec"]  # or applying it again would undo the scaling
    assert "cpu" in container_of(name)["resources"]["requests"]  # what utilization is a part of


def test_no_worker_is_without_a_part_of_the_topics():
    topics = json.loads((ROOT / "generated" / "topics.json").read_text())
    fewest = min(topic["partitions"] for name, topic in topics.items() if not name.endswith(".dlq"))

    assert all(one["spec"]["replicas"] <= fewest for one in select_kind("StatefulSet").values())


@EACH_POD
def test_replicas_are_spread_over_nodes_and_zones(pod):
    if pod != "seed":
        spread = PODS[pod]["spec"]["topologySpreadConstraints"]

        assert {one["topologyKey"] for one in spread} == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}
        labels = PODS[pod]["metadata"]["labels"]
        assert all(one["labelSelector"]["matchLabels"].items() <= labels.items() for one in spread)


@EACH_ROLE
def test_a_service_has_the_time_it_takes_to_end(name, role):
    pod, container = PODS[f"{name}-{role}"], container_of(f"{name}-{role}")
    before = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)

    assert pod["spec"]["terminationGracePeriodSeconds"] >= before + SHUTDOWN_GRACE_SECONDS + 3
    assert (before > 0) is (role == "api")  # requests still come until every node knows that it is going


# What a container may


@EACH_POD
def test_a_pod_is_nobody_and_may_nothing(pod):
    spec = PODS[pod]["spec"]

    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] > 999
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in all_containers_of(pod):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
        }  # fmt: skip
        assert not any("hostPort" in port for port in container.get("ports", []))
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC", "serviceAccountName"} & spec.keys()
    assert not any("hostPath" in volume for volume in spec["volumes"])


@EACH_POD
def test_a_pod_writes_only_to_a_folder_of_limited_size(pod):
    writable = [one["name"] for one in container_of(pod)["volumeMounts"] if not one.get("readOnly")]
    volumes = {one["name"]: one for one in PODS[pod]["spec"]["volumes"]}

    assert writable == ["tmp"]
    assert "sizeLimit" in volumes["tmp"]["emptyDir"]


@EACH_POD
def test_a_pod_says_what_it_needs_and_gets_no_more(pod):
    for container in all_containers_of(pod):
        resources = container["resources"]

        assert resources["requests"].keys() == resources["limits"].keys() == {"cpu", "memory"}
        assert not container["image"].endswith(":latest")
        assert ":" in container["image"]
