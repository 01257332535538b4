"""A database of one's own on a PostgreSQL that others may share, with a service's role, schema and tables."""

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from psycopg import sql

from chassis.data.migrations import create_role_and_schema, upgrade

T = TypeVar("T")
Connection = psycopg.Connection[Any]

ROLE_PASSWORD = "the-same-in-every-test"  # noqa: S105 - roles are shared by all databases of a server
# To truncate a table costs as much as many a test, and most have never been written to.
EMPTY = """
DO $$
DECLARE
    name regclass;
    used boolean;
BEGIN
    FOR name IN SELECT oid FROM pg_class
        WHERE relnamespace = {schema}::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', name) INTO used;
        IF used THEN
            EXECUTE format('TRUNCATE %s CASCADE', name);
        END IF;
    END LOOP;
    PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
        FROM pg_sequences WHERE schemaname = {schema} AND last_value IS NOT NULL;
END
$$
"""


class TemporaryDatabase:
    """One new database, in which every service has its schema as it would in the one they share."""

    def __init__(self, admin_url: str, services_package: str = "") -> None:
        self._prefix = f"{services_package}." if services_package else ""
        self._admin_url, self._name = admin_url, f"test_{secrets.token_hex(6)}"
        self._urls: dict[str, str] = {}
        self._schemas: dict[str, str] = {}
        self._connections: dict[tuple[str, int], Connection] = {}
        self._do("CREATE DATABASE {name}")

    def migrated_url(self, service: str, package: str | None = None) -> str:
        """The service's own URL, with the schema of its `tables` and its migrations at head.

        `package` is where both are; without one, <service> in the package of all services.
        """
        if service not in self._urls:
            tables = import_module(f"{package or self._prefix + service}.tables")
            self._schemas[service] = tables.metadata.schema
            self._urls[service] = self.empty_schema_url(self._schemas[service])
            upgrade(Path(str(tables.__file__)).parent / "alembic", self._urls[service])
        return self._urls[service]

    def empty_schema_url(self, schema: str) -> str:
        """The URL of a role with an empty schema of its own."""
        here = sa.make_url(self._admin_url).set(database=self._name)
        # Roles belong to the whole server, where another test session may be making the same ones.
        with psycopg.connect(self._admin_url, autocommit=True) as elsewhere:
            elsewhere.execute("SELECT pg_advisory_lock(hashtext('roles of tests'))")
            create_role_and_schema(here.render_as_string(hide_password=False), schema, ROLE_PASSWORD)
        return here.set(username=schema, password=ROLE_PASSWORD).render_as_string(hide_password=False)

    def truncate_tables(self, service: str) -> None:
        """Empty all tables of the service; those of its migrations stay."""
        empty = sql.SQL(EMPTY).format(schema=sql.Literal(self._schemas[service]))
        self._connected(service, lambda connection: connection.execute(empty))

    def count_rows(self, service: str) -> dict[str, int]:
        """How many rows each table of the service has."""

        def count(connection: Connection) -> dict[str, int]:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = %s", [self._schemas[service]]
            ).fetchall()
            each = sql.SQL("SELECT {name}, count(*) FROM {table}")
            counts = [each.format(name=sql.Literal(name), table=sql.Identifier(name)) for (name,) in tables]
            return dict(connection.execute(sql.SQL(" UNION ALL ").join(counts)).fetchall())

        return self._connected(service, count)

    def _connected(self, service: str, do: Callable[[Connection], T]) -> T:
        """Do it by a connection that stays from test to test; once more if the server has ended it meanwhile."""
        key = service, os.getpid()  # a process that was forked has none of its parent's
        if key in self._connections:
            with suppress(psycopg.OperationalError):
                return do(self._connections[key])
            self._connections.pop(key).close()
        self._connections[key] = psycopg.connect(self._urls[service], autocommit=True)
        return do(self._connections[key])

    @contextmanager
    def unavailable(self) -> Iterator[None]:
        """Inside, nobody is connected or can be."""
        self._do("ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            self._do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {text}")
            yield
        finally:
            self._do("ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    def drop(self) -> None:
        for connection in self._connections.values():
            connection.close()
        self._do("DROP DATABASE {name} WITH (FORCE)")

    def _do(self, statement: str) -> None:
        with psycopg.connect(self._admin_url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(name=sql.Identifier(self._name), text=self._name))


def schema_drift(url: str, metadata: sa.MetaData) -> Sequence[Any]:
    """Where the tables that the migrations made differ from those the code believes in."""
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        # Without a search path no schema is the default one, and both sides name theirs.
        connection.execute(sa.text("SET search_path = ''"))
        connection.dialect.default_schema_name = ""
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name == metadata.schema,
                "version_table_schema": metadata.schema,
            },
        )
        return list(compare_metadata(context, metadata))
