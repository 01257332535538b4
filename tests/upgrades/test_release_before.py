"""The shop goes from the release before to this one and back, with orders on their way, and nothing is lost.

Deep, for it starts two whole shops. What the release before is, and when it cannot be had, says `find_commit`. Its
services run with the packages of this release: those of its own would be a second environment.
"""

import asyncio
import tempfile
from pathlib import Path

import pytest

from chassis.web.http_transport import HttpTransport
from infra.local import control
from tests.conftest import SETTINGS
from tests.shop import Shop
from tests.upgrades.release_before import NoReleaseBefore, check_out, find_commit, readiness, services_beside

pytestmark = pytest.mark.deep
CUSTOMERS = 9


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="upgrade-") as name:
        Path(name).chmod(0o755)  # PostgreSQL's user must be able to enter
        yield Path(name)


@pytest.fixture
def release_before(folder):
    try:
        commit = find_commit()
    except NoReleaseBefore as reason:
        pytest.skip(str(reason))
    with check_out(commit, folder / "before") as release:
        yield release


class MixedReleases(HttpTransport):
    """Carries requests for the gateway to either release in turn, or all to the one before."""

    def __init__(self, gateway, before):
        super().__init__()
        self._gateway, self._before, self._turn = gateway, before, 0
        self.only_before = False

    async def send(self, request):
        path = request.url.removeprefix(self._gateway)
        service = path.split("/")[1] if path != request.url else ""
        self._turn += 1
        if service in self._before and (self.only_before or self._turn % 2):
            request = request._replace(url=self._before[service] + path)
        return await super().send(request)


async def come_back(shop, shopper):
    """The same person with what they have ordered, in the shop as it is now."""
    same = shop.shopper(shopper.name)
    same.email = shopper.email
    await same.log_in()
    await same.remember_order(shopper.order_id)
    return same


async def buy(shop, shopper, product, number):
    """A way through the shop, by its number: to the door, back with the money, or given up before."""
    order = await shopper.place_order(product)
    shop.promised.add(str(order.order_id))
    if number % 3 == 2:
        await shopper.cancel()
        return await shop.wait_for_status(order.order_id, "CANCELLED")
    await shopper.pay()
    await shop.wait_for_status(order.order_id, "PAID", shipment="READY_TO_SHIP")
    if number % 3 == 1:
        await shopper.cancel()
        return await shop.wait_for_status(order.order_id, "REFUNDED")
    await shop.warehouse.dispatch(order.order_id)
    await shop.warehouse.deliver(order.order_id)
    return await shop.wait_for_status(order.order_id, "PAID", shipment="DELIVERED")


async def buy_at_once(shop, product):
    shoppers = await shop.new_shoppers(CUSTOMERS)
    await asyncio.gather(*(buy(shop, shopper, product, number) for number, shopper in enumerate(shoppers)))


async def leave_open(shop, product):
    """Three people whose orders are on their way: not paid, paid, and paid by somebody who will have the parcel."""
    unpaid, paid, parcel = await shop.new_shoppers(3)
    await unpaid.place_order(product)
    await shop.order_in_status("PAID", paid, product)
    await shop.order_in_status("PAID", parcel, product)
    return unpaid, paid, parcel


async def finish(shop, unpaid, paid, parcel):
    await unpaid.pay()
    await paid.cancel()
    await shop.warehouse.dispatch(parcel.order_id)
    await shop.wait_for_status(unpaid.order_id, "PAID", shipment="READY_TO_SHIP")
    await shop.wait_for_status(paid.order_id, "REFUNDED")
    await shop.wait_for_status(parcel.order_id, "PAID", shipment="DISPATCHED")


async def test_orders_survive_the_way_to_this_release_and_back(release_before, folder):
    run_dir = folder / "run"
    known = release_before.run("infra.local.stack", "--help").stdout
    up = [*SETTINGS, "--ports", "free", "--run-dir", str(run_dir), *(["--no-fsync"] if "--no-fsync" in known else [])]
    try:
        started = release_before.run("infra.local.stack", "--detach", *up)
        assert started.returncode == 0, started.stdout
        async with Shop(run_dir) as shop:
            product, pieces = await shop.product(stock=1000), shop.pieces
            on_their_way = await leave_open(shop, product)
            await buy_at_once(shop, product)
        control.stop(run_dir)

        manifest = control.start(run_dir, *SETTINGS)
        with services_beside(release_before, run_dir, manifest) as before:
            async with Shop(run_dir) as shop:
                shop.pieces.update(pieces)
                await finish(shop, *[await come_back(shop, one) for one in on_their_way])
                shop.transport._http = mixed = MixedReleases(manifest["gateway"], before)
                await buy_at_once(shop, product)
                on_their_way = await leave_open(shop, product)

                for service in manifest["services"]:  # rolled back, with this release's tables
                    control.keep_down(run_dir, service)
                mixed.only_before = True
                await finish(shop, *on_their_way)
                await buy_at_once(shop, product)
                await rolled_back_is_ready(release_before, run_dir, before)

                for service in manifest["services"]:
                    control.release(run_dir, service)
                mixed.only_before = False
                await buy_at_once(shop, product)
                await shop.wait_until_consumed()
                await shop.wait_until_invariants_hold(within=60)
                assert await shop.dead_letters() == 0
    finally:
        control.stop(run_dir)


async def rolled_back_is_ready(release_before, run_dir, urls):
    """Whether its seed leaves the tables, and it is ready with them; from before that rule it only has to work."""
    if release_before.knows_tables_that_are_ahead:
        seeded = await asyncio.to_thread(release_before.run, "infra.seeding", "--run-dir", str(run_dir))
        assert seeded.returncode == 0, seeded.stderr
        assert set((await asyncio.to_thread(readiness, urls)).values()) == {200}
