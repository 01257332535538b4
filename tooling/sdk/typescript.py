"""The TypeScript client, compiled to an ES module with its types."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import wrap

from chassis.contracts.errors import ContractError
from chassis.contracts.openapi import Api
from chassis.contracts.references import Node
from tooling import npm
from tooling.generation.naming import problem_class_name
from tooling.sdk.rendering import render_folder
from tooling.sdk.surface import (
    ArgumentField,
    PublicOperation,
    collect_schemas,
    contracts_version,
    description_paragraphs,
    list_problem_types,
    public_operations,
)

TEMPLATES_FOLDER = Path(__file__).parent / "typescript"
SCALAR_TYPES = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean"}


def build_typescript_package(contracts: list[Api]) -> dict[str, bytes]:
    """Every file of the package, by its path."""
    types, of_members = TypeScriptTypeMapper(), TypeScriptTypeMapper()
    services = {
        api: [TypeScriptMethod(endpoint, types) for endpoint in endpoints]
        for api, endpoints in public_operations(contracts).items()
    }
    problem_types = list_problem_types([method.endpoint for methods in services.values() for method in methods])
    members = {
        problem.example["type"]: {name: of_members.of_field(field) for name, field in problem.members.items()}
        for problem in problem_types
    }
    facts = {
        "version": contracts_version(contracts),
        "services": services,
        "problems": problem_types,
        "members": members,
        "in_services": sorted(types.models),
        "in_problems": sorted(of_members.models),
        "models": dict(render_models(contracts, types.models | of_members.models)),
    }
    with TemporaryDirectory() as made:
        folder = Path(made)
        render_folder(TEMPLATES_FOLDER, folder, **facts)
        compile_typescript(folder)
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


def render_models(contracts: list[Api], names: set[str]) -> Iterator[tuple[str, str]]:
    """Each of these models, and those within them: its name, and what is behind it."""
    known = {name: schema for api in contracts for name, schema in api.schemas.items()}
    for name in collect_schemas(contracts, names):
        if is_model(known[name]):
            yield name, TypeScriptTypeMapper().declared(known[name])


def is_model(schema: Node) -> bool:
    return bool({"properties", "allOf"} & schema.value.keys()) or len(schema.get("enum", ())) > 1


def compile_typescript(folder: Path) -> None:
    """Add `dist`: the module as JavaScript, and its types."""
    compiler = npm.install_locked(Path(__file__).parent) / "node_modules" / "typescript" / "bin" / "tsc"
    ended = subprocess.run([npm.NODE, compiler, "-p", folder], capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"the TypeScript client does not compile: {ended.stdout}{ended.stderr}")


class TypeScriptTypeMapper:
    """Types of the package; the models that they name are kept."""

    def __init__(self) -> None:
        self.models: set[str] = set()

    def of(self, schema: Node) -> str:
        type_name = self._of(schema)
        return f"{type_name} | null" if schema.get("nullable") else type_name

    def of_field(self, field: ArgumentField) -> str:
        return self.of(field.schema)

    def of_answer(self, schema: Node | None) -> str:
        return self.of(schema) if schema else "void"

    def declared(self, schema: Node) -> str:
        """What is behind the name of a model: its members, or its values."""
        if "enum" in schema.value:
            return enum_values(schema)
        parts = [schema]  # a model may extend others
        for part in parts:
            parts += part.items("allOf")
        required = {name for part in parts for name in part.get("required", ())}
        members = [
            f"  readonly {name}{'' if name in required else '?'}: {self.of(member)};"
            for part in parts
            for name, member in part.entries("properties")
        ]
        return "\n".join(["{", *members, "}"])

    def _of(self, schema: Node) -> str:
        if schema.name and is_model(schema):
            self.models.add(schema.name)
            return schema.name
        if "enum" in schema.value:
            return enum_values(schema)
        if schema.get("format") == "binary":
            return "Blob"
        if schema.get("type") in SCALAR_TYPES:
            return SCALAR_TYPES[schema.value["type"]]
        if schema.get("type") == "array":
            items = self.of(schema.at("items"))
            return f"readonly ({items})[]" if "|" in items else f"readonly {items}[]"
        what = f"an object has no name, or no properties: {schema.value}"
        raise ContractError(f"{schema.document.path.name}: {what}")


def enum_values(schema: Node) -> str:
    return " | ".join(f'"{value}"' for value in schema.value["enum"] if value is not None)


class TypeScriptMethod:
    """An operation as the template needs it."""

    def __init__(self, endpoint: PublicOperation, types: TypeScriptTypeMapper) -> None:
        self.endpoint, self.operation = endpoint, endpoint.operation
        self.name = to_camel_case(self.operation.id)
        self.iterator = to_camel_case(self.operation.id.replace("list_", "iter_", 1))
        self.returns = types.of_answer(endpoint.answer)
        self.item = types.of_answer(endpoint.item) if endpoint.item else ""
        self.problems = [problem_class_name(problem) for problem in endpoint.problems]
        self.types = {field.wire: types.of_field(field) for field in [*endpoint.path, *self.given]}

    @property
    def given(self) -> list[ArgumentField]:
        """What is given by name."""
        if self.endpoint.query and self.endpoint.body:
            raise ContractError(f"{self.operation.id} takes a body and a query; a method has one object for either")
        return [*self.endpoint.query, *self.endpoint.body]

    def parameter_list(self, exclude: str = "") -> str:
        """The parameters: those of the path by position, all others in an object."""
        path = [f"{to_camel_case(field.wire)}: {self.types[field.wire]}" for field in self.endpoint.path]
        given = [field for field in self.given if field.wire != exclude]
        members = [f"{field.wire}{'' if field.required else '?'}: {self.types[field.wire]}" for field in given]
        optional = " = {}" if not any(field.required for field in given) else ""
        named = [f"given: {{ {'; '.join(members)} }}{optional}"] if members else []
        key = ["options: { idempotencyKey?: string } = {}"] if self.endpoint.takes_a_key else []
        return ", ".join([*path, *named, *key])

    @property
    def positions(self) -> str:
        """Its parameters of the path, handed on."""
        return "".join(f"{to_camel_case(field.wire)}, " for field in self.endpoint.path)

    @property
    def path(self) -> str:
        path = self.operation.full_path
        for field in self.endpoint.path:
            path = path.replace(f"{{{field.wire}}}", f"${{encodeURIComponent({to_camel_case(field.wire)})}}")
        return path

    @property
    def comment(self) -> list[str]:
        """What the contract says of it, and how it refuses, as lines of a comment."""
        refusals = f"Refused with {', '.join(self.problems)}." if self.problems else ""
        paragraphs = [*description_paragraphs(self.operation), refusals]
        return [line for paragraph in paragraphs if paragraph for line in ["", *wrap(paragraph, 110)]][1:]


def to_camel_case(words: str) -> str:
    first, *further = words.split("_")
    return first + "".join(word.capitalize() for word in further)
