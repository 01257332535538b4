"""Events: a Struct per message that services share, and a function that makes its announcement."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from chassis.contracts.asyncapi import EventApi, Message
from chassis.contracts.errors import ContractError
from chassis.contracts.references import Document, Node, Object, reference_of
from tooling.generation.clients import Types
from tooling.generation.naming import pascal

CHASSIS = ("event_id", "type", "timestamp", "version", "data")  # what the function fills in, or takes by a model


class Event(NamedTuple):
    """A message, the version that its envelope has, the field that is its key, and the fields that its sender gives."""

    message: Message
    version: int
    key: str
    arguments: dict[str, str]  # their types


def events(shop: EventApi) -> Iterator[Event]:
    """Every message of every channel, in the document's order."""
    file = shop.document.path.name
    for message in shop.messages:
        properties = fields(message.payload)
        key = message.key_field
        if missing := [field for field in (*CHASSIS, key) if field not in properties]:
            raise ContractError(f"{file}: {message.id} has no {', '.join(missing)}")
        kind, version = (constant_value(file, properties[name].value) for name in ("type", "version"))
        if message.id != pascal(str(kind)) or message.name != kind:
            raise ContractError(f"{file}: {message.id} is named {message.name!r} and says {kind!r}")
        arguments = {name: Types().of(schema) for name, schema in properties.items() if name not in CHASSIS}
        yield Event(message, int(version), key, arguments)


def schemas(shop: EventApi) -> Object:
    """Each message's payload under the message's name, and what payloads refer to, as OpenAPI would have them."""
    named: Object = {}
    for message, *_ in events(shop):
        payload = message.payload
        if not payload.name:
            named[message.id] = payload.value
        elif payload.name != message.id:
            raise ContractError(f"{shop.document.path.name}: the payload of {message.id} has another name")
        for name, schema in schemas_below(shop.document, message.node.value["payload"]):
            named.setdefault(name, schema)
    return {name: merge_all_of(schema) for name, schema in named.items()}


def schemas_below(document: Document, node: Any) -> Iterator[tuple[str, Object]]:
    """The document's own schemas that a schema refers to, directly or not, by their names."""
    if (reference_of(node) or "").startswith("#"):
        found = document.resolve(node)
        yield found.name, found.value
        yield from schemas_below(document, found.value)
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from schemas_below(document, child)


def merge_all_of(node: Any) -> Any:
    """A copy whose references into contracts/ name files of the same folder."""
    if isinstance(node, dict):
        return {
            key: value.replace("../contracts/", "") if key == "$ref" else merge_all_of(value)
            for key, value in node.items()
        }
    return [merge_all_of(item) for item in node] if isinstance(node, list) else node


def fields(schema: Node) -> dict[str, Node]:
    """The properties of a schema and of what it is composed of; what is said later wins."""
    composed = [fields(part) for part in schema.items("allOf")]
    return {name: field for part in (*composed, dict(schema.entries("properties"))) for name, field in part.items()}


def constant_value(file: str, schema: Object) -> Any:
    """The one value a schema admits."""
    values = [schema["const"]] if "const" in schema else schema.get("enum", [])
    if "minimum" in schema and schema["minimum"] == schema.get("maximum"):  # a number that generators make no class of
        values = [schema["minimum"]]
    if len(values) != 1:
        raise ContractError(f"{file}: {schema} should admit one value")
    return values[0]
