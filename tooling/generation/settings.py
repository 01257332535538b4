"""What the services are told by their environment: the fields of their settings, read as text and not imported."""

import ast
from pathlib import Path
from typing import NamedTuple

EVENT_SETTINGS = "EventSettings"  # the base of the settings of services with events


class Setting(NamedTuple):
    """One field of a dataclass `Settings`; its variable is its name in capitals."""

    name: str
    hidden: bool  # it is a secret, or may hold one
    default: str | float | None  # None also where it is made when the service starts
    required: bool

    @property
    def variable(self) -> str:
        return self.name.upper()


def read_settings_of(root: Path, service: str) -> list[Setting]:
    """All that a service is told: what any service is, what those of the shop are, and its own.

    Nothing where there is no such service yet.
    """
    own, shared = (root / "services" / service / "settings.py"), root / "services" / "settings.py"
    if not own.is_file():
        return []
    (base,) = _definition(own).bases
    with_events = ast.unparse(base) == f"settings.{EVENT_SETTINGS}"
    return [
        *read_dataclass_fields(root / "chassis" / "runtime" / "settings.py"),
        *read_dataclass_fields(shared),
        *(read_dataclass_fields(shared, EVENT_SETTINGS) if with_events else []),
        *read_dataclass_fields(own),
    ]


def _definition(module: Path, name: str = "Settings") -> ast.ClassDef:
    (definition,) = (
        node
        for node in ast.parse(module.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef) and node.name == name
    )
    return definition


def read_dataclass_fields(module: Path, name: str = "Settings") -> list[Setting]:
    definition = _definition(module, name)
    return [parse_setting(node) for node in definition.body if isinstance(node, ast.AnnAssign)]


def parse_setting(node: ast.AnnAssign) -> Setting:
    """A field; one that its dataclass does not show is as hidden as a Secret."""
    words = {word.arg: word.value for word in node.value.keywords} if isinstance(node.value, ast.Call) else {}
    shown = words.get("repr")
    value = words.get("default") if words else node.value
    default = value.value if isinstance(value, ast.Constant) else None
    return Setting(
        ast.unparse(node.target),
        (isinstance(shown, ast.Constant) and shown.value is False) or "Secret" in ast.unparse(node.annotation),
        default if isinstance(default, str | float | int) else None,
        required=node.value is None or (bool(words) and not words.keys() & {"default", "default_factory"}),
    )
