"""The Compose files, read as Compose reads them."""

import re
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
VARIABLE_PATTERN = re.compile(r"(?<!\$)\$\{(?P<name>[A-Z_]+)(?::-(?P<default>[^}]*))?\}")


class _Loader(yaml.SafeLoader):
    """YAML as Compose has it: `!reset` and `!override` say how a file changes the one before it."""


_Loader.add_constructor("!reset", lambda *_: None)
_Loader.add_constructor("!override", lambda loader, node: loader.construct_sequence(node))


def read_text(name: str = "docker-compose.yml") -> str:
    return (ROOT / name).read_text("utf-8")


def variables(text: str) -> dict[str, set[str]]:
    """The variables that a file asks for, with what stands in where they are not set."""
    found: dict[str, set[str]] = {}
    for match in VARIABLE_PATTERN.finditer(text):
        found.setdefault(match["name"], set()).add(match["default"] or "")
    return found


def read_compose(name: str = "docker-compose.yml") -> dict[str, Any]:
    """A file with its anchors followed, variables at their defaults, and each `extends` carried out."""
    said: dict[str, Any] = _filled_in(yaml.load(read_text(name), _Loader))  # noqa: S506  # it is a safe loader
    for service in said["services"].values():
        if "extends" in service:
            base = said["services"][service.pop("extends")["service"]]
            own_networks = service.pop("networks", {})
            environment = {**base.get("environment", {}), **service.pop("environment", {})}
            networks = {**dict.fromkeys(base["networks"]), **own_networks}
            service.update({**base, **service, "environment": environment, "networks": networks})
    return said


def _filled_in(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _filled_in(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled_in(one) for one in value]
    return VARIABLE_PATTERN.sub(lambda match: match["default"] or "", value) if isinstance(value, str) else value


def environment(service: Mapping[str, Any], secrets: Path) -> dict[str, str]:
    """What a container's program is told, with its secrets in another folder."""
    return {name: said.replace("/run/secrets", str(secrets)) for name, said in service.get("environment", {}).items()}


def mounts(service: Mapping[str, Any]) -> dict[str, tuple[str, bool]]:
    """What is mounted: by the place in the container, what it is and whether it can be written."""
    found = {}
    for mount in service.get("volumes", []):
        if isinstance(mount, str):
            source, target, *options = mount.split(":")
            found[target] = (source, options != ["ro"])
        else:
            found[mount["target"]] = (mount["source"], not mount.get("read_only", False))
    return found


def committed_files(path: str) -> bool:
    """Say whether a file or folder is part of the repository: it is there, and nothing of it is ignored."""
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text("utf-8").split()]
    place = (ROOT / path).resolve()
    inside = place.is_relative_to(ROOT) and place.exists()
    return inside and not any(fnmatch(part, one) for part in place.relative_to(ROOT).parts for one in ignored)
