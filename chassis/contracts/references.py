"""The files of a contract, and the references within and between them.

A pointer may lead through a `$ref`: `#/channels/entries/messages/EntryMade`, where `#/channels/entries` is one into
another file. The library `referencing` retrieves files and takes each step of a pointer; between two steps,
`Document.find` follows references.
"""

import pickle
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import yaml
from referencing import Registry, Resource
from referencing.exceptions import PointerToNowhere, Unresolvable

from chassis.contracts.errors import ContractError

NAME_KEYWORD = (
    "x-name"  # what a schema is called under components/schemas, kept where it stands instead of its reference
)
SCHEMAS_POINTER = "/components/schemas/"
Json = Any
JsonObject = dict[str, Json]


class Loader(yaml.CSafeLoader):
    """YAML as JSON knows it: a time stays the text that it is on the wire."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, eq=False)
class Node:
    """A value of a document with its references followed; below it, there may be others.

    `name` is the last step of the reference that led here, empty where the value stands in its place.
    """

    document: "Document"
    name: str
    value: Json
    _referrer: "Document" = field(repr=False)
    _reference: Json = field(repr=False)

    @cached_property
    def inlined(self) -> Json:
        """The value without references; a schema with a name keeps it as `x-name`."""
        return self._referrer.inline(self._reference)

    def at(self, key: str) -> "Node":
        """What stands under a key.

        Raises: ContractError when nothing does.
        """
        if not isinstance(self.value, dict) or key not in self.value:
            raise ContractError(f"{self.document.path.name}: there is no {key!r} where one is expected")
        return self.document.resolve(self.value[key])

    def get(self, key: str, default: Json = None) -> Json:
        """The value under a key, as it is written."""
        return self.value.get(key, default)

    def entries(self, key: str) -> Iterator[tuple[str, "Node"]]:
        """What an object under a key has, by name; nothing where there is no such key."""
        for name, value in (self.at(key).value if self.value.get(key) else {}).items():
            yield str(name), self.at(key).document.resolve(value)  # 200 is a number in YAML

    def items(self, key: str) -> Iterator["Node"]:
        """What a list under a key has; nothing where there is no such key."""
        for value in self.value.get(key, ()):
            yield self.document.resolve(value)


class Document:
    """One file of a contract. It reads the files that it refers to, each once.

    Raises: ContractError when the file cannot be read.
    """

    def __init__(self, path: Path, siblings: "dict[str, Document] | None" = None) -> None:
        self.path = path.resolve()
        self.name = path.stem
        self._uri = self.path.as_uri()
        self._siblings = {} if siblings is None else siblings
        self._siblings[self._uri] = self
        self._inlined: dict[str, Json] = {}
        try:
            resolved = FILE_REGISTRY.resolver().lookup(self._uri)
        except Unresolvable as error:
            raise ContractError(f"{self.path.name} cannot be read: {error.__cause__}") from error
        if not isinstance(resolved.contents, dict):
            raise ContractError(f"{self.path.name} is no object")
        self.content: JsonObject = resolved.contents
        self._resolver = resolved.resolver
        try:
            _write_out_shared(self)
        except (AttributeError, KeyError, TypeError) as error:
            raise ContractError(f"{self.path.name}: a path item, a message or a trait is not an object") from error

    @classmethod
    def load_all(cls, folder: Path) -> "list[Document]":
        """All documents of a folder, in the order of their names, which know each other."""
        siblings: dict[str, Document] = {}
        return [siblings.get(path.resolve().as_uri()) or cls(path, siblings) for path in sorted(folder.glob("*.yaml"))]

    @cached_property
    def inlined(self) -> JsonObject:
        """The whole document without references."""
        inlined: JsonObject = self.inline(self.content)
        return inlined

    @property
    def root(self) -> Node:
        """The whole document."""
        return Node(self, "", self.content, self, self.content)

    def sibling(self, file: str) -> "Document":
        """The document that a file's name in a reference means; this one for no name.

        Raises: ContractError when it cannot be read.
        """
        uri = urljoin(self._uri, file)
        return self._siblings.get(uri) or Document(_path(uri), self._siblings)

    def find(self, reference: str, within: tuple[str, ...] = ()) -> Node:
        """What `file#/a/pointer` leads to; `within` are the references that are being followed already.

        Raises: ContractError when there is nothing, or the reference leads back to itself.
        """
        uri = urljoin(self._uri, reference)
        if uri in within:
            raise ContractError(f"{self.path.name}: {reference} refers to itself")
        file, _, pointer = reference.partition("#")
        document, name = self.sibling(file), ""
        value: Json = document.content
        for step in pointer.split("/")[1:]:
            passed = document.resolve(value, (*within, uri))
            document, name = passed.document, step.replace("~1", "/").replace("~0", "~")
            try:
                value = Resource.opaque(passed.value).pointer(f"/{step}", document._resolver).contents
            except (PointerToNowhere, TypeError, ValueError):
                raise ContractError(f"{self.path.name}: {reference} refers to nothing") from None
        return Node(document, name, value, self, {"$ref": reference})

    def resolve(self, value: Json, within: tuple[str, ...] = ()) -> Node:
        """Follow `$ref` to the value that stands at its end.

        Raises: ContractError when there is nothing, or the references lead back to themselves.
        """
        node = Node(self, "", value, self, value)
        while (reference := reference_of(node.value)) is not None:
            source = node.document
            node = source.find(reference, within)
            within = (*within, urljoin(source._uri, reference))
        return Node(node.document, node.name, node.value, self, value)

    def inline(self, value: Json, within: tuple[str, ...] = ()) -> Json:
        """A copy of a value of this document without references.

        Raises: ContractError when a reference leads to nothing, or to a value that contains it.
        """
        if isinstance(value, list):
            return [self.inline(item, within) for item in value]
        if not isinstance(value, dict):
            return value
        if (reference := reference_of(value)) is None:
            return {str(key): self.inline(item, within) for key, item in value.items()}
        uri = urljoin(self._uri, reference)
        if uri not in self._inlined:
            node = self.find(reference, within)
            inlined = node.document.inline(node.value, (*within, uri))
            named = reference.partition("#")[2] == f"{SCHEMAS_POINTER}{node.name}"
            self._inlined[uri] = {**inlined, NAME_KEYWORD: node.name} if named else inlined
        return self._inlined[uri]


def reference_of(value: Json) -> str | None:
    """The `$ref` of a value, if it is one."""
    reference = value.get("$ref") if isinstance(value, dict) else None
    return reference if isinstance(reference, str) else None


def references_in(value: Json) -> Iterator[str]:
    """Every `$ref` in and below a value, none followed."""
    if (reference := reference_of(value)) is not None:
        yield reference
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from references_in(child)


def _write_out_shared(document: Document) -> None:
    """Change the content to what it would be if no path items and no traits of messages were shared.

    Operations of a shared path item are named after the service as well: `get_health` becomes `get_<service>_health`.
    A message has what its traits have, except for what it has itself (AsyncAPI 3.0, "Traits Merge Mechanism").

    Raises: ContractError when a reference leads to nothing.
    """
    paths = document.content.get("paths", {})
    for path, item in paths.items():
        if reference := reference_of(item):
            paths[path] = _own_item(document.resolve(item).value, reference.partition("#")[0], document.name)
    for message in document.content.get("components", {}).get("messages", {}).values():
        for trait in message.pop("traits", ()):
            for name, value in document.resolve(trait).value.items():
                message[name] = _merged(value, message[name]) if name in message else value


def _own_item(item: Json, file: str, service: str) -> Json:
    own = _pointing_to(file, item)
    for operation in own.values():
        verb, _, rest = operation["operationId"].partition("_")
        operation["operationId"] = f"{verb}_{service}_{rest}"
    return own


def _pointing_to(file: str, value: Json) -> Json:
    """The value with its references, which stood in that file, as another file has to write them."""
    if isinstance(value, list):
        return [_pointing_to(file, item) for item in value]
    if not isinstance(value, dict):
        return value
    reference = reference_of(value)
    if reference and reference.startswith("#"):
        return {**value, "$ref": f"{file}{reference}"}
    return {name: _pointing_to(file, item) for name, item in value.items()}


def _merged(trait: Json, own: Json) -> Json:
    if not isinstance(trait, dict) or not isinstance(own, dict):
        return own
    return {**trait, **{name: _merged(trait.get(name), value) for name, value in own.items()}}


def _path(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))


def _retrieve(uri: str) -> Resource[Json]:
    return Resource.opaque(pickle.loads(_pickled(_path(uri).read_bytes())))  # noqa: S301 (what was read as YAML)


@lru_cache(maxsize=128)  # to read YAML takes forty times as long as to copy what was read
def _pickled(content: bytes) -> bytes:
    return pickle.dumps(yaml.load(content, Loader))  # noqa: S506 (a safe loader, see above)


FILE_REGISTRY: Registry[Json] = Registry(retrieve=_retrieve)  # type: ignore[call-arg]  # mypy does not know attrs' aliases
