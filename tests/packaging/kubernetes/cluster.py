"""The Kubernetes manifests as kustomize puts them together, and what the network policies in them allow.

No cluster and no kustomize runs here: of kustomize this does what our files use (where kubectl is installed, a test
holds it to the real one). Generated ConfigMaps keep their plain names.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[3]
BASE, EXAMPLE = ROOT / "infra" / "kubernetes" / "base", ROOT / "infra" / "kubernetes" / "overlays" / "example"
Node = dict[str, Any]


def kustomization(folder: Path) -> Node:
    return yaml.load((folder / "kustomization.yaml").read_text("utf-8"), yaml.CSafeLoader)  # a safe one


@cache
def build_manifests(folder: Path) -> list[Node]:
    """All objects of a kustomization."""
    said = kustomization(folder)
    found = [one for resource in said.get("resources", []) for one in _resources(folder / resource)]
    for generator in said.get("configMapGenerator", []):
        made = {file: (folder / file).read_text("utf-8") for file in generator.get("files", [])}
        made |= dict(literal.split("=", 1) for literal in generator.get("literals", []))
        if generator.get("behavior") == "merge":
            (old,) = (one for one in found if object_name(one) == ("ConfigMap", generator["name"]))
            old["data"] |= made
        else:
            found.append(
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": generator["name"]}, "data": made}
            )
    for one in found if "namespace" in said else []:
        if one["kind"] != "Namespace":
            one["metadata"]["namespace"] = said["namespace"]
    for image in said.get("images", []):
        for container in (container for one in found for container in containers(one)):
            plain, _, tag = container["image"].partition(":")
            if plain == image["name"]:
                container["image"] = f"{image.get('newName', plain)}:{image.get('newTag', tag)}"
    for patch in said.get("patches", []):
        (target,) = (one for one in found if object_name(one) == (patch["target"]["kind"], patch["target"]["name"]))
        for change in yaml.safe_load(patch["patch"]):
            _change(target, change)
    return found


def _resources(path: Path) -> list[Node]:
    if path.is_dir():
        return deepcopy(build_manifests(path.resolve()))
    return list(yaml.load_all(path.read_text("utf-8"), yaml.CSafeLoader))  # a safe one


def _change(node: Any, change: Mapping[str, Any]) -> None:
    *steps, last = change["path"].strip("/").split("/")
    for step in steps:
        node = node[int(step) if isinstance(node, list) else step]
    assert (last in node) is (change["op"] == "replace")
    node[last] = change["value"]


def object_name(one: Node) -> tuple[str, str]:
    return one["kind"], one["metadata"]["name"]


def select_kind(kind: str, folder: Path = BASE) -> dict[str, Node]:
    return {one["metadata"]["name"]: one for one in build_manifests(folder) if one["kind"] == kind}


def pod_template(one: Node) -> Node | None:
    """The template of the pods that an object makes, if it makes any."""
    return one.get("spec", {}).get("template") if one["kind"] in {"Deployment", "StatefulSet", "Job"} else None


def pods(folder: Path = BASE) -> dict[str, Node]:
    return {one["metadata"]["name"]: pod for one in build_manifests(folder) if (pod := pod_template(one))}


def containers(one: Node) -> list[Node]:
    pod = pod_template(one)
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]] if pod else []


# Network policies


class Peer(NamedTuple):
    """One end of a connection: a pod by its labels and namespace, or an address outside of the cluster."""

    labels: Mapping[str, str] = {}
    namespace: str = "shop"
    address: str = ""


def peer(name: str, folder: Path = BASE) -> Peer:
    """The pods of a workload, such as order-api."""
    return Peer(pods(folder)[name]["metadata"]["labels"])


def may_connect(source: Peer, target: Peer, port: int, folder: Path = BASE, protocol: str = "TCP") -> bool:
    """Whether both ends allow it; an end that no policy selects allows all."""
    return all(
        _allowed(end, other, direction, peers, port, protocol, folder)
        for end, other, direction, peers in ((source, target, "Egress", "to"), (target, source, "Ingress", "from"))
        if end.namespace == "shop" and not end.address
    )


def _allowed(end: Peer, other: Peer, direction: str, peers: str, port: int, protocol: str, folder: Path) -> bool:
    policies = [
        policy["spec"]
        for policy in select_kind("NetworkPolicy", folder).values()
        if direction in policy["spec"]["policyTypes"] and selector_matches(policy["spec"]["podSelector"], end.labels)
    ]
    rules = [rule for policy in policies for rule in policy.get(direction.lower(), [])]
    return not policies or any(
        {"protocol": protocol, "port": port} in rule["ports"]
        and (peers not in rule or any(_is(one, other) for one in rule[peers]))
        for rule in rules
    )


def _is(said: Node, other: Peer) -> bool:
    if "ipBlock" in said:
        return bool(other.address) and ip_address(other.address) in ip_network(said["ipBlock"]["cidr"])
    if other.address:
        return False
    where = said.get("namespaceSelector", {"matchLabels": {"kubernetes.io/metadata.name": "shop"}})
    return selector_matches(where, {"kubernetes.io/metadata.name": other.namespace}) and selector_matches(
        said.get("podSelector", {}), other.labels
    )


def selector_matches(selector: Node, labels: Mapping[str, str]) -> bool:
    return all(met(labels) for met in _conditions(selector))


def _conditions(selector: Node) -> Iterator[Any]:
    assert selector.keys() <= {"matchLabels", "matchExpressions"}
    for key, value in selector.get("matchLabels", {}).items():
        yield lambda labels, key=key, value=value: labels.get(key) == value
    for one in selector.get("matchExpressions", []):
        assert one["operator"] == "In"
        yield lambda labels, one=one: labels.get(one["key"]) in one["values"]
