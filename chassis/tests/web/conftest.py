"""The shop of shop.py, served both ways: compiled and through Connexion's own stack."""

import pytest

from chassis.tests.web.shop import Handlers, shop


@pytest.fixture(scope="session", params=[True, False], ids=["compiled", "through Connexion"])
def compiled(request):
    return request.param


@pytest.fixture(scope="session")
def built(compiled):
    handlers = Handlers()
    return handlers, shop(handlers, compiled=compiled)


@pytest.fixture
def handlers(built):
    built[0].asked.clear()
    return built[0]


@pytest.fixture
def app(built):
    return built[1]
