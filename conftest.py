"""Fixtures for the tests of all services."""

pytest_plugins = ["services.chassis.testing.fixtures", "tests.pacts.fixtures"]
