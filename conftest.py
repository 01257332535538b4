"""Fixtures for the tests of all services, and which tests are only run when they are asked for."""

import gc
import os

import pytest
import structlog

from tooling.conformance.contract_recorder import record_outgoing_events

pytest.register_assert_rewrite("chassis.testing.problems", "tooling.conformance.contract_tests")
pytest_plugins = [
    "infra.test_servers.fixtures",
    "chassis.testing.fixtures",
    "tooling.conformance.fixtures",
    "tests.pacts.fixtures",
]


@pytest.fixture(scope="session")
def services_package():
    return "services"


@pytest.fixture(scope="session", autouse=True)
def plain_log_lines():
    """Log lines without structlog's drawings of what was raised, each of which takes half a second."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer(["event"])],
        logger_factory=structlog.PrintLoggerFactory(),
    )


@pytest.fixture(scope="session", autouse=True)
def recorded_outgoing_events():
    """Every event that a test has announced is held against its contract, and counted."""
    with record_outgoing_events("services"):
        yield


def pytest_addoption(parser):
    asked = os.environ.get("SHOP_DEEP") == "1"
    parser.addoption("--deep", action="store_true", default=asked, help="tests that take minutes, too (or SHOP_DEEP=1)")


def pytest_configure(config):
    config.addinivalue_line("markers", "deep: takes minutes or large downloads; only run with --deep or SHOP_DEEP=1")


def pytest_collection_finish():
    # What has been imported stays; to look through it for garbage every few tests takes a tenth of their time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--deep"):
        for item in items:
            if item.get_closest_marker("deep"):
                item.add_marker(pytest.mark.skip(reason="only with --deep or SHOP_DEEP=1"))
