"""What has changed between two objects of a contract, and what that means for whoever relies on the older one.

A request breaks a caller when less is accepted than before, an answer when more may come than before. An event breaks
somebody either way: a receiver of today reads events of tomorrow, and tomorrow's receiver those still in the topic.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from math import inf
from types import MappingProxyType
from typing import Any, NamedTuple

from chassis.contracts.references import NAME_KEYWORD
from tooling.compatibility.field_rules import FIELD_DEFAULTS, FIELD_RULES, Child, Children, Rule

Node = Mapping[str, Any]
Schemas = Sequence[Node]
INTEGER_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
BINARY_FORMATS = {"binary", "byte"}  # formats that say how bytes are sent
MAX_SHOWN = 60  # characters of a value in a message


class Impact(IntEnum):
    """Whom a change breaks."""

    COMPATIBLE = 1
    SOURCE_BREAKING = 2  # code that is generated, and nothing on the wire
    BREAKING = 3

    @property
    def label(self) -> str:
        return self.name.lower().replace("_", "-")


class Reason(Enum):
    """Why a change breaks somebody, and what could be done instead."""

    NARROWER = (
        "What callers send today may be refused.",
        "Go on taking it, or offer the stricter form as something new beside it.",
    )
    WIDER = (
        "Callers may be answered what they were told could not come.",
        "Keep to what was promised, or tell it in a new optional field.",
    )
    EVENT = (
        "Receivers of today read the new events, and new receivers the old ones that are still in the topic.",
        "Add an optional field, or announce something new beside it.",
    )
    GONE = (
        "Whoever relies on it no longer finds it.",
        "Keep it, say `deprecated: true`, and take it away with the next major version.",
    )
    OTHERWISE = (
        "The same words now mean something else to whoever sends or reads them.",
        "Leave it as it is, and add something new beside it.",
    )
    UNWANTED = (
        "Callers who were let in are refused, or their credentials are looked for elsewhere.",
        "Go on taking what was taken: list the new way in `security` beside the old one.",
    )
    ELSEWHERE = ("Callers go on calling where they called before.", "Keep the old address beside the new one.")
    SOURCE = (
        "Code that is generated anew no longer fits what was written around it; nothing changes on the wire.",
        "Keep the old name, or tell it in CHANGELOG.md under what changes for generated code only.",
    )
    UNKNOWN = (
        "Nobody has said what this field means for callers, so it is taken to break them.",
        "Say it in tooling/compatibility/field_rules.py.",
    )

    def __init__(self, why: str, instead: str) -> None:
        self.why, self.instead = why, instead


class Direction(Enum):
    """Which way a value goes; by its name, what breaks whoever relies on the contract."""

    REQUEST = "narrower"
    ANSWER = "wider"
    EVENT = "either"

    @property
    def flipped(self) -> "Direction":
        return {Direction.REQUEST: Direction.ANSWER, Direction.ANSWER: Direction.REQUEST}.get(self, self)

    def breaks(self, change: str) -> bool:
        return change == "otherwise" or self.value in (change, "either")


class Change(NamedTuple):
    """One thing that is otherwise than it was, and the pointer to it in the contract whose references are followed."""

    where: str
    pointer: tuple[str, ...]
    message: str
    impact: Impact
    reason: Reason | None = None  # of what breaks somebody


@dataclass(frozen=True)
class Location:
    """Where in a contract something stands, in words and as the steps of a JSON pointer."""

    label: str
    direction: Direction
    pointer: tuple[str, ...] = ()

    def at(self, *steps: str | int, label: str = "", flipped: bool = False) -> "Location":
        direction = self.direction.flipped if flipped else self.direction
        return Location(self.label + label, direction, (*self.pointer, *map(str, steps)))

    @property
    def parent(self) -> "Location":
        return Location(self.label, self.direction, self.pointer[:-1])

    def compatible(self, message: str) -> Change:
        return Change(self.label, self.pointer, message, Impact.COMPATIBLE)

    def source(self, message: str) -> Change:
        return Change(self.label, self.pointer, message, Impact.SOURCE_BREAKING, Reason.SOURCE)

    def breaking(self, message: str, reason: Reason) -> Change:
        return Change(self.label, self.pointer, message, Impact.BREAKING, reason)

    def changed(self, message: str, effects: set[str]) -> Iterator[Change]:
        """What it means that something allows less (narrower), more (wider), or is otherwise."""
        if any(map(self.direction.breaks, effects - {"source"})):
            event = self.direction is Direction.EVENT
            yield self.breaking(message, Reason.EVENT if event else self._reason(effects))
        elif "source" in effects:
            yield self.source(message)
        elif effects:
            yield self.compatible(message)

    def _reason(self, effects: set[str]) -> Reason:
        if self.direction.value in effects:
            return Reason.NARROWER if self.direction is Direction.REQUEST else Reason.WIDER
        return Reason.OTHERWISE


def diff_spec_objects(kind: str, old: Any, new: Any, location: Location) -> Iterator[Change]:
    """What has changed between two objects of the specification, field by field as the table says."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        yield location.breaking(f"was {abbreviate(old)} and is {abbreviate(new)}", Reason.OTHERWISE)
        return
    rules, defaults = FIELD_RULES[kind], FIELD_DEFAULTS.get(kind, {})
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name, defaults.get(name)), new.get(name, defaults.get(name))
        if before == after and type(before) is type(after):
            continue
        rule, here = rules.get(name, Rule.UNKNOWN), location.at(name)
        if isinstance(rule, Child):
            yield from diff_spec_objects(rule.kind, before or {}, after or {}, here)
        elif isinstance(rule, Children):
            yield from named_changes(rule, before or {}, after or {}, here)
        elif rule is Rule.ADDITIONAL and isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from diff_spec_objects("Schema", before, after, here.at(label="/*"))
        elif rule in (Rule.ALL_OF, Rule.ANY_OF):
            yield from _alternatives(rule, before or (), after or (), here)
        elif rule is Rule.TRANSITIONS:
            yield from _transitions(before or {}, after or {}, here)
        else:
            yield from _field(rule, old, new, here)
    if kind == "Schema":
        yield from _properties(old, new, location)


