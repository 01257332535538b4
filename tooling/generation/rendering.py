"""Fill in the templates, and give what comes out one form."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jinja2
import yaml

from tooling.generation.naming import name_of, pascal, snake

ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=jinja2.StrictUndefined,
    autoescape=False,  # noqa: S701 - Python, JSON and YAML are made here, no HTML
)
ENVIRONMENT.filters["name_of"] = name_of
ENVIRONMENT.filters["pascal"] = pascal
ENVIRONMENT.filters["snake"] = snake
ENVIRONMENT.filters["python"] = repr
ENVIRONMENT.filters["sentence"] = lambda text: text.rstrip(".") + "."
LINE = 100  # characters of YAML beside the indentation
RUFF = ("--quiet", "--isolated", "--no-cache", "--line-length", "120", "--target-version", "py311")


def render(template: str, **context: Any) -> str:
    return ENVIRONMENT.get_template(template).render(**context)


def yaml_of(node: dict[str, Any]) -> str:
    return yaml.dump(node, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


def json_of(node: dict[str, Any]) -> str:
    return json.dumps(node, indent=2, ensure_ascii=False) + "\n"


class _Plain(yaml.CSafeDumper):
    """YAML in the style of the sources: prose folded, and what is short in one line."""

    def ignore_aliases(self, data: Any) -> bool:
        """Say twice what there is twice: not every reader knows anchors."""
        return True

    def serialize(self, node: yaml.Node) -> None:
        _shorten(node)
        super().serialize(node)


def _represent(dumper: yaml.CSafeDumper, text: str) -> yaml.Node:
    """Prose folded, and as it stands where it has lines of its own."""
    style = "|" if "\n" in text.strip() else ">" if text.endswith("\n") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Plain.add_representer(str, _represent)


def _shorten(node: Any) -> int:
    """Put in one line what fits; how long it would be there, which is too long for prose."""
    if not isinstance(node, yaml.CollectionNode):
        return LINE if node.style in (">", "|") else len(node.value)
    parts = node.value if isinstance(node, yaml.SequenceNode) else [part for pair in node.value for part in pair]
    width = sum([_shorten(part) + 2 for part in parts])
    node.flow_style = width < LINE
    return width


def tidy(folder: Path) -> None:
    """Sort the imports of every module, drop those not needed, and format."""
    ruff = [sys.executable, "-m", "ruff"]
    ours = 'lint.isort.known-first-party = ["chassis", "generated", "services"]'
    sorting = ["--select", "I,F401", "--fix", "--config", ours]
    subprocess.run([*ruff, "check", *RUFF, *sorting, "."], cwd=folder, check=True)
    subprocess.run([*ruff, "format", *RUFF, "."], cwd=folder, check=True)
