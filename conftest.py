"""Fixtures for the tests of all services, and which tests are only run when they are asked for."""

import os

import pytest

pytest_plugins = ["chassis.testing.fixtures", "tests.pacts.fixtures"]


def pytest_addoption(parser):
    asked = os.environ.get("SHOP_DEEP") == "1"
    parser.addoption("--deep", action="store_true", default=asked, help="tests that take minutes, too (or SHOP_DEEP=1)")


def pytest_configure(config):
    config.addinivalue_line("markers", "deep: takes minutes or large downloads; only run with --deep or SHOP_DEEP=1")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--deep"):
        for item in items:
            if item.get_closest_marker("deep"):
                item.add_marker(pytest.mark.skip(reason="only with --deep or SHOP_DEEP=1"))
