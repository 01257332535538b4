"""What kustomize puts together: valid for Kubernetes, complete, and at one with itself."""

import json
import re
import shutil
import subprocess
from copy import deepcopy
from functools import cache

import jsonschema_rs
import pytest
import yaml

from generated.services import SERVICES
from services import VERSION
from tests.packaging import compose
from tests.packaging.kubernetes.cluster import (
    BASE,
    EXAMPLE,
    ROOT,
    build_manifests,
    containers,
    kustomization,
    object_name,
    pod_template,
    pods,
    select_kind,
    selector_matches,
)

SCHEMAS = ROOT / "tests" / "packaging" / "kubernetes" / "schemas"
KUSTOMIZATIONS = [
    BASE,
    EXAMPLE,
    ROOT / "infra" / "traefik",
    ROOT / "generated" / "kubernetes",
    ROOT / "generated" / "gateway",
]
BOTH = pytest.mark.parametrize("folder", [BASE, EXAMPLE], ids=lambda folder: folder.name)
PACKAGES = {
    "apps/v1": "apps.v1",
    "autoscaling/v2": "autoscaling.v2",
    "batch/v1": "batch.v1",
    "networking.k8s.io/v1": "networking.v1",
    "policy/v1": "policy.v1",
    "v1": "core.v1",
}


@pytest.fixture(scope="module", params=["1.30", "1.37"])
def schemas(request):
    """What Kubernetes of that version takes, and nothing more."""
    known = json.loads((SCHEMAS / f"v{request.param}.json").read_text())

    @cache
    def schema(version, kind):
        return jsonschema_rs.Draft202012Validator(known | {"$ref": f"#/$defs/io.k8s.api.{PACKAGES[version]}.{kind}"})

    def mistakes(one):
        found = schema(one["apiVersion"], one["kind"]).iter_errors(one)
        return [f"{'/'.join(map(str, error.instance_path))}: {error.message}" for error in found]

    return mistakes


@BOTH
def test_kubernetes_would_take_every_object(schemas, folder):
    assert {object_name(one): found for one in build_manifests(folder) if (found := schemas(one))} == {}


@pytest.mark.parametrize(
    ("kind", "name", "path", "value"),
    [
        pytest.param("StatefulSet", "order-worker", "spec/replicas", "two", id="a number in words"),
        pytest.param("Deployment", "order-api", "spec/template/spec/containers/0/livenesProbe", {}, id="a slip"),
        pytest.param("NetworkPolicy", "to-order", "spec/ingress/0/ports/0/port", True, id="a port that is none"),
        pytest.param("PodDisruptionBudget", "order-api", "spec/selector", [], id="a list for an object"),
    ],
)
def test_an_object_that_kubernetes_would_not_take_is_found_by_its_schema(schemas, kind, name, path, value):
    one = deepcopy(select_kind(kind)[name])
    *steps, last = path.split("/")
    node = one
    for step in steps:
        node = node[int(step) if isinstance(node, list) else step]
    node[last] = value

    assert len(schemas(one)) == 1


@pytest.mark.parametrize("folder", KUSTOMIZATIONS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_a_kustomization_names_what_there_is(folder):
    said = kustomization(folder)
    named = {
        *said.get("resources", []),
        *(f for one in said.get("configMapGenerator", []) for f in one.get("files", [])),
    }

    assert all((folder / one).exists() for one in named)
    if folder.name != "traefik":  # beside its configuration lie routes that only Compose has
        assert {path.name for path in folder.iterdir()} - {"kustomization.yaml"} == {n for n in named if "/" not in n}


@BOTH
def test_nothing_is_there_twice(folder):
    names = [object_name(one) for one in build_manifests(folder)]

    assert len(names) == len(set(names))


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl, whose kustomize this asks, is not installed")
@BOTH
def test_kustomize_itself_puts_the_same_together(folder):
    made = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, timeout=60, check=True)

    generated = "|".join(select_kind("ConfigMap", folder))
    plain = re.sub(rf"(name: (?:{generated}))-[a-z0-9]{{10}}$", r"\1", made.stdout, flags=re.MULTILINE)
    theirs = {object_name(one): one for one in yaml.load_all(plain, yaml.CSafeLoader)}
    assert theirs == {object_name(one): one for one in build_manifests(folder)}


