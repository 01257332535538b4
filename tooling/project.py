"""What the tools know of the project: its name, its table in pyproject.toml, and what its contracts say together."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chassis.contracts.asyncapi import EventApi
from chassis.contracts.openapi import Api

ROOT = Path(__file__).resolve().parents[1]
_PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT_NAME: str = _PYPROJECT["project"]["name"]
SHARED_MESSAGES_PATH = f"asyncapi/{PROJECT_NAME}.yaml"  # the channels and messages that the services share
TOOLING_CONFIGURATION: dict[str, Any] = _PYPROJECT["tool"]["tooling"]


def declared_roles(apis: Iterable[Api]) -> list[str]:
    """Every role that an operation admits."""
    return sorted({role for api in apis for operation in api.operations for role in operation.access.roles})


def declared_callers(apis: Iterable[Api]) -> list[str]:
    """Whoever calls an operation by a key of its own."""
    return sorted({caller for api in apis for operation in api.operations for caller in operation.access.internal})


def shared_messages(apis: Iterable[EventApi]) -> EventApi:
    """The contract of what the services share."""
    (shared,) = [api for api in apis if api.name == PROJECT_NAME]
    return shared
