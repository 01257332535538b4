"""What the tools know of the project: what its contracts say together."""

from collections.abc import Iterable
from pathlib import Path

from chassis.contracts.openapi import Api

ROOT = Path(__file__).resolve().parents[1]


def declared_roles(apis: Iterable[Api]) -> list[str]:
    """Every role that an operation admits."""
    return sorted({role for api in apis for operation in api.operations for role in operation.access.roles})


def declared_callers(apis: Iterable[Api]) -> list[str]:
    """Whoever calls an operation by a key of its own."""
    return sorted({caller for api in apis for operation in api.operations for caller in operation.access.internal})
