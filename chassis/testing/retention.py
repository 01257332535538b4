"""What a retention rule does to a table that holds more than it should: by which indexes, and whether to its end."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from chassis.data.database import Database
from chassis.data.retention import RetentionRule, apply_retention_rules

# An id as those of UUID version 7 that were made then.
CREATE_TO_UUID7 = """
CREATE FUNCTION to_uuid7(moment timestamptz) RETURNS uuid LANGUAGE sql AS $$
    SELECT overlay(
        lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || right(replace(gen_random_uuid()::text,
        '-', ''), 20) PLACING '7' FROM 13)::uuid
$$
"""


def fill(url: str, statements: LiteralString) -> None:
    """Write many rows, and let PostgreSQL look at them; `to_uuid7(moment)` makes ids of that age."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(CREATE_TO_UUID7)
        connection.execute(statements)
        connection.execute("DROP FUNCTION to_uuid7")
        connection.execute("ANALYZE")


def scans(url: str, rule: RetentionRule) -> set[str]:
    """How the rule finds its rows, whether it is planned each time or once and for all: by the names of indexes.

    A table that it would read from begin to end is named as "all of <table>".
    """
    found, statement = set[str](), rule.statement
    with psycopg.connect(url) as connection:
        arguments = sql.SQL(", ").join(statement.arguments({"retention": rule.retention, "batch": rule.batch}))
        connection.execute(b"PREPARE explained AS " + statement.query)
        for mode in ("force_custom_plan", "force_generic_plan"):
            connection.execute(sql.SQL("SET LOCAL plan_cache_mode = {}").format(sql.Literal(mode)))
            answer = connection.execute(sql.SQL("EXPLAIN (FORMAT JSON) EXECUTE explained ({})").format(arguments))
            ((plan,),) = answer.fetchone() or ([],)
            found |= set(_scans_of(plan["Plan"]))
    return found


def _scans_of(plan: Mapping[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield f"all of {plan['Relation Name']}"
    elif "Index Name" in plan:
        yield str(plan["Index Name"])
    for part in plan.get("Plans", ()):
        yield from _scans_of(part)


async def apply_to_its_end(database: Database, rule: RetentionRule) -> int:
    """Apply it turn by turn, as whoever leads does, until there is no more; how many turns that were."""
    turns = 1
    while await apply_retention_rules(database, [rule], asyncio.Event()):
        turns += 1
    return turns
