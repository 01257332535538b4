"""Pages made of what one call answers."""

import pytest

from chassis.web.pages import PageRequest


@pytest.fixture
async def visit(pages):
    return await pages.open(PageRequest(method="GET", path="/", query="", headers={}))
