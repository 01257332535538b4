"""The shop on Kubernetes: what runs of each service, and who may reach whom. The rest is infra/kubernetes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from chassis.contracts.asyncapi import EventApi
from chassis.contracts.errors import ContractError
from chassis.contracts.openapi import Api, Operation
from tooling.generation.rendering import render_template
from tooling.generation.settings import Setting, read_settings_of

PORT, METRICS_PORT = 8000, 9100
FIXED_SETTING_VALUES = {"host": "0.0.0.0", "port": PORT, "metrics_port": METRICS_PORT}  # noqa: S104 - within a pod, behind policies


class ExternalServer(NamedTuple):
    """Something outside of the shop that services keep things in or tell others by."""

    name: str
    setting: str  # whoever is told this may reach it
    port: int
    seeded: bool = False
    duties_only: bool = False  # of no use to the role `api`


EXTERNAL_SERVERS = (
    ExternalServer("postgresql", "database_url", 5432, seeded=True),
    ExternalServer("kafka", "kafka", 9092, seeded=True, duties_only=True),
    ExternalServer("redis", "redis_url", 6379),
    ExternalServer("s3", "s3_url", 443, seeded=True),
    ExternalServer("smtp", "smtp", 25),
    ExternalServer("stripe", "stripe_url", 443),
    ExternalServer("collector", "otel_exporter_otlp_endpoint", 4318),
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
        kinds = {f"get_{self.name}_{kind}": kind for kind in ("health", "readiness")}
        return {kinds[operation.id]: operation.full_path for operation in self.operations if operation.id in kinds}

    @property
    def upstreams(self) -> list[str]:
        """The services whose addresses it is told."""
        names = (setting.name.removesuffix("_url") for setting in self.settings if setting.name.endswith("_url"))
        return sorted({name for name in names if name in self.services} - {self.name})

    def has_setting(self, name: str) -> bool:
        return any(setting.name == name for setting in self.settings)

    @property
    def secrets(self) -> list[Setting]:
        """What comes as files. Keys are of no use where no operation asks for one."""
        needs_keys = any(operation.access.internal for operation in self.operations)
        return [
            setting for setting in self.settings if setting.hidden and (needs_keys or setting.name != "internal_keys")
        ]

    @property
    def values(self) -> dict[str, str]:
        """What is the same in every cluster."""
        variables = {
            setting.variable: str(FIXED_SETTING_VALUES[setting.name])
            for setting in self.settings
            if setting.name in FIXED_SETTING_VALUES
        }
        variables |= {f"{name.upper()}_URL": f"http://{name}:{PORT}" for name in self.upstreams}
        return variables | {f"{setting.variable}_FILE": f"/run/secrets/{setting.name}" for setting in self.secrets}

    @property
    def tunables(self) -> list[Setting]:
        """Numbers with a default: in a ConfigMap of the service's own."""
        return [
            setting
            for setting in self.settings
            if isinstance(setting.default, int | float)
            and setting.name not in FIXED_SETTING_VALUES
            and not setting.hidden
        ]

    @property
    def shared(self) -> list[str]:
        """What the cluster's operator says once for all services that read it."""
        own = {*self.values, *(setting.variable for setting in self.tunables), "INSTANCE", f"{self.name.upper()}_URL"}
        return [setting.variable for setting in self.settings if not setting.hidden and setting.variable not in own]


def render_manifests(contracts: list[Api], events: list[EventApi], root: Path) -> dict[str, str]:
    """The text of each file, by its path below generated/."""
    workloads = list(iterate_workloads(contracts, events, root))
    for workload in workloads:
        check_workload(workload)
    names = {"workloads": workloads, "port": PORT, "metrics_port": METRICS_PORT}
    deployed = [workload for workload in workloads if workload.settings]  # a contract may come before its service
    files = {
        f"kubernetes/{workload.name}.yaml": render_template("kubernetes/service.yaml.jinja", service=workload, **names)
        for workload in deployed
    }
    files["kubernetes/network-policies.yaml"] = render_template(
        "kubernetes/network-policies.yaml.jinja",
        callers=allowed_callers(workloads),
        reached=clients_by_server(workloads),
        **names,
    )
    for name in ("gateway.yaml", "seed.yaml"):
        files[f"kubernetes/{name}"] = render_template(f"kubernetes/{name}.jinja", **{**names, "workloads": deployed})
    files["kubernetes/kustomization.yaml"] = render_template("kubernetes/kustomization.yaml.jinja", workloads=deployed)
    files["gateway/kustomization.yaml"] = render_template("kubernetes/routes.yaml.jinja")
    return files


def iterate_workloads(contracts: list[Api], events: list[EventApi], root: Path) -> Iterator[Workload]:
    """A workload for each contract with operations."""
    services = {api.name: api.operations for api in contracts if api.operations}
    with_events = {api.name for api in events if api.operations}
    for name, operations in services.items():
        yield Workload(name, operations, name in with_events, read_settings_of(root, name), list(services))


def check_workload(workload: Workload) -> None:
    """What the documents say of a service must be what its settings can do."""
    if not workload.settings:
        return
    if workload.has_events != workload.has_setting("kafka"):
        raise ContractError(f"asyncapi/{workload.name}.yaml and the settings of {workload.name} disagree about KAFKA")
    if len(workload.probes) < 2:
        raise ContractError(f"{workload.name}: get_{workload.name}_health or get_{workload.name}_readiness is missing")


def allowed_callers(workloads: list[Workload]) -> dict[str, dict[str, str]]:
    """For each service whoever may call it, and for what: only what the contracts and the callers' settings say."""
    known = {workload.name: workload for workload in workloads}
    callers: dict[str, dict[str, str]] = {}
    for workload in workloads:
        callers[workload.name] = {"gateway": "what shoppers, admins or everybody may call"} if workload.outside else {}
        internal = declared_callers_of(workload)
        for caller, operations in internal.items():
            if caller in known and known[caller].settings and workload.name not in known[caller].upstreams:
                raise ContractError(
                    f"{workload.name}: {operations[0]} is for {caller}, which has no {workload.name.upper()}_URL"
                )
        for caller, its in known.items():
            if caller in internal:
                callers[workload.name][caller] = ", ".join(internal[caller])
            elif workload.name in its.upstreams:
                callers[workload.name][caller] = "what everybody may call"
    return callers


def declared_callers_of(workload: Workload) -> Mapping[str, list[str]]:
    """The operations for each caller that `x-access` names. A person, such as the operator, comes by the gateway."""
    operations_by_caller: dict[str, list[str]] = {}
    for operation in workload.operations:
        for caller in operation.access.internal:
            operations_by_caller.setdefault(caller, []).append(operation.id)
    return operations_by_caller


def clients_by_server(workloads: list[Workload]) -> dict[ExternalServer, list[str]]:
    """Who may reach what is outside of the cluster."""
    return {
        server: [
            *(workload.name for workload in workloads if workload.has_setting(server.setting)),
            *(["seed"] if server.seeded else []),
        ]
        for server in EXTERNAL_SERVERS
    }
