"""run_demo.ps1 asks the shop for what run_demo.py asks it for, in the same order."""

import json
from itertools import groupby

import pytest

from demo import scenario
from demo.console import Console
from features.shop.shop_client import ShopClient
from infra.local import control
from infra.local.run_dir import ROOT
from tests.packaging.powershell import ShopRequest, script_requests

SCRIPT = (ROOT / "scripts" / "run_demo.ps1").read_text("utf-8")


@pytest.fixture
async def recorded_requests(run_dir, monkeypatch):
    """What run_demo.py asks the gateway for, with one mug instead of many."""
    where, exchanges = control.read_manifest(run_dir), []
    monkeypatch.setattr(scenario, "QUICK_ORDERS", 1)
    shop = ShopClient(where)
    shop.transport.listeners.append(exchanges.append)
    async with shop:
        run = scenario.Scenario(shop, Console())
        await run.buy_until_delivered()
        await run.cancel_paid_order()
        await run.order_many()
    asked = [one.request for one in exchanges if str(one.request.url).startswith(where["gateway"])]
    return [
        ShopRequest.of(one.method, one.url.raw_path.decode(), json.loads(one.content) if one.content else None)
        for one in asked
    ]


def is_change(requests):
    return [one for one in requests if one.method != "GET"]


def is_read(requests):
    """What is only looked at, which is done until it is as wanted."""
    return {one for one, _ in groupby(requests) if one.method == "GET"}


async def test_both_demos_ask_for_the_same(recorded_requests):
    script = script_requests(SCRIPT)

    pairs = list(zip(is_change(recorded_requests), is_change(script), strict=True))

    assert [(ours, theirs) for ours, theirs in pairs if not ours.fits(theirs)] == []
    assert is_read(recorded_requests) == is_read(script)
