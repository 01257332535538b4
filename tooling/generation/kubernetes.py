"""The shop on Kubernetes: what runs of each service, and who may reach whom. The rest is infra/kubernetes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from chassis.contracts.asyncapi import EventApi
from chassis.contracts.errors import ContractError
from chassis.contracts.openapi import Api, Operation
from tooling.generation.rendering import render
from tooling.generation.settings import Setting, settings_of

PORT, METRICS_PORT = 8000, 9100
FIXED_VALUES = {"host": "0.0.0.0", "port": PORT, "metrics_port": METRICS_PORT}  # noqa: S104 - within a pod, behind policies


class Store(NamedTuple):
    """Something outside of the shop that services keep things in or tell others by."""

    name: str
    setting: str  # whoever is told this may reach it
    port: int
    seeded: bool = False
    duties_only: bool = False  # of no use to the role `api`


STORES = (
    Store("postgresql", "database_url", 5432, seeded=True),
    Store("kafka", "kafka", 9092, seeded=True, duties_only=True),
    Store("redis", "redis_url", 6379),
    Store("s3", "s3_url", 443, seeded=True),
    Store("smtp", "smtp", 25),
    Store("collector", "otel_exporter_otlp_endpoint", 4318),
)


@dataclass(frozen=True)
class Workload:
    """One service, with what its contract, its events and its settings say about where it runs."""

    name: str
    operations: tuple[Operation, ...]
    has_events: bool
    settings: list[Setting]
    services: list[str]

    @property
    def outside(self) -> bool:
        """Whether anything of it is for shoppers, admins or everybody."""
        return any(operation.access.external for operation in self.operations)

    @property
    def takes_files(self) -> bool:
        """Whether it reads what people upload, for which it needs memory."""
        return any(operation.body_limit is not None for operation in self.operations)

    @property
    def probes(self) -> dict[str, str]:
        """Where the probes ask: the paths of the operations."""
        asked = {f"get_{self.name}_{what}": what for what in ("health", "readiness")}
        return {asked[one.id]: one.full_path for one in self.operations if one.id in asked}

    @property
    def upstreams(self) -> list[str]:
        """The services whose addresses it is told."""
        told = (one.name.removesuffix("_url") for one in self.settings if one.name.endswith("_url"))
        return sorted({name for name in told if name in self.services} - {self.name})

    def has_setting(self, name: str) -> bool:
        return any(one.name == name for one in self.settings)

    @property
    def secrets(self) -> list[Setting]:
        """What comes as files. Keys are of no use where no operation asks for one."""
        asked = any(operation.access.internal for operation in self.operations)
        return [one for one in self.settings if one.hidden and (asked or one.name != "internal_keys")]

    @property
    def values(self) -> dict[str, str]:
        """What is the same in every cluster."""
        said = {one.variable: str(FIXED_VALUES[one.name]) for one in self.settings if one.name in FIXED_VALUES}
        said |= {f"{name.upper()}_URL": f"http://{name}:{PORT}" for name in self.upstreams}
        return said | {f"{one.variable}_FILE": f"/run/secrets/{one.name}" for one in self.secrets}

    @property
    def tunables(self) -> list[Setting]:
        """Numbers with a default: in a ConfigMap of the service's own."""
        return [
            one
            for one in self.settings
            if isinstance(one.default, int | float) and one.name not in FIXED_VALUES and not one.hidden
        ]

    @property
    def shared(self) -> list[str]:
        """What the cluster's operator says once for all services that read it."""
        own = {*self.values, *(one.variable for one in self.tunables), "INSTANCE", f"{self.name.upper()}_URL"}
        return [one.variable for one in self.settings if not one.hidden and one.variable not in own]


def kubernetes(contracts: list[Api], events: list[EventApi], root: Path) -> dict[str, str]:
    """The text of each file, by its path below generated/."""
    found = list(workloads(contracts, events, root))
    for one in found:
        reject_disagreement(one)
    names = {"workloads": found, "port": PORT, "metrics_port": METRICS_PORT}
    written = [one for one in found if one.settings]  # a contract may come before its service
    files = {
        f"kubernetes/{one.name}.yaml": render("kubernetes/service.yaml.jinja", service=one, **names) for one in written
    }
    files["kubernetes/network-policies.yaml"] = render(
        "kubernetes/network-policies.yaml.jinja", callers=callers(found), reached=clients_by_store(found), **names
    )
    for name in ("gateway.yaml", "seed.yaml"):
        files[f"kubernetes/{name}"] = render(f"kubernetes/{name}.jinja", **{**names, "workloads": written})
    files["kubernetes/kustomization.yaml"] = render("kubernetes/kustomization.yaml.jinja", workloads=written)
    files["gateway/kustomization.yaml"] = render("kubernetes/routes.yaml.jinja")
    return files


def workloads(contracts: list[Api], events: list[EventApi], root: Path) -> Iterator[Workload]:
    """A workload for each contract with operations."""
    services = {api.name: api.operations for api in contracts if api.operations}
    with_events = {api.name for api in events if api.operations}
    for name, found in services.items():
        yield Workload(name, found, name in with_events, settings_of(root, name), list(services))


def reject_disagreement(one: Workload) -> None:
    """What the documents say of a service must be what its settings can do."""
    if not one.settings:
        return
    if one.has_events != one.has_setting("kafka"):
        raise ContractError(f"asyncapi/{one.name}.yaml and the settings of {one.name} disagree about KAFKA")
    if len(one.probes) < 2:
        raise ContractError(f"{one.name}: get_{one.name}_health or get_{one.name}_readiness is missing")


def callers(found: list[Workload]) -> dict[str, dict[str, str]]:
    """For each service whoever may call it, and for what: only what the contracts and the callers' settings say."""
    known = {one.name: one for one in found}
    said: dict[str, dict[str, str]] = {}
    for one in found:
        said[one.name] = {"gateway": "what shoppers, admins or everybody may call"} if one.outside else {}
        internal = declared(one)
        for caller, wanted in internal.items():
            if caller in known and known[caller].settings and one.name not in known[caller].upstreams:
                raise ContractError(f"{one.name}: {wanted[0]} is for {caller}, which has no {one.name.upper()}_URL")
        for caller, its in known.items():
            if caller in internal:
                said[one.name][caller] = ", ".join(internal[caller])
            elif one.name in its.upstreams:
                said[one.name][caller] = "what everybody may call"
    return said


def declared(one: Workload) -> Mapping[str, list[str]]:
    """The operations for each caller that `x-access` names. A person, such as the operator, comes by the gateway."""
    said: dict[str, list[str]] = {}
    for operation in one.operations:
        for caller in operation.access.internal:
            said.setdefault(caller, []).append(operation.id)
    return said


def clients_by_store(found: list[Workload]) -> dict[Store, list[str]]:
    """Who may reach what is outside of the cluster."""
    return {
        store: [*(one.name for one in found if one.has_setting(store.setting)), *(["seed"] if store.seeded else [])]
        for store in STORES
    }