@BOTH
def test_every_config_map_secret_and_service_that_an_object_refers_to_exists(folder):
    maps, services, workloads = select_kind("ConfigMap", folder), select_kind("Service", folder), pods(folder)
    for pod in workloads.values():
        (container,) = pod["spec"]["containers"]
        for variable in container["env"]:
            if reference := variable.get("valueFrom", {}).get("configMapKeyRef"):
                assert reference["key"] in maps[reference["name"]]["data"]
        assert all(one["configMapRef"]["name"] in maps for one in container.get("envFrom", []))
        mounted = {one["name"] for one in pod["spec"]["volumes"]}
        assert {one["name"] for one in container["volumeMounts"]} == mounted
        for volume in pod["spec"]["volumes"]:
            assert "configMap" not in volume or volume["configMap"]["name"] in maps
        for mount in container["volumeMounts"]:
            if "subPath" in mount:
                (source,) = (one["configMap"]["name"] for one in pod["spec"]["volumes"] if one["name"] == mount["name"])
                assert mount["subPath"] in maps[source]["data"]
    assert all(one["spec"]["serviceName"] in services for one in select_kind("StatefulSet", folder).values())
    for one in select_kind("HorizontalPodAutoscaler", folder).values():
        assert one["spec"]["scaleTargetRef"]["name"] in select_kind("Deployment", folder)


@BOTH
def test_what_selects_pods_selects_those_of_one_workload(folder):
    selectors = {name: one["spec"]["selector"] for name, one in select_kind("PodDisruptionBudget", folder).items()}
    selectors |= {
        name: {"matchLabels": one["spec"]["selector"]} for name, one in select_kind("Service", folder).items()
    }
    for kind in ("Deployment", "StatefulSet"):
        selectors |= {name: one["spec"]["selector"] for name, one in select_kind(kind, folder).items()}
    every = pods(folder)

    for name, selector in selectors.items():
        (chosen,) = (pod for pod, it in every.items() if selector_matches(selector, it["metadata"]["labels"]))
        assert chosen in {name, f"{name}-api"}
        for spread in every[chosen]["spec"]["topologySpreadConstraints"]:
            assert spread["labelSelector"] == selector or "app.kubernetes.io/name" in selector


@BOTH
def test_services_lead_to_ports_that_there_are(folder):
    for service in select_kind("Service", folder).values():
        (pod,) = (
            it
            for it in pods(folder).values()
            if selector_matches({"matchLabels": service["spec"]["selector"]}, it["metadata"]["labels"])
        )
        names = {port["name"] for port in pod["spec"]["containers"][0]["ports"]}

        assert {port["targetPort"] for port in service["spec"]["ports"]} <= names


def test_images_are_those_that_are_built_and_of_this_version():
    used = {
        name: container["image"]
        for one in build_manifests(BASE)
        for container in containers(one)
        for name in [object_name(one)[1]]
    }

    assert used.pop("gateway") == compose.read_compose()["services"]["gateway"]["image"]
    assert used.keys() == {"seed", *(f"{name}-{role}" for name in SERVICES for role in ("api", "worker"))}
    assert set(used.values()) == {f"shop/service:{VERSION}"}


def test_an_overlay_can_say_where_images_come_from():
    used = {container["image"] for one in build_manifests(EXAMPLE) for container in containers(one)}

    assert {image for image in used if not image.startswith("registry.example.net/shop/")} == {
        compose.read_compose()["services"]["gateway"]["image"]
    }


def test_the_example_s_load_balancer_leaves_the_gateway_the_addresses_of_those_who_connect():
    service = select_kind("Service", EXAMPLE)["gateway"]["spec"]

    assert (service["type"], service["externalTrafficPolicy"]) == ("LoadBalancer", "Local")


def test_the_namespace_takes_only_restricted_pods():
    (namespace,) = select_kind("Namespace").values()

    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert {one["metadata"]["namespace"] for one in build_manifests(BASE) if one is not namespace} == {
        namespace["metadata"]["name"]
    }


def test_no_secret_is_in_any_file_and_the_readme_names_each():
    table = (ROOT / "infra" / "kubernetes" / "README.md").read_text("utf-8")
    told = {
        row[1]: set(re.findall(r"`(\w+)`", row[2]))
        for row in re.finditer(r"^\| `(\w+)` \| (.*?) \|$", table, re.MULTILINE)
    }
    wanted = {
        volume["secret"]["secretName"]: {item["key"] for item in volume["secret"]["items"]}
        for one in build_manifests(BASE)
        if (pod := pod_template(one))
        for volume in pod["spec"]["volumes"]
        if "secret" in volume
    }

    assert select_kind("Secret") == {}
    assert told == wanted
