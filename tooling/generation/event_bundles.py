"""What each service sends and receives in one file, and all events of the shop in one: for who reads no second file."""

from typing import Any

from chassis.contracts.asyncapi import EventApi
from chassis.contracts.errors import ContractError
from chassis.contracts.references import Document, JsonObject, reference_of
from tooling.project import PROJECT_NAME, shared_messages


def build_event_bundles(events: list[EventApi]) -> dict[str, JsonObject]:
    """Every bundle by its name: one for each service that has events, and one with the operations of them all."""
    shop = shared_messages(events)
    services = [api for api in events if api is not shop]
    made = {api.name: bundle_event_document(api.document, api.document.content) for api in services}
    return {**made, PROJECT_NAME: bundle_event_document(shop.document, build_shop_event_bundle(shop, services))}


def build_shop_event_bundle(shop: EventApi, services: list[EventApi]) -> JsonObject:
    """The shop's channels with all operations, each named after the service that does it, and tagged with it."""
    tags = [{"name": api.name, "description": api.info["description"]} for api in services]
    operations = {
        f"{api.name}_{operation.id}": {**operation.node.value, "tags": [{"name": api.name}]}
        for api in services
        for operation in api.operations
    }
    return {**shop.document.content, "info": {**shop.info, "tags": tags}, "operations": operations}


def bundle_event_document(document: Document, content: JsonObject) -> JsonObject:
    """The content, with what it has from other files where it refers to it, and the components that this needs."""
    bundle = _Bundle()
    made = {key: bundle.copied(value, document) for key, value in content.items() if key != "components"}
    return {**made, "components": bundle.components}


class _Bundle:
    def __init__(self) -> None:
        self.components: dict[str, JsonObject] = {}
        self._sources: dict[tuple[str, str], Document] = {}

    def copied(self, node: Any, document: Document) -> Any:
        """A copy that refers to nothing outside of the bundle."""
        if isinstance(node, list):
            return [self.copied(item, document) for item in node]
        if not isinstance(node, dict):
            return node
        if (reference := reference_of(node)) is None:
            return {key: self.copied(value, document) for key, value in node.items()}
        resolved = document.resolve(node)
        file, _, pointer = reference.partition("#")
        if pointer.startswith("/components/"):
            section = pointer.split("/")[2]
            self._need(section, resolved.name, resolved.value, resolved.document)
            return {"$ref": f"#/components/{section}/{resolved.name}"}
        return self.copied(resolved.value, resolved.document) if file else dict(node)

    def _need(self, section: str, name: str, node: JsonObject, source: Document) -> None:
        if (known := self._sources.setdefault((section, name), source)) is not source:
            raise ContractError(f"{known.path.name} and {source.path.name} both have {section}/{name}")
        if name not in (named := self.components.setdefault(section, {})):
            named[name] = {}  # before what it refers to
            named[name] = self.copied(node, source)
