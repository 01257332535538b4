"""Who depends on whom, as contracts and clients declare it: each of these needs a pact."""

import ast
from pathlib import Path
from typing import NamedTuple

from chassis.contracts.asyncapi import EventApi
from generated.access import OPERATIONS


class Dependency(NamedTuple):
    """What a consumer needs of a provider: an operation to call, or a message to receive."""

    consumer: str
    provider: str
    operation: str


def list_dependencies(root: Path) -> list[Dependency]:
    """All that is declared, in order."""
    return sorted({*_calls(root), *_internal(), *_news(root)})


def _internal() -> set[Dependency]:
    """Operations that are there for a neighbour; the operator, who has a key too, is no service."""
    return {
        Dependency(caller, provider, operation)
        for provider, operations in OPERATIONS.items()
        for operation, access in operations.items()
        for caller in access.internal & OPERATIONS.keys()
    }


def _calls(root: Path) -> set[Dependency]:
    """Operations that a module of a service calls on the generated client of a neighbour that it imports."""
    dependencies = set()
    for path in sorted(root.glob("services/*/**/*.py")):
        service, *folders = path.relative_to(root / "services").parts
        if "tests" in folders or path.name == "main.py":
            continue
        tree = ast.parse(path.read_text("utf-8"))
        neighbours = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "generated.clients":
                neighbours |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("generated.clients."):
                neighbours.add(str(node.module).removeprefix("generated.clients."))
        called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        dependencies |= {
            Dependency(service, provider, name)
            for provider in neighbours
            for name in called & OPERATIONS[provider].keys()
        }
    return dependencies


def _news(root: Path) -> set[Dependency]:
    """Messages that a service receives, from the one that sends them."""
    apis = EventApi.load_all(root / "asyncapi")
    sender = {name: api.name for api in apis for name in api.sends}
    return {
        Dependency(api.name, sender[message.name], operation)
        for api in apis
        for operation, message in api.receives.items()
    }
