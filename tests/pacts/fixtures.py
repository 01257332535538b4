"""Fixtures of the services' pact tests: `consumer`, `message_consumer` and, for a provider, `verify_provider`."""

import os
from pathlib import Path

import pytest

os.environ["PACT_DO_NOT_TRACK"] = "true"


@pytest.fixture(scope="session")
def pact_dir(tmp_path_factory):
    """The folder of the pacts that consumers' tests make in this session."""
    if given := os.environ.get("SHOP_PACTS_MADE"):
        return Path(given)
    return tmp_path_factory.mktemp("pacts")


@pytest.fixture
def service(request):
    """The service whose tests these are: services/<service>/tests/pacts/…"""
    return request.path.parents[2].name


@pytest.fixture
def consumer(service, pact_dir):
    """`consumer("catalog")`: the pact that this service has with that provider."""
    from tests.pacts.consumer import HttpConsumer

    return lambda provider: HttpConsumer(service, provider, pact_dir)


@pytest.fixture
def message_consumer(service, pact_dir):
    """`await message_consumer("order.created", {…data…}, by)`: what this service needs of that event."""
    from tests.pacts.message_consumer import MessageConsumer

    return MessageConsumer(service, pact_dir)


@pytest.fixture
def verify_provider(service):
    """`await verify_provider(…)`: verify all pacts that others have with this service."""
    from tests.pacts.provider import ProviderVerifier

    return ProviderVerifier(service)
