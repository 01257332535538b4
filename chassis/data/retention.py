"""Deletes rows that nobody can ask for any more, in batches that keep nobody waiting."""

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
    """Run such a statement until nothing is left of what is older: a duty, idle nearly always."""

    async def run() -> None:
        while await database.execute(statement, retention=retention, batch=BATCH) == BATCH:
            pass

    await lead(database, duty, run, stopping, every=600)
