"""Wire models: a msgspec Struct for every schema of the contracts and every message of AsyncAPI.

Models are typed views of what the wire has judged already, so they are made from the documents without the
constraints. All documents go through datamodel-code-generator in one call; the messages join it as one more.
An enum with a name of its own becomes a StrEnum, one written in place a Literal.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chassis.contracts.asyncapi import EventApi
from chassis.contracts.openapi import Api
from chassis.contracts.references import JsonObject
from tooling.generation.events import message_schemas

# fmt: off
CONSTRAINT_KEYWORDS = frozenset({
    "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "not", "example", "examples",
})
GENERATOR_FLAGS = [
    "--input-file-type", "openapi", "--output-model-type", "msgspec.Struct", "--target-python-version", "3.11",
    "--use-annotated", "--strict-nullable", "--use-standard-primitive-types", "--output-datetime-class", "datetime",
    "--use-specialized-enum", "--enum-field-as-literal", "one", "--capitalise-enum-members", "--keyword-only",
    "--use-schema-description", "--use-union-operator", "--collapse-root-models", "--use-exact-imports",
    "--disable-timestamp", "--strict-refs", "--no-allow-remote-refs", "--no-formatters",
]
# fmt: on
FROZEN_TEMPLATE_DATA = {"#all#": {"base_class_kwargs": {"frozen": True}}}


def render_models(contracts: list[Api], shop: EventApi) -> dict[str, str]:
    """The text of each module, `events` among them, by name."""
    named = schemas_by_name(contracts, shop)
    return {
        name: use_unset(text, set(iterate_null_defaults(named[name])))
        for name, text in render_structs(named, "generated.models").items()
    }


def render_structs(named: dict[str, JsonObject], package: str) -> dict[str, str]:
    """The text of each module of a package, by name; a field that may be left out is None then."""
    literals = {field: "literal" for group in named.values() for field in iterate_inline_enums(group)}
    with TemporaryDirectory() as folder:
        asked, made, extra = Path(folder, "asked"), Path(folder, "made"), Path(folder, "extra.json")
        asked.mkdir()
        extra.write_text(json.dumps(FROZEN_TEMPLATE_DATA))
        for name, text in schemas_without_constraints(named).items():
            (asked / f"{name}.json").write_text(text)
        paths = ["--input", str(asked), "--output", str(made), "--extra-template-data", str(extra)]
        command = [sys.executable, "-m", "datamodel_code_generator", *GENERATOR_FLAGS, *paths]
        subprocess.run([*command, "--enum-field-as-literal-map", json.dumps(literals)], check=True)
        return {name: tidy_module((made / f"{name}.py").read_text(), package) for name in named}


def schemas_by_name(contracts: list[Api], shop: EventApi) -> dict[str, JsonObject]:
    """What each module is made of: the named schemas of a contract, or of the messages."""
    return {**{api.name: api.components("schemas") for api in contracts}, "events": message_schemas(shop)}


def schemas_without_constraints(named: dict[str, JsonObject]) -> dict[str, str]:
    """The documents the models are made from."""
    return {
        name: to_openapi_json({key: prepare_schema(schema) for key, schema in group.items()})
        for name, group in named.items()
    }


def iterate_inline_enums(node: Any) -> Iterator[str]:
    """The names of the properties that list their values themselves."""
    if isinstance(node, dict):
        for name, schema in node.get("properties", {}).items():
            if "enum" in schema:
                yield name
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from iterate_inline_enums(child)


def prepare_schema(schema: JsonObject) -> Any:
    """A named schema without constraints; a class keeps its description, as its docstring."""
    kept = strip_constraints(schema)
    if "description" in schema and ("enum" in schema or "properties" in schema or "allOf" in schema):
        kept["description"] = " ".join(schema["description"].split())
    return kept


def strip_constraints(node: Any, names: bool = False) -> Any:
    """A copy without constraints; directly below `properties` a key is a name, whatever it is called."""
    if isinstance(node, dict):
        left_out = frozenset() if names else CONSTRAINT_KEYWORDS | {"description"}
        kept = {
            key: strip_constraints(value, key == "properties") for key, value in node.items() if key not in left_out
        }
        if not names and "const" in kept:
            kept["enum"] = [kept.pop("const")]
        if not names and "enum" in kept:  # null, which a nullable enum has to list, is no member of its class
            kept["enum"] = [value for value in kept["enum"] if value is not None]
        # Any rather than dict: a class may narrow what the class it extends leaves open (the data of an event).
        return {} if kept == {"type": "object"} and not names else kept
    return [strip_constraints(item) for item in node] if isinstance(node, list) else node


def to_openapi_json(named: JsonObject) -> str:
    document = {"openapi": "3.0.3", "info": {"title": "", "version": ""}, "paths": {}, "components": {"schemas": named}}
    return re.sub(r'("\$ref": "[^"#]*)\.yaml#', r"\1.json#", json.dumps(document))


def iterate_null_defaults(named: JsonObject) -> Iterator[tuple[str, str]]:
    """Classes and fields whose schema says that leaving the field out means null."""
    for name, schema in named.items():
        for part in [schema, *schema.get("allOf", [])]:
            for field, member in part.get("properties", {}).items():
                if member.get("default", ...) is None:
                    yield name, field


def use_unset(text: str, null: set[tuple[str, str]]) -> str:
    """Fields that may be left out: UNSET rather than None, so that "not said" and "nothing" stay apart in a change."""
    lines, name = [], ""
    for line in text.splitlines():
        if line.startswith("class "):
            name = re.split(r"\W", line)[1]
        field = line.strip().partition(":")[0]
        if line.endswith("| None = None") and (name, field) not in null:
            lines.append(line.removesuffix("= None") + "| UnsetType = UNSET")
        else:
            lines.append(line)
    lines.insert(lines.index("from __future__ import annotations") + 1, "from msgspec import UNSET, UnsetType")
    return "\n".join(lines) + "\n"


def tidy_module(text: str, package: str) -> str:
    """A module with its imports in full, its docstrings on one line, and without the generator's comments."""
    text = re.sub(r"^#.*\n+", "", text, flags=re.MULTILINE)
    text = re.sub(r'"""\n\s*(\S.*)\n\s*"""', r'"""\1"""', text)
    text = re.sub(r" \| UnsetType = (?!UNSET)", " = ", text)
    return re.sub(r"^from \.(\w+) import", rf"from {package}.\1 import", text, flags=re.MULTILINE)
