"""Everybody who might ask for what is on the stage."""

import pytest

from tests.access.callers import callers


@pytest.fixture
def asha(owner):
    return owner


@pytest.fixture(scope="module")
async def bram(shop):
    return await shop.new_shopper("bram")


@pytest.fixture(scope="module")
async def everybody(shop, owner, bram):
    return await callers(shop, owner, bram)
