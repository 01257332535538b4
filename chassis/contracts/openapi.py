"""An OpenAPI 3.0 contract as typed objects: operations with what they take, answer, and whom they let in.

Parts are parsed when they are first asked for. Whatever has no field of its own here is read from `node`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

from chassis.contracts.errors import ContractError
from chassis.contracts.media_types import HTML, PROBLEM_JSON
from chassis.contracts.references import Document, Json, JsonObject, Node

HTTP_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class Access:
    """Who may call an operation, by `x-access`. Roles and internal callers together mean that both are needed.

    `public`: nobody has to prove who they are; with `optional_token` a token that is sent has to be valid all the same.
    `owner`: of users, only the one whose it is.
    """

    public: bool = False
    optional_token: bool = False
    roles: tuple[str, ...] = ()
    owner: bool = False
    internal: tuple[str, ...] = ()

    @classmethod
    def parse(cls, declared: Json) -> Self:
        """Raises: ContractError when it is no rule."""
        if declared == "public":
            return cls(public=True)
        if declared == {"token": "optional"}:
            return cls(public=True, optional_token=True)
        if not _is_restriction(declared):
            raise ContractError(f"x-access cannot be {declared!r}")
        return cls(
            roles=tuple(declared.get("roles", ())),
            owner=bool(declared.get("owner")),
            internal=tuple(declared.get("internal", ())),
        )

    @property
    def takes_token(self) -> bool:
        return bool(self.roles) or self.optional_token

    @property
    def external(self) -> bool:
        """Whether it is for anybody but other services."""
        return self.public or bool(self.roles)


def _is_restriction(declared: Json) -> bool:
    return (
        isinstance(declared, dict)
        and declared.keys() <= {"roles", "owner", "internal"}
        and all(isinstance(declared.get(names, []), list) for names in ("roles", "internal"))
        and bool(declared.get("roles") or declared.get("internal"))
        and declared.get("owner", False) in (None, False, True)
        and not (declared.get("owner") and not declared.get("roles"))
    )


@dataclass(frozen=True, eq=False)
class MediaType:
    """What is sent or answered under one media type."""

    node: Node = field(repr=False)

    @property
    def schema(self) -> Node:
        """Raises: ContractError when it has none."""
        return self.node.at("schema")

    @property
    def examples(self) -> tuple[Json, ...]:
        return examples_of(self.node.value)


@dataclass(frozen=True, eq=False)
class Parameter:
    """A parameter in `path`, `query`, `header` or `cookie`."""

    name: str
    location: str
    required: bool
    node: Node = field(repr=False)

    @classmethod
    def parse(cls, node: Node) -> Self:
        return cls(node.at("name").value, node.at("in").value, bool(node.get("required")), node)

    @property
    def schema(self) -> Node:
        return self.node.at("schema")

    @property
    def examples(self) -> tuple[Json, ...]:
        return examples_of(self.node.value)


@dataclass(frozen=True, eq=False)
class RequestBody:
    """The body of a request, by media type."""

    required: bool
    content: Mapping[str, MediaType]

    @classmethod
    def parse(cls, node: Node) -> Self:
        return cls(bool(node.get("required")), _content(node))


@dataclass(frozen=True, eq=False)
class Header:
    """A header of a response."""

    name: str
    required: bool
    node: Node = field(repr=False)

    @property
    def schema(self) -> Node:
        return self.node.at("schema")

    @property
    def examples(self) -> tuple[Json, ...]:
        return examples_of(self.node.value)


@dataclass(frozen=True, eq=False)
class ResponseSpec:
    """A declared response; `content` is empty where it has no body."""

    node: Node = field(repr=False)

    @cached_property
    def headers(self) -> Mapping[str, Header]:
        return {name: Header(name, bool(node.get("required")), node) for name, node in self.node.entries("headers")}

    @cached_property
    def content(self) -> Mapping[str, MediaType]:
        return _content(self.node)

    @property
    def problems(self) -> tuple[Json, ...]:
        """An example of every problem that it may be."""
        return self.content[PROBLEM_JSON].examples if PROBLEM_JSON in self.content else ()

    def problem_schema(self, type_: str) -> Node:
        """The schema of one of its problems: of several, the one whose `type` is that, or the one that names none.

        Raises: ContractError when there is none.
        """
        schema = self.content[PROBLEM_JSON].schema
        by_type = {problem_type(one): one for one in schema.items("anyOf")} or {None: schema}
        found = by_type.get(type_) or by_type.get(None)
        if found is None:
            raise ContractError(f"{self.node.document.path.name}: {type_} is none of {', '.join(map(str, by_type))}")
        return found


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation. `path` is as it stands in the contract, `full_path` has the service's prefix."""

    api: "Api" = field(repr=False)
    id: str
    method: str
    path: str
    node: Node = field(repr=False)
    _item: Node = field(repr=False)

    @property
    def service(self) -> str:
        return self.api.name

    @property
    def full_path(self) -> str:
        return self.api.prefix + self.path

    @property
    def summary(self) -> str:
        return str(self.node.get("summary", ""))

    @property
    def description(self) -> str:
        return str(self.node.get("description", ""))

    @cached_property
    def access(self) -> Access:
        """Raises: ContractError when `x-access` is missing, or is no rule."""
        if "x-access" not in self.node.value:
            raise ContractError(f"{self.id} has no x-access")
        return Access.parse(self.node.value["x-access"])

    @property
    def idempotent(self) -> bool:
        """Whether a repeat changes nothing more."""
        return self.method == "get" or bool(self.node.get("x-idempotent"))

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Those of its path come first."""
        return tuple(map(Parameter.parse, (*self._item.items("parameters"), *self.node.items("parameters"))))

    @cached_property
    def request_body(self) -> RequestBody | None:
        return RequestBody.parse(self.node.at("requestBody")) if "requestBody" in self.node.value else None

    @property
    def request_content(self) -> Mapping[str, MediaType]:
        """What its body may be, by media type; empty where it takes none."""
        return self.request_body.content if self.request_body is not None else {}

    @cached_property
    def is_page(self) -> bool:
        """Whether it answers people: pages instead of problems, too."""
        return any(HTML in response.content for response in self.responses.values())

    @property
    def refusal_page(self) -> str | None:
        """The operation on whose page its refusals are shown, by `x-page`; None where they have a page of their own."""
        name = self.node.get("x-page")
        return None if name is None else str(name)

    @cached_property
    def cookie(self) -> str | None:
        """The cookie that says who asks, by an `apiKey` scheme of its `security`; None where none does."""
        schemes = self.api.components("securitySchemes")
        names = (schemes[name] for way in self.node.get("security", ()) for name in way)
        return next((str(one["name"]) for one in names if one["type"] == "apiKey" and one["in"] == "cookie"), None)

    @property
    def body_limit(self) -> Json:
        """The size of the largest body in bytes, by `x-body-limit`; None where it does not say."""
        return self.node.get("x-body-limit")

    @property
    def max_concurrent(self) -> Json:
        """How many requests a process works on at a time, by `x-max-concurrent`; None where it does not say."""
        return self.node.get("x-max-concurrent")

    @property
    def rate_limit(self) -> Json:
        """How many requests of one address pass the gateway, by `x-rate-limit`: `average` a second, `burst` at once."""
        return self.node.get("x-rate-limit")

    @cached_property
    def responses(self) -> Mapping[int, ResponseSpec]:
        """By status.

        Raises: ContractError when a response is declared otherwise than by the number of its status.
        """
        declared = dict(self.node.entries("responses"))
        if other := [status for status in declared if not status.isdigit()]:
            raise ContractError(f"{self.id} answers {', '.join(other)}: a status is declared by its number")
        return {int(status): ResponseSpec(node) for status, node in declared.items()}


@dataclass(frozen=True, eq=False)
class Api:
    """The contract of one service, or what contracts share, which has no operations."""

    document: Document

    @classmethod
    def load(cls, path: Path) -> Self:
        """Raises: ContractError when the file cannot be read."""
        return cls(Document(path))

    @classmethod
    def load_all(cls, folder: Path) -> list[Self]:
        """All contracts of a folder, in the order of their names.

        Raises: ContractError when a file cannot be read.
        """
        return list(map(cls, Document.load_all(folder)))

    @property
    def name(self) -> str:
        """The name of its file, which is the service's."""
        return self.document.name

    @property
    def info(self) -> Mapping[str, Json]:
        info: Mapping[str, Json] = self.document.content["info"]
        return info

    @cached_property
    def prefix(self) -> str:
        """The path that all its operations are below: none where they stand at the root.

        Raises: ContractError when its servers are others than the root, or the path that is the service's name.
        """
        prefixes = {f"/{self.name}": f"/{self.name}", "/": ""}
        match self.document.content.get("servers"):
            case [{"url": url, **others}] if url in prefixes and not others:
                return prefixes[url]
        raise ContractError(f"{self.document.path.name}: servers is [{{url: /{self.name}}}], or [{{url: /}}]")

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """In the order of the contract's paths.

        Raises: ContractError when one has no operationId.
        """
        operations = []
        for path, item in self.document.root.entries("paths"):
            for method in HTTP_METHODS:
                if method in item.value:
                    node = item.at(method)
                    if "operationId" not in node.value:
                        raise ContractError(f"{self.document.path.name}: {method} {path} has no operationId")
                    operations.append(Operation(self, node.value["operationId"], method, path, node, item))
        return tuple(operations)

    def components(self, kind: str) -> JsonObject:
        """Its components of a kind (`schemas`, `responses` …) by name, as they are written."""
        components: JsonObject = self.document.content.get("components", {}).get(kind, {})
        return components

    @cached_property
    def schemas(self) -> Mapping[str, Node]:
        """The named schemas, by name."""
        names = self.components("schemas")
        return {name: self.document.find(f"#/components/schemas/{name}") for name in names}

    @cached_property
    def named_responses(self) -> Mapping[str, ResponseSpec]:
        """The named responses, by name."""
        return {name: ResponseSpec(node) for name, node in self.document.root.at("components").entries("responses")}


def examples_of(value: Json) -> tuple[Json, ...]:
    """What `example` and `examples` of a media type or a parameter show."""
    single = (value["example"],) if "example" in value else ()
    return (*single, *(named.get("value") for named in value.get("examples", {}).values()))


def problem_type(schema: Node) -> str | None:
    """The only `type` that a problem's schema allows; None where it allows any."""
    for part in (schema, *schema.items("allOf")):
        declared = part.get("properties", {}).get("type", {})
        if "enum" in declared:
            return str(declared["enum"][0])
    return None


def _content(node: Node) -> Mapping[str, MediaType]:
    return {media_type: MediaType(content) for media_type, content in node.entries("content")}
