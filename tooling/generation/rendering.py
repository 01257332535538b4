"""Fill in the templates, and give what comes out one form."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jinja2
import yaml

from tooling.generation.naming import problem_class_name, to_pascal_case, to_snake_case

JINJA_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=jinja2.StrictUndefined,
    autoescape=False,  # noqa: S701 - Python, JSON and YAML are made here, no HTML
)
JINJA_ENVIRONMENT.filters["name_of"] = problem_class_name
JINJA_ENVIRONMENT.filters["pascal"] = to_pascal_case
JINJA_ENVIRONMENT.filters["snake"] = to_snake_case
JINJA_ENVIRONMENT.filters["python"] = repr
JINJA_ENVIRONMENT.filters["sentence"] = lambda text: text.rstrip(".") + "."
MAX_LINE_LENGTH = 100  # characters of YAML beside the indentation
RUFF_OPTIONS = ("--quiet", "--isolated", "--no-cache", "--line-length", "120", "--target-version", "py311")


def render_template(template: str, **context: Any) -> str:
    return JINJA_ENVIRONMENT.get_template(template).render(**context)


def to_yaml(node: dict[str, Any]) -> str:
    return yaml.dump(node, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


def to_json(node: dict[str, Any]) -> str:
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
        return MAX_LINE_LENGTH if node.style in (">", "|") else len(node.value)
    parts = node.value if isinstance(node, yaml.SequenceNode) else [part for pair in node.value for part in pair]
    width = sum([_shorten(part) + 2 for part in parts])
    node.flow_style = width < MAX_LINE_LENGTH
    return width


def format_folder(folder: Path) -> None:
    """Sort the imports of every module, drop those not needed, and format."""
    ruff = [sys.executable, "-m", "ruff"]
    ours = 'lint.isort.known-first-party = ["chassis", "generated", "services"]'
    sorting = ["--select", "I,F401", "--fix", "--config", ours]
    subprocess.run([*ruff, "check", *RUFF_OPTIONS, *sorting, "."], cwd=folder, check=True)
    subprocess.run([*ruff, "format", *RUFF_OPTIONS, "."], cwd=folder, check=True)
