"""The access table: where every operation is and who may call it."""

from chassis.contracts.openapi import Api
from tooling.generation.rendering import render


def access(contracts: list[Api]) -> str:
    """The text of the module."""
    return render("access.py.jinja", services={api.name: api.operations for api in contracts if api.operations})
