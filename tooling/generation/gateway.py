"""The gateway's routes: an allow-list of what the contracts offer to the outside, for Traefik's file provider."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from chassis.contracts.errors import ContractError
from chassis.contracts.openapi import Api, Operation
from tooling.generation.rendering import render_template

PROBLEMS_SERVICE = "problems"  # the middleware that says as a problem that a service could not be reached


class GatewayRoute(NamedTuple):
    """One path of one service, with the methods that may pass in the same way."""

    name: str
    service: str
    path: str
    methods: list[str]
    middlewares: list[str]

    @property
    def rule(self) -> str:
        methods = " || ".join(f"Method(`{method}`)" for method in self.methods)
        where = f"PathRegexp(`^{path_pattern(self.path)}$`)"
        return f"({methods}) && {where}" if len(self.methods) > 1 else f"{methods} && {where}"

    @property
    def priority(self) -> int:
        """Higher with literals further to the left; by itself, Traefik takes the longer rule: that with parameters."""
        literals = ["{" not in segment for segment in self.path.removesuffix("/").split("/")]
        return 1 + int("".join(str(int(literal)) for literal in literals), 2)


def render_routes(contracts: list[Api]) -> str:
    """The text of the file."""
    operations = [operation for api in contracts for operation in api.operations]
    at_root = [api.name for api in contracts if api.operations and not api.prefix]
    if len(at_root) > 1:
        raise ContractError(f"{' and '.join(at_root)} stand at the root: servers is [{{url: /}}] for one of them")
    return render_template(
        "routes.yml.jinja",
        routes=list(iterate_routes(operations)),
        # the service that says so, in a page, to whoever asks with a browser for what is not there
        pages=next(iter(at_root), None),
        services=list(dict.fromkeys(operation.service for operation in operations)),
    )


def iterate_routes(operations: list[Operation]) -> Iterator[GatewayRoute]:
    """A route for every path and way to pass; what only other services may call has none."""
    outside = [operation for operation in operations if operation.access.external]
    for operation in operations:
        if operation not in outside:
            reject_overlap(operation, outside)
    ways: dict[tuple[str, str], list[Operation]] = {}
    for operation in outside:
        guard = "with-key" if operation.access.internal else "pages" if not operation.api.prefix else "without-key"
        ways.setdefault((operation.full_path, guard), []).append(operation)
    for (path, guard), those in ways.items():
        methods = [operation.method.upper() for operation in those]
        if "GET" in methods:
            methods.insert(methods.index("GET") + 1, "HEAD")
        yield GatewayRoute(
            f"{those[0].service}-{those[0].id}", those[0].service, path, methods, [guard, PROBLEMS_SERVICE]
        )


def reject_overlap(internal: Operation, outside: list[Operation]) -> None:
    """An operation for other services must not be reached through a route of another one."""
    for other in outside:
        if other.method == internal.method and paths_overlap(internal.full_path, other.full_path):
            raise ContractError(f"{internal.service}: {internal.id} would be reached as {other.id}")


def paths_overlap(*paths: str) -> bool:
    """Whether what is asked for may fit both path templates."""
    one, other = (path.removesuffix("/").split("/") for path in paths)
    return len(one) == len(other) and all(a == b or "{" in a + b for a, b in zip(one, other, strict=True))


def path_pattern(path: str) -> str:
    """A path template as a regular expression; a slash at the end may be there or not."""
    literal = [re.escape(part) for part in re.split(r"\{[^}]+\}", path.removesuffix("/"))]
    return "[^/]+".join(literal) + "/?"
