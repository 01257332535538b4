"""Typed clients: one class per contract, one method per operation, one exception per problem a contract adds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from chassis.contracts.errors import ContractError
from chassis.contracts.media_types import JSON, MULTIPART
from chassis.contracts.openapi import Api, Operation, ResponseSpec, problem_type
from chassis.contracts.references import JsonObject, Node
from tooling.generation.naming import problem_class_name, to_pascal_case, to_snake_case
from tooling.generation.rendering import render_template

SCALAR_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
FORMAT_TYPES = {"uuid": ("uuid", "UUID"), "date-time": ("datetime", "datetime"), "date": ("datetime", "date")}


class TypeMapper:
    """Python types for schemas, and the imports they need."""

    def __init__(self) -> None:
        self.imports: set[tuple[str, str]] = set()

    def of(self, schema: Node) -> str:
        return f"{self._of(schema)} | None" if schema.get("nullable") else self._of(schema)

    def _of(self, schema: Node) -> str:
        contract = schema.document
        if len(schema.get("enum", ())) > 1 and schema.name:
            return self._imported(self._module(contract.name), schema.name)
        if "enum" in schema.value:
            self._imported("typing", "Literal")
            return f"Literal[{', '.join(repr(value) for value in schema.value['enum'] if value is not None)}]"
        if schema.get("format") in FORMAT_TYPES:
            return self._imported(*FORMAT_TYPES[schema.value["format"]])
        if schema.get("type") in SCALAR_TYPES:
            return SCALAR_TYPES[schema.value["type"]]
        if schema.get("type") == "array":
            return f"list[{self.of(schema.at('items'))}]"
        if not schema.name:
            what = f"an object has no name; move it to components/schemas: {schema.value}"
            raise ContractError(f"{contract.path.name}: {what}")
        return self._imported(self._module(contract.name), schema.name)

    def _module(self, contract: str) -> str:
        """Where the models of a contract are."""
        return f"generated.models.{contract}"

    def _imported(self, module: str, name: str) -> str:
        self.imports.add((module, name))
        return name


@dataclass(frozen=True)
class MethodArgument:
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


class Problem(NamedTuple):
    """A problem that a contract adds; `members` is the model of its body where it has members of its own."""

    type: str
    title: str
    members: str | None

    @property
    def class_name(self) -> str:
        return problem_class_name({"type": self.type})


class ClientMethod:
    """One operation as the template needs it."""

    def __init__(self, operation: Operation, types: TypeMapper, shared: frozenset[str]) -> None:
        self.operation = operation
        self.summary = operation.summary.rstrip(".")
        body = operation.request_body
        self.left_out = _reason_to_leave_out(operation)
        self.path, self.problems = "", dict[str, Problem]()
        if self.left_out:
            return
        self.arguments = [
            MethodArgument(to_snake_case(one.name), one.name, one.location, types.of(one.schema), one.required)
            for one in operation.parameters
            if one.name != "If-None-Match"  # nobody here keeps answers to ask with
        ]
        self.body, self.takes_file = None, JSON not in operation.request_content
        if body is not None:
            said = types.of(body.content[MULTIPART if self.takes_file else JSON].schema)
            self.body = f"body: {said}" if body.required else f"body: {said} | None = None"
        self.answers = dict(self._answers(types))
        self.returns = " | ".join(dict.fromkeys(self.answers.values()))
        self.problems = {
            problem["type"]: Problem(problem["type"], problem["title"], _members(response, problem["type"], types))
            for response in operation.responses.values()
            for problem in response.problems
            if problem["type"] not in shared
        }
        self.path = operation.full_path
        for argument in self.arguments:
            self.path = self.path.replace(f"{{{argument.wire}}}", argument.in_path)

    def _answers(self, types: TypeMapper) -> Iterator[tuple[int, str]]:
        for status, response in self.operation.responses.items():
            if status < 300:
                if not response.content:
                    yield status, "None"
                else:
                    yield status, types.of(response.content[JSON].schema)

    @property
    def signature(self) -> list[str]:
        required = [argument.signature for argument in self.arguments if argument.required]
        optional = [argument.signature for argument in self.arguments if not argument.required]
        body = [self.body] if self.body else []
        token = ["token: str | None = None"] if self.operation.access.takes_token else []
        return [*required, *body, *optional, *token]

    @property
    def sent(self) -> dict[str, str]:
        """What `_call` is given beside the path, as Python."""
        query = {argument.wire: argument.name for argument in self.arguments if argument.where == "query"}
        headers = {argument.wire: argument.name for argument in self.arguments if argument.where == "header"}
        if self.operation.access.takes_token:
            headers["Authorization"] = 'token and f"Bearer {token}"'
        said = {"query": dict_source(query) if query else "", "headers": dict_source(headers) if headers else ""}
        if self.body:
            said["form" if self.takes_file else "body"] = "body"
        return {name: value for name, value in said.items() if value}

    @property
    def problem_classes(self) -> dict[str, str]:
        return {slug: problem.class_name for slug, problem in self.problems.items()}


def _reason_to_leave_out(operation: Operation) -> str | None:
    """Why there is no method for an operation, as it goes on after its name."""
    if operation.is_page:
        return "it answers people, by pages (text/html)"
    answers = {kind for status, response in operation.responses.items() if status < 300 for kind in response.content}
    return f"it answers files ({', '.join(sorted(answers))})" if answers and JSON not in answers else None


def _members(response: ResponseSpec, type_: str, types: TypeMapper) -> str | None:
    schema = response.problem_schema(type_)
    return types.of(schema) if problem_type(schema) else None


def dict_source(entries: dict[Any, str]) -> str:
    """A dict of Python expressions, as Python."""
    return f"{{{', '.join(f'{key!r}: {value}' for key, value in entries.items())}}}"


def render_clients(contracts: list[Api]) -> dict[str, str]:
    """The text of each client module, by name."""
    shared = frozenset(problem["type"] for api in contracts for problem in iterate_shared_problems(api))
    return {api.name: render_client(api, shared) for api in contracts if api.operations}


def render_client(api: Api, shared: frozenset[str]) -> str:
    types = TypeMapper()
    methods = [ClientMethod(operation, types, shared) for operation in api.operations]
    problems: dict[str, Problem] = {}
    for method in methods:
        for slug, problem in method.problems.items():
            if problems.setdefault(slug, problem) != problem:
                raise ContractError(f"{api.name}: {slug} has two titles, or two schemas")
    names = {name for _, name in types.imports}
    if twice := names & {problem.class_name for problem in problems.values()}:
        raise ContractError(f"{api.name}: {', '.join(sorted(twice))} is a schema and a problem")
    return render_template(
        "client.py.jinja",
        api=api,
        class_name=f"{to_pascal_case(api.name)}Client",
        methods=methods,
        problems=sorted(problems.values(), key=lambda problem: problem.class_name),
        imports=sorted(types.imports),
        mapping=dict_source,
        quoted=any("quote(" in method.path for method in methods),
    )


def iterate_shared_problems(api: Api) -> Iterator[JsonObject]:
    """The problems of every service: those of a contract without operations, which the chassis answers.

    That a thing is not there is one of that thing, and whoever asks for it acts on that.
    """
    for response in () if api.operations else api.named_responses.values():
        yield from (problem for problem in response.problems if problem["status"] != 404)
