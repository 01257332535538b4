"""Events: a Struct per message that services share, and a function that makes its announcement."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from chassis.contracts.asyncapi import EventApi, Message
from chassis.contracts.errors import ContractError
from chassis.contracts.references import Document, JsonObject, Node, reference_of
from tooling.generation.clients import TypeMapper
from tooling.generation.naming import to_pascal_case

ENVELOPE_FIELDS = (
    "event_id",
    "type",
    "timestamp",
    "version",
    "data",
)  # what the function fills in, or takes by a model


class EventMessage(NamedTuple):
    """A message, the version that its envelope has, the field that is its key, and the fields that its sender gives."""

    message: Message
    version: int
    key: str
    arguments: dict[str, str]  # their types


def iterate_events(shop: EventApi) -> Iterator[EventMessage]:
    """Every message of every channel, in the document's order."""
    file = shop.document.path.name
    for message in shop.messages:
        properties = schema_properties(message.payload)
        key = message.key_field
        if missing := [field for field in (*ENVELOPE_FIELDS, key) if field not in properties]:
            raise ContractError(f"{file}: {message.id} has no {', '.join(missing)}")
        kind, version = (constant_value(file, properties[name].value) for name in ("type", "version"))
        if message.id != to_pascal_case(str(kind)) or message.name != kind:
            raise ContractError(f"{file}: {message.id} is named {message.name!r} and says {kind!r}")
        arguments = {
            name: TypeMapper().of(schema) for name, schema in properties.items() if name not in ENVELOPE_FIELDS
        }
        yield EventMessage(message, int(version), key, arguments)


def message_schemas(shop: EventApi) -> JsonObject:
    """Each message's payload under the message's name, and what payloads refer to, as OpenAPI would have them."""
    named: JsonObject = {}
    for message, *_ in iterate_events(shop):
        payload = message.payload
        if not payload.name:
            named[message.id] = payload.value
        elif payload.name != message.id:
            raise ContractError(f"{shop.document.path.name}: the payload of {message.id} has another name")
        for name, schema in iterate_referenced_schemas(shop.document, message.node.value["payload"]):
            named.setdefault(name, schema)
    return {name: merge_all_of(schema) for name, schema in named.items()}


def iterate_referenced_schemas(document: Document, node: Any) -> Iterator[tuple[str, JsonObject]]:
    """The document's own schemas that a schema refers to, directly or not, by their names."""
    if (reference_of(node) or "").startswith("#"):
        resolved = document.resolve(node)
        yield resolved.name, resolved.value
        yield from iterate_referenced_schemas(document, resolved.value)
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from iterate_referenced_schemas(document, child)


def merge_all_of(node: Any) -> Any:
    """A copy whose references into contracts/ name files of the same folder."""
    if isinstance(node, dict):
        return {
            key: value.replace("../contracts/", "") if key == "$ref" else merge_all_of(value)
            for key, value in node.items()
        }
    return [merge_all_of(item) for item in node] if isinstance(node, list) else node


def schema_properties(schema: Node) -> dict[str, Node]:
    """The properties of a schema and of what it is composed of; what is said later wins."""
    composed = [schema_properties(part) for part in schema.items("allOf")]
    return {name: field for part in (*composed, dict(schema.entries("properties"))) for name, field in part.items()}


def constant_value(file: str, schema: JsonObject) -> Any:
    """The one value a schema admits."""
    values = [schema["const"]] if "const" in schema else schema.get("enum", [])
    if "minimum" in schema and schema["minimum"] == schema.get("maximum"):  # a number that generators make no class of
        values = [schema["minimum"]]
    if len(values) != 1:
        raise ContractError(f"{file}: {schema} should admit one value")
    return values[0]