def _field(rule: Rule, old: Node, new: Node, location: Location) -> Iterator[Change]:
    name = location.pointer[-1]
    if name == NAME_KEYWORD:
        was, now = (node.get(NAME_KEYWORD, "a schema without a name") for node in (old, new))
        yield location.parent.source(f"{was} is now {now}")
        return
    message = _describe(name, old.get(name), new.get(name))
    if rule is Rule.COMPATIBLE:
        yield location.compatible(message)
    elif rule is Rule.SOURCE:
        yield location.source(message)
    elif rule is Rule.UNKNOWN:
        yield location.breaking(message, Reason.UNKNOWN)
    elif rule is Rule.PROMISE:
        gone = old.get(name) and not new.get(name)
        yield location.breaking(message, Reason.GONE) if gone else location.compatible(message)
    elif rule in EFFECTS_BY_RULE:
        yield from location.changed(message, EFFECTS_BY_RULE[rule](old, new, name))
    elif rule is Rule.HIDDEN_FROM_REQUESTS:
        hidden = _sided(new.get(name), old.get(name))
        yield from location.changed(message, hidden if location.direction is not Direction.ANSWER else {"narrower"})
    elif rule is Rule.HIDDEN_FROM_ANSWERS:
        hidden = _sided(old.get(name), new.get(name))
        yield from location.changed(message, hidden if location.direction is not Direction.REQUEST else {"wider"})


