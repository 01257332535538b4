"""Bring a service's tables from one shape to the next, by the migrations in its own folder.

A service has `alembic/versions/`, an `alembic/env.py` that says whose tables these are

    from chassis.data.migrations import run_migrations

    run_migrations("ledger")

and an `alembic.ini`, so that `alembic -c <package>/alembic.ini upgrade head` works with DATABASE_URL set:

    [alembic]
    script_location = %(here)s/alembic
    prepend_sys_path = <the folder that the package's name begins in>
    path_separator = os
"""

import os
from pathlib import Path
from time import sleep

import psycopg
import sqlalchemy as sa
from alembic import command, context
from alembic.config import Config
from psycopg import sql

TRY_LOCK_SQL = sa.text("SELECT pg_try_advisory_lock(hashtext(:what))")


def upgrade(scripts: Path, url: str, revision: str = "head") -> str:
    """Apply what is missing up to the revision, from the folder that has env.py; several processes may try at once.

    Tables that a later release has migrated are left as they are. The answer is the migration at which they are now.
    """
    config = _config(scripts, url)
    config.attributes["may be ahead"] = True
    command.upgrade(config, revision)
    return str(config.attributes["applied"])


def downgrade(scripts: Path, url: str, revision: str) -> None:
    """Take back what came after the revision; "base" is before the first."""
    command.downgrade(_config(scripts, url), revision)


def run_migrations(schema: str) -> None:
    """Run as alembic's environment, for the tables of one schema.

    A migration may build an index CONCURRENTLY, in an `autocommit_block` that begins with what a build that failed left
    behind: what was migrated before is committed then.
    """
    url = context.config.attributes.get("url") or os.environ["DATABASE_URL"]
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        # The session's, as a migration may commit; and asked for again and again, since a statement that waits for it
        # would itself be waited for by an index that is built concurrently.
        while not connection.scalar(TRY_LOCK_SQL, {"what": f"migrations of {schema}"}):
            connection.rollback()
            sleep(0.1)
        connection.commit()
        context.configure(connection=connection, version_table_schema=schema)
        migration, attributes = context.get_context(), context.config.attributes
        applied, latest = max(migration.get_current_heads(), default=""), context.script.get_current_head() or ""
        # Alembic refuses what it does not know; an older release that is rolled back to has nothing to add.
        if not (attributes.get("may be ahead") and applied and int(applied) > int(latest)):
            with context.begin_transaction():
                context.run_migrations()
        attributes["applied"] = max(migration.get_current_heads(), default="")


def create_role_and_schema(admin_url: str, schema: str, password: str) -> None:
    """Make the role and the schema of a service, both of that name; repeating it only renews the password.

    The role owns its schema and sees no other; nobody uses `public`.
    """
    name, database = sql.Identifier(schema), sql.Identifier(sa.make_url(admin_url).database or "postgres")
    with psycopg.connect(admin_url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('roles and schemas'))")
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [schema]).fetchone()
        for statement in (
            "ALTER ROLE {name} LOGIN PASSWORD {password}" if known else "CREATE ROLE {name} LOGIN PASSWORD {password}",
            "ALTER ROLE {name} SET search_path = {name}",
            "CREATE SCHEMA IF NOT EXISTS {name} AUTHORIZATION {name}",
            "REVOKE ALL ON SCHEMA public FROM PUBLIC",
            "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
            "GRANT CONNECT ON DATABASE {database} TO {name}",
        ):
            connection.execute(sql.SQL(statement).format(name=name, database=database, password=sql.Literal(password)))


def _config(scripts: Path, url: str = "") -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["url"] = url
    return config
