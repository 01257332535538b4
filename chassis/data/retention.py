"""Deletes expired rows, in batches that hold their locks only for a moment."""

import asyncio
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import INTERVAL

from chassis.data.database import Database
from chassis.data.leader_election import lead
from chassis.data.statement import Statement

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


async def purge(
    database: Database, duty: str, statement: Statement[Any], retention: timedelta, stopping: asyncio.Event
) -> None:
    """Every ten minutes, in one replica at a time, delete what is older than the retention, batch by batch.

    `statement` takes `retention` and `batch`, the most rows it deletes, as those of `delete_expired` do.
    """

    async def run() -> None:
        while not stopping.is_set() and await database.execute(statement, retention=retention, batch=BATCH) == BATCH:
            pass

    await lead(database, duty, run, stopping, every=600)
