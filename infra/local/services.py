"""The services as processes: where each listens, what it needs, and the settings it gets from the environment."""

import json
from argparse import ArgumentTypeError
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

from sqlalchemy import make_url

from chassis.runtime.settings import DEVELOPMENT_ENVIRONMENT
from generated.services import SERVICES
from infra.credentials import ADMIN_CREDENTIALS, DEVELOPMENT_OPERATOR_KEY
from infra.local.process import ProcessSpec
from infra.local.python_process import python_process
from infra.local.run_dir import RunDir
from infra.local.traefik import gateway_port

CALLING_SERVICES = tuple(name for name, service in SERVICES.items() if service.calls_others)
ConnectionInfo = Mapping[str, Mapping[str, str]]


def internal_keys(run_dir: RunDir) -> dict[str, str]:
    """Give each caller's key to operations that only services and the operator may call."""
    return {
        "operator": DEVELOPMENT_OPERATOR_KEY,
        **{name: run_dir.secret(f"internal key of {name}") for name in CALLING_SERVICES},
    }


def seed_process(run_dir: RunDir, info: ConnectionInfo) -> tuple[ProcessSpec, dict[str, str]]:
    """Make the process that makes everything ready for the services, and say by which settings."""
    settings = {"POSTGRES_URL": info["postgres"]["url"], "KAFKA": info["kafka"]["url"], **_s3(info),
                "ENVIRONMENT": DEVELOPMENT_ENVIRONMENT,
                "ADMIN_EMAIL": ADMIN_CREDENTIALS["email"], "ADMIN_PASSWORD": ADMIN_CREDENTIALS["password"]}  # fmt: skip
    for name, service in SERVICES.items():
        if service.schema:
            settings[f"{name.upper()}_DATABASE_URL"] = _database(run_dir, info, service.schema)
    spec = python_process(run_dir, "seed", "infra.seeding", kind="migrations, topics, bucket, admin", env=settings)
    return replace(spec, start_timeout=600), settings  # it waits for what it needs, the first time for Kafka's download


def allocate_replica_urls(run_dir: RunDir, replicas: int) -> dict[str, list[str]]:
    """Claim a port for each replica and say where it will be; the first of each service has the usual one."""
    return {
        name: [
            f"http://127.0.0.1:{run_dir.ports.claim(replica_name(name, number), None if number else service.port)}"
            for number in range(replicas)
        ]
        for name, service in SERVICES.items()
    }


def replica_name(name: str, number: int) -> str:
    """Name a replica: order, order-2, order-3, for the numbers 0, 1, 2 that they have as INSTANCE."""
    return f"{name}-{number + 1}" if number else name


def service_processes(
    run_dir: RunDir,
    info: ConnectionInfo,
    urls: Mapping[str, Sequence[str]],
    only: Sequence[str],
    changes: Mapping[str, str],
) -> list[ProcessSpec]:
    """Specify the services, a replica for each address; `changes` are settings that a person wants otherwise.

    Replicas with the same number call each other.
    """
    keys = internal_keys(run_dir)
    shared = {"HOST": "127.0.0.1", "ENVIRONMENT": DEVELOPMENT_ENVIRONMENT, "LOG_LEVEL": "INFO",
              "SHOP_URL": f"http://127.0.0.1:{gateway_port(run_dir)}", "PICTURES_ORIGIN": info["s3"]["url"],
              "INTERNAL_KEYS": json.dumps({caller: [key] for caller, key in keys.items()})}  # fmt: skip
    own = {
        "valkey": {"REDIS_URL": info["valkey"]["url"]},
        "kafka": {"KAFKA": info["kafka"]["url"]},
        "s3": _s3(info),
        "mail": {"SMTP": info["mail"]["smtp"], "MAIL_FROM": "shop@example.com"},
    }  # fmt: skip
    specs = []
    for name, number in product(only, range(min(map(len, urls.values())))):
        service, url, called = SERVICES[name], urls[name][number], replica_name(name, number)
        port = int(url.rpartition(":")[2])
        metrics = run_dir.ports.claim(f"metrics of {called}", None if number else service.metrics_port)
        env = {**shared, "PORT": str(port), "METRICS_PORT": str(metrics), "INSTANCE": str(number),
               **{f"{other.upper()}_URL": its[number] for other, its in urls.items()}}  # fmt: skip
        for store in service.stores:
            env |= own[store]
        if service.schema:
            env["DATABASE_URL"] = _database(run_dir, info, service.schema)
        if name in keys:
            env["INTERNAL_KEY"] = keys[name]
        specs.append(python_process(run_dir, called, f"services.{name}.main", kind="service",
                                    after=["seed", *service.stores], preloads=True,
                                    health_check=(port, f"/{name}/health/ready"), env={**env, **changes},
                                    info={"url": url, "metrics": f"http://127.0.0.1:{metrics}/metrics"}))  # fmt: skip
    return specs


def _database(run_dir: RunDir, info: ConnectionInfo, schema: str) -> str:
    url = make_url(info["postgres"]["url"]).set(username=schema, password=run_dir.secret(f"database role {schema}"))
    return url.render_as_string(hide_password=False)


def _s3(info: ConnectionInfo) -> dict[str, str]:
    s3 = info["s3"]
    return {"S3_URL": s3["url"], "S3_KEY": s3["access_key"], "S3_SECRET": s3["secret_key"], "S3_BUCKET": s3["bucket"]}


def parse_service_names(names: str) -> list[str]:
    """Read a list of services such as `order,cart`, `all` or `none`.

    Raises:
        ArgumentTypeError: One of them is none of the shop's.
    """
    if names in ("all", "none"):
        return list(SERVICES) if names == "all" else []
    wanted = names.split(",")
    if unknown := [name for name in wanted if name not in SERVICES]:
        raise ArgumentTypeError(f"{unknown[0]} is none of {', '.join(SERVICES)}")
    return wanted
