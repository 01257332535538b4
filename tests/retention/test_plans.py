"""How PostgreSQL finds what is to be purged, in each service's schema as its migrations make it."""

import re
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec

import psycopg
import pytest
from psycopg import sql

from chassis.data.statement import Statement
from chassis.events import dead_letter_table, inbox, outbox
from chassis.web import idempotency
from generated.services import SERVICES

ROWS = 10_000  # the more there are, the sooner an index is preferred: what is found in one here is so among millions
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema"
RESTRICTIONS = """
SELECT conrelid::regclass::text, conname FROM pg_constraint
WHERE connamespace = current_schema::regnamespace AND contype IN ('c', 'f')"""
COLUMNS = """
SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = ''"""
VALUES = {
    "uuid": "gen_random_uuid()",
    "uuid[]": "'{}'",
    "text": "i::text",
    "bytea": "decode(md5(i::text), 'hex')",
    "timestamp with time zone": "now() - i * interval '1 minute'",
    "jsonb": "'{}'",
    "boolean": "true",
    "double precision": "i",
    "bigint": "i",
    "integer": "i",
    "smallint": "1",
}


def purging_statements(service):
    """The tables that each statement purges which does so in the service: it takes a retention and a batch."""
    modules = [import_module(f"services.{service}.repository"), dead_letter_table, inbox, outbox, idempotency]
    if find_spec(f"generated.statements.{service}"):
        modules.append(import_module(f"generated.statements.{service}"))
    return {
        statement: set(re.findall(r"DELETE FROM (?:\w+[.])?(\w+)", statement.sql))
        for statement in statements([[*vars(module).values()] for module in modules])
        if statement.required == {"retention", "batch"}
    }


def statements(value):
    """All in a value; a retention rule is a tuple, too."""
    if isinstance(value, Statement):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from statements(item)


def fill_table(connection, table):
    columns = dict(connection.execute(COLUMNS, [table]).fetchall())
    statement = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM generate_series(1, {}) i").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(sql.SQL(VALUES[kind]) for kind in columns.values()),
        ROWS,
    )
    connection.execute(statement)
    connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


@pytest.mark.parametrize("service", [name for name, service in SERVICES.items() if service.schema])
def test_what_is_purged_is_found_in_an_index(service, empty_database_for):
    with psycopg.connect(empty_database_for(service)) as connection:
        tables = {name for (name,) in connection.execute(TABLES)}
        purging = {statement: purged for statement, purged in purging_statements(service).items() if purged <= tables}
        for table, name in connection.execute(RESTRICTIONS).fetchall():
            connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for table in set().union(*purging.values()):
            fill_table(connection, table)

        plans = []
        for statement in purging:
            values = statement.parameters({"retention": timedelta(days=60), "batch": 1000})
            plans.append("\n".join(line for (line,) in connection.execute(f"EXPLAIN {statement.sql}", values)))
        connection.rollback()

    assert plans
    assert [plan for plan in plans if "Seq Scan" in plan] == []
