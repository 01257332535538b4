"""The contracts with one constraint weakened: every such contract there is, in a fixed order."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from chassis.contracts.openapi import Api
from chassis.contracts.references import Loader
from tooling.project import declared_callers, declared_roles

Node = Any
Edit = Callable[[Node], None]
UPPER_BOUNDS = ("maximum", "maxLength", "maxItems", "maxProperties")
LOWER_BOUNDS = ("minimum", "minLength", "minItems", "minProperties")
VALUE_TYPES = ("string", "integer", "number", "boolean", "array", "object")
NAMED_CONTAINERS = ("properties", "schemas", "messages", "channels", "headers", "parameters")
DOCUMENTATION_KEYWORDS = ("example", "examples", "x-access", "x-transitions")  # no schema below them


NodePath = tuple[Any, ...]
Callers = Mapping[str, list[str]]  # by the key of `x-access` that admits them
Mutation = tuple[NodePath, str, str, Edit]


@dataclass(frozen=True)
class Mutant:
    """One file of the contracts, weakened in one place."""

    file: str
    place: NodePath
    kind: str
    description: str
    edit: Edit = field(repr=False)

    @property
    def name(self) -> str:
        return f"{self.file} {'/'.join(map(str, self.place))}: {self.description}"

    def text(self, whole: str) -> str:
        """What the file says when it is weakened, given what it says."""
        document = node = parse_yaml(whole)
        for step in self.place:
            node = node[step]
        self.edit(node)
        return yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False, width=1000)


def generate_mutants(root: Path) -> Iterator[Mutant]:
    """All of them, file by file."""
    apis = Api.load_all(root / "contracts")
    callers = {"roles": declared_roles(apis), "internal": declared_callers(apis)}
    for path in [*sorted(root.glob("contracts/*.yaml")), *sorted(root.glob("asyncapi/*.yaml"))]:
        document = parse_yaml(path.read_text("utf-8"))
        for place, kind, description, edit in iterate_mutations(
            document, callers, of_events=path.parent.name == "asyncapi"
        ):
            yield Mutant(path.relative_to(root).as_posix(), place, kind, description, edit)


def parse_yaml(text: str) -> Node:
    return yaml.load(text, Loader)  # noqa: S506 - a safe loader, which leaves times as they are written


def iterate_mutations(node: Node, callers: Callers, place: NodePath = (), *, of_events: bool) -> Iterator[Mutation]:
    """Each constraint in and below a node, and how to weaken it."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from iterate_mutations(item, callers, (*place, index), of_events=of_events)
    if not isinstance(node, dict):
        return
    named = bool(place) and place[-1] in NAMED_CONTAINERS  # a key of it is a name, whatever it is called
    if not named:
        mutations = [
            *schema_mutations(node, of_events=of_events),
            *operation_mutations(node, callers),
            *message_mutations(place, node),
        ]
        for kind, description, edit in mutations:
            yield place, kind, description, edit
    for key, child in node.items():
        if named or key not in DOCUMENTATION_KEYWORDS:
            yield from iterate_mutations(child, callers, (*place, key), of_events=of_events)


def schema_mutations(node: Node, *, of_events: bool) -> Iterator[tuple[str, str, Edit]]:
    """The constraints of a schema, and of a body or header that is required."""
    if isinstance(required := node.get("required"), list):
        for name in required:
            yield "required dropped", f"{name} is not required", partial(remove_item, "required", name)
    elif required is True and node.get("in") != "path":
        yield "required dropped", "may be left out", partial(delete_key, "required")
    for word in (*UPPER_BOUNDS, *LOWER_BOUNDS):
        bound = node.get(word)
        if isinstance(bound, int) and (bound > 0 or word in ("minimum", *UPPER_BOUNDS)):
            wider = bound + (1 if word in UPPER_BOUNDS else -1)
            yield "bound widened", f"{word} {wider}", partial(set_key, word, wider)
    if isinstance(enum := node.get("enum"), list) and enum:
        if len(enum) > 1 and enum[-1] is not None:
            yield "enum value removed", f"{enum[-1]} is unknown", partial(remove_item, "enum", enum[-1])
        more = "ANOTHER" if isinstance(enum[0], str) else max(enum) + 1
        yield "enum value added", f"{more} is known", partial(append_item, "enum", more)
    yield from type_mutations(node, of_events=of_events)
    for keyword in ("pattern", "format", "const"):
        if isinstance(node.get(keyword), str):
            yield f"{keyword} dropped", f"any {keyword}, not {node[keyword]}", partial(delete_key, keyword)
    if node.get("additionalProperties") is False:
        yield "opened", "takes any property", partial(delete_key, "additionalProperties")


