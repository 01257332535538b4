"""A database of one's own on a PostgreSQL that others may share, with a service's role, schema and tables."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from psycopg import sql

from chassis.data.migrations import create_role_and_schema, upgrade

PASSWORD = "the-same-in-every-test"  # noqa: S105 - roles are shared by all databases of a server


class TemporaryDatabase:
    """One new database, in which every service has its schema as it would in the one they share."""

    def __init__(self, admin_url: str, services_package: str = "") -> None:
        self._prefix = f"{services_package}." if services_package else ""
        self._admin_url, self._name = admin_url, f"test_{secrets.token_hex(6)}"
        self._urls: dict[str, str] = {}
        self._schemas: dict[str, str] = {}
        self._do("CREATE DATABASE {name}")

    def url_for(self, service: str, package: str | None = None) -> str:
        """The service's own URL, with the schema of its `tables` and its migrations at head.

        `package` is where both are; without one, <service> in the package of all services.
        """
        if service not in self._urls:
            tables = import_module(f"{package or self._prefix + service}.tables")
            self._schemas[service] = tables.metadata.schema
            self._urls[service] = self.prepared(self._schemas[service])
            upgrade(Path(str(tables.__file__)).parent / "alembic", self._urls[service])
        return self._urls[service]

    def prepared(self, schema: str) -> str:
        """The URL of a role with an empty schema of its own."""
        here = sa.make_url(self._admin_url).set(database=self._name)
        # Roles belong to the whole server, where another test session may be making the same ones.
        with psycopg.connect(self._admin_url, autocommit=True) as elsewhere:
            elsewhere.execute("SELECT pg_advisory_lock(hashtext('roles of tests'))")
            create_role_and_schema(here.render_as_string(hide_password=False), schema, PASSWORD)
        return here.set(username=schema, password=PASSWORD).render_as_string(hide_password=False)

    def empty(self, service: str) -> None:
        """Empty all tables of the service; those of its migrations stay."""
        with psycopg.connect(self._urls[service]) as connection:
            known = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = %s AND tablename <> 'alembic_version'",
                [self._schemas[service]],
            )
            if tables := [sql.Identifier(self._schemas[service], name) for (name,) in known]:
                truncate = sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE")
                connection.execute(truncate.format(sql.SQL(", ").join(tables)))

    def counted(self, service: str) -> dict[str, int]:
        """How many rows each table of the service has."""
        with psycopg.connect(self._urls[service]) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = %s", [self._schemas[service]]
            ).fetchall()
            count = sql.SQL("SELECT count(*) FROM {}")
            rows = {name: connection.execute(count.format(sql.Identifier(name))).fetchone() for (name,) in tables}
        return {name: row[0] if row else 0 for name, row in rows.items()}

    @contextmanager
    def away(self) -> Iterator[None]:
        """Inside, nobody is connected or can be."""
        self._do("ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            self._do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {text}")
            yield
        finally:
            self._do("ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    def drop(self) -> None:
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
