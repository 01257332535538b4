"""What has changed between two schemas, and what that means for whoever relies on the older one.

A request breaks a caller when less is accepted than before, an answer when more may come than before. An event breaks
somebody either way: a receiver of today reads events of tomorrow, and tomorrow's receiver those still in the topic.
"""

from collections.abc import Iterator, Mapping
from enum import Enum, IntEnum
from math import inf
from typing import Any, NamedTuple

Node = Mapping[str, Any]
WORDS = {"title", "summary", "description", "example", "examples", "x-name", "tags", "deprecated"}  # for people
MOST = ("maximum", "maxLength", "maxItems", "maxProperties")
LEAST = ("minimum", "minLength", "minItems", "minProperties")


class Impact(IntEnum):
    """Which part of the version has to rise."""

    MINOR = 1
    MAJOR = 2


class Way(Enum):
    """Which way a value goes; by its name, what breaks whoever relies on the contract."""

    REQUEST = "narrower"
    ANSWER = "wider"
    EVENT = "either"

    def breaks(self, change: str) -> Impact:
        return Impact.MAJOR if self.value in (change, "either") else Impact.MINOR


class Change(NamedTuple):
    """One thing that is otherwise than it was."""

    where: str
    what: str
    impact: Impact


def schema_changes(old: Node, new: Node, way: Way, at: str) -> Iterator[Change]:
    """What has changed between two schemas for values that go that way."""
    for keyword in sorted((old.keys() | new.keys()) - WORDS):
        before, after = old.get(keyword), new.get(keyword)
        if before == after:
            continue
        if keyword == "properties":
            was, now = before or {}, after or {}
            yield from gone_and_new(was, now, at)
            for name in sorted(was.keys() & now.keys()):
                yield from schema_changes(was[name], now[name], way, f"{at}/{name}")
        elif keyword == "items" and before and after:
            yield from schema_changes(before, after, way, f"{at}/items")
        elif keyword == "allOf" and before and after and len(before) == len(after):
            for one, other in zip(before, after, strict=True):
                yield from schema_changes(one, other, way, at)
        elif keyword == "x-transitions" and before and after:
            yield from gone_and_new(_moves(before), _moves(after), f"{at} moves")
        else:
            for how in compared(keyword, before, after):
                told = f"{keyword} {before!r} is now {after!r}, which is {how}"
                yield Change(at, told, Impact.MAJOR if how == "otherwise" else way.breaks(how))


def compared(keyword: str, old: Any, new: Any) -> set[str]:  # noqa: PLR0911 - a keyword each
    """Whether fewer values (narrower) or more (wider) are allowed than before."""
    if keyword == "required":
        return _sided(set(new or ()) - set(old or ()), set(old or ()) - set(new or ()))
    if keyword == "enum" and old and new:
        return _sided([one for one in old if one not in new], [one for one in new if one not in old])
    if keyword in MOST:
        most, now = (inf if one is None else one for one in (old, new))
        return _sided(now < most, now > most)
    if keyword in LEAST:
        least, now = (-inf if one is None else one for one in (old, new))
        return _sided(now > least, now < least)
    if keyword == "nullable":
        return _sided(bool(old) and not new, bool(new) and not old)
    if keyword == "additionalProperties":
        return _sided(old is not False and new is False, old is False and new is not False) or {"otherwise"}
    if keyword == "type" and {old, new} == {"integer", "number"}:
        return _sided(new == "integer", new == "number")
    if keyword in {"pattern", "format", "enum", "type", "uniqueItems", "allOf", "items"} and not (old and new):
        return _sided(not old, not new)
    return {"otherwise"}


def _sided(narrower: object, wider: object) -> set[str]:
    return {how for how, is_so in (("narrower", narrower), ("wider", wider)) if is_so}


def gone_and_new(before: Mapping[str, Any], after: Mapping[str, Any], at: str) -> Iterator[Change]:
    """The members that are no longer there, and those that were not there before."""
    for name in sorted(before.keys() - after.keys()):
        yield Change(at, f"{name} is gone", Impact.MAJOR)
    for name in sorted(after.keys() - before.keys()):
        yield Change(at, f"{name} is new", Impact.MINOR)


def _moves(table: Mapping[str, list[str]]) -> dict[str, None]:
    return {f"{state} to {then}": None for state, after in table.items() for then in after}
