"""Deletes expired rows, in batches that hold their locks only for a moment."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import psycopg
import structlog

from chassis.data.database import Database
from chassis.data.statement import Statement
from chassis.runtime.errors import describe_error

log = structlog.get_logger(__name__)
PURGE_INTERVAL = 600.0  # seconds


def delete_expired_statement(table: str, age: str, where: str = "") -> Statement[Any]:
    """A batch of the table's rows for which that holds, the oldest first: `age` is indexed where it does.

    They are found as an array, which is looked up in an index: to an IN with as many rows as a batch has, PostgreSQL
    may prefer to read the whole table, batch after batch.
    """
    condition = f" AND {where}" if where else ""
    # The condition once more, since a row may have changed while it was waited for.
    return Statement(f"""
DELETE FROM {table} WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM {table} WHERE {age} < now() - %(retention)s::interval{condition}
    ORDER BY {age} LIMIT %(batch)s::integer
)){condition}
""")  # noqa: S608


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
            log.warning("rows could not be purged", rule=name, trouble=describe_error(error))
