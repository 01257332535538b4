"""What each service sends and receives in one file, and all events of the shop in one: for who reads no second file."""

from typing import Any

from chassis.contracts.asyncapi import EventApi
from chassis.contracts.errors import ContractError
from chassis.contracts.references import Document, Object, reference_of
from tooling.project import NAME, shared_messages


def event_bundles(events: list[EventApi]) -> dict[str, Object]:
    """Every bundle by its name: one for each service that has events, and one with the operations of them all."""
    shop = shared_messages(events)
    services = [api for api in events if api is not shop]
    made = {api.name: bundled(api.document, api.document.content) for api in services}
    return {**made, NAME: bundled(shop.document, whole(shop, services))}


def whole(shop: EventApi, services: list[EventApi]) -> Object:
    """The shop's channels with all operations, each named after the service that does it, and tagged with it."""
    tags = [{"name": api.name, "description": api.info["description"]} for api in services]
    operations = {
        f"{api.name}_{operation.id}": {**operation.node.value, "tags": [{"name": api.name}]}
        for api in services
        for operation in api.operations
    }
    return {**shop.document.content, "info": {**shop.info, "tags": tags}, "operations": operations}


def bundled(document: Document, content: Object) -> Object:
    """The content, with what it has from other files where it refers to it, and the components that this needs."""
    bundle = _Bundle()
    made = {key: bundle.copied(value, document) for key, value in content.items() if key != "components"}
    return {**made, "components": bundle.components}


class _Bundle:
    def __init__(self) -> None:
        self.components: dict[str, Object] = {}
        self._sources: dict[tuple[str, str], Document] = {}

    def copied(self, node: Any, document: Document) -> Any:
        """A copy that refers to nothing outside of the bundle."""
        if isinstance(node, list):
            return [self.copied(item, document) for item in node]
        if not isinstance(node, dict):
            return node
        if (reference := reference_of(node)) is None:
            return {key: self.copied(value, document) for key, value in node.items()}
        found = document.resolve(node)
        file, _, pointer = reference.partition("#")
        if pointer.startswith("/components/"):
            section = pointer.split("/")[2]
            self._need(section, found.name, found.value, found.document)
            return {"$ref": f"#/components/{section}/{found.name}"}
        return self.copied(found.value, found.document) if file else dict(node)

    def _need(self, section: str, name: str, node: Object, source: Document) -> None:
        if (known := self._sources.setdefault((section, name), source)) is not source:
            raise ContractError(f"{known.path.name} and {source.path.name} both have {section}/{name}")
        if name not in (named := self.components.setdefault(section, {})):
            named[name] = {}  # before what it refers to
            named[name] = self.copied(node, source)
