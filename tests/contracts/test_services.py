"""What services refuse and which states they know is what their contracts say, neither more nor less."""

import inspect
from importlib import import_module

import pytest

from chassis.dead_letter_operations import DeadLetterNotFound
from chassis.web import health
from chassis.web.problems import BUILTIN_PROBLEMS, problem_slug
from generated.services import SERVICES
from services.errors import HandledError
from tests.contracts.loaded_contracts import CONTRACTS

SERVICE_PROBLEMS = BUILTIN_PROBLEMS.keys() | {
    problem_slug(kind) for kind in (health.NotHealthy, health.NotReady, DeadLetterNotFound)
}


def read_problems(node):
    """The types and titles of all problems that a contract gives as examples."""
    if isinstance(node, dict):
        if {"type", "title", "status"} <= node.keys() and str(node["type"]).startswith("/problems/"):
            yield node["type"], node["title"]
        for value in node.values():
            yield from read_problems(value)
    elif isinstance(node, list):
        for value in node:
            yield from read_problems(value)


def refusal_classes(service):
    errors = import_module(f"services.{service}.errors")
    return [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, Exception) and not issubclass(kind, HandledError) and kind.__name__[0] != "_"
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_each_refusal_is_a_problem_of_the_contract_and_says_its_title(service):
    declared = dict(read_problems(CONTRACTS[service]))

    raised = {problem_slug(kind): inspect.getdoc(kind).split("\n")[0].rstrip(".") for kind in refusal_classes(service)}

    assert raised == {slug: title for slug, title in declared.items() if slug not in SERVICE_PROBLEMS}
