"""Each OpenAPI contract in one file, and the whole shop as its gateway shows it: for tools that read no second file."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from chassis.contracts.errors import ContractError
from chassis.contracts.openapi import HTTP_METHODS, Api
from chassis.contracts.references import Document, JsonObject, reference_of
from tooling.generation.naming import to_pascal_case
from tooling.project import PROJECT_NAME, TOOLING_CONFIGURATION

# How a service reads what people type, and what a process of it does at a time; callers learn both from descriptions.
INTERNAL_KEYWORDS = frozenset({"x-normalize", "x-max-concurrent"})
GATEWAY_HEADERS = frozenset({"X-Real-Ip"})  # Traefik writes it over what a client says
COMPONENT_KINDS = ("securitySchemes", "parameters", "responses", "headers", "schemas")
GATEWAY_SERVER_VARIABLES = {
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
    def node(self) -> JsonObject:
        node: JsonObject = self.document.find(f"#/components/{self.kind}/{self.name}").value
        return node


def build_bundles(contracts: list[Api]) -> dict[str, JsonObject]:
    """Every bundle by its name: one per contract with operations, and one of all; each in 3.0.3 and in 3.1.1."""
    services = [api for api in contracts if api.operations]
    made = {api.name: build_service_bundle(api.document) for api in services} | {
        PROJECT_NAME: build_shop_bundle(services)
    }
    return {
        name: content
        for each, bundle in made.items()
        for name, content in ((each, bundle), (f"{each}-3.1", to_openapi_31(bundle)))
    }


def build_service_bundle(document: Document) -> JsonObject:
    """A contract with everything it refers to."""
    paths = [(document, path, item) for path, item in document.content["paths"].items()]
    head = {key: value for key, value in document.content.items() if key not in ("paths", "components")}
    return bundle_document({**head, "servers": server_objects(f"/{document.name}")}, paths)


def build_shop_bundle(services: list[Api]) -> JsonObject:
    """The operations of all services that the gateway lets through, under the paths they have there."""
    head = {
        "openapi": services[0].document.content["openapi"],
        "info": {
            "title": PROJECT_NAME.capitalize(),
            "version": max((api.info["version"] for api in services), key=parse_version_numbers),
            "description": TOOLING_CONFIGURATION["description"],
        },
        "servers": server_objects(""),
        "tags": [{"name": api.name, "description": api.info["description"]} for api in services],
    }
    return disambiguate_enums(
        bundle_document(head, [public for api in services for public in iterate_public_paths(api)])
    )


def iterate_public_paths(api: Api) -> Iterator[tuple[Document, str, JsonObject]]:
    outside = {(operation.path, operation.method) for operation in api.operations if operation.access.external}
    for path, item in api.document.content["paths"].items():
        shown = {
            key: {**to_public_operation(value, api.document), "tags": [api.name]} if key in HTTP_METHODS else value
            for key, value in item.items()
            if key not in HTTP_METHODS or (path, key) in outside
        }
        if shown.keys() & set(HTTP_METHODS):
            yield api.document, f"{api.prefix}{path}", shown


def to_public_operation(operation: JsonObject, document: Document) -> JsonObject:
    """An operation without the headers that no client can say."""
    sent = [
        parameter
        for parameter in operation.get("parameters", ())
        if document.resolve(parameter).value["name"] not in GATEWAY_HEADERS
    ]
    return {
        key: sent if key == "parameters" else value for key, value in operation.items() if key != "parameters" or sent
    }


def server_objects(prefix: str) -> list[JsonObject]:
    return [
        {
            "url": f"{{scheme}}://{{host}}{prefix}",
            "description": "The gateway of the shop.",
            "variables": GATEWAY_SERVER_VARIABLES,
        }
    ]


def bundle_document(head: JsonObject, paths: list[tuple[Document, str, JsonObject]]) -> JsonObject:
    """A document of these paths, with the components that they need and no other."""
    used: dict[Component, None] = {}
    for document, _, item in paths:
        collect_components(item, document, used)
    names = assign_component_names(list(used))
    components: JsonObject = {kind: {} for kind in COMPONENT_KINDS}
    for component in sorted(
        used, key=lambda component: component_sort_key(component, [document for document, _, _ in paths])
    ):
        components[component.kind].setdefault(
            names[component], rewrite_references(component.node, component.document, names)
        )
    return {
        **head,
        "paths": {path: rewrite_references(item, document, names) for document, path, item in paths},
        "components": {kind: members for kind, members in components.items() if members},
    }


def collect_components(node: Any, document: Document, used: dict[Component, None]) -> None:
    """Note every component that is needed, also by another one."""
    for component in iterate_direct_references(node, document):
        if component not in used:
            used[component] = None
            collect_components(component.node, component.document, used)


def iterate_direct_references(node: Any, document: Document) -> Iterator[Component]:
    if isinstance(node, dict):
        if (reference := reference_of(node)) is not None:
            yield resolve_component(reference, document)
        for scheme in {name: None for requirement in node.get("security", ()) for name in requirement}:
            yield Component(document, "securitySchemes", scheme)
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from iterate_direct_references(child, document)


def resolve_component(reference: str, document: Document) -> Component:
    file, _, pointer = reference.partition("#")
    steps = pointer.split("/")
    if len(steps) != 4 or steps[1] != "components" or steps[2] not in COMPONENT_KINDS:
        raise ContractError(f"{document.path.name}: {reference} is no component")
    return Component(document.sibling(file), steps[2], steps[3])


def assign_component_names(used: list[Component]) -> dict[Component, str]:
    """What each is called: the same where it says the same, and after its service where another has the name."""
    names, taken = {}, dict[tuple[str, str], Any]()
    for component in sorted(
        used, key=lambda component: bool(component.document.content.get("paths"))
    ):  # what all share keeps its name
        content, name = component.document.inline(component.node), component.name
        if taken.setdefault((component.kind, name), content) != content:
            name = to_pascal_case(component.document.name) + name
            if taken.setdefault((component.kind, name), content) != content:
                raise ContractError(f"{component.document.path.name}: there are two of {component.kind}/{name}")
        names[component] = name
    return names


def rewrite_references(node: Any, document: Document, names: dict[Component, str]) -> Any:
    if isinstance(node, dict):
        if (reference := reference_of(node)) is not None:
            component = resolve_component(reference, document)
            return {"$ref": f"#/components/{component.kind}/{names[component]}"}
        return {
            key: rewrite_references(value, document, names)
            for key, value in node.items()
            if key not in INTERNAL_KEYWORDS
        }
    return [rewrite_references(item, document, names) for item in node] if isinstance(node, list) else node


def component_sort_key(component: Component, services: list[Document]) -> tuple[int, int, int]:
    """Where it comes: by kind, then what a service says itself before what all share, in the order of the sources."""
    order = [document.name for document in services]
    at = order.index(component.document.name) if component.document.name in order else len(order)
    return (
        COMPONENT_KINDS.index(component.kind),
        at,
        list(component.document.content["components"][component.kind]).index(component.name),
    )


def disambiguate_enums(shop: JsonObject) -> JsonObject:
    """The shop with names for the values of enums that share one: in some languages all are of one scope."""
    enums = {name: schema for name, schema in shop["components"]["schemas"].items() if "enum" in schema}
    times = Counter(member for schema in enums.values() for member in enum_member_names(schema))
    for name, schema in enums.items():
        if any(times[member] > 1 for member in enum_member_names(schema)):
            prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()
            schema["x-enum-varnames"] = [f"{prefix}_{member}" for member in enum_member_names(schema)]
    return shop


def enum_member_names(schema: JsonObject) -> list[str]:
    """What generators call the values of an enum."""
    names: list[str] = schema.get("x-enum-varnames") or [
        re.sub(r"\W", "_", value).upper() for value in schema["enum"] if value is not None
    ]
    return names


def parse_version_numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def to_openapi_31(bundle: JsonObject) -> JsonObject:
    """The same in OpenAPI 3.1, whose schemas are JSON Schema."""
    return {**convert_to_openapi_31(bundle), "openapi": "3.1.1"}


def convert_to_openapi_31(node: Any) -> Any:
    if isinstance(node, list):
        return [convert_to_openapi_31(item) for item in node]
    if not isinstance(node, dict):
        return node
    converted = {
        key: to_openapi_31_schema(value) if key == "schema" else convert_to_openapi_31(value)
        for key, value in node.items()
    }
    if "schemas" in node:
        converted["schemas"] = {name: to_openapi_31_schema(schema) for name, schema in node["schemas"].items()}
    return converted


def to_openapi_31_schema(schema: Any) -> Any:
    """A schema of OpenAPI 3.0 as one of 3.1; directly below `properties` a key is a name."""
    if isinstance(schema, list):
        return [to_openapi_31_schema(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    converted = {
        key: {name: to_openapi_31_schema(each) for name, each in value.items()}
        if key == "properties"
        else to_openapi_31_schema(value)
        for key, value in schema.items()
    }
    if converted.pop("nullable", False):
        converted["type"] = [converted["type"], "null"]
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if converted.pop(exclusive, False) is True:
            converted[exclusive] = converted.pop(bound)
    if "example" in converted:
        converted["examples"] = [converted.pop("example")]
    if converted.get("format") == "binary":
        converted["contentMediaType"] = "application/octet-stream"
    return converted
