"""The states of everything that has any, with their legal moves: an enum with `x-transitions` beside it."""

from collections.abc import Iterator

from chassis.contracts.errors import ContractError
from chassis.contracts.openapi import Api
from tooling.generation.rendering import render_template


def render_states_module(contracts: list[Api]) -> str:
    """The text of the module."""
    machines = [machine for api in contracts for machine in iterate_state_machines(api)]
    if len({name for name, _ in machines}) < len(machines):
        raise ContractError(f"two enums with x-transitions have one name: {', '.join(name for name, _ in machines)}")
    return render_template("states.py.jinja", states=sorted(machines))


def iterate_state_machines(api: Api) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """The name of each such schema, with the states each state may become."""
    for name, schema in api.schemas.items():
        if "x-transitions" in schema.value:
            moves: dict[str, list[str]] = schema.value["x-transitions"]
            known = schema.get("enum", [])
            if list(moves) != known or any(set(after) - set(known) for after in moves.values()):
                raise ContractError(f"{api.document.path.name}: x-transitions of {name} does not fit its enum")
            yield name, moves
