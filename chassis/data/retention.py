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
from chassis.data.leader_election import lead
from chassis.data.statement import Statement

log = structlog.get_logger(__name__)
BATCH = 1000


def delete_expired(
    key: sa.Column[Any], age: sa.Column[Any], condition: sa.ColumnElement[bool] | sa.TextClause
) -> Statement[Any]:
    """A batch of the rows for which the condition holds, the oldest first: `age` is indexed where it does."""
    oldest = (
        sa.select(key)
        .where(condition, age < sa.func.now() - bindparam("retention", type_=INTERVAL))
        .order_by(age)
        .limit(bindparam("batch", type_=sa.Integer))
    )
    # Once more, since a row may have changed while it was waited for.
    return Statement(sa.delete(key.table).where(key.in_(oldest), condition))


class RetentionRule(NamedTuple):
    """Rows and how long they are kept.

    The statement deletes a batch of those that are older: it takes `retention` and `batch`, the most rows it deletes,
    as those of `delete_expired` do.
    """

    name: str
    statement: Statement[Any]
    retention: timedelta


async def purge(database: Database, rules: Sequence[RetentionRule], stopping: asyncio.Event) -> None:
    """Every ten minutes, in one replica at a time, delete what is older than its rule allows, batch by batch.

    A rule that fails is logged, tried again the next time, and keeps no other from being applied.
    """

    async def run() -> None:
        for name, statement, retention in rules:
            try:
                while (
                    not stopping.is_set()
                    and await database.execute(statement, retention=retention, batch=BATCH) == BATCH
                ):
                    pass
            except psycopg.Error as error:
                log.warning("rows could not be purged", rule=name, trouble=repr(error))

    await lead(database, "retention", run, stopping, every=600)
