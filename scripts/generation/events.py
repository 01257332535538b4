"""Events: a Struct per message of asyncapi/shop.yaml, and a function that makes its announcement."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from scripts.generation.documents import ContractMistake, Document, Node

ENVELOPE = ("event_id", "type", "order_id", "user_id", "user_email", "timestamp", "version", "data")


class Message(NamedTuple):
    """A message, the topic it is sent to and what is fixed in its envelope."""

    name: str
    topic: str
    type: str
    version: int
    title: str
    payload: Node


def messages(shop: Document) -> Iterator[Message]:
    """Every message of every channel, in the document's order."""
    for channel in shop.content["channels"].values():
        for name, node in channel["messages"].items():
            found = shop.resolve(node).node
            properties = dict(fields(shop, found["payload"]))
            if missing := [field for field in ENVELOPE if field not in properties]:
                raise ContractMistake(f"{shop.path.name}: {name} has no {', '.join(missing)}")
            kind, version = only(shop, properties["type"]), only(shop, properties["version"])
            if name != pascal(str(kind)) or found.get("name") != kind:
                raise ContractMistake(f"{shop.path.name}: {name} is named {found.get('name')!r} and says {kind!r}")
            yield Message(name, channel["address"], str(kind), int(version), found["title"], found["payload"])


def schemas(shop: Document) -> Node:
    """Each message's payload under the message's name, and what payloads refer to, as OpenAPI would have them."""
    known = shop.content["components"]["schemas"]
    named: Node = {}
    for message in messages(shop):
        if "$ref" not in message.payload:
            named[message.name] = message.payload
        elif shop.resolve(message.payload).name != message.name:
            raise ContractMistake(f"{shop.path.name}: the payload of {message.name} has another name")
        for name in names_below(shop, message.payload):
            named.setdefault(name, known[name])
    return {name: beside(schema) for name, schema in named.items()}


def names_below(shop: Document, node: Any) -> Iterator[str]:
    """The names of the document's own schemas that a schema refers to, directly or not."""
    if isinstance(node, dict) and str(node.get("$ref", "")).startswith("#"):
        found = shop.resolve(node)
        yield found.name
        yield from names_below(shop, found.node)
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from names_below(shop, child)


def beside(node: Any) -> Any:
    """A copy whose references into contracts/ name files of the same folder."""
    if isinstance(node, dict):
        return {
            key: value.replace("../contracts/", "") if key == "$ref" else beside(value) for key, value in node.items()
        }
    return [beside(item) for item in node] if isinstance(node, list) else node


def fields(shop: Document, schema: Node) -> Iterator[tuple[str, Node]]:
    """The properties of a schema and of what it is composed of; what is said later wins."""
    found = shop.resolve(schema)
    for part in found.node.get("allOf", []):
        yield from fields(found.document, part)
    yield from found.node.get("properties", {}).items()


def only(shop: Document, schema: Node) -> Any:
    """The one value a schema admits."""
    node = shop.resolve(schema).node
    values = [node["const"]] if "const" in node else node.get("enum", [])
    if "minimum" in node and node["minimum"] == node.get("maximum"):  # a number that generators make no class of
        values = [node["minimum"]]
    if len(values) != 1:
        raise ContractMistake(f"{shop.path.name}: {node} should admit one value")
    return values[0]


def pascal(words: str) -> str:
    return "".join(word.capitalize() for word in re.split(r"\W", words))


def snake(words: str) -> str:
    """`order.created` and `Idempotency-Key` as Python names."""
    return re.sub(r"\W", "_", words).lower()
