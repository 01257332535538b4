"""The Python client: an async half from templates, and a sync half that is the same without `async` and `await`."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import wrap

from chassis.contracts.openapi import Api
from chassis.contracts.references import Node
from tooling.generation.clients import FORMATS, Types, mapping
from tooling.generation.models import structs
from tooling.generation.naming import name_of, snake
from tooling.generation.rendering import tidy
from tooling.sdk.rendering import render_folder
from tooling.sdk.surface import Endpoint, Field, paragraphs, problems, schemas, surface, version

TEMPLATES = Path(__file__).parent / "python"
PACKAGE = "shop_client"
# In this order; what is left of `asyncio` is its import.
WITHOUT_ASYNC = {
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


def python_package(contracts: list[Api]) -> dict[str, bytes]:
    """Every file of the package, by its path."""
    types = PythonTypes()
    services = {
        api: [Method(endpoint, types) for endpoint in endpoints] for api, endpoints in surface(contracts).items()
    }
    found = problems([method.endpoint for methods in services.values() for method in methods])
    members = {
        problem.example["type"]: {name: types.of_field(field) for name, field in problem.members.items()}
        for problem in found
    }
    facts = {
        "version": version(contracts),
        "services": services,
        "problems": found,
        "members": members,
        "imports": sorted(types.imports),
    }
    named = schemas(contracts, types.models)
    (models,) = structs({"models": named}, PACKAGE).values()
    with TemporaryDirectory() as made:
        folder = Path(made)
        render_folder(TEMPLATES, folder, **facts)
        (folder / PACKAGE / "models.py").write_text(described(none_where_absent(models)), "utf-8")
        for path in sorted((folder / PACKAGE / "_async").iterdir()):
            target = folder / PACKAGE / "_sync" / path.name
            target.parent.mkdir(exist_ok=True)
            target.write_text(without_async(path.read_text("utf-8")), "utf-8")
        tidy(folder)
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


def without_async(text: str) -> str:
    for pattern, replacement in WITHOUT_ASYNC.items():
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return text


def none_where_absent(models: str) -> str:
    """Who reads an answer wants None for what is not there; only the shop tells apart "not said" and "nothing"."""
    return models.replace(" | UnsetType = UNSET", " | None = None")


def described(models: str) -> str:
    return f'"""What the shop answers, and what it takes in parts."""\n\n{models}'


class PythonTypes(Types):
    """Types of the package; the models that they name are kept."""

    @property
    def models(self) -> set[str]:
        return {name for module, name in self.imports if module == f"{PACKAGE}.models"}

    def of_field(self, field: Field) -> str:
        if field.schema.get("format") == "binary":
            return "bytes"
        said = self.of(field.schema)
        # An id that a form may leave blank is text to the contract; here it is None then.
        return self._imported(*FORMATS["uuid"]) if said == "str" and field.wire.endswith("_id") else said

    def of_answer(self, schema: Node | None) -> str:
        return self.of(schema) if schema else "None"

    def _module(self, contract: str) -> str:
        return f"{PACKAGE}.models"


class Method:
    """An operation as the template needs it."""

    def __init__(self, endpoint: Endpoint, types: PythonTypes) -> None:
        self.endpoint, self.operation = endpoint, endpoint.operation
        self.name = self.operation.id
        self.types = {field.wire: types.of_field(field) for field in self.fields}
        self.returns = types.of_answer(endpoint.answer)
        self.item = types.of_answer(endpoint.item) if endpoint.item else ""
        self.problems = {name_of(problem): problem["title"].rstrip(".") + "." for problem in endpoint.problems}

    @property
    def fields(self) -> list[Field]:
        return [*self.endpoint.path, *self.endpoint.query, *self.endpoint.body]

    @property
    def docstring(self) -> list[str]:
        """What the contract says of it, as lines of a docstring."""
        return [line for said in paragraphs(self.operation) if said for line in ["", *wrap(said, 108)]][1:]

    @property
    def iterator(self) -> str:
        """Its name where it goes through all pages: `list_orders` has `iter_orders` beside it."""
        return re.sub(r"^list_", "iter_", self.name)

    def parameter_list(self, exclude: str = "") -> str:
        """The parameters: those of the path by position, all others by name."""
        path = [f"{snake(field.wire)}: {self.types[field.wire]}" for field in self.endpoint.path]
        others = [field for field in [*self.endpoint.query, *self.endpoint.body] if field.wire != exclude]
        named = [
            *(f"{snake(field.wire)}: {self.types[field.wire]}" for field in others if field.required),
            *(f"{snake(field.wire)}: {self._optional(field)}" for field in others if not field.required),
            *(["idempotency_key: str | None = None"] if self.endpoint.takes_a_key else []),
        ]
        return ", ".join(["self", *path, *(["*", *named] if named else [])])

    @property
    def arguments(self) -> str:
        """Its own arguments, handed on by the method that goes through the pages."""
        names = [snake(field.wire) for field in self.endpoint.query if field.wire != "cursor"]
        return ", ".join(
            [*(snake(field.wire) for field in self.endpoint.path), *(f"{name}={name}" for name in [*names, "cursor"])]
        )

    @property
    def path(self) -> str:
        path = self.operation.full_path
        for field in self.endpoint.path:
            path = path.replace(f"{{{field.wire}}}", f"{{in_path({snake(field.wire)})}}")
        return path

    @property
    def query(self) -> str:
        return mapping({field.wire: snake(field.wire) for field in self.endpoint.query})

    @property
    def body(self) -> str:
        """The body as a dict: what may not be null and is None is left out."""
        return mapping(
            {
                field.wire: snake(field.wire)
                if field.required or field.nullable
                else f"unless_none({snake(field.wire)})"
                for field in self.endpoint.body
            }
        )

    def _optional(self, field: Field) -> str:
        return (
            f"{self.types[field.wire]} | UnsetType = UNSET"
            if field.nullable
            else f"{self.types[field.wire]} | None = None"
        )
