"""What the services are told by their environment: the fields of their settings, read as text and not imported."""

import ast
from pathlib import Path
from typing import NamedTuple


class Setting(NamedTuple):
    """One field of a dataclass `Settings`; its variable is its name in capitals."""

    name: str
    hidden: bool  # it is a secret, or may hold one
    default: str | float | None

    @property
    def variable(self) -> str:
        return self.name.upper()


def read_settings_of(root: Path, service: str) -> list[Setting]:
    """All that a service is told: what any service is, what those of the shop are, and its own.

    Nothing where there is no such service yet.
    """
    own, shared = (root / "services" / service / "settings.py"), root / "services" / "settings.py"
    return (
        [
            *read_dataclass_fields(root / "chassis" / "runtime" / "settings.py"),
            *read_dataclass_fields(shared),
            *read_dataclass_fields(own),
        ]
        if own.is_file()
        else []
    )


def read_dataclass_fields(module: Path) -> list[Setting]:
    (definition,) = (
        node
        for node in ast.parse(module.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef) and node.name == "Settings"
    )
    return [parse_setting(node) for node in definition.body if isinstance(node, ast.AnnAssign)]


def parse_setting(node: ast.AnnAssign) -> Setting:
    """A field; one that its dataclass does not show is as hidden as a Secret."""
    unshown = isinstance(node.value, ast.Call) and any(
        word.arg == "repr" and isinstance(word.value, ast.Constant) and word.value.value is False
        for word in node.value.keywords
    )
    default = node.value.value if isinstance(node.value, ast.Constant) else None
    return Setting(
        ast.unparse(node.target),
        unshown or "Secret" in ast.unparse(node.annotation),
        default if isinstance(default, str | float | int) else None,
    )
