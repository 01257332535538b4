"""Ten pages as people see them, for whoever wants to look; three of them stand in the README."""

import argparse
import asyncio
import io
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from playwright.async_api import Browser, ViewportSize

from chassis.testing.eventually import eventually
from demo.sample_data import add_sample_data
from features.shop.shop_client import ShopClient
from features.shop.shopper import Shopper
from generated.models.catalog import Product
from infra.local import control
from infra.local.process import StackError
from infra.local.run_dir import ROOT
from tooling.browser import launch

README_PICTURES = ROOT / "docs" / "pictures"
COLOURS = 256
# The pictures that are to be seen.
SHOWN = """() => Promise.all([...document.images]
  .filter(one => one.getBoundingClientRect().top < innerHeight).map(one => one.decode()))"""


class Shot(NamedTuple):
    """What is taken of a page; `path` has names in braces for what was put on the stage."""

    path: str
    width: int = 1280
    height: int = 840
    dark: bool = False


SHOTS = {
    "home": Shot("/"),
    "home-dark": Shot("/", dark=True),
    "home-narrow": Shot("/", 360, 760),
    "search": Shot("/search?q=walnut"),
    "product": Shot("/products/{pictured}"),
    "product-narrow-dark": Shot("/products/{pictured}", 360, 760, dark=True),
    "cart": Shot("/cart"),
    "checkout-narrow": Shot("/checkout", 360, 1400),
    "payment": Shot("/orders/{refused}/pay"),
    "order": Shot("/orders/{way}"),
}
IN_README = ("home", "product", "order")


def run(argv: Sequence[str]) -> int:
    """Take those of the README from the shop that is open; 1 when there is none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run-dir", type=lambda text: Path(text).absolute(), default=ROOT / ".run", metavar="DIR")
    parser.add_argument("--to", type=Path, default=README_PICTURES, metavar="FOLDER")
    parser.add_argument("--all", action="store_true", help="all ten, not only those of the README")
    options = parser.parse_args(argv)
    try:
        manifest = control.read_manifest(options.run_dir)
    except StackError as trouble:
        print(trouble, file=sys.stderr)
        return 1
    options.to.mkdir(parents=True, exist_ok=True)
    asyncio.run(_take(manifest, list(SHOTS) if options.all else IN_README, options.to))
    print(f"They are in {options.to}.")
    return 0


async def put_on_stage(shop: ShopClient, shopper: Shopper) -> dict[str, str]:
    """Have what pages are about: the sample data, an order on its way, one whose payment was refused, and a cart."""
    await add_sample_data(shop)
    lamp, mug = (
        await _sample(shop, "LAMP-WALNUT", "Walnut desk lamp"),
        await _sample(shop, "MUG-STONE", "Stoneware mug"),
    )
    way = await shopper.place_order(mug, 2)
    await shopper.pay()

    async def is_packed() -> bool:
        return (await shop.warehouse.find_shipment(way.order_id)).status == "READY_TO_SHIP"

    await eventually(is_packed, within=40)
    await shop.warehouse.dispatch(way.order_id)
    refused = await shopper.place_order(mug)
    await shopper.fail_payment()
    await shopper.empty_cart()
    await shopper.add_to_cart(mug, 3)
    await shopper.add_to_cart(lamp)
    ids = {
        "pictured": lamp.id,
        "shelf": lamp.category_id,
        "mug": mug.id,
        "way": way.order_id,
        "refused": refused.order_id,
    }
    return {name: str(one) for name, one in ids.items()}


async def take_screenshots(
    browser: Browser, gateway: str, state: Any, stage: Mapping[str, str], *, names: Sequence[str], folder: Path
) -> None:
    """Take pages as whoever has such cookies sees them, into a folder that is there."""
    for name in names:
        shot = SHOTS[name]
        context = await browser.new_context(
            base_url=gateway,
            storage_state=state,
            viewport=ViewportSize(width=shot.width, height=shot.height),
            color_scheme="dark" if shot.dark else "light",
            locale="en-GB",
        )
        page = await context.new_page()
        await page.goto(shot.path.format(**stage))
        await page.evaluate(SHOWN)
        shown = Image.open(io.BytesIO(await page.screenshot())).convert("RGB")
        shown.quantize(COLOURS, dither=Image.Dither.NONE).save(folder / f"{name}.png", optimize=True)
        await context.close()


async def _take(manifest: Mapping[str, Any], names: Sequence[str], folder: Path) -> None:
    async with ShopClient(manifest) as shop, launch() as browser:
        shopper = await shop.new_shopper("asha")
        stage = await put_on_stage(shop, shopper)
        context = await browser.new_context(base_url=manifest["gateway"])
        page = await context.new_page()
        await page.goto("/sign-in")
        await page.locator("main [name=email]").fill(shopper.email)
        await page.locator("main [name=password]").fill(shopper.password)
        await page.locator("main form button").click()
        await page.get_by_role("button", name="Sign out").wait_for()
        await take_screenshots(
            browser, manifest["gateway"], await context.storage_state(), stage, names=names, folder=folder
        )


async def _sample(shop: ShopClient, sku: str, title: str) -> Product:
    (product,) = [one for one in await shop.admin.list_products(title) if one.sku == sku]
    return product
