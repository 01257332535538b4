"""The gateway's routes: an allow-list of what the contracts offer to the outside, for Traefik's file provider."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from chassis.contracts.errors import ContractError
from chassis.contracts.openapi import Api, Operation
from tooling.generation.rendering import render_template

TOO_MANY = "too-many"  # the middleware that says as a problem that somebody asks too often
PROBLEMS_SERVICE = "problems"  # the middleware that says as a problem that a service could not be reached


class RateLimit(NamedTuple):
    """So many requests of one client's address pass in a second, and so many more at once after a pause."""

    average: int
    burst: int

    @property
    def name(self) -> str:
        return f"at-most-{self.average}-a-second-of-{self.burst}"


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
        limits=sorted({limit for operation in operations if (limit := rate_limit_of(operation))}),
        services=list(dict.fromkeys(operation.service for operation in operations)),
    )


def iterate_routes(operations: list[Operation]) -> Iterator[GatewayRoute]:
    """A route for every path and way to pass; what only other services may call has none."""
    outside = [operation for operation in operations if operation.access.external]
    for operation in operations:
        if operation not in outside:
            reject_overlap(operation, outside)
    ways: dict[tuple[str, str, RateLimit | None], list[Operation]] = {}
    for operation in outside:
        guard = "with-key" if operation.access.internal else "pages" if not operation.api.prefix else "without-key"
        ways.setdefault((operation.full_path, guard, rate_limit_of(operation)), []).append(operation)
    for (path, guard, limit), those in ways.items():
        methods = [operation.method.upper() for operation in those]
        if "GET" in methods:
            methods.insert(methods.index("GET") + 1, "HEAD")
        limiting = [TOO_MANY, limit.name] if limit else []
        yield GatewayRoute(
            f"{those[0].service}-{those[0].id}", those[0].service, path, methods, [guard, *limiting, PROBLEMS_SERVICE]
        )


def rate_limit_of(operation: Operation) -> RateLimit | None:
    """How often one address may ask for it, if the contract says so.

    Raises:
        ContractError: That is no limit, or the operation has a 429 of its own, which the gateway's would hide.
    """
    said = operation.rate_limit
    if said is None:
        return None
    average, burst = (said.get("average"), said.get("burst")) if isinstance(said, Mapping) else (None, None)
    if (
        type(average) is not int
        or type(burst) is not int
        or min(average, burst) < 1
        or len(said) > len((average, burst))
    ):
        raise ContractError(f"{operation.id}: x-rate-limit is {{average: …, burst: …}}, requests of one address")
    if 429 in operation.responses:
        raise ContractError(f"{operation.id}: whoever answers 429 by itself cannot have an x-rate-limit")
    return RateLimit(average, burst)


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
