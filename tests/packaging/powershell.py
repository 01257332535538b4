"""What run_demo.ps1 asks of the shop, read from its syntax tree: each function's requests stand where it is called."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import tree_sitter
import tree_sitter_powershell

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
COMPUTED_VALUE_PATTERN = "…"
DEFAULTS = {"description": "", "category_id": None, "active": True}  # what the contract takes for not said


class ShopRequest(NamedTuple):
    """A request with `{0}` for every id, and `…` for values that are known only when it runs."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: Mapping[str, Any] | None

    @classmethod
    def of(cls, method: str, target: str, body: Mapping[str, Any] | None) -> "ShopRequest":
        url = urlsplit(ID.sub("{0}", target))
        return cls(method, url.path, tuple(sorted(parse_qsl(url.query))), body)

    def fits(self, script: "ShopRequest") -> bool:
        """Say whether it is what the script asks, whose computed values may be any."""
        theirs = script.body or {}
        ours = {
            name: value
            for name, value in (self.body or {}).items()
            if DEFAULTS.get(name, COMPUTED_VALUE_PATTERN) != value
        }
        same = self[:3] == script[:3] and ours.keys() <= theirs.keys() <= ours.keys() | DEFAULTS.keys()
        return same and all(theirs[name] in (COMPUTED_VALUE_PATTERN, value) for name, value in ours.items())


def parse_nodes(node: tree_sitter.Node, kind: str) -> Iterator[tree_sitter.Node]:
    if node.type == kind:
        yield node
    for child in node.children:
        yield from parse_nodes(child, kind)


def text(node: tree_sitter.Node) -> str:
    return node.text.decode()


def script_requests(script: str) -> list[ShopRequest]:
    """All that a script asks for by `Invoke-Shop`, in order, each loop gone through once."""
    root = PARSER.parse(script.encode()).root_node
    functions = {text(next(parse_nodes(one, "function_name"))): one for one in parse_nodes(root, "function_statement")}
    hashes = {}
    for assigned in (one for part in (root, *functions.values()) for one in parse_nodes(part, "assignment_expression")):
        variable, made_by = re.match(r"(?:\$(\w+) = (@\{|[\w-]+))?", text(assigned)).groups()
        source = assigned if made_by == "@{" else functions.get(made_by)
        if source and (made_by == "@{" or "return @{" in text(source)):
            hashes[variable] = next(parse_nodes(source, "hash_literal_expression"))

    def walk(node: tree_sitter.Node, given: Mapping[str, tree_sitter.Node]) -> Iterator[ShopRequest]:
        if node.type == "function_statement":
            return
        if node.type != "command":
            for child in node.children:
                yield from walk(child, given)
            return
        name = text(next(parse_nodes(node, "command_name"), node))
        for child in node.children:
            yield from walk(child, given)
        if name == "Invoke-Shop":
            method, target = re.match(r"Invoke-Shop -Method '(\w+)' -Path \(?'([^']+)'", text(node)).groups()
            yield ShopRequest.of(method, target, _body(node, given))
        elif name in functions:
            yield from walk_body(functions[name], node, given)

    def walk_body(
        function: tree_sitter.Node, call: tree_sitter.Node, given: Mapping[str, tree_sitter.Node]
    ) -> Iterator[ShopRequest]:
        """Go through a function as it is called: a parameter is the hash that it is given first, if it is given one."""
        parameter = re.search(r"\(\[hashtable\]\$(\w+)\)", text(function).partition("{")[0])
        literal = next(parse_nodes(call, "hash_literal_expression"), None)
        variable = re.match(r"[\w-]+ \$(\w+)", text(call))
        argument = literal or (variable and given.get(variable[1]))
        own = {**given, parameter[1]: argument} if parameter and argument else given
        for child in function.children:
            yield from walk(child, own)

    return list(walk(root, hashes))


def _body(command: tree_sitter.Node, given: Mapping[str, tree_sitter.Node]) -> dict[str, Any] | None:
    said = re.search(r"-Body (@\{|\$(\w+))", text(command))
    if not said:
        return None
    literal = given[said[2]] if said[2] else next(parse_nodes(command, "hash_literal_expression"))
    (entries,) = (child for child in literal.children if child.type == "hash_literal_body")
    pairs = (text(entry).partition("=") for entry in entries.children if entry.type == "hash_entry")
    return {key.strip(): _value(value.strip()) for key, _, value in pairs}


def _value(written: str) -> Any:
    if quoted := re.fullmatch(r"'([^']*)'", written):
        return quoted[1]
    return int(written) if written.isdigit() else COMPUTED_VALUE_PATTERN
