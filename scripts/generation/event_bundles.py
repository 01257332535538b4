"""What each service sends and receives in one file, and all events of the shop in one: for who reads no second file."""

from typing import Any

from scripts.generation.documents import ContractMistake, Document, Node


def event_bundles(events: list[Document]) -> dict[str, Node]:
    """Every bundle by its name: one for each service that has events, and `shop` with the operations of them all."""
    (shop,) = [document for document in events if document.name == "shop"]
    services = [document for document in events if document is not shop]
    return {one.name: bundled(one, one.content) for one in services} | {"shop": bundled(shop, whole(shop, services))}


def whole(shop: Document, services: list[Document]) -> Node:
    """The shop's channels with all operations, each named after the service that does it, and tagged with it."""
    tags = [{"name": one.name, "description": one.content["info"]["description"]} for one in services]
    operations = {
        f"{one.name}_{name}": {**operation, "tags": [{"name": one.name}]}
        for one in services
        for name, operation in one.content["operations"].items()
    }
    return {**shop.content, "info": {**shop.content["info"], "tags": tags}, "operations": operations}


def bundled(document: Document, content: Node) -> Node:
    """The content, with what it has from other files where it refers to it, and the components that this needs."""
    bundle = _Bundle(document)
    made = {key: bundle.copied(value, document) for key, value in content.items() if key != "components"}
    return {**made, "components": bundle.components}


class _Bundle:
    def __init__(self, root: Document) -> None:
        self.components: dict[str, Node] = {}
        self._root = root
        self._sources: dict[tuple[str, str], Document] = {}

    def copied(self, node: Any, document: Document) -> Any:
        """A copy that refers to nothing outside of the bundle."""
        if isinstance(node, list):
            return [self.copied(item, document) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" not in node:
            return {key: self.copied(value, document) for key, value in node.items()}
        found = document.resolve(node)
        file, _, pointer = node["$ref"].partition("#")
        if pointer.startswith("/components/"):
            section = pointer.split("/")[2]
            self._need(section, found.name, found.node, found.document)
            return {"$ref": f"#/components/{section}/{found.name}"}
        return self.copied(found.node, found.document) if file else dict(node)

    def _need(self, section: str, name: str, node: Node, source: Document) -> None:
        if (known := self._sources.setdefault((section, name), source)) is not source:
            raise ContractMistake(f"{known.path.name} and {source.path.name} both have {section}/{name}")
        if name not in (named := self.components.setdefault(section, {})):
            named[name] = {}  # before what it refers to
            named[name] = self.copied(node, source)
