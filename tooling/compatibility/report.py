"""What has changed, as a person reads it who is about to break somebody."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from chassis.contracts.references import Document, reference_of
from tooling.compatibility.compatibility import Change, Impact, Reason


def format_report(contract: Path, changes: Iterable[Change]) -> str:
    """The worst first: what, where in the files, why it breaks whom, and what else could be done."""
    document = Document(contract)
    groups: dict[tuple[Impact, Reason | None], dict[tuple[str, str], list[str]]] = {}
    for change in sorted(changes, key=lambda change: -change.impact):
        alike = groups.setdefault((change.impact, change.reason), {})
        alike.setdefault((change.message, source_location(document, change.pointer)), []).append(change.where)
    lines = []
    for (impact, reason), group in groups.items():
        lines.append(f"\n  {impact.label}" + (f": {reason.why}" if reason else ""))
        for (message, source), labels in group.items():
            places = list(dict.fromkeys(filter(None, labels)))
            more = f" (and {len(places) - 1} more)" if len(places) > 1 else ""
            lines.append(f"\n    {f'{places[0]}{more}: ' if places else ''}{message}\n      at {source}")
        lines += [f"\n    Instead: {reason.instead}"] if reason else []
    return "".join(lines)


def source_location(document: Document, pointer: Sequence[str]) -> str:
    """The file and the JSON pointer in it where something is written, or was, references followed."""
    node: Any = document.content
    for index, step in enumerate(pointer):
        if (reference := reference_of(node)) is not None:
            file, _, target = reference.partition("#")
            steps = [step.replace("~1", "/").replace("~0", "~") for step in target.strip("/").split("/")]
            return source_location(document.sibling(file), [*steps, *pointer[index:]])
        if isinstance(node, list):
            node = dict(enumerate(node)).get(int(step)) if step.isdigit() else None
        else:
            node = node.get(step) if isinstance(node, dict) else None
    escaped = "/".join(step.replace("~", "~0").replace("/", "~1") for step in pointer)
    return f"{document.path.parent.name}/{document.path.name}#/{escaped}"
