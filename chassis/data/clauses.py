"""Statements written with SQLAlchemy, which a service does not import while it runs: how they are compiled to text."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from chassis.data.statement import RowLock, Statement

DIALECT: Any = PGDialect_psycopg(paramstyle="pyformat")  # type: ignore[no-untyped-call]


def compile_clause(clause: Any) -> tuple[str, dict[str, Any]]:
    """Its text, and the values that are fixed in it: what a caller passes is a `bindparam`.

    Raises:
        TypeError: The clause would need an engine at run time.
    """
    compiled = clause.compile(dialect=DIALECT)
    types = [part.type for part in (*compiled.binds.values(), *getattr(clause, "exported_columns", ()))]
    undone = any(isinstance(kind, sa.TypeDecorator | sa.Enum) for kind in types)
    if compiled.insert_prefetch or compiled.update_prefetch or undone:
        raise TypeError(f"defaults made in Python, TypeDecorators and Enums need an engine, not here: {compiled}")
    if any(bind.required and bind.expanding for bind in compiled.binds.values()):
        raise TypeError(f"write `column == any_(bindparam(…, type_=ARRAY(…)))` instead of `in_`: {compiled}")
    required = {name for name, bind in compiled.binds.items() if bind.required}
    expanded = compiled.construct_expanded_state(dict.fromkeys(required))
    return expanded.statement, {name: value for name, value in expanded.parameters.items() if name not in required}


def row_lock(clause: sa.Select[Any], table: sa.Table) -> RowLock[dict[str, Any]]:
    """`clause` reads one row of the table by its key, with whatever belongs to it."""
    # Of the transaction that wrote the row as it is: another one for whoever changes it.
    version: sa.ColumnElement[str] = sa.literal_column(f"{table.fullname}.xmin")
    unchanged: sa.Select[Any] = clause.with_only_columns(sa.literal_column("1")).where(
        version == bindparam("row_version")
    )
    return RowLock(
        locked=Statement(clause.with_for_update(of=table)),
        unlocked=Statement(clause.add_columns(version.label("row_version"))),
        unchanged=Statement(unchanged.with_for_update(of=table)),
    )


def seconds_since(moment: sa.ColumnElement[Any]) -> sa.ColumnElement[float]:
    """How old that is; 0 when it is nothing."""
    return sa.func.coalesce(sa.cast(sa.extract("epoch", sa.func.now() - moment), sa.Float), 0.0)


def is_any_of(column: sa.ColumnElement[Any], query: sa.Select[Any]) -> sa.ColumnElement[bool]:
    """Whether the query finds it: as an array, which is looked up in an index.

    To an IN with as many rows as a batch has, PostgreSQL may prefer to read the whole table, batch after batch.
    """
    return column == sa.any_(sa.func.array(query.scalar_subquery()))


def ids_older_than_retention(
    row_id: sa.Column[Any], condition: sa.ColumnElement[bool] | sa.TextClause | None = None
) -> sa.Select[Any]:
    """A batch of the ids for which the condition holds, the oldest first, by the index of the ids themselves.

    They are UUIDs of version 7, which begin with the time at which they were made; others are never found.
    """
    expired_at = sa.extract("epoch", sa.func.now() - bindparam("retention", type_=INTERVAL)) * 1000
    time_digits = sa.func.lpad(sa.func.to_hex(sa.cast(expired_at, sa.BigInteger)), 12, "0")
    return (
        sa.select(row_id.label("id"))
        .where(
            row_id < sa.cast(sa.func.rpad(time_digits, 32, "0"), sa.Uuid),
            # Not an equality: PostgreSQL would expect so few rows of it that it reads the whole table for them.
            sa.func.substr(sa.cast(row_id, sa.Text), 15, 1) >= "7",
            sa.true() if condition is None else condition,
        )
        .order_by(row_id)
        .limit(bindparam("batch", type_=sa.Integer))
    )


def delete_with_dependents_statement(row_id: sa.Column[Any], expired: sa.Select[Any]) -> Statement[Any]:
    """Delete the rows that have one of the ids, and in the same statement all rows that refer to them.

    These are found by their foreign keys, whatever tables have some.
    """
    ids = expired.cte("expired")
    dependents = [
        sa.delete(table).where(is_any_of(key.parent, sa.select(ids.c.id))).cte(f"expired_{table.name}")
        for table in row_id.table.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column is row_id
    ]
    return Statement(sa.delete(row_id.table).where(is_any_of(row_id, sa.select(ids.c.id))).add_cte(*dependents))
