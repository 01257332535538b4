"""What one side expects of the other, written as examples: the type of an example says what is matched by it."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from functools import singledispatch
from string import ascii_letters, ascii_lowercase, ascii_uppercase
from typing import Any, NamedTuple
from uuid import UUID

from pact import match

TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|\+00:00)$"
NEXT_LETTER = str.maketrans(ascii_letters, ascii_lowercase[1:] + "a" + ascii_uppercase[1:] + "A")
Path = tuple[str | int, ...]


class ExactValue(NamedTuple):
    """A value for which no other will do."""

    value: Any


class OneOf(NamedTuple):
    """One word of a few."""

    words: tuple[str, ...]


def one_of(*words: str) -> OneOf:
    return OneOf(words)


@singledispatch
def example(term: Any) -> Any:
    """The term as JSON would have it."""
    return term


@example.register
def _(term: dict) -> Any:
    return {name: example(value) for name, value in term.items()}


@example.register
def _(term: list) -> Any:
    return [example(value) for value in term]


@example.register
def _(term: UUID) -> Any:
    return str(term)


@example.register
def _(term: datetime) -> Any:
    return term.isoformat().replace("+00:00", "Z")


@example.register
def _(term: ExactValue) -> Any:
    return example(term.value)


@example.register
def _(term: OneOf) -> Any:
    return term.words[0]


@singledispatch
def to_matcher(term: Any) -> Any:
    """The term as pact matches it."""
    raise TypeError(f"{term!r} is not an example that says what is matched by it")


@to_matcher.register
def _(term: dict) -> Any:
    return {name: to_matcher(value) for name, value in term.items()}


@to_matcher.register
def _(term: list) -> Any:
    [one] = term
    return match.each_like(to_matcher(one), min=1)


@to_matcher.register
def _(term: UUID) -> Any:
    return match.uuid(str(term))


@to_matcher.register
def _(term: datetime) -> Any:
    return match.regex(example(term), regex=TIME)


@to_matcher.register
def _(term: bool) -> Any:
    return match.bool(term)


@to_matcher.register
def _(term: int) -> Any:
    return match.int(term)


@to_matcher.register
def _(term: None) -> Any:
    return term


@to_matcher.register
def _(term: str) -> Any:
    return match.str(term)


@to_matcher.register
def _(term: ExactValue) -> Any:
    return example(term)


@to_matcher.register
def _(term: OneOf) -> Any:
    return match.regex(term.words[0], regex=f"^({'|'.join(term.words)})$")


@singledispatch
def different_value(term: Any) -> Any:
    """Another value that the same term matches."""
    raise TypeError(f"there is no other value for {term!r}")


@different_value.register
def _(term: UUID) -> Any:
    return str(UUID(int=term.int ^ 0xFF))


@different_value.register
def _(term: datetime) -> Any:
    return example(term + timedelta(days=1))


@different_value.register
def _(term: bool) -> Any:
    return not term


@different_value.register
def _(term: int) -> Any:
    return term + 1


@different_value.register
def _(term: None) -> Any:
    return str(UUID(int=1))


@different_value.register
def _(term: str) -> Any:
    return term.translate(NEXT_LETTER)


@different_value.register
def _(term: OneOf) -> Any:
    return term.words[1]


def iterate_leaves(term: Any, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every place of a term at which there is a single value."""
    if isinstance(term, OneOf | ExactValue):
        yield at, term
    elif isinstance(term, Mapping | list):
        for step, value in term.items() if isinstance(term, Mapping) else enumerate(term):
            yield from iterate_leaves(value, (*at, step))
    else:
        yield at, term


def format_path(path: Path) -> str:
    return "/".join("*" if isinstance(step, int) else step for step in path)


def replace_at(said: Any, path: Path, value: Any) -> Any:
    """What was said, with another value at one place."""
    said = deepcopy(said)
    _parent(said, path)[path[-1]] = value
    return said


def remove_at(said: Any, path: Path) -> Any:
    """What was said, but for one place."""
    said = deepcopy(said)
    del _parent(said, path)[path[-1]]
    return said


def _parent(said: Any, path: Path) -> Any:
    for step in path[:-1]:
        said = said[step]
    return said
