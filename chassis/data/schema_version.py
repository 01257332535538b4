"""Whether the database has the shape that a service was written for: what it asks while it runs, without Alembic."""

from pathlib import Path

from chassis.data.database import Database
from chassis.data.statement import Statement

SELECT_APPLIED_VERSIONS = Statement("SELECT version_num FROM alembic_version")


class MigrationsPending(Exception):
    """The database is not at the service's latest migration."""


def head(scripts: Path) -> str:
    """The latest migration of a folder, by the numbers that the names of the files begin with.

    Alembic would import all of them, and itself, which is 10 MiB for one comparison; that it finds the same is a test.
    """
    return max(file.name.partition("_")[0] for file in scripts.glob("versions/[0-9]*_*.py"))


async def ensure_at_head(database: Database, head: str) -> None:
    """Raise MigrationsPending unless the database is at this migration and at no other: for readiness."""
    applied = {row["version_num"] for row in await database.fetch_all(SELECT_APPLIED_VERSIONS)}
    if applied != {head}:
        raise MigrationsPending(f"the database is at {sorted(applied)}, the service needs {head}")
