"""Read YAML documents and follow the references within and between them."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

Node = dict[str, Any]


class ContractMistake(Exception):
    """The contracts say something that nothing can be generated from."""


class Loader(yaml.CSafeLoader):
    """YAML as JSON knows it: a time stays the text it is on the wire."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


class Document:
    """One file; it knows the other files it refers to."""

    def __init__(self, path: Path, shelf: dict[Path, "Document"] | None = None) -> None:
        self.path = path.resolve()
        self.name = path.stem
        self.content: Node = yaml.load(path.read_text(encoding="utf-8"), Loader)  # noqa: S506 - a safe loader, see above
        self._shelf = {} if shelf is None else shelf
        self._shelf[self.path] = self

    def find(self, pointer: str) -> "Found":
        """What stands at a JSON pointer; on the way there a `$ref` may stand for what is elsewhere."""
        document, node, name = self, dict[str, Any](self.content), ""
        for part in pointer.strip("/").split("/"):
            document, _, node = document.resolve(node)
            name = part.replace("~1", "/").replace("~0", "~")
            try:
                node = node[name]
            except (KeyError, TypeError):
                raise ContractMistake(f"{document.path.name} has no {pointer}") from None
        return Found(document, name, node)

    def resolve(self, node: Node) -> "Found":
        """Follow `$ref` to the node that says something; the name is empty where nothing was referred to."""
        found = Found(self, "", node)
        while "$ref" in found.node:
            file, _, pointer = str(found.node["$ref"]).partition("#")
            found = (found.document.neighbour(file) if file else found.document).find(pointer)
        return found

    def neighbour(self, file: str) -> "Document":
        path = (self.path.parent / file).resolve()
        if path not in self._shelf and not path.is_file():
            raise ContractMistake(f"{self.path.name} refers to {file}, which does not exist")
        return self._shelf.get(path) or Document(path, self._shelf)


class Found(NamedTuple):
    """A node, the document it stands in and its name there."""

    document: Document
    name: str
    node: Node


def documents(folder: Path) -> list[Document]:
    """All documents of a folder, by name, which know each other."""
    shelf: dict[Path, Document] = {}
    for path in sorted(folder.glob("*.yaml")):
        Document(path, shelf)
    return [shelf[path.resolve()] for path in sorted(folder.glob("*.yaml"))]
