"""Fixtures of the services' pact tests: a consumer's in `asks` and `hears`, a provider's in `keeps`."""

import os
from pathlib import Path

import pytest

os.environ["PACT_DO_NOT_TRACK"] = "true"


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The folder of the pacts that consumers' tests make in this session."""
    if given := os.environ.get("SHOP_PACTS_MADE"):
        return Path(given)
    return tmp_path_factory.mktemp("pacts")


@pytest.fixture
def service(request):
    """The service whose tests these are: services/<service>/tests/pacts/…"""
    return request.path.parents[2].name


@pytest.fixture
def asks(service, made):
    """`asks("catalog")`: what this service asks of that one."""
    from tests.pacts.asking import Asking

    return lambda provider: Asking(service, provider, made)


@pytest.fixture
def hears(service, made):
    """`await hears("order.created", {…data…}, consumer)`: what this service needs of that news."""
    from tests.pacts.news import Hears

    return Hears(service, made)


@pytest.fixture
def keeps(service):
    """`await keeps(…)`: hold the service against all that others expect of it."""
    from tests.pacts.keeping import Keeping

    return Keeping(service)
