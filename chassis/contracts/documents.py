"""Reads a contract whole: every `$ref`, also into other files, is replaced by what it points to.

Connexion's own resolving takes a `#/…` of another file for one of the first file, and leaves some references behind.
"""

from pathlib import Path
from typing import Any

import yaml

from chassis.contracts.errors import ContractError

NAME = "x-name"  # what a schema is called under components/schemas, kept where it stands instead of its reference


def read(contract: Path) -> dict[str, Any]:
    """The contract without references; schemas with a name keep it as `x-name`.

    Raises: ContractError when the file or a place that is referred to is not there.
    """
    whole: dict[str, Any] = _Reading().document(contract.resolve())
    return whole


class _Reading:
    def __init__(self) -> None:
        self._raw: dict[Path, Any] = {}
        self._done: dict[tuple[Path, str], Any] = {}

    def document(self, path: Path) -> Any:
        return self._inlined(self._load(path), path, ())

    def _load(self, path: Path) -> Any:
        if path not in self._raw:
            try:
                self._raw[path] = yaml.load(path.read_bytes(), yaml.CSafeLoader)
            except (OSError, yaml.YAMLError) as fault:
                raise ContractError(f"{path.name} cannot be read: {fault}") from fault
        return self._raw[path]

    def _inlined(self, node: Any, path: Path, within: tuple[tuple[Path, str], ...]) -> Any:
        if isinstance(node, list):
            return [self._inlined(one, path, within) for one in node]
        if not isinstance(node, dict):
            return node
        if isinstance(node.get("$ref"), str):
            return self._target(node["$ref"], path, within)
        return {str(name): self._inlined(one, path, within) for name, one in node.items()}  # 200 is a number in YAML

    def _target(self, reference: str, path: Path, within: tuple[tuple[Path, str], ...]) -> Any:
        file, _, pointer = reference.partition("#")
        place = ((path.parent / file).resolve() if file else path, pointer)
        if place in within:
            raise ContractError(f"{path.name}: {reference} refers to itself")
        if place not in self._done:
            node = self._load(place[0])
            steps = pointer.strip("/").split("/")
            for step in steps:
                if isinstance(node, dict) and isinstance(node.get("$ref"), str):  # the way leads through another file
                    node = self._target(node["$ref"], place[0], (*within, place))
                if not isinstance(node, dict) or step not in node:
                    raise ContractError(f"{path.name}: {reference} refers to nothing")
                node = node[step]
            found = self._inlined(node, place[0], (*within, place))
            if steps[:-1] == ["components", "schemas"]:
                found = {**found, NAME: steps[-1]}
            self._done[place] = found
        return self._done[place]
