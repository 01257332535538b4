"""The Python client: an async half from templates, and a sync half that is the same without `async` and `await`."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import wrap

from chassis.contracts.openapi import Api
from chassis.contracts.references import Node
from tooling.generation.clients import FORMAT_TYPES, TypeMapper, dict_source
from tooling.generation.models import render_structs
from tooling.generation.naming import problem_class_name, to_snake_case
from tooling.generation.rendering import format_folder
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

TEMPLATES_FOLDER = Path(__file__).parent / "python"
PACKAGE_NAME = "shop_client"
# In this order; what is left of `asyncio` is its import.
ASYNC_TO_SYNC_PATTERNS = {
    r"\basync (def|with|for) ": r"\1 ",
    r"\bawait ": "",
    r"\bAsync(?=Shop|Client|BaseTransport|Iterator|\w+Service)": "",
    r"\b__a(enter|exit)__": r"__\1__",
    r"\baclose\b": "close",
    r"\basyncio\.Lock": "threading.Lock",
    r"\basyncio\.sleep": "time.sleep",
    r"^import asyncio$": "import threading\nimport time",
    r"\b_async\b": "_sync",
}


def build_python_package(contracts: list[Api]) -> dict[str, bytes]:
    """Every file of the package, by its path."""
    types = PythonTypeMapper()
    services = {
        api: [PythonMethod(endpoint, types) for endpoint in endpoints]
        for api, endpoints in public_operations(contracts).items()
    }
    problem_types = list_problem_types([method.endpoint for methods in services.values() for method in methods])
    members = {
        problem.example["type"]: {name: types.of_field(field) for name, field in problem.members.items()}
        for problem in problem_types
    }
    facts = {
        "version": contracts_version(contracts),
        "services": services,
        "problems": problem_types,
        "members": members,
        "imports": sorted(types.imports),
    }
    named = collect_schemas(contracts, types.models)
    (models,) = render_structs({"models": named}, PACKAGE_NAME).values()
    with TemporaryDirectory() as made:
        folder = Path(made)
        render_folder(TEMPLATES_FOLDER, folder, **facts)
        (folder / PACKAGE_NAME / "models.py").write_text(add_docstrings(default_absent_to_none(models)), "utf-8")
        for path in sorted((folder / PACKAGE_NAME / "_async").iterdir()):
            target = folder / PACKAGE_NAME / "_sync" / path.name
            target.parent.mkdir(exist_ok=True)
            target.write_text(to_sync_source(path.read_text("utf-8")), "utf-8")
        format_folder(folder)
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


def to_sync_source(text: str) -> str:
    for pattern, replacement in ASYNC_TO_SYNC_PATTERNS.items():
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return text


def default_absent_to_none(models: str) -> str:
    """Who reads an answer wants None for what is not there; only the shop tells apart "not said" and "nothing"."""
    return models.replace(" | UnsetType = UNSET", " | None = None")


def add_docstrings(models: str) -> str:
    return f'"""What the shop answers, and what it takes in parts."""\n\n{models}'


class PythonTypeMapper(TypeMapper):
    """Types of the package; the models that they name are kept."""

    @property
    def models(self) -> set[str]:
        return {name for module, name in self.imports if module == f"{PACKAGE_NAME}.models"}

    def of_field(self, field: ArgumentField) -> str:
        if field.schema.get("format") == "binary":
            return "bytes"
        annotation = self.of(field.schema)
        # An id that a form may leave blank is text to the contract; here it is None then.
        return (
            self._imported(*FORMAT_TYPES["uuid"]) if annotation == "str" and field.wire.endswith("_id") else annotation
        )

    def of_answer(self, schema: Node | None) -> str:
        return self.of(schema) if schema else "None"

    def _module(self, contract: str) -> str:
        return f"{PACKAGE_NAME}.models"


class PythonMethod:
    """An operation as the template needs it."""

    def __init__(self, endpoint: PublicOperation, types: PythonTypeMapper) -> None:
        self.endpoint, self.operation = endpoint, endpoint.operation
        self.name = self.operation.id
        self.types = {field.wire: types.of_field(field) for field in self.fields}
        self.returns = types.of_answer(endpoint.answer)
        self.item = types.of_answer(endpoint.item) if endpoint.item else ""
        self.problems = {
            problem_class_name(problem): problem["title"].rstrip(".") + "." for problem in endpoint.problems
        }

    @property
    def fields(self) -> list[ArgumentField]:
        return [*self.endpoint.path, *self.endpoint.query, *self.endpoint.body]

    @property
    def docstring(self) -> list[str]:
        """What the contract says of it, as lines of a docstring."""
        return [
            line
            for paragraph in description_paragraphs(self.operation)
            if paragraph
            for line in ["", *wrap(paragraph, 108)]
        ][1:]

    @property
    def iterator(self) -> str:
        """Its name where it goes through all pages: `list_orders` has `iter_orders` beside it."""
        return re.sub(r"^list_", "iter_", self.name)

    def parameter_list(self, exclude: str = "") -> str:
        """The parameters: those of the path by position, all others by name."""
        path = [f"{to_snake_case(field.wire)}: {self.types[field.wire]}" for field in self.endpoint.path]
        others = [field for field in [*self.endpoint.query, *self.endpoint.body] if field.wire != exclude]
        named = [
            *(f"{to_snake_case(field.wire)}: {self.types[field.wire]}" for field in others if field.required),
            *(f"{to_snake_case(field.wire)}: {self._optional(field)}" for field in others if not field.required),
            *(["idempotency_key: str | None = None"] if self.endpoint.takes_a_key else []),
        ]
        return ", ".join(["self", *path, *(["*", *named] if named else [])])

    @property
    def arguments(self) -> str:
        """Its own arguments, handed on by the method that goes through the pages."""
        names = [to_snake_case(field.wire) for field in self.endpoint.query if field.wire != "cursor"]
        return ", ".join(
            [
                *(to_snake_case(field.wire) for field in self.endpoint.path),
                *(f"{name}={name}" for name in [*names, "cursor"]),
            ]
        )

    @property
    def path(self) -> str:
        path = self.operation.full_path
        for field in self.endpoint.path:
            path = path.replace(f"{{{field.wire}}}", f"{{in_path({to_snake_case(field.wire)})}}")
        return path

    @property
    def query(self) -> str:
        return dict_source({field.wire: to_snake_case(field.wire) for field in self.endpoint.query})

    @property
    def body(self) -> str:
        """The body as a dict: what may not be null and is None is left out."""
        return dict_source(
            {
                field.wire: to_snake_case(field.wire)
                if field.required or field.nullable
                else f"unless_none({to_snake_case(field.wire)})"
                for field in self.endpoint.body
            }
        )

    def _optional(self, field: ArgumentField) -> str:
        return (
            f"{self.types[field.wire]} | UnsetType = UNSET"
            if field.nullable
            else f"{self.types[field.wire]} | None = None"
        )
