"""What has changed between two versions of an OpenAPI document, in which all references are followed."""

import re
from collections.abc import Iterator, Mapping, Sequence

from chassis.contracts.media_types import PROBLEM_JSON
from chassis.contracts.openapi import HTTP_METHODS, examples_of
from tooling.compatibility.compatibility import (
    Change,
    Direction,
    Impact,
    Location,
    Node,
    Reason,
    added_and_removed_members,
    diff_spec_objects,
)
from tooling.compatibility.security import access_changes, requirements_by_name, security_changes

PATH_PARAMETER_PATTERN = re.compile(r"\{[^{}]*\}")  # of parameters in a path, which mean nothing on the wire
ROOT_LOCATION = Location("", Direction.REQUEST)


def contract_changes(old: Node, new: Node) -> Iterator[Change]:
    """What has changed between two contracts, and whom it breaks."""
    yield from diff_spec_objects("OpenAPI", old, new, ROOT_LOCATION)
    yield from component_changes(old, new)
    yield from _servers(_servers_of(old), _servers_of(new), ROOT_LOCATION.at("servers", label="every operation"))
    yield from _schemes(_schemes_of(old), _schemes_of(new))
    yield from _Operations(old, new).of_paths(old.get("paths", {}), new.get("paths", {}), ROOT_LOCATION.at("paths"))


def component_changes(old: Node, new: Node) -> Iterator[Change]:
    """What is no longer named for generated code; what it says is compared where it is referred to."""
    before, after = old.get("components", {}), new.get("components", {})
    for section in sorted(before):
        for name in sorted(before[section].keys() - after.get(section, {}).keys()):
            here = ROOT_LOCATION.at("components", section, name, label=f"components/{section}/{name}")
            yield here.source("is gone, or is called otherwise")


class _Operations:
    """The operations of two versions of a contract."""

    def __init__(self, old: Node, new: Node) -> None:
        self._old, self._new = old, new
        was, now = _schemes_of(old), _schemes_of(new)
        # a scheme that is only called otherwise is the same one on the wire
        self._called = {
            name: next((scheme for scheme in was.keys() - now.keys() if was[scheme] == now[name]), name)
            for name in now.keys() - was.keys()
        }

    def of_paths(self, old: Node, new: Node, location: Location) -> Iterator[Change]:
        """Operations are told apart by method and path, whatever the parameters in the path are called."""
        was, now = ({PATH_PARAMETER_PATTERN.sub("{}", path): path for path in paths} for paths in (old, new))
        for key in sorted(was.keys() | now.keys()):
            path = now.get(key) or was[key]
            before, after = old.get(was.get(key, ""), {}), new.get(now.get(key, ""), {})
            yield from diff_spec_objects("PathItem", before, after, location.at(path, label=path))
            names = [PATH_PARAMETER_PATTERN.findall(paths.get(key, "")) for paths in (was, now)]
            if key in was and key in now and names[0] != names[1]:
                message = f"{' '.join(names[0])} is now called {' '.join(names[1])}"
                yield location.at(path, label=path).source(message)
            for method in HTTP_METHODS:
                here = location.at(path, method, label=f"{method} {path}")
                if method in before and method in after:
                    yield from self._operation(before, after, method, here)
                    sent, taken = _parameters_of(before, method, names[0]), _parameters_of(after, method, names[1])
                    yield from _parameters(sent, taken, here)
                elif method in before:
                    yield here.breaking("operation is gone", Reason.GONE)
                elif method in after:
                    called = location.direction is Direction.ANSWER  # what callers would have to serve
                    message = "operation is new"
                    yield here.breaking(message, Reason.OTHERWISE) if called else here.compatible(message)

    def _operation(self, item: Node, other: Node, method: str, location: Location) -> Iterator[Change]:
        old, new = item[method], other[method]
        yield from diff_spec_objects("Operation", old, new, location)
        if location.direction is Direction.REQUEST:  # the shop itself is who calls back
            yield from access_changes(old.get("x-access"), new.get("x-access"), location.at("x-access"))
            requirements = requirements_by_name(old, self._old, {}), requirements_by_name(new, self._new, self._called)
            yield from security_changes(*requirements, location.at("security"))
        servers_of_own = old.get("servers") or item.get("servers"), new.get("servers") or other.get("servers")
        if any(servers_of_own):
            servers_to_compare = (
                servers_of_own[0] or _servers_of(self._old),
                servers_of_own[1] or _servers_of(self._new),
            )
            yield from _servers(*servers_to_compare, location.at("servers"))
        yield from _body(old.get("requestBody"), new.get("requestBody"), location.at("requestBody", label=" body"))
        answers, sent = old.get("responses", {}), new.get("responses", {})
        for status in sorted(answers.keys() & sent.keys()):
            here = location.at("responses", status, "content", PROBLEM_JSON, "examples", label=f" {status}")
            yield from added_and_removed_members(_problems(answers[status]), _problems(sent[status]), here, "problem ")
        calls, made = old.get("callbacks", {}), new.get("callbacks", {})
        yield from added_and_removed_members(calls, made, location.at("callbacks"), "callback ")
        for name in sorted(calls.keys() & made.keys()):
            here = location.at("callbacks", name, label=f" {name} ", flipped=True)
            yield from self.of_paths(calls[name], made[name], here)


