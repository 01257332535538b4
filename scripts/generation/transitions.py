"""The legal moves of everything that has a state: `x-transitions` beside an enum."""

from collections.abc import Iterator

from scripts.generation.documents import ContractMistake, Document
from scripts.generation.rendering import render


def transitions(contracts: list[Document]) -> str:
    """The text of the module."""
    tables = [table for document in contracts for table in tables_of(document)]
    if len({name for name, _ in tables}) < len(tables):
        raise ContractMistake(f"two enums with x-transitions have one name: {', '.join(name for name, _ in tables)}")
    return render("transitions.py.jinja", tables=sorted(tables))


def tables_of(document: Document) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """`OrderStatus` as ORDER, with the states each state may become."""
    for name, schema in document.content.get("components", {}).get("schemas", {}).items():
        if "x-transitions" in schema:
            moves: dict[str, list[str]] = schema["x-transitions"]
            states = schema.get("enum", [])
            if list(moves) != states or any(set(after) - set(states) for after in moves.values()):
                raise ContractMistake(f"{document.path.name}: x-transitions of {name} does not fit its enum")
            yield name.removesuffix("Status").upper(), moves
