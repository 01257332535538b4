"""Fixtures of a mutation run, which the command puts before those of the services' tests."""

from functools import cache

import pytest

from chassis.testing.databases import TemporaryDatabase

shared_database = cache(TemporaryDatabase)


@pytest.fixture(scope="session")
def databases(postgres: str, services_package: str) -> TemporaryDatabase:
    """One for all mutants, which inherit it by fork: to make one and drop it takes longer than the tests of most."""
    return shared_database(postgres, services_package)
