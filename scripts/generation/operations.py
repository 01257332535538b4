"""The operations of a contract: where they are, what they take and answer, who may call them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from chassis.web.problems import PROBLEM
from scripts.generation.documents import ContractMistake, Document, Found, Node

METHODS = ("get", "put", "post", "delete", "patch")


class Access(NamedTuple):
    """What `x-access` says; roles and internal callers together mean that both are needed."""

    public: bool = False
    roles: tuple[str, ...] = ()
    owner: bool = False
    internal: tuple[str, ...] = ()
    optional_token: bool = False

    @property
    def takes_a_token(self) -> bool:
        return bool(self.roles) or self.optional_token


@dataclass(frozen=True)
class Operation:
    """One operation, with references followed where something is asked of it."""

    document: Document
    id: str
    method: str
    path: str
    node: Node
    shared: list[Node]

    @property
    def service(self) -> str:
        return self.document.name

    @property
    def full_path(self) -> str:
        """The path with the service's prefix."""
        return prefix(self.document) + self.path

    @property
    def access(self) -> Access:
        said = self.node.get("x-access")
        if said == "public":
            return Access(public=True)
        if said == {"token": "optional"}:
            return Access(public=True, optional_token=True)
        if not isinstance(said, dict) or said.keys() - {"roles", "owner", "internal"}:
            raise ContractMistake(f"{self.service}: {self.id} has x-access {said!r}")
        roles, internal = tuple(said.get("roles", ())), tuple(said.get("internal", ()))
        if not roles and not internal:
            raise ContractMistake(f"{self.service}: {self.id} lets nobody in")
        return Access(roles=roles, owner=bool(said.get("owner", False)), internal=internal)

    @property
    def idempotent(self) -> bool:
        """Whether a repeat changes nothing more."""
        return self.method == "get" or bool(self.node.get("x-idempotent", False))

    @property
    def parameters(self) -> list[Found]:
        return [self.document.resolve(node) for node in [*self.shared, *self.node.get("parameters", [])]]

    @property
    def body(self) -> Found | None:
        return self.document.resolve(self.node["requestBody"]) if "requestBody" in self.node else None

    @property
    def answers(self) -> Iterator[tuple[int, Found]]:
        for status, node in self.node["responses"].items():
            yield int(status), self.document.resolve(node)

    @property
    def problems(self) -> Iterator[Node]:
        """The example of every problem it may answer."""
        for _, found in self.answers:
            yield from examples(found.node.get("content", {}).get(PROBLEM, {}))


def prefix(document: Document) -> str:
    servers = document.content.get("servers", [])
    if len(servers) != 1 or servers[0]["url"] != f"/{document.name}":
        raise ContractMistake(f"{document.path.name}: servers is [{{url: /{document.name}}}] and nothing else")
    return str(servers[0]["url"])


def operations(document: Document) -> Iterator[Operation]:
    """All operations of a contract, in its order."""
    for path, item in document.content.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                node = item[method]
                if "operationId" not in node:
                    raise ContractMistake(f"{document.path.name}: {method} {path} has no operationId")
                yield Operation(document, node["operationId"], method, path, node, item.get("parameters", []))


def examples(content: Node) -> Iterator[Any]:
    """What stands in `example` and `examples` of a media type or a parameter."""
    if "example" in content:
        yield content["example"]
    for named in content.get("examples", {}).values():
        yield named["value"]


def name_of(problem: Node) -> str:
    """The class a problem is in Python: `/problems/out-of-stock` is OutOfStock."""
    return "".join(word.capitalize() for word in problem["type"].rsplit("/", 1)[-1].split("-"))
