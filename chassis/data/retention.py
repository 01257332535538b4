"""Deletes expired rows, in batches that hold their locks only for a moment.

What a table keeps, for how long, and by which index it is found, is told in the README of its service.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import psycopg
import structlog
from prometheus_client import Counter
from psycopg.errors import QueryCanceled

from chassis.data.database import Database
from chassis.data.statement import Statement
from chassis.runtime.errors import describe_error
from chassis.runtime.metrics import REGISTRY

log = structlog.get_logger(__name__)
PURGE_INTERVAL = 600.0  # seconds
MAX_BATCHES = 50  # of a rule in one turn; then the others have theirs, and it is asked again who leads
PURGED_ROWS_COUNTER = Counter("rows_purged", "Rows that a retention rule has deleted.", ["rule"], registry=REGISTRY)
PURGE_FAILURES_COUNTER = Counter(
    "purges_failed", "Times a retention rule could not be applied.", ["rule"], registry=REGISTRY
)


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


async def apply_retention_rules(database: Database, rules: Sequence[RetentionRule], stopping: asyncio.Event) -> bool:
    """Delete what is older than its rule allows, batch by batch; whether there may be more.

    A rule that fails is tried again the next time, and keeps no other from being applied.
    """
    return any([await _apply(database, rule, stopping) for rule in rules])


async def _apply(database: Database, rule: RetentionRule, stopping: asyncio.Event) -> bool:
    """Delete so many batches, with each that takes too long halved; whether there may be more."""
    batch, purged = rule.batch, PURGED_ROWS_COUNTER.labels(rule.name)
    failures = PURGE_FAILURES_COUNTER.labels(rule.name)  # from now on 0, rather than nothing known
    for _ in range(MAX_BATCHES):
        if stopping.is_set():
            return False
        try:
            deleted = await database.execute(rule.statement, retention=rule.retention, batch=batch)
        except QueryCanceled as error:
            failures.inc()
            if batch == 1:
                log.error("rows could not be purged", rule=rule.name, trouble=describe_error(error))
                return False
            batch //= 2
            log.warning("purging takes too long", rule=rule.name, next_batch=batch)
        except psycopg.Error as error:
            failures.inc()
            log.error("rows could not be purged", rule=rule.name, trouble=describe_error(error))
            return False
        else:
            purged.inc(deleted)
            if deleted < batch:
                return False
    return True