def named_changes(rule: Children, old: Node, new: Node, location: Location) -> Iterator[Change]:
    """What has changed between objects of one kind that have names."""
    before, after = ({(name.lower() if rule.any_case else name): name for name in those} for those in (old, new))
    yield from added_and_removed_members(before, after, location, breaking=rule.new_breaks, names={**before, **after})
    for key in sorted(before.keys() & after.keys()):
        here = location.at(after[key], label=f" {after[key]}", flipped=rule.flipped)
        yield from diff_spec_objects(rule.kind, old[before[key]], new[after[key]], here)


def added_and_removed_members(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    location: Location,
    of: str = "",
    *,
    breaking: bool = False,
    names: Mapping[str, str] = MappingProxyType({}),  # in the document, of those that have another one there
) -> Iterator[Change]:
    """The members that are no longer there, and those that were not there before."""
    for name in sorted(before.keys() - after.keys()):
        yield location.at(names.get(name, name)).breaking(f"{of}{name} is gone", Reason.GONE)
    for name in sorted(after.keys() - before.keys()):
        here, message = location.at(names.get(name, name)), f"{of}{name} is new"
        yield here.breaking(message, Reason.OTHERWISE) if breaking else here.compatible(message)


def _properties(old: Node, new: Node, location: Location) -> Iterator[Change]:
    was, now = old.get("properties") or {}, new.get("properties") or {}
    here = location.at("properties")
    # whoever was told that nothing else comes may refuse what does
    closed = old.get("additionalProperties") is False and location.direction is not Direction.REQUEST
    yield from added_and_removed_members(was, now, here, breaking=closed)
    for name in sorted(was.keys() & now.keys()):
        yield from diff_spec_objects("Schema", was[name], now[name], here.at(name, label=f"/{name}"))


def _alternatives(rule: Rule, old: Schemas, new: Schemas, location: Location) -> Iterator[Change]:
    """Alike ones are left out, the others compared in their order, and what is left over is one more or one less."""
    was = [schema for schema in old if schema not in new]
    now = [(index, schema) for index, schema in enumerate(new) if schema not in old]
    for before, (index, after) in zip(was, now, strict=False):
        yield from diff_spec_objects(
            "Schema", before, after, location.at(index, label=f"/{location.pointer[-1]}/{index}")
        )
    less, more = len(was) > len(now), len(now) > len(was)
    if less or more:
        # no list at all allows everything
        narrower = more if rule is Rule.ALL_OF else (less and new) or not old
        message = f"{location.pointer[-1]} had {len(old)} schemas and has {len(new)}"
        yield from location.changed(message, {"narrower" if narrower else "wider"})


def _restriction(old: Node, new: Node, name: str) -> set[str]:
    before, after = (node.get(name) not in (None, False) for node in (old, new))
    return {"otherwise"} if before and after else _sided(after, before)


def _permission(old: Node, new: Node, name: str) -> set[str]:
    return _sided(old.get(name), new.get(name))


def _upper(old: Node, new: Node, name: str) -> set[str]:
    before, after = old.get(name, inf), new.get(name, inf)
    return _sided(after < before, after > before)


def _lower(old: Node, new: Node, name: str) -> set[str]:
    before, after = old.get(name, -inf), new.get(name, -inf)
    return _sided(after > before, after < before)


def _required(old: Node, new: Node, name: str) -> set[str]:
    before, after = ({True} if node.get(name) is True else set(node.get(name) or ()) for node in (old, new))
    return _sided(after - before, before - after)


def _values(old: Node, new: Node, name: str) -> set[str]:
    before, after = old.get(name), new.get(name)
    if before is None or after is None:
        return _sided(before is None, after is None) | {"source"}
    gone = [value for value in before if value not in after]
    return _sided(gone, [value for value in after if value not in before]) | ({"source"} if gone else set())


def _type(old: Node, new: Node, name: str) -> set[str]:
    before, after = _types(old.get(name)), _types(new.get(name))
    return _sided(before - after, after - before) | ({"source"} if before != after else set())


