"""The legal moves of everything that has a state: `x-transitions` beside an enum."""

from collections.abc import Iterator

from chassis.contracts.errors import ContractError
from chassis.contracts.openapi import Api
from tooling.generation.rendering import render


def transitions(contracts: list[Api]) -> str:
    """The text of the module."""
    tables = [table for api in contracts for table in tables_of(api)]
    if len({name for name, _ in tables}) < len(tables):
        raise ContractError(f"two enums with x-transitions have one name: {', '.join(name for name, _ in tables)}")
    return render("transitions.py.jinja", tables=sorted(tables))


def tables_of(api: Api) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """`OrderStatus` as ORDER, with the states each state may become."""
    for name, schema in api.schemas.items():
        if "x-transitions" in schema.value:
            moves: dict[str, list[str]] = schema.value["x-transitions"]
            states = schema.get("enum", [])
            if list(moves) != states or any(set(after) - set(states) for after in moves.values()):
                raise ContractError(f"{api.document.path.name}: x-transitions of {name} does not fit its enum")
            yield name.removesuffix("Status").upper(), moves
