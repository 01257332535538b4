"""The shop in containers: Compose files and Prometheus' targets, and the list of services that programs read."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.contracts.errors import ContractError
from tooling.generation.kubernetes import PORT, Workload
from tooling.generation.rendering import render_template
from tooling.project import PROJECT_NAME, TOOLING_CONFIGURATION

METRICS_OFFSET = 1100
# By their paths below generated/: Compose files stand at the top, where people and Compose look for them.
COMPOSE_FILES = (
    "../docker-compose.yml",
    "../docker-compose.production.yml",
    "../docker-compose.watch.yml",
    "prometheus.yml",
)
# The store that a setting leads to, by the name of its server in the local stack, and its network of containers.
STORES_BY_SETTING = {"kafka": "kafka", "redis_url": "valkey", "s3_url": "s3", "smtp": "mail"}
NETWORKS_BY_SETTING = {
    "database_url": "rows",
    "redis_url": "carts",
    "kafka": "events",
    "s3_url": "images",
    "smtp": "mail",
}
# Containers that a service waits for; the others, the seed has waited for.
CONTAINERS_BY_SETTING = {"redis_url": "redis", "smtp": "mail"}
SHARED_SETTINGS = (
    "environment",
    "host",
    "port",
    "log_level",
    "otel_exporter_otlp_endpoint",
    "auth_url",
    "internal_keys",
    "trusted_proxies",
)
CONFIGURED_VALUES: Mapping[str, str] = TOOLING_CONFIGURATION["compose"]
PRODUCTION_VALUES: Mapping[str, str] = TOOLING_CONFIGURATION["production"]


@dataclass(frozen=True)
class ServiceContainer:
    """A service with its entry in services.toml, as Compose and the local stack need it."""

    workload: Workload
    entry: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.workload.name

    @property
    def port(self) -> int:
        port: int = self.entry["port"]
        return port

    @property
    def metrics_port(self) -> int:
        return self.port + METRICS_OFFSET

    @property
    def schema(self) -> str | None:
        return self.entry.get("schema", self.name) if self.has_setting("database_url") else None

    @property
    def stores(self) -> tuple[str, ...]:
        return tuple(store for setting, store in STORES_BY_SETTING.items() if self.has_setting(setting))

    @property
    def calls_others(self) -> bool:
        return self.has_setting("internal_key")

    @property
    def takes_files(self) -> bool:
        return self.workload.takes_files

    @property
    def networks(self) -> list[str]:
        return [
            PROJECT_NAME,
            *(network for setting, network in NETWORKS_BY_SETTING.items() if self.has_setting(setting)),
        ]

    @property
    def waits_for(self) -> list[str]:
        return [container for setting, container in CONTAINERS_BY_SETTING.items() if self.has_setting(setting)]

    @property
    def environment(self) -> dict[str, str]:
        """The variables of its container beside those of all services, as YAML writes their values.

        Raises:
            ContractError: A setting without a default has no value here.
        """
        values = {"METRICS_PORT": f'"{self.metrics_port}"'}
        for one in self.workload.settings:
            if one.name in SHARED_SETTINGS:
                continue
            if one.hidden and not one.required and one.name not in CONFIGURED_VALUES:
                continue  # what Compose's own servers need none of
            if one.hidden:
                values[f"{one.variable}_FILE"] = f"/run/secrets/{one.name}"
            elif one.name in CONFIGURED_VALUES:
                values[one.variable] = CONFIGURED_VALUES[one.name]
            elif one.name.removesuffix("_url") in self.workload.upstreams:
                values[one.variable] = f"http://{one.name.removesuffix('_url')}:{PORT}"
            elif one.required:
                raise ContractError(f"{self.name}: Compose knows no value for {one.variable} (pyproject.toml)")
        return values

    @property
    def production(self) -> str:
        """What its container is told otherwise in production, as YAML."""
        variables = [
            f'{name.upper()}: "{value}"' for name, value in PRODUCTION_VALUES.items() if self.has_setting(name)
        ]
        return f"{{{', '.join(['ENVIRONMENT: production', *variables])}}}"

    def has_setting(self, setting: str) -> bool:
        return self.workload.has_setting(setting)


def build_containers(workloads: list[Workload], root: Path) -> list[ServiceContainer]:
    """The services in the order of services.toml.

    Raises:
        ContractError: The list and the contracts or packages do not name the same services, or two have one port.
    """
    listed = root / "services.toml"
    entries = tomllib.loads(listed.read_text("utf-8")) if listed.exists() else {}
    written = {
        workload.name: workload for workload in workloads if workload.settings
    }  # a contract may come before its service
    if different := entries.keys() ^ written.keys():
        raise ContractError(
            f"services.toml and the services with a contract and settings differ in {', '.join(sorted(different))}"
        )
    ports = [entry["port"] for entry in entries.values()]
    if twice := {port for port in ports if ports.count(port) > 1}:
        raise ContractError(f"services.toml gives port {min(twice)} twice")
    return [ServiceContainer(written[name], entry) for name, entry in entries.items()]


def render_compose_files(services: list[ServiceContainer], root: Path) -> Iterator[tuple[str, str]]:
    """The path and the text of each Compose file, and of Prometheus' configuration."""
    shared = sorted(path.stem for path in (root / "services").glob("*.py"))  # what all services import
    for name in COMPOSE_FILES:
        yield (
            name,
            render_template(
                f"compose/{name.removeprefix('../')}.jinja", services=services, shared=shared, values=CONFIGURED_VALUES
            ),
        )


def render_service_list(services: list[ServiceContainer]) -> str:
    return render_template("services.py.jinja", services=services)
