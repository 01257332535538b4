"""Deletes expired rows, in batches that hold their locks only for a moment."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import psycopg
import sqlalchemy as sa
import structlog
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import INTERVAL

from chassis.data.database import Database
from chassis.data.statement import Statement

log = structlog.get_logger(__name__)
PURGE_INTERVAL = 600.0  # seconds


def is_any_of(column: sa.ColumnElement[Any], query: sa.Select[Any]) -> sa.ColumnElement[bool]:
    """Whether the query finds it: as an array, which is looked up in an index.

    To an IN with as many rows as a batch has, PostgreSQL may prefer to read the whole table, batch after batch.
    """
    return column == sa.any_(sa.func.array(query.scalar_subquery()))


def delete_expired_statement(
    age: sa.Column[Any], condition: sa.ColumnElement[bool] | sa.TextClause | None = None
) -> Statement[Any]:
    """A batch of the rows for which the condition holds, the oldest first: `age` is indexed where it does."""
    holds = sa.true() if condition is None else condition
    row: sa.ColumnElement[Any] = sa.literal_column("ctid")
    oldest = (
        sa.select(row)
        .select_from(age.table)
        .where(holds, age < sa.func.now() - bindparam("retention", type_=INTERVAL))
        .order_by(age)
        .limit(bindparam("batch", type_=sa.Integer))
    )
    # Once more, since a row may have changed while it was waited for.
    return Statement(sa.delete(age.table).where(is_any_of(row, oldest), holds))


class RetentionRule(NamedTuple):
    """Rows and how long they are kept.

    The statement deletes those that are older, `batch` at a time: it takes `retention` and `batch`, as those of
    `delete_expired_statement` do.
    """

    name: str
    statement: Statement[Any]
    retention: timedelta
    batch: int = 1000


async def apply_retention_rules(database: Database, rules: Sequence[RetentionRule], stopping: asyncio.Event) -> None:
    """Delete what is older than its rule allows, batch by batch.

    A rule that fails is logged, tried again the next time, and keeps no other from being applied.
    """
    for name, statement, retention, batch in rules:
        try:
            deleted = batch
            while deleted >= batch and not stopping.is_set():
                deleted = await database.execute(statement, retention=retention, batch=batch)
        except psycopg.Error as error:
            log.warning("rows could not be purged", rule=name, trouble=repr(error))