def type_mutations(node: Node, *, of_events: bool) -> Iterator[tuple[str, str, Edit]]:
    """A type that takes more; null is said in one way by OpenAPI 3.0 and in another by AsyncAPI."""
    kind = node.get("type")
    if kind == "integer" and "enum" not in node:
        yield "type loosened", "integer is number", partial(set_key, "type", "number")
    listed = of_events and node.keys() & {"enum", "const"}  # which name every value anyway
    if kind in VALUE_TYPES and not node.keys() & {"nullable", "properties"} and not listed:
        or_null = partial(set_key, "type", [kind, "null"]) if of_events else partial(set_key, "nullable", True)
        yield "type loosened", f"{kind} or null", or_null


def operation_mutations(node: Node, callers: Callers) -> Iterator[tuple[str, str, Edit]]:
    """The statuses of an operation, who may call it, what it promises; the moves of a state."""
    for status in node.get("responses", {}) if "operationId" in node else ():
        yield "status removed", f"no {status}", partial(edit_below, "responses", partial(delete_key, status))
    access = node.get("x-access") if "operationId" in node else None
    if access == {"token": "optional"}:
        yield "access widened", "a bad token is passed over", allow_public_access
    elif isinstance(access, dict):
        for kind, declared in callers.items():
            if access.get(kind) and (more := [caller for caller in declared if caller not in access[kind]]):
                yield (
                    "access widened",
                    f"{more[0]} may too",
                    partial(edit_below, "x-access", partial(append_item, kind, more[0])),
                )
        if access.get("owner"):
            yield "access widened", "not only the owner", partial(edit_below, "x-access", partial(delete_key, "owner"))
        yield "access widened", "public", allow_public_access
    if node.get("x-idempotent"):
        yield "promise dropped", "a repeat may do more", partial(delete_key, "x-idempotent")
    if "x-body-limit" in node:
        yield "bound widened", "x-body-limit doubled", partial(set_key, "x-body-limit", 2 * node["x-body-limit"])
    moves = node.get("x-transitions", {})
    for state, after in moves.items():
        if more := [other for other in moves if other not in (*after, state)]:
            edit = partial(edit_below, "x-transitions", partial(append_item, state, more[0]))
            yield "transition added", f"{state} to {more[0]}", edit


def message_mutations(place: NodePath, node: Node) -> Iterator[tuple[str, str, Edit]]:
    """What a service sends and receives; the key of a message."""
    if place == ("operations",) and len(node) > 1:
        for name in node:
            yield "exchange removed", f"no {name}", partial(delete_key, name)
    if isinstance(kafka := node.get("kafka"), dict) and "key" in kafka:
        yield "key dropped", "a message without a key", partial(edit_below, "kafka", partial(delete_key, "key"))


def set_key(key: str, value: Any, node: Node) -> None:
    node[key] = value


def delete_key(key: str, node: Node) -> None:
    del node[key]


def append_item(key: str, item: Any, node: Node) -> None:
    node[key].append(item)


def remove_item(key: str, item: Any, node: Node) -> None:
    node[key].remove(item)


def edit_below(key: str, edit: Edit, node: Node) -> None:
    edit(node[key])


def allow_public_access(node: Node) -> None:
    node.update({"x-access": "public", "security": []})
