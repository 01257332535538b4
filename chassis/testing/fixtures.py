"""Fixtures of databases. The project that uses them has a fixture `postgres` of its own: the URL of a PostgreSQL, as
somebody who may create databases and roles.
"""  # fmt: skip

from collections.abc import Callable, Iterator

import pytest

from chassis.testing.databases import TemporaryDatabase


@pytest.fixture(scope="session")
def services_package() -> str:
    """The package in which the packages of services are; none unless the project says so."""
    return ""


@pytest.fixture(scope="session")
def databases(postgres: str, services_package: str) -> Iterator[TemporaryDatabase]:
    """A new database for this session."""
    databases = TemporaryDatabase(postgres, services_package)
    yield databases
    databases.drop()


@pytest.fixture(scope="session")
def migrated_database_url(databases: TemporaryDatabase) -> Callable[[str], str]:
    """`migrated_database_url("ledger")`: with its role, its schema and its migrations at head."""
    return databases.migrated_url


@pytest.fixture
def empty_database_for(databases: TemporaryDatabase) -> Callable[[str], str]:
    """`empty_database_for("ledger")`: the same, and now without any rows."""

    def migrated_url(service: str, package: str | None = None) -> str:
        url = databases.migrated_url(service, package)
        databases.truncate_tables(service)
        return url

    return migrated_url


@pytest.fixture
def batches() -> bool:
    """Whether units of work try to be one statement."""
    return True


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked `both_ways` are made with units of work as one statement, and as transactions."""
    if "batches" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_ways"):
        metafunc.parametrize("batches", [True, False], ids=["one-statement", "transaction"])
