"""The access table, for programs and for people: where every operation is and who may call it."""

from chassis.contracts.openapi import Api, Operation
from tooling.generation.rendering import render_template


def render_access_module(contracts: list[Api]) -> str:
    """The text of the module."""
    return render_template("access.py.jinja", services=_operations(contracts))


def render_access_page(contracts: list[Api]) -> str:
    """The same as a page for people, with the tests that hold each line."""
    services = _operations(contracts)
    roles = {role for operations in services.values() for operation in operations for role in operation.access.roles}
    page = render_template("access.md.jinja", services=services, roles=sorted(roles, reverse=True))
    return page.rstrip("\n") + "\n"


def _operations(contracts: list[Api]) -> dict[str, tuple[Operation, ...]]:
    return {api.name: api.operations for api in contracts if api.operations}
