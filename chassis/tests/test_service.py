"""What a service is made of is refused where parts of it do not fit together."""

from contextlib import AsyncExitStack

import pytest

from chassis.runtime.settings import Settings
from chassis.service import Service
from chassis.tests.ledger import LedgerUnitOfWork
from chassis.web.access import RejectAllTokens


@pytest.fixture
async def service(tmp_path):
    settings = Settings(port=8000, internal_keys={"operator": ["devkey"]})
    async with AsyncExitStack() as resources:
        yield Service("ledger", "1.0.0", tmp_path, settings, resources, tokens=RejectAllTokens())


async def test_a_unit_of_work_needs_a_database(service):
    with pytest.raises(TypeError, match="ledger has opened no database"):
        service.unit_of_work(LedgerUnitOfWork)


async def test_subscribers_need_a_contract_of_events(service):
    with pytest.raises(TypeError, match="ledger has no asyncapi contract"):
        service.add_subscribers(object(), "127.0.0.1:9", instance="0")


async def test_what_is_opened_is_closed_with_the_service(tmp_path):
    class Resource:
        closed = False

        async def __aenter__(self):
            return self

        async def __aexit__(self, *_):
            self.closed = True

    settings, resource = Settings(port=8000, internal_keys={}), Resource()
    async with AsyncExitStack() as resources:
        opened = await Service("ledger", "1.0.0", tmp_path, settings, resources, tokens=RejectAllTokens()).open(
            resource
        )
        assert opened is resource
        assert not resource.closed

    assert resource.closed
