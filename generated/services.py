# Generated from services.toml and the services' settings by scripts/generate.py. Do not edit.

"""The services: where each listens on one machine, its schema, its stores, and whether it calls others by a key."""

from collections.abc import Mapping
from typing import NamedTuple


class Service(NamedTuple):
    port: int
    metrics_port: int
    schema: str | None
    stores: tuple[str, ...]
    calls_others: bool


SERVICES: Mapping[str, Service] = {
    "auth": Service(8001, 9101, "auth", ("kafka",), False),
    "catalog": Service(8002, 9102, "catalog", ("kafka", "s3"), False),
    "cart": Service(8003, 9103, None, ("kafka", "valkey"), True),
    "order": Service(8004, 9104, "orders", ("kafka",), True),
    "payment": Service(8005, 9105, "payment", ("kafka",), True),
    "shipping": Service(8006, 9106, "shipping", ("kafka",), False),
    "notifications": Service(8007, 9107, "notifications", ("kafka", "mail"), True),
    "storefront": Service(8008, 9108, None, ("valkey",), True),
}
