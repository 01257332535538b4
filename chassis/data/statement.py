"""Statements as PostgreSQL is given them: text with named parameters, which is read once."""

import re
from collections.abc import Callable, Mapping
from copy import copy
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

import msgspec
from psycopg import adapters
from psycopg.rows import AsyncRowFactory, dict_row, kwargs_row
from psycopg.types.json import JsonbDumper, set_json_dumps, set_json_loads

if TYPE_CHECKING:
    from sqlalchemy import Executable

Row = TypeVar("Row")
OtherRow = TypeVar("OtherRow")
PARAMETER = re.compile(r"%\((\w+)\)s|%%")
QUOTED = re.compile(r"'(?:[^']|'')*'")
INNERMOST = re.compile(r"\([^()]*\)")
WRITE = re.compile(r"\b(INSERT INTO|(?<!FOR )(?<!FOR NO KEY )(?<!DO )UPDATE|DELETE FROM) ([\w.]+)")

set_json_dumps(msgspec.json.encode)
set_json_loads(msgspec.json.decode)
adapters.register_dumper(dict, JsonbDumper)


class Statement(Generic[Row]):
    """SQL and the type of its rows: dicts, or what `into` makes of the columns as keywords.

    A caller passes the parameters, written as `%(name)s`, but those that are fixed here. A clause of SQLAlchemy is
    compiled to such a text; a service has those of its own compiled when the project is generated, and runs without it.

    Raises:
        TypeError: The clause would need an engine at run time; said when it is compiled.
    """

    rows: AsyncRowFactory[Row]

    @overload
    def __init__(
        self: "Statement[dict[str, Any]]", sql: "str | Executable", fixed: Mapping[str, Any] = ...
    ) -> None: ...
    @overload
    def __init__(
        self, sql: "str | Executable", fixed: Mapping[str, Any] = ..., *, into: Callable[..., Row]
    ) -> None: ...
    def __init__(self, sql: Any, fixed: Mapping[str, Any] = {}, *, into: Callable[..., Any] = dict) -> None:
        if not isinstance(sql, str):
            from chassis.data.clauses import compile_clause  # noqa: PLC0415 (SQLAlchemy, of which nothing is kept)

            sql, fixed = compile_clause(sql)
        self.sql, self.fixed = sql.strip(), dict(fixed)
        self.required = frozenset(filter(None, PARAMETER.findall(sql))) - fixed.keys()
        self.rows = dict_row if into is dict else kwargs_row(into)  # type: ignore[assignment]
        numbers: dict[str, int] = {}

        def number(match: re.Match[str]) -> str:
            return f"${numbers.setdefault(match[1], len(numbers) + 1)}" if match[1] else "%"

        # With $1, $2, … psycopg sends it as it is, without reading it each time.
        self.query, self._names = PARAMETER.sub(number, sql).encode(), tuple(numbers)
        self._read_kind()

    def _read_kind(self) -> None:
        """What it does, by the words outside of all parentheses, and whether it writes within these."""
        outermost, writes = QUOTED.sub("", self.sql), len(WRITE.findall(QUOTED.sub("", self.sql)))
        while INNERMOST.search(outermost):
            outermost = INNERMOST.sub("", outermost)
        write = WRITE.search(outermost)
        self.writes_to = write and write[2]
        self.inserts = bool(write and write[1] == "INSERT INTO")
        self.nests_writes = writes > bool(write)
        self.only_reads = not writes and outermost.startswith(("SELECT", "WITH"))
        self.returns_rows = "RETURNING" in outermost if write else self.only_reads or writes > 0

    def into(self, make: Callable[..., OtherRow]) -> "Statement[OtherRow]":
        """The same, with rows that this makes of the columns as keywords."""
        statement: Statement[Any] = copy(self)
        statement.rows = kwargs_row(make)
        return statement

    def parameters(self, values: dict[str, Any]) -> dict[str, Any]:
        """All values of the statement, given those a caller passes.

        Raises:
            TypeError: A value is missing, or there is no place for it.
        """
        if values.keys() != self.required:
            raise TypeError(f"the statement takes {sorted(self.required)}, not {sorted(values)}: {self.sql}")
        return {**self.fixed, **values}

    def arguments(self, values: dict[str, Any]) -> list[Any]:
        """The same in the order in which `query` numbers them."""
        parameters = self.parameters(values)
        return [parameters[name] for name in self._names]


class RowLock(Generic[Row]):
    """How a row is read that is to be changed: locked, or as it is, and compared when the change is made (batch.py)."""

    locked: Statement[Row]
    unlocked: Statement[tuple[Any, Row]]

    @overload
    def __init__(
        self: "RowLock[dict[str, Any]]", locked: Statement[Any], unlocked: Statement[Any], unchanged: Statement[Any]
    ) -> None: ...
    @overload
    def __init__(
        self, locked: Statement[Any], unlocked: Statement[Any], unchanged: Statement[Any], *, into: Callable[..., Row]
    ) -> None: ...
    def __init__(
        self, locked: Statement[Any], unlocked: Statement[Any], unchanged: Statement[Any], *,
        into: Callable[..., Any] = dict,
    ) -> None:  # fmt: skip
        """`unlocked` also reads the `row_version` that `unchanged` takes."""
        self.locked, self.unlocked, self.unchanged = locked.into(into), unlocked.into(_versioned(into)), unchanged

    def into(self, make: Callable[..., OtherRow]) -> "RowLock[OtherRow]":
        """The same, with a row that this makes of the columns as keywords."""
        return RowLock(self.locked, self.unlocked, self.unchanged, into=make)


def _versioned(make: Callable[..., Row]) -> Callable[..., tuple[Any, Row]]:
    return lambda row_version, **row: (row_version, make(**row))
