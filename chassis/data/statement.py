"""Statements are written with SQLAlchemy and compiled once, when their module is imported."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

import msgspec
from psycopg import adapters
from psycopg.rows import AsyncRowFactory, dict_row, kwargs_row
from psycopg.types.json import JsonbDumper, set_json_dumps, set_json_loads
from sqlalchemy import ColumnElement, Enum, Executable, Float, TypeDecorator, cast, extract, func
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.functions import coalesce
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.sql.visitors import iterate

Row = TypeVar("Row")
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
        self.required = frozenset(name for name, bind in compiled.binds.items() if bind.required)
        expanded = compiled.construct_expanded_state(dict.fromkeys(self.required))
        self.sql: str = expanded.statement
        self.fixed = {name: value for name, value in expanded.parameters.items() if name not in self.required}
        self.rows: AsyncRowFactory[Row] = dict_row if into is dict else kwargs_row(into)  # type: ignore[assignment]
        self.only_reads = isinstance(clause, SelectBase) and not any(isinstance(p, UpdateBase) for p in iterate(clause))

    def parameters(self, values: dict[str, Any]) -> dict[str, Any]:
        """All values of the statement, given those a caller passes.

        Raises:
            TypeError: A value is missing, or there is no place for it.
        """
        if values.keys() != self.required:
            raise TypeError(f"the statement takes {sorted(self.required)}, not {sorted(values)}: {self.sql}")
        return {**self.fixed, **values}
