"""Which operation a path and a method mean: literals before parameters, with and without a slash at the end."""

import re
from collections.abc import Callable, Mapping
from typing import Generic, NamedTuple, TypeVar

from chassis.contracts import openapi
from chassis.contracts.errors import ContractError

Operation = TypeVar("Operation")


class Match(NamedTuple, Generic[Operation]):
    """A path that there is: as the contract has it, its operation for the method, and what `Allow` says of it."""

    path: str
    operation: Operation | None
    allow: str
    parameters: dict[str, str]


class PathItem(NamedTuple, Generic[Operation]):
    """The operations of one path by their methods; `end` is the slash, if the contract has one there."""

    end: str
    operations: Mapping[str, Operation]
    allow: str


class Routes(Generic[Operation]):
    """The paths of contracts, each with its operations by method.

    What is not offered to the outside is there for its own method alone: for any other, its path is not there, so that
    a path with parameters beside it answers what it answers to everything else; and no `Allow` names it.

    Raises: ContractError when two paths differ in nothing but names of parameters or a slash at the end.
    """

    def __init__(self, paths: Mapping[str, Mapping[str, Operation]], offered: Callable[[Operation], bool]) -> None:
        self._literal: dict[str, PathItem[Operation]] = {}
        self._templates: dict[int, list[tuple[re.Pattern[str], PathItem[Operation]]]] = {}
        forms = set[str]()
        for path in sorted(paths, key=lambda path: ["{" in segment for segment in path.split("/")]):
            operations, bare = paths[path], path.removesuffix("/")
            if (form := re.sub(r"\{\w+\}", "{}", bare)) in forms:
                raise ContractError(f"{path} is another path of the contract, too")
            forms.add(form)
            methods = {method for method, operation in operations.items() if offered(operation)}
            also = {"OPTIONS", "HEAD"} if "GET" in methods else {"OPTIONS"}
            item = PathItem(path[len(bare) :], operations, ", ".join(sorted(methods | also)) if methods else "")
            if "{" in path:
                pattern = re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(bare)))
                self._templates.setdefault(bare.count("/"), []).append((pattern, item))
            else:
                self._literal[bare] = item

    def find(self, path: str, method: str) -> Match[Operation] | None:
        """The operation, or what else a path has; HEAD means GET."""
        bare, method = path.removesuffix("/"), "GET" if method == "HEAD" else method
        item = self._literal.get(bare)
        if item is not None and (method in item.operations or item.allow):
            return Match(bare + item.end, item.operations.get(method), item.allow, {})
        for pattern, item in self._templates.get(bare.count("/"), ()):
            if (found := pattern.fullmatch(bare)) and (method in item.operations or item.allow):
                return Match(bare + item.end, item.operations.get(method), item.allow, found.groupdict())
        return None


def group_by_path(operations: Mapping[openapi.Operation, Operation]) -> Mapping[str, Mapping[str, Operation]]:
    """What is made of each operation of a contract, by its path with the service's prefix and its method."""
    paths: dict[str, dict[str, Operation]] = {}
    for declared, made in operations.items():
        paths.setdefault(declared.full_path, {})[declared.method.upper()] = made
    return paths
