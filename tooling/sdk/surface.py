"""What a client package offers, whatever its language: public operations, their models and problems, by service."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from chassis.contracts.errors import ContractError
from chassis.contracts.media_types import JSON
from chassis.contracts.openapi import Api, Operation
from chassis.contracts.references import JsonObject, Node, references_in

PROBLEM_BASE_MEMBERS = frozenset({"type", "title", "status", "detail"})  # which every problem has
IDEMPOTENCY_KEY = "Idempotency-Key"


class ArgumentField(NamedTuple):
    """A value that a method takes."""

    wire: str
    schema: Node
    required: bool

    @property
    def nullable(self) -> bool:
        """Whether null says something else than leaving the value out."""
        return bool(self.schema.get("nullable"))


@dataclass(frozen=True)
class PublicOperation:
    """A public operation; its body is taken apart into fields."""

    operation: Operation

    @property
    def path(self) -> list[ArgumentField]:
        return self._parameters("path")

    @property
    def query(self) -> list[ArgumentField]:
        return self._parameters("query")

    @cached_property
    def takes_a_key(self) -> bool:
        """Whether it has an Idempotency-Key. Of headers, nothing else is for a client of this kind to say."""
        headers = [parameter for parameter in self.operation.parameters if parameter.location == "header"]
        for header in headers:
            if header.required:
                raise ContractError(f"{self.operation.id} requires the header {header.name}, which clients do not send")
        return any(header.name == IDEMPOTENCY_KEY for header in headers)

    @property
    def repeatable(self) -> bool:
        return self.operation.idempotent or self.takes_a_key

    @cached_property
    def media_type(self) -> str:
        return next(iter(self.operation.request_body.content)) if self.operation.request_body else ""

    @cached_property
    def body(self) -> list[ArgumentField]:
        if self.operation.request_body is None:
            return []
        schema = self.operation.request_body.content[self.media_type].schema
        if "properties" not in schema.value:
            raise ContractError(f"{self.operation.id}: the body is no object with properties of its own")
        required = schema.get("required", [])
        return [ArgumentField(name, member, name in required) for name, member in schema.entries("properties")]

    @cached_property
    def answer(self) -> Node | None:
        """The schema of what is answered, if anything is; done or accepted, it is the same one."""
        answers = [
            response.content[JSON].schema if response.content else None
            for status, response in self.operation.responses.items()
            if status < 300
        ]
        kinds = {str(answer and answer.value) for answer in answers}
        if len(kinds) != 1:
            raise ContractError(f"{self.operation.id} has {len(kinds)} answers below 300; a method returns one")
        return answers[0]

    @cached_property
    def item(self) -> Node | None:
        """The schema of an item, where the answer is a page that another one may follow."""
        if self.answer is None or not any(field.wire == "cursor" for field in self.query):
            return None
        return self.answer.at("properties").at("items").at("items")

    @property
    def problems(self) -> list[JsonObject]:
        """The problems that are its own, and not those of every operation."""
        return [
            problem
            for response in self.operation.responses.values()
            if response.node.document is self.operation.api.document
            for problem in response.problems
        ]

    def _parameters(self, location: str) -> list[ArgumentField]:
        return [
            ArgumentField(parameter.name, parameter.schema, parameter.required)
            for parameter in self.operation.parameters
            if parameter.location == location
        ]


def description_paragraphs(operation: Operation) -> list[str]:
    """What the contract says of an operation."""
    return [operation.summary.rstrip(".") + ".", *operation.node.value["description"].splitlines()]


class ProblemType(NamedTuple):
    """A problem type, with the members that only this one has."""

    example: JsonObject
    members: dict[str, ArgumentField]


def is_webhook(operation: Operation) -> bool:
    """Whether others tell the shop something by it, in their own words, and clients have no use for it."""
    return "webhooks" in operation.node.get("tags", ())


def public_operations(contracts: list[Api]) -> dict[Api, list[PublicOperation]]:
    """The public operations of each contract that has any."""
    operations = {
        api: [PublicOperation(one) for one in api.operations if one.access.external and not is_webhook(one)]
        for api in contracts
        if api.operations and api.prefix  # what stands at the root is for people
    }
    return {api: endpoints for api, endpoints in operations.items() if endpoints}


def contracts_version(contracts: list[Api]) -> str:
    """The version that the contracts with operations share."""
    versions: set[str] = {api.info["version"] for api in public_operations(contracts)}
    if len(versions) != 1:
        raise ContractError(f"the contracts have several versions: {', '.join(sorted(versions))}")
    return versions.pop()


def list_problem_types(endpoints: list[PublicOperation]) -> list[ProblemType]:
    """Every problem that may be answered, by its type."""
    problem_types: dict[str, ProblemType] = {}
    for endpoint in endpoints:
        for response in endpoint.operation.responses.values():
            for example in response.problems:
                problem = problem_types.setdefault(example["type"], ProblemType(example, {}))
                for name in sorted(example.keys() - PROBLEM_BASE_MEMBERS):
                    problem.members[name] = problem_member(response.problem_schema(example["type"]), name)
    return [problem_types[name] for name in sorted(problem_types)]


def problem_member(schema: Node, name: str) -> ArgumentField:
    """A member of a problem, in a schema or in what it extends."""
    parts = [schema]
    for part in parts:
        if name in part.get("properties", {}):
            return ArgumentField(name, part.at("properties").at(name), False)
        parts += part.items("allOf")
    raise ContractError(f"{schema.document.path.name}: a problem's example has {name}, which its schema has not")


def collect_schemas(contracts: list[Api], names: set[str]) -> JsonObject:
    """These schemas and all that they refer to, as those of one document; a name means the same in every contract."""
    all_of_them: JsonObject = {}
    for api in contracts:
        for name, schema in api.components("schemas").items():
            if name in all_of_them:
                raise ContractError(f"two contracts have a schema {name}")
            all_of_them[name] = schema
    wanted = sorted(names)
    for name in wanted:
        below = {reference.rsplit("/", 1)[-1] for reference in references_in(all_of_them[name])}
        wanted += sorted(below - set(wanted))
    return {name: localize_references(all_of_them[name]) for name in sorted(wanted)}


def localize_references(node: Any) -> Any:
    """A copy that refers to its own document only."""
    if isinstance(node, dict):
        return {
            key: re.sub(r"^[^#]*", "", value) if key == "$ref" else localize_references(value)
            for key, value in node.items()
        }
    return [localize_references(item) for item in node] if isinstance(node, list) else node