def _types(declared: Any) -> set[str]:
    every = {"string", "fraction", "integer", "boolean", "array", "object", "null"}
    kinds = every if declared is None else {declared} if isinstance(declared, str) else set(declared)
    return kinds - {"number"} | {"integer", "fraction"} if "number" in kinds else kinds


def _format(old: Node, new: Node, name: str) -> set[str]:
    before, after = old.get(name), new.get(name)
    if {before, after} <= {None, *INTEGER_RANGES} and old.get("type") == new.get("type") == "integer":
        (least, most), (lower, upper) = _range(old), _range(new)
        return _sided(lower > least or upper < most, lower < least or upper > most) | {"source"}
    if {before, after} & BINARY_FORMATS:
        return {"otherwise"}
    return _restriction(old, new, name) | {"source"}


def _range(schema: Node) -> tuple[float, float]:
    least, most = INTEGER_RANGES.get(schema.get("format", ""), (-inf, inf))
    return max(least, schema.get("minimum", -inf)), min(most, schema.get("maximum", inf))


def _multiple(old: Node, new: Node, name: str) -> set[str]:
    before, after = old.get(name), new.get(name)
    if not before or not after:
        return _sided(after, before)
    return _sided(after % before == 0, before % after == 0) or {"otherwise"}


def _additional(old: Node, new: Node, name: str) -> set[str]:
    before, after = (_openness(node.get(name, True)) for node in (old, new))
    return _sided(after < before, after > before)


def _openness(declared: Any) -> int:
    return 1 if isinstance(declared, Mapping) and declared else 2 if declared or declared == {} else 0


def _mapping(old: Node, new: Node, name: str) -> set[str]:
    before, after = old.get(name) or {}, new.get(name) or {}
    same = all(before[key] == after[key] for key in before.keys() & after.keys())
    return _sided(before.keys() - after.keys(), after.keys() - before.keys()) if same else {"otherwise"}


EFFECTS_BY_RULE: Mapping[Rule, Callable[[Node, Node, str], set[str]]] = {
    Rule.BREAKING: lambda *_: {"otherwise"}, Rule.RESTRICTION: _restriction, Rule.PERMISSION: _permission,
    Rule.UPPER_BOUND: _upper, Rule.LOWER_BOUND: _lower, Rule.REQUIRED: _required, Rule.VALUES: _values,
    Rule.TYPE: _type, Rule.FORMAT: _format, Rule.MULTIPLE: _multiple, Rule.ADDITIONAL: _additional,
    Rule.MAPPING: _mapping,
}  # fmt: skip


def _sided(narrower: object, wider: object) -> set[str]:
    return {effect for effect, is_so in (("narrower", narrower), ("wider", wider)) if is_so}


def _transitions(old: Mapping[str, list[str]], new: Mapping[str, list[str]], location: Location) -> Iterator[Change]:
    before, after = ({(state, then) for state in table for then in table[state]} for table in (old, new))
    for state, then in sorted(before - after):
        yield location.at(state).breaking(f"{state} no longer becomes {then}", Reason.GONE)
    for state, then in sorted(after - before):
        here, message = location.at(state), f"{state} may become {then}"
        # nobody looks again at what has come to its end
        final = old.get(state) == []
        yield here.breaking(f"{message}, and was final", Reason.OTHERWISE) if final else here.compatible(message)


def _describe(name: str, before: Any, after: Any) -> str:
    if isinstance(before, list) and isinstance(after, list):
        less, more = [item for item in before if item not in after], [item for item in after if item not in before]
        sides = ("no longer has", less), ("also has", more)
        parts = [f"{name} {side} {abbreviate(those)}" for side, those in sides if those]
        return ", and ".join(parts) or f"{name} is in another order"
    if before is None:
        return f"{name} is {abbreviate(after)} and was not there"
    return f"{name} was {abbreviate(before)} and is {'gone' if after is None else abbreviate(after)}"


def abbreviate(value: Any) -> str:
    """A value as a message shows it."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
