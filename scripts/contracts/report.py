"""What has changed, as a person reads it who is about to break somebody."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from scripts.contracts.compatibility import Change, Impact, Reason


def report(contract: Path, changes: Iterable[Change]) -> str:
    """The worst first: what, where in the files, why it breaks whom, and what else could be done."""
    sources = Sources(contract)
    groups: dict[tuple[Impact, Reason | None], dict[tuple[str, str], list[str]]] = {}
    for change in sorted(changes, key=lambda change: -change.impact):
        alike = groups.setdefault((change.impact, change.reason), {})
        alike.setdefault((change.what, sources.find(change.pointer)), []).append(change.where)
    lines = []
    for (impact, reason), group in groups.items():
        lines.append(f"\n  {impact.label}" + (f": {reason.why}" if reason else ""))
        for (what, source), labels in group.items():
            places = list(dict.fromkeys(filter(None, labels)))
            more = f" (and {len(places) - 1} more)" if len(places) > 1 else ""
            lines.append(f"\n    {f'{places[0]}{more}: ' if places else ''}{what}\n      at {source}")
        lines += [f"\n    Instead: {reason.instead}"] if reason else []
    return "".join(lines)


class Sources:
    """Where something of a contract is written, which may be far from where it is referred to."""

    def __init__(self, contract: Path) -> None:
        self._contract = contract
        self._parsed: dict[Path, Any] = {}

    def find(self, pointer: Sequence[str]) -> str:
        """The file and the JSON pointer in it, of what is gone from there, too."""
        file, steps, node = self._contract, list[str](), self._document(self._contract)
        for index, step in enumerate(pointer):
            file, steps, node = self._followed(file, steps, node)
            steps = [*steps, step]
            node = _child(node, step)
            if node is None:
                steps += pointer[index + 1 :]
                break
        escaped = "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)
        return f"{file.parent.name}/{file.name}#/{escaped}"

    def _followed(self, file: Path, steps: list[str], node: Any) -> tuple[Path, list[str], Any]:
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            other, _, pointer = node["$ref"].partition("#")
            file = (file.parent / other).resolve() if other else file
            steps, node = [], self._document(file)
            for step in pointer.strip("/").split("/"):
                file, steps, node = self._followed(file, steps, node)
                steps, node = [*steps, step], node[step]
        return file, steps, node

    def _document(self, file: Path) -> Any:
        if file not in self._parsed:
            self._parsed[file] = yaml.load(file.read_bytes(), yaml.CSafeLoader)
        return self._parsed[file]


def _child(node: Any, step: str) -> Any:
    if isinstance(node, list):
        return node[int(step)] if step.isdigit() and int(step) < len(node) else None
    return node.get(step) if isinstance(node, dict) else None
