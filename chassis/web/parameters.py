"""Parameters of an operation: read from text strictly, then judged by their schemas."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from chassis.contracts.schemas import Schema, SchemaError


def _integer(text: str) -> int:
    if not re.fullmatch(r"-?(0|[1-9][0-9]{0,17})", text):
        raise ValueError("not an integer")
    return int(text)


def _number(text: str) -> float:
    if not re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?", text):
        raise ValueError("not a number")
    return float(text)


PARSERS_BY_TYPE: dict[str, Callable[[str], Any]] = {
    "string": str,
    "integer": _integer,
    "number": _number,
    "boolean": {"true": True, "false": False}.__getitem__,
}


class Parameter(NamedTuple):
    """One declared parameter and where its value goes."""

    pointer: str
    required: bool
    cast: Callable[[str], Any]
    schema: Schema
    argument: str
    wanted: bool

    def parse_into(self, text: str, values: dict[str, Any]) -> list[SchemaError]:
        """Put the value among the others, or say what is wrong."""
        try:
            value = self.cast(text)
        except (ValueError, KeyError):
            return [{"pointer": self.pointer, "rule": "type"}]
        if not self.schema.is_valid(value):
            return self.schema.faults(value, self.pointer)
        if self.wanted:
            values[self.argument] = value
        return []
