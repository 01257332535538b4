"""Whether the database has the shape that a service was written for: what it asks while it runs, without Alembic."""

from pathlib import Path

from chassis.data.database import Database
from chassis.data.statement import Statement

SELECT_APPLIED_VERSIONS = Statement("SELECT version_num FROM alembic_version")


class MigrationsPending(Exception):
    """The database lacks a migration that the service needs."""


def head(scripts: Path) -> str:
    """The latest migration of a folder, by the numbers that the names of the files begin with.

    Alembic would import all of them, and itself, which is 10 MiB for one comparison; that it finds the same is a test.
    """
    return max(file.name.partition("_")[0] for file in scripts.glob("versions/[0-9]*_*.py"))


async def ensure_migrated(database: Database, needed: str) -> None:
    """Raise MigrationsPending unless the database has had this migration: for readiness.

    It may have had later ones: those of the next release take nothing away that this one uses.
    """
    applied = max((row["version_num"] for row in await database.fetch_all(SELECT_APPLIED_VERSIONS)), default="none")
    if not is_at_least(applied, needed):
        raise MigrationsPending(f"the database is at {applied}, the service needs {needed}")


def is_at_least(applied: str, needed: str) -> bool:
    """Whether whoever has had the one migration has had the other: their numbers are those of one line."""
    return applied.isdigit() and int(applied) >= int(needed)
