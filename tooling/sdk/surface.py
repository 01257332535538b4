"""What a client package offers, whatever its language: public operations, their models and problems, by service."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from chassis.contracts.errors import ContractError
from chassis.contracts.media_types import JSON
from chassis.contracts.openapi import Api, Operation
from chassis.contracts.references import Node, Object, references_in

BASIC_MEMBERS = frozenset({"type", "title", "status", "detail"})  # which every problem has
IDEMPOTENCY_KEY = "Idempotency-Key"


class Field(NamedTuple):
    """A value that a method takes."""

    wire: str
    schema: Node
    required: bool

    @property
    def nullable(self) -> bool:
        """Whether null says something else than leaving the value out."""
        return bool(self.schema.get("nullable"))


@dataclass(frozen=True)
class Endpoint:
    """A public operation; its body is taken apart into fields."""

    operation: Operation

    @property
    def path(self) -> list[Field]:
        return self._parameters("path")

    @property
    def query(self) -> list[Field]:
        return self._parameters("query")

    @cached_property
    def takes_a_key(self) -> bool:
        """Whether it has an Idempotency-Key. Of headers, nothing else is for a client of this kind to say."""
        headers = [one for one in self.operation.parameters if one.location == "header"]
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
    def body(self) -> list[Field]:
        if self.operation.request_body is None:
            return []
        schema = self.operation.request_body.content[self.media_type].schema
        if "properties" not in schema.value:
            raise ContractError(f"{self.operation.id}: the body is no object with properties of its own")
        required = schema.get("required", [])
        return [Field(name, member, name in required) for name, member in schema.entries("properties")]

    @cached_property
    def answer(self) -> Node | None:
        """The schema of what is answered, if anything is."""
        answers = [response for status, response in self.operation.responses.items() if status < 300]
        if len(answers) != 1:
            raise ContractError(f"{self.operation.id} has {len(answers)} answers below 300; a method returns one")
        return answers[0].content[JSON].schema if answers[0].content else None

    @cached_property
    def item(self) -> Node | None:
        """The schema of an item, where the answer is a page that another one may follow."""
        if self.answer is None or not any(field.wire == "cursor" for field in self.query):
            return None
        return self.answer.at("properties").at("items").at("items")

    @property
    def problems(self) -> list[Object]:
        """The problems that are its own, and not those of every operation."""
        return [
            problem
            for response in self.operation.responses.values()
            if response.node.document is self.operation.api.document
            for problem in response.problems
        ]

    def _parameters(self, location: str) -> list[Field]:
        return [
            Field(one.name, one.schema, one.required) for one in self.operation.parameters if one.location == location
        ]


def paragraphs(operation: Operation) -> list[str]:
    """What the contract says of an operation."""
    return [operation.summary.rstrip(".") + ".", *operation.node.value["description"].splitlines()]


class Problem(NamedTuple):
    """A problem type, with the members that only this one has."""

    example: Object
    members: dict[str, Field]


def surface(contracts: list[Api]) -> dict[Api, list[Endpoint]]:
    """The public operations of each contract that has any."""
    found = {api: [Endpoint(one) for one in api.operations if one.access.external] for api in contracts}
    return {api: endpoints for api, endpoints in found.items() if endpoints}


def version(contracts: list[Api]) -> str:
    """The version that the contracts with operations share."""
    versions: set[str] = {api.info["version"] for api in surface(contracts)}
    if len(versions) != 1:
        raise ContractError(f"the contracts have several versions: {', '.join(sorted(versions))}")
    return versions.pop()


def problems(endpoints: list[Endpoint]) -> list[Problem]:
    """Every problem that may be answered, by its type."""
    found: dict[str, Problem] = {}
    for endpoint in endpoints:
        for response in endpoint.operation.responses.values():
            for example in response.problems:
                problem = found.setdefault(example["type"], Problem(example, {}))
                for name in sorted(example.keys() - BASIC_MEMBERS):
                    problem.members[name] = member(response.problem_schema(example["type"]), name)
    return [found[name] for name in sorted(found)]


def member(schema: Node, name: str) -> Field:
    """A member of a problem, in a schema or in what it extends."""
    parts = [schema]
    for part in parts:
        if name in part.get("properties", {}):
            return Field(name, part.at("properties").at(name), False)
        parts += part.items("allOf")
    raise ContractError(f"{schema.document.path.name}: a problem's example has {name}, which its schema has not")


def schemas(contracts: list[Api], names: set[str]) -> Object:
    """These schemas and all that they refer to, as those of one document; a name means the same in every contract."""
    all_of_them: Object = {}
    for api in contracts:
        for name, schema in api.components("schemas").items():
            if name in all_of_them:
                raise ContractError(f"two contracts have a schema {name}")
            all_of_them[name] = schema
    wanted = sorted(names)
    for name in wanted:
        below = {reference.rsplit("/", 1)[-1] for reference in references_in(all_of_them[name])}
        wanted += sorted(below - set(wanted))
    return {name: local(all_of_them[name]) for name in sorted(wanted)}


def local(node: Any) -> Any:
    """A copy that refers to its own document only."""
    if isinstance(node, dict):
        return {key: re.sub(r"^[^#]*", "", value) if key == "$ref" else local(value) for key, value in node.items()}
    return [local(item) for item in node] if isinstance(node, list) else node
