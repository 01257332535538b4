"""One running shop for all tests that need a whole one."""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from generated.models.catalog import CategoryDraft
from infra.local import control
from tests.shop import Shop

# Long enough for a checkout on a busy machine, short enough to wait for; the same few shoppers order again and again.
SETTINGS = [
    "--set", "ABANDON_AFTER_SECONDS=5", "--set", "PAYMENT_DEADLINE_SECONDS=600", "--set", "MAX_UNPAID_ORDERS=1000",
    "--set", "FAILURES_PER_ACCOUNT_AND_ADDRESS=1000", "--set", "MAILS_PER_RECIPIENT=1000",
]  # fmt: skip


@pytest.fixture(scope="session")
def run_dir():
    """The run folder of a shop: the one that SHOP_RUN_DIR names, or one started for this session."""
    if given := os.environ.get("SHOP_RUN_DIR"):
        yield Path(given)
        return
    folder = Path(tempfile.mkdtemp(prefix="shop-test-"))
    folder.chmod(0o755)  # PostgreSQL's user must be able to enter
    try:
        control.start(folder, *SETTINGS)
        yield folder
    finally:
        control.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def shop(run_dir):
    async with Shop(run_dir) as shop:
        yield shop


@pytest.fixture
async def asha(shop):
    return await shop.new_shopper("asha")


@pytest.fixture
async def invariants_hold_afterwards(shop):
    """At the end of the test everything runs, the books balance, and nothing was put aside or locked for ever."""
    aside, deadlocks = await shop.dead_letters(), await shop.deadlocks()
    yield
    for service in shop.manifest["services"]:
        await asyncio.to_thread(control.wait_ready, shop.run_dir, service)
    await shop.wait_until_invariants_hold()
    assert await shop.dead_letters() == aside
    assert await shop.deadlocks() == deadlocks


@pytest.fixture(scope="session")
async def owner(shop):
    """Whose orders are on the stage."""
    return await shop.new_shopper("asha")


@pytest.fixture(scope="session")
async def seeded_orders(shop, owner):
    """The ids of a lamp, a category, and the owner's orders with their parcels."""
    lamp = await shop.product(stock=10)
    category = await shop.gateway.catalog.add_category(body=CategoryDraft(name=str(lamp.id)), token=shop.admin.token)
    orders = {
        status.lower(): await shop.order_in_status(status, owner, lamp) for status in ("CREATED", "PAID", "CANCELLED")
    }
    await shop.wait_until_invariants_hold()
    return {
        "lamp": str(lamp.id),
        "category": str(category.id),
        "email": owner.email,
        "asha": str((await owner.get_account()).id),
        "parcel": str((await shop.warehouse.find_shipment(orders["paid"].order_id)).id),
        "stopped": str((await shop.warehouse.find_shipment(orders["cancelled"].order_id)).id),
        **{status: str(order.order_id) for status, order in orders.items()},
    }