def _schemes_of(contract: Node) -> Mapping[str, Node]:
    schemes: Mapping[str, Node] = contract.get("components", {}).get("securitySchemes", {})
    return schemes


def _schemes(old: Mapping[str, Node], new: Mapping[str, Node]) -> Iterator[Change]:
    for name in sorted(old.keys() & new.keys()):
        here = ROOT_LOCATION.at("components", "securitySchemes", name, label=f"security scheme {name}")
        for change in diff_spec_objects("SecurityScheme", old[name], new[name], here):
            yield change._replace(reason=Reason.UNWANTED) if change.impact is Impact.BREAKING else change


def _servers_of(contract: Node) -> Sequence[Node]:
    return contract.get("servers") or [{"url": "/"}]


def _servers(old: Sequence[Node], new: Sequence[Node], location: Location) -> Iterator[Change]:
    """Servers are told apart by their address; the first is the one that generated clients call."""
    before, after = ({server["url"]: server for server in servers} for servers in (old, new))
    yield from server_addresses(before, after, location)
    if (first := next(iter(before))) in after and next(iter(after)) != first:
        yield location.source(f"the first server was {first} and is {next(iter(after))}")
    for index, url in enumerate(after):
        if url in before:
            yield from diff_spec_objects("Server", before[url], after[url], location.at(index, label=f" {url}"))


def server_addresses(old: Mapping[str, object], new: Mapping[str, object], location: Location) -> Iterator[Change]:
    """The addresses that are no longer there, and those that were not there before."""
    for address in sorted(old.keys() - new.keys()):
        yield location.breaking(f"server {address} is gone", Reason.ELSEWHERE)
    for address in sorted(new.keys() - old.keys()):
        yield location.compatible(f"server {address} is new")


Parameters = Mapping[tuple[str, str], tuple[tuple[str | int, ...], Node]]


def _parameters_of(item: Node, method: str, names: Sequence[str]) -> Parameters:
    """The parameters of an operation by what tells them apart on the wire, each with the steps to it."""
    parameters = {}
    for steps, node in (((), item), ((method,), item[method])):
        for index, parameter in enumerate(node.get("parameters", ())):
            place, name = parameter["in"], parameter["name"]
            if place == "path" and f"{{{name}}}" in names:
                name = str(names.index(f"{{{name}}}"))
            elif place == "header":
                name = name.lower()
            parameters[place, name] = ((*steps, "parameters", index), parameter)
    return parameters


def _parameters(old: Parameters, new: Parameters, location: Location) -> Iterator[Change]:
    for key in sorted(old.keys() | new.keys()):
        steps, described = new.get(key) or old[key]
        here = location.parent.at(*steps, label=f" {described['in']} {described['name']}")
        if key not in new:
            yield here.breaking("is gone", Reason.GONE)
        elif key in old:
            yield from diff_spec_objects("Parameter", _serialized(old[key][1]), _serialized(described), here)
        elif described.get("required"):
            yield from here.changed("is new and required", {"narrower"})
        else:
            yield here.compatible("is new")


def _serialized(parameter: Node) -> Node:
    """With what is meant where it does not say how it is written."""
    style = parameter.get("style") or {"query": "form", "cookie": "form"}.get(parameter["in"], "simple")
    return {"style": style, "explode": style == "form", **parameter}


def _body(old: Node | None, new: Node | None, location: Location) -> Iterator[Change]:
    if old is not None and new is not None:
        yield from diff_spec_objects("RequestBody", old, new, location)
    elif old is not None:
        yield location.breaking("is gone", Reason.GONE)
    elif new is not None:
        yield from location.changed("is new", {"narrower" if new.get("required") else "wider"})


def _problems(response: Node) -> dict[str, None]:
    """The types of problems that examples name: callers tell them apart by these (RFC 9457)."""
    return {
        problem["type"]: None
        for problem in examples_of(response.get("content", {}).get(PROBLEM_JSON, {}))
        if problem is not None
    }
