"""What a client package offers, whatever its language: public operations, their models and problems, by service."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from chassis.web.problems import PROBLEM
from scripts.generation.documents import ContractMistake, Document, Found, Node
from scripts.generation.operations import Operation, examples, operations

BASIC_MEMBERS = frozenset({"type", "title", "status", "detail"})  # which every problem has
IDEMPOTENCY_KEY = "Idempotency-Key"


class Field(NamedTuple):
    """A value that a method takes."""

    wire: str
    document: Document
    schema: Node
    required: bool

    @property
    def nullable(self) -> bool:
        """Whether null says something else than leaving the value out."""
        return bool(self.document.resolve(self.schema).node.get("nullable"))


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
        headers = [found.node for found in self.operation.parameters if found.node["in"] == "header"]
        for node in headers:
            if node.get("required"):
                raise ContractMistake(
                    f"{self.operation.id} requires the header {node['name']}, which clients do not send"
                )
        return any(node["name"] == IDEMPOTENCY_KEY for node in headers)

    @property
    def repeatable(self) -> bool:
        return self.operation.idempotent or self.takes_a_key

    @cached_property
    def media_type(self) -> str:
        return next(iter(self.operation.body.node["content"])) if self.operation.body else ""

    @cached_property
    def body(self) -> list[Field]:
        if self.operation.body is None:
            return []
        document, _, node = self.operation.body
        found = document.resolve(node["content"][self.media_type]["schema"])
        if "properties" not in found.node:
            raise ContractMistake(f"{self.operation.id}: the body is no object with properties of its own")
        required = found.node.get("required", [])
        return [
            Field(name, found.document, schema, name in required) for name, schema in found.node["properties"].items()
        ]

    @cached_property
    def answer(self) -> Found | None:
        """The schema of what is answered, if anything is."""
        answers = [found for status, found in self.operation.answers if status < 300]
        if len(answers) != 1:
            raise ContractMistake(f"{self.operation.id} has {len(answers)} answers below 300; a method returns one")
        document, _, node = answers[0]
        if "content" not in node:
            return None
        return Found(document, "", node["content"]["application/json"]["schema"])

    @cached_property
    def item(self) -> Found | None:
        """The schema of an item, where the answer is a page that another one may follow."""
        if self.answer is None or not any(field.wire == "cursor" for field in self.query):
            return None
        page = self.answer.document.resolve(self.answer.node)
        return Found(page.document, "", page.document.resolve(page.node["properties"]["items"]).node["items"])

    @property
    def problems(self) -> list[Node]:
        """The problems that are its own, and not those of every operation."""
        return [
            example
            for _, found in self.operation.answers
            if found.document is self.operation.document
            for example in examples(found.node.get("content", {}).get(PROBLEM, {}))
        ]

    def _parameters(self, where: str) -> list[Field]:
        return [
            Field(node["name"], document, node["schema"], bool(node.get("required")))
            for document, _, node in self.operation.parameters
            if node["in"] == where
        ]


def paragraphs(operation: Operation) -> list[str]:
    """What the contract says of an operation."""
    return [operation.node["summary"].rstrip(".") + ".", *operation.node["description"].splitlines()]


class Problem(NamedTuple):
    """A problem type, with the members that only this one has."""

    example: Node
    members: dict[str, Field]


def surface(contracts: list[Document]) -> dict[Document, list[Endpoint]]:
    """The public operations of each contract that has any."""
    found = {document: list(public(document)) for document in contracts}
    return {document: endpoints for document, endpoints in found.items() if endpoints}


def public(document: Document) -> Iterator[Endpoint]:
    for operation in operations(document):
        if operation.access.public or operation.access.roles:  # as the gateway has it
            yield Endpoint(operation)


def version(contracts: list[Document]) -> str:
    """The version that the contracts with operations share."""
    versions: set[str] = {document.content["info"]["version"] for document in surface(contracts)}
    if len(versions) != 1:
        raise ContractMistake(f"the contracts have several versions: {', '.join(sorted(versions))}")
    return versions.pop()


def problems(endpoints: list[Endpoint]) -> list[Problem]:
    """Every problem that may be answered, by its type."""
    found: dict[str, Problem] = {}
    for endpoint in endpoints:
        for _, (document, _, node) in endpoint.operation.answers:
            content = node.get("content", {}).get(PROBLEM, {})
            for example in examples(content):
                problem = found.setdefault(example["type"], Problem(example, {}))
                for name in sorted(example.keys() - BASIC_MEMBERS):
                    problem.members[name] = member(document, content["schema"], name)
    return [found[name] for name in sorted(found)]


def member(document: Document, schema: Node, name: str) -> Field:
    """A member of a problem, in a schema or in what it extends."""
    parts = [document.resolve(schema)]
    for part in parts:
        if name in part.node.get("properties", {}):
            return Field(name, part.document, part.node["properties"][name], False)
        parts += [part.document.resolve(further) for further in part.node.get("allOf", [])]
    raise ContractMistake(f"{document.path.name}: a problem's example has {name}, which its schema has not")


def schemas(contracts: list[Document], names: set[str]) -> dict[str, Any]:
    """These schemas and all that they refer to, as those of one document; a name means the same in every contract."""
    all_of_them: dict[str, Any] = {}
    for document in contracts:
        for name, schema in document.content.get("components", {}).get("schemas", {}).items():
            if name in all_of_them:
                raise ContractMistake(f"two contracts have a schema {name}")
            all_of_them[name] = schema
    wanted = sorted(names)
    for name in wanted:
        wanted += sorted({ref for ref in references(all_of_them[name]) if ref not in wanted})
    return {name: local(all_of_them[name]) for name in sorted(wanted)}


def references(node: Any) -> Iterator[str]:
    """The names of the schemas that a node refers to."""
    if isinstance(node, dict) and "$ref" in node:
        yield node["$ref"].rsplit("/", 1)[-1]
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from references(child)


def local(node: Any) -> Any:
    """A copy that refers to its own document only."""
    if isinstance(node, dict):
        return {key: re.sub(r"^[^#]*", "", value) if key == "$ref" else local(value) for key, value in node.items()}
    return [local(item) for item in node] if isinstance(node, list) else node
