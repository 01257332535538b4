"""The access table: where every operation is and who may call it."""

from chassis.contracts.openapi import Api
from tooling.generation.rendering import render_template


def render_access_module(contracts: list[Api]) -> str:
    """The text of the module."""
    return render_template(
        "access.py.jinja", services={api.name: api.operations for api in contracts if api.operations}
    )
