"""Each OpenAPI contract in one file, and the whole shop as its gateway shows it: for tools that read no second file."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from chassis.contracts.errors import ContractError
from chassis.contracts.openapi import METHODS, Api
from chassis.contracts.references import Document, Object, reference_of
from tooling.generation.naming import pascal
from tooling.project import CONFIGURATION, NAME

INTERNAL = frozenset({"x-normalize"})  # how a service reads what people type; a caller learns it from the description
FROM_GATEWAY = frozenset({"X-Real-Ip"})  # Traefik writes it over what a client says
KINDS = ("securitySchemes", "parameters", "responses", "headers", "schemas")
GATEWAY = {
    "scheme": {"enum": ["http", "https"], "default": "http"},
    "host": {
        "default": "127.0.0.1:8080",
        "description": "Where the gateway is, with its port unless it is the usual one.",
    },
}


class Component(NamedTuple):
    """A named part of a document: what a `$ref` leads to."""

    document: Document
    kind: str
    name: str

    @property
    def node(self) -> Object:
        node: Object = self.document.find(f"#/components/{self.kind}/{self.name}").value
        return node


def bundles(contracts: list[Api]) -> dict[str, Object]:
    """Every bundle by its name: one per contract with operations, and one of all; each in 3.0.3 and in 3.1.1."""
    services = [api for api in contracts if api.operations]
    made = {api.name: service_bundle(api.document) for api in services} | {NAME: shop_bundle(services)}
    return {
        name: content
        for each, bundle in made.items()
        for name, content in ((each, bundle), (f"{each}-3.1", to_openapi_31(bundle)))
    }


def service_bundle(document: Document) -> Object:
    """A contract with everything it refers to."""
    paths = [(document, path, item) for path, item in document.content["paths"].items()]
    head = {key: value for key, value in document.content.items() if key not in ("paths", "components")}
    return bundled({**head, "servers": servers(f"/{document.name}")}, paths)


def shop_bundle(services: list[Api]) -> Object:
    """The operations of all services that the gateway lets through, under the paths they have there."""
    head = {
        "openapi": services[0].document.content["openapi"],
        "info": {
            "title": NAME.capitalize(),
            "version": max((api.info["version"] for api in services), key=numbers),
            "description": CONFIGURATION["description"],
        },
        "servers": servers(""),
        "tags": [{"name": api.name, "description": api.info["description"]} for api in services],
    }
    return disambiguate_enums(bundled(head, [public for api in services for public in public_paths(api)]))


def public_paths(api: Api) -> Iterator[tuple[Document, str, Object]]:
    outside = {(operation.path, operation.method) for operation in api.operations if operation.access.external}
    for path, item in api.document.content["paths"].items():
        shown = {
            key: {**to_public_operation(value, api.document), "tags": [api.name]} if key in METHODS else value
            for key, value in item.items()
            if key not in METHODS or (path, key) in outside
        }
        if shown.keys() & set(METHODS):
            yield api.document, f"{api.prefix}{path}", shown


def to_public_operation(operation: Object, document: Document) -> Object:
    """An operation without the headers that no client can say."""
    sent = [one for one in operation.get("parameters", ()) if document.resolve(one).value["name"] not in FROM_GATEWAY]
    return {
        key: sent if key == "parameters" else value for key, value in operation.items() if key != "parameters" or sent
    }


def servers(prefix: str) -> list[Object]:
    return [{"url": f"{{scheme}}://{{host}}{prefix}", "description": "The gateway of the shop.", "variables": GATEWAY}]


def bundled(head: Object, paths: list[tuple[Document, str, Object]]) -> Object:
    """A document of these paths, with the components that they need and no other."""
    used: dict[Component, None] = {}
    for document, _, item in paths:
        collect_components(item, document, used)
    names = assign_names(list(used))
    components: Object = {kind: {} for kind in KINDS}
    for one in sorted(used, key=lambda one: place(one, [document for document, _, _ in paths])):
        components[one.kind].setdefault(names[one], rewritten(one.node, one.document, names))
    return {
        **head,
        "paths": {path: rewritten(item, document, names) for document, path, item in paths},
        "components": {kind: found for kind, found in components.items() if found},
    }


def collect_components(node: Any, document: Document, used: dict[Component, None]) -> None:
    """Note every component that is needed, also by another one."""
    for one in direct_references(node, document):
        if one not in used:
            used[one] = None
            collect_components(one.node, one.document, used)


def direct_references(node: Any, document: Document) -> Iterator[Component]:
    if isinstance(node, dict):
        if (reference := reference_of(node)) is not None:
            yield target(reference, document)
        for scheme in {name: None for one in node.get("security", ()) for name in one}:
            yield Component(document, "securitySchemes", scheme)
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from direct_references(child, document)


def target(reference: str, document: Document) -> Component:
    file, _, pointer = reference.partition("#")
    steps = pointer.split("/")
    if len(steps) != 4 or steps[1] != "components" or steps[2] not in KINDS:
        raise ContractError(f"{document.path.name}: {reference} is no component")
    return Component(document.sibling(file), steps[2], steps[3])


def assign_names(used: list[Component]) -> dict[Component, str]:
    """What each is called: the same where it says the same, and after its service where another has the name."""
    names, taken = {}, dict[tuple[str, str], Any]()
    for one in sorted(used, key=lambda one: bool(one.document.content.get("paths"))):  # what all share keeps its name
        said, name = one.document.inline(one.node), one.name
        if taken.setdefault((one.kind, name), said) != said:
            name = pascal(one.document.name) + name
            if taken.setdefault((one.kind, name), said) != said:
                raise ContractError(f"{one.document.path.name}: there are two of {one.kind}/{name}")
        names[one] = name
    return names


def rewritten(node: Any, document: Document, names: dict[Component, str]) -> Any:
    if isinstance(node, dict):
        if (reference := reference_of(node)) is not None:
            one = target(reference, document)
            return {"$ref": f"#/components/{one.kind}/{names[one]}"}
        return {key: rewritten(value, document, names) for key, value in node.items() if key not in INTERNAL}
    return [rewritten(item, document, names) for item in node] if isinstance(node, list) else node


def place(one: Component, services: list[Document]) -> tuple[int, int, int]:
    """Where it comes: by kind, then what a service says itself before what all share, in the order of the sources."""
    order = [document.name for document in services]
    at = order.index(one.document.name) if one.document.name in order else len(order)
    return KINDS.index(one.kind), at, list(one.document.content["components"][one.kind]).index(one.name)


def disambiguate_enums(shop: Object) -> Object:
    """The shop with names for the values of enums that share one: in some languages all are of one scope."""
    enums = {name: schema for name, schema in shop["components"]["schemas"].items() if "enum" in schema}
    times = Counter(member for schema in enums.values() for member in members(schema))
    for name, schema in enums.items():
        if any(times[member] > 1 for member in members(schema)):
            prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()
            schema["x-enum-varnames"] = [f"{prefix}_{member}" for member in members(schema)]
    return shop


def members(schema: Object) -> list[str]:
    """What generators call the values of an enum."""
    said: list[str] = schema.get("x-enum-varnames") or [
        re.sub(r"\W", "_", value).upper() for value in schema["enum"] if value is not None
    ]
    return said


def numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def to_openapi_31(bundle: Object) -> Object:
    """The same in OpenAPI 3.1, whose schemas are JSON Schema."""
    return {**converted(bundle), "openapi": "3.1.1"}


def converted(node: Any) -> Any:
    if isinstance(node, list):
        return [converted(item) for item in node]
    if not isinstance(node, dict):
        return node
    said = {key: to_openapi_31_schema(value) if key == "schema" else converted(value) for key, value in node.items()}
    if "schemas" in node:
        said["schemas"] = {name: to_openapi_31_schema(schema) for name, schema in node["schemas"].items()}
    return said


def to_openapi_31_schema(schema: Any) -> Any:
    """A schema of OpenAPI 3.0 as one of 3.1; directly below `properties` a key is a name."""
    if isinstance(schema, list):
        return [to_openapi_31_schema(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    said = {
        key: {name: to_openapi_31_schema(each) for name, each in value.items()}
        if key == "properties"
        else to_openapi_31_schema(value)
        for key, value in schema.items()
    }
    if said.pop("nullable", False):
        said["type"] = [said["type"], "null"]
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if said.pop(exclusive, False) is True:
            said[exclusive] = said.pop(bound)
    if "example" in said:
        said["examples"] = [said.pop("example")]
    if said.get("format") == "binary":
        said["contentMediaType"] = "application/octet-stream"
    return said
