"""The services as parts: where each listens, what it needs, and the settings it gets from the environment."""

import json
from argparse import ArgumentTypeError
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

from sqlalchemy import make_url

from generated.services import SERVICES
from infra.credentials import ADMIN, OPERATOR_KEY
from infra.local.part import Part
from infra.local.place import Place
from infra.local.program import program

CALLERS = tuple(name for name, service in SERVICES.items() if service.calls_others)
Facts = Mapping[str, Mapping[str, str]]


def internal_keys(place: Place) -> dict[str, str]:
    """Give each caller's key to operations that only services and the operator may call."""
    return {"operator": OPERATOR_KEY, **{name: place.secret(f"internal key of {name}") for name in CALLERS}}


def seed(place: Place, facts: Facts) -> tuple[Part, dict[str, str]]:
    """Make the part that makes everything ready for the services, and say by which settings."""
    settings = {"POSTGRES_URL": facts["postgres"]["url"], "KAFKA": facts["kafka"]["url"], **_s3(facts),
                "ADMIN_EMAIL": ADMIN["email"], "ADMIN_PASSWORD": ADMIN["password"]}  # fmt: skip
    for name, service in SERVICES.items():
        if service.schema:
            settings[f"{name.upper()}_DATABASE_URL"] = _database(place, facts, service.schema)
    part = program(place, "seed", "infra.seeding", kind="migrations, topics, bucket, admin", env=settings)
    return replace(part, patience=600), settings  # it waits for what it needs, the first time for Kafka's download


def allocate_replica_urls(place: Place, replicas: int) -> dict[str, list[str]]:
    """Claim a port for each replica and say where it will be; the first of each service has the usual one."""
    return {
        name: [
            f"http://127.0.0.1:{place.ports.claim(replica(name, number), None if number else service.port)}"
            for number in range(replicas)
        ]
        for name, service in SERVICES.items()
    }


def replica(name: str, number: int) -> str:
    """Name a replica: order, order-2, order-3, for the numbers 0, 1, 2 that they have as INSTANCE."""
    return f"{name}-{number + 1}" if number else name


def services(
    place: Place, facts: Facts, urls: Mapping[str, Sequence[str]], only: Sequence[str], changes: Mapping[str, str]
) -> list[Part]:
    """Make the parts of the services, a replica for each address; `changes` are settings that a person wants otherwise.

    Replicas with the same number call each other.
    """
    keys = internal_keys(place)
    shared = {"HOST": "127.0.0.1", "ENVIRONMENT": "development", "LOG_LEVEL": "INFO",
              "INTERNAL_KEYS": json.dumps({caller: [key] for caller, key in keys.items()})}  # fmt: skip
    own = {
        "valkey": {"REDIS_URL": facts["valkey"]["url"]},
        "kafka": {"KAFKA": facts["kafka"]["url"]},
        "s3": _s3(facts),
        "mail": {"SMTP": facts["mail"]["smtp"], "MAIL_FROM": "shop@example.com"},
    }
    parts = []
    for name, number in product(only, range(min(map(len, urls.values())))):
        service, url, called = SERVICES[name], urls[name][number], replica(name, number)
        port = int(url.rpartition(":")[2])
        metrics = place.ports.claim(f"metrics of {called}", None if number else service.metrics_port)
        env = {**shared, "PORT": str(port), "METRICS_PORT": str(metrics), "INSTANCE": str(number),
               **{f"{other.upper()}_URL": its[number] for other, its in urls.items()}}  # fmt: skip
        for store in service.stores:
            env |= own[store]
        if service.schema:
            env["DATABASE_URL"] = _database(place, facts, service.schema)
        if name in keys:
            env["INTERNAL_KEY"] = keys[name]
        parts.append(program(place, called, f"services.{name}.main", kind="service", after=["seed", *service.stores],
                             answers=(port, f"/{name}/health/ready"), env={**env, **changes},
                             facts={"url": url, "metrics": f"http://127.0.0.1:{metrics}/metrics"}))  # fmt: skip
    return parts


def _database(place: Place, facts: Facts, schema: str) -> str:
    url = make_url(facts["postgres"]["url"]).set(username=schema, password=place.secret(f"database role {schema}"))
    return url.render_as_string(hide_password=False)


def _s3(facts: Facts) -> dict[str, str]:
    s3 = facts["s3"]
    return {"S3_URL": s3["url"], "S3_KEY": s3["access_key"], "S3_SECRET": s3["secret_key"], "S3_BUCKET": s3["bucket"]}


def only_known(names: str) -> list[str]:
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
