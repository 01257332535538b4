"""Typed clients: one class per contract, one method per operation, one exception per problem a contract adds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scripts.generation.documents import ContractMistake, Document, Node
from scripts.generation.events import pascal, snake
from scripts.generation.operations import Operation, examples, name_of, operations
from scripts.generation.rendering import render

SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
FORMATS = {"uuid": ("uuid", "UUID"), "date-time": ("datetime", "datetime"), "date": ("datetime", "date")}


class Types:
    """Python types for schemas, and the imports they need."""

    def __init__(self) -> None:
        self.imports: set[tuple[str, str]] = set()

    def of(self, document: Document, schema: Node) -> str:
        found = document.resolve(schema)
        node = found.node
        if node.get("nullable"):
            return f"{self._of(found.document, found.name, node)} | None"
        return self._of(found.document, found.name, node)

    def _of(self, document: Document, name: str, node: Node) -> str:
        if len(node.get("enum", ())) > 1 and name:
            return self._imported(self._module(document), name)
        if "enum" in node:
            self._imported("typing", "Literal")
            return f"Literal[{', '.join(repr(value) for value in node['enum'] if value is not None)}]"
        if node.get("format") in FORMATS:
            return self._imported(*FORMATS[node["format"]])
        if node.get("type") in SCALARS:
            return SCALARS[node["type"]]
        if node.get("type") == "array":
            return f"list[{self.of(document, node['items'])}]"
        if not name:
            raise ContractMistake(f"{document.path.name}: an object has no name; move it to components/schemas: {node}")
        return self._imported(self._module(document), name)

    def _module(self, document: Document) -> str:
        """Where the models of a contract are."""
        return f"generated.models.{document.name}"

    def _imported(self, module: str, name: str) -> str:
        self.imports.add((module, name))
        return name


@dataclass(frozen=True)
class Argument:
    """A parameter of an operation as a keyword of its method."""

    name: str
    wire: str
    where: str
    type: str
    required: bool

    @property
    def signature(self) -> str:
        return f"{self.name}: {self.type}" if self.required else f"{self.name}: {self.type} | None = None"

    @property
    def in_path(self) -> str:
        return f"{{quote({self.name}, safe='')}}" if self.type == "str" else f"{{{self.name}}}"


class Method:
    """One operation as the template needs it."""

    def __init__(self, operation: Operation, types: Types, shared: frozenset[str]) -> None:
        self.operation = operation
        self.summary = operation.node["summary"].rstrip(".")
        self.multipart = operation.body is not None and "application/json" not in operation.body.node["content"]
        self.path, self.problems = "", dict[str, Node]()
        if self.multipart:
            return
        self.arguments = [
            Argument(
                snake(node["name"]),
                node["name"],
                node["in"],
                types.of(document, node["schema"]),
                node.get("required", False),
            )
            for document, _, node in operation.parameters
            if node["name"] != "If-None-Match"  # nobody here keeps answers to ask with
        ]
        self.body = None
        if operation.body is not None:
            document, _, node = operation.body
            said = types.of(document, node["content"]["application/json"]["schema"])
            self.body = f"body: {said}" if node.get("required") else f"body: {said} | None = None"
        self.answers = dict(self._answers(types))
        self.returns = " | ".join(dict.fromkeys(self.answers.values()))
        self.problems = {problem["type"]: problem for problem in operation.problems if problem["type"] not in shared}
        self.path = operation.full_path
        for argument in self.arguments:
            self.path = self.path.replace(f"{{{argument.wire}}}", argument.in_path)

    def _answers(self, types: Types) -> Iterator[tuple[int, str]]:
        for status, found in self.operation.answers:
            if status < 300:
                content = found.node.get("content", {})
                if not content:
                    yield status, "None"
                elif "application/json" in content:
                    yield status, types.of(found.document, content["application/json"]["schema"])
                else:
                    raise ContractMistake(f"{self.operation.service}: {self.operation.id} answers {', '.join(content)}")

    @property
    def signature(self) -> list[str]:
        required = [argument.signature for argument in self.arguments if argument.required]
        optional = [argument.signature for argument in self.arguments if not argument.required]
        body = [self.body] if self.body else []
        token = ["token: str | None = None"] if self.operation.access.takes_a_token else []
        return [*required, *body, *optional, *token]

    @property
    def sent(self) -> dict[str, str]:
        """What `_call` is given beside the path, as Python."""
        query = {argument.wire: argument.name for argument in self.arguments if argument.where == "query"}
        headers = {argument.wire: argument.name for argument in self.arguments if argument.where == "header"}
        if self.operation.access.takes_a_token:
            headers["Authorization"] = 'token and f"Bearer {token}"'
        said = {"query": mapping(query) if query else "", "headers": mapping(headers) if headers else ""}
        return {name: value for name, value in {**said, "body": "body" if self.body else ""}.items() if value}

    @property
    def problem_classes(self) -> dict[str, str]:
        return {slug: name_of(problem) for slug, problem in self.problems.items()}


def mapping(entries: dict[Any, str]) -> str:
    """A dict of Python expressions, as Python."""
    return f"{{{', '.join(f'{key!r}: {value}' for key, value in entries.items())}}}"


def clients(contracts: list[Document]) -> dict[str, str]:
    """The text of each client module, by name."""
    shared = frozenset(problem["type"] for document in contracts for problem in shared_problems(document))
    return {document.name: client(document, shared) for document in contracts if document.content.get("paths")}


def client(document: Document, shared: frozenset[str]) -> str:
    types = Types()
    methods = [Method(operation, types, shared) for operation in operations(document)]
    problems: dict[str, Any] = {}
    for method in methods:
        for slug, problem in method.problems.items():
            if problems.setdefault(slug, problem)["title"] != problem["title"]:
                raise ContractMistake(f"{document.path.name}: {slug} has two titles")
    names = {name for _, name in types.imports}
    if twice := names & {name_of(problem) for problem in problems.values()}:
        raise ContractMistake(f"{document.path.name}: {', '.join(sorted(twice))} is a schema and a problem")
    return render(
        "client.py.jinja",
        document=document,
        class_name=f"{pascal(document.name)}Client",
        methods=methods,
        problems=sorted(problems.values(), key=name_of),
        imports=sorted(types.imports),
        mapping=mapping,
        quoted=any("quote(" in method.path for method in methods),
    )


def shared_problems(document: Document) -> Iterator[Node]:
    """The problems of every service: those of a document without operations, which the chassis answers."""
    if not document.content.get("paths"):
        for answer in document.content.get("components", {}).get("responses", {}).values():
            for content in answer.get("content", {}).values():
                yield from (example for example in examples(content) if isinstance(example, dict) and "type" in example)
