"""Statements are written with SQLAlchemy and compiled once, when their module is imported."""

import re
from collections.abc import Callable, Mapping, Set
from typing import Any, Generic, TypeVar, overload

import msgspec
from psycopg import adapters
from psycopg.rows import AsyncRowFactory, dict_row, kwargs_row
from psycopg.types.json import JsonbDumper, set_json_dumps, set_json_loads
from sqlalchemy import (
    ColumnElement,
    Enum,
    Executable,
    Float,
    Insert,
    Select,
    Table,
    TypeDecorator,
    bindparam,
    cast,
    extract,
    func,
    literal_column,
)
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.functions import coalesce
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.sql.visitors import iterate

Row = TypeVar("Row")
PARAMETER = re.compile(r"%\((\w+)\)s|%%")
DIALECT: Any = PGDialect_psycopg(paramstyle="pyformat")  # type: ignore[no-untyped-call]

set_json_dumps(msgspec.json.encode)
set_json_loads(msgspec.json.decode)
adapters.register_dumper(dict, JsonbDumper)


def seconds_since(moment: ColumnElement[Any]) -> ColumnElement[float]:
    """How old that is; 0 when it is nothing."""
    return coalesce(cast(extract("epoch", func.now() - moment), Float), 0.0)


class Statement(Generic[Row]):
    """SQL and the type of its rows: dicts, or what `into` makes of the columns as keywords.

    What a caller passes is a `bindparam`; every other value is fixed here.

    Raises:
        TypeError: The clause would need an engine at run time; said when the module is imported.
    """

    rows: AsyncRowFactory[Row]
    returns_rows: bool
    only_reads: bool

    @overload
    def __init__(self: "Statement[dict[str, Any]]", clause: Executable) -> None: ...
    @overload
    def __init__(self, clause: Executable, into: Callable[..., Row]) -> None: ...
    def __init__(self, clause: Any, into: Callable[..., Any] = dict) -> None:
        compiled = clause.compile(dialect=DIALECT)
        types = [part.type for part in (*compiled.binds.values(), *getattr(clause, "exported_columns", ()))]
        undone = any(isinstance(kind, TypeDecorator | Enum) for kind in types)
        if compiled.insert_prefetch or compiled.update_prefetch or undone:
            raise TypeError(f"defaults made in Python, TypeDecorators and Enums need an engine, not here: {compiled}")
        if any(bind.required and bind.expanding for bind in compiled.binds.values()):
            raise TypeError(f"write `column == any_(bindparam(…, type_=ARRAY(…)))` instead of `in_`: {compiled}")
        required = {name for name, bind in compiled.binds.items() if bind.required}
        expanded = compiled.construct_expanded_state(dict.fromkeys(required))
        fixed = {name: value for name, value in expanded.parameters.items() if name not in required}
        self._set_text(expanded.statement, fixed, required)
        self.returns_rows = bool(getattr(clause, "exported_columns", ()))
        self.rows = dict_row if into is dict else kwargs_row(into)  # type: ignore[assignment]
        self.nests_writes = any(isinstance(part, UpdateBase) and part is not clause for part in iterate(clause))
        self.only_reads = isinstance(clause, SelectBase) and not self.nests_writes
        self.writes_to = clause.table if isinstance(clause, UpdateBase) else None
        self.inserts = isinstance(clause, Insert)

    @classmethod
    def of_text(cls, sql: str, fixed: Mapping[str, Any], required: Set[str]) -> "Statement[dict[str, Any]]":
        """A statement that writes, with its parameters as `%(name)s`."""
        statement = Statement.__new__(Statement)
        statement._set_text(sql, fixed, required)
        statement.returns_rows, statement.rows, statement.only_reads = True, dict_row, False
        return statement

    def _set_text(self, sql: str, fixed: Mapping[str, Any], required: Set[str]) -> None:
        self.sql, self.fixed, self.required = sql, dict(fixed), frozenset(required)
        numbers: dict[str, int] = {}

        def number(match: re.Match[str]) -> str:
            return f"${numbers.setdefault(match[1], len(numbers) + 1)}" if match[1] else "%"

        # With $1, $2, … psycopg sends it as it is, without reading it each time.
        self.query, self._names = PARAMETER.sub(number, sql).encode(), tuple(numbers)

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

    def __init__(self, clause: Select[Any], table: Table, into: Callable[..., Row]) -> None:
        """`clause` reads one row of the table by its key, with whatever belongs to it."""
        # Of the transaction that wrote the row as it is: another one for whoever changes it.
        version: ColumnElement[str] = literal_column(f"{table.fullname}.xmin")
        self.locked = Statement(clause.with_for_update(of=table), into=into)
        self.unlocked = Statement(
            clause.add_columns(version.label("row_version")), into=lambda row_version, **row: (row_version, into(**row))
        )
        unchanged: Select[Any] = clause.with_only_columns(literal_column("1")).where(
            version == bindparam("row_version")
        )
        self.unchanged = Statement(unchanged.with_for_update(of=table))
