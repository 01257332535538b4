"""A dozen products with pictures, for whoever wants to look at the shop. What is there already stays as it is."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from features.shop.shop_client import ShopClient
from generated.models.catalog import CategoryDraft, Product, ProductDraft
from infra.local import control
from infra.local.process import StackError
from infra.local.run_dir import ROOT

PICTURES = Path(__file__).parent / "pictures"


class Sample(NamedTuple):
    """`pictures` are files with what somebody who cannot see them is told; the first one stands in lists."""

    sku: str
    category: str
    title: str
    price_cents: int
    pieces: int
    description: str
    pictures: dict[str, str]


SAMPLES = (
    Sample(
        "LAMP-WALNUT", "Lighting", "Walnut desk lamp", 12999, 2,
        "Warm light from a turned walnut stem. The brass joint holds where you leave it.",
        {
            "walnut-desk-lamp": "The lamp from the side, its petrol shade turned down",
            "walnut-desk-lamp-2": "The lamp lit, in the evening",
            "walnut-desk-lamp-3": "The brass joint between the two walnut arms",
            "walnut-desk-lamp-4": "The lamp beside a mug, to show its size",
        },
    ),
    Sample("MUG-STONE", "Table", "Stoneware mug", 1400, 40,
           "Thrown and dipped by hand, so no two glazes run alike.", {"stoneware-mug": "The mug, full and steaming"}),
    Sample("KETTLE-RED", "Table", "Enamel kettle", 6400, 18,
           "Whistles when it is done, and keeps its red.", {"enamel-kettle": "The red kettle on a table"}),
    Sample("NOTE-LINEN", "Desk", "Linen notebooks", 3650, 75,
           "Three notebooks bound in linen, 96 pages each.", {"linen-notebook": "Three notebooks on each other"}),
    Sample("FERN-CLAY", "Home", "Fern in a clay pot", 2400, 9,
           "Likes a north window and water on Sundays.", {"fern-in-clay": "The fern in its pot"}),
    Sample("PENDANT-PAPER", "Lighting", "Paper pendant", 7900, 12,
           "Folded from one sheet; light without glare.", {"paper-pendant": "The lamp of folded paper, lit"}),
    Sample("BOARD-OLIVE", "Table", "Olive wood board", 3900, 21,
           "One piece of olive wood, oiled.", {"olive-board": "The board with bread and a knife"}),
    Sample("CANDLE-BRASS", "Lighting", "Brass candlesticks", 5800, 0,
           "A pair, turned from solid brass.", {"brass-candlesticks": "Two candlesticks of different height"}),
    Sample("POT-ASH", "Desk", "Ash pencil pot", 2200, 33,
           "Turned from ash, with room for scissors.", {"ash-pencil-pot": "The pot with pencils in it"}),
    Sample("CARAFE-GLASS", "Table", "Glass carafe", 3200, 4,
           "Mouth-blown, one litre.", {"glass-carafe": "The carafe, half full of water"}),
    Sample("THROW-WOOL", "Home", "Wool throw", 11900, 8,
           "Lambswool, woven in a herringbone.", {"wool-throw": "The throw over the arm of a chair"}),
    Sample("CLOCK-BEECH", "Desk", "Beech wall clock", 8900, 15,
           "Does not tick.", {"beech-wall-clock": "The clock at ten past ten"}),
)  # fmt: skip


def run(argv: Sequence[str]) -> int:
    """Add them to the shop that is open; 1 when there is none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run-dir", type=lambda text: Path(text).absolute(), default=ROOT / ".run", metavar="DIR")
    try:
        manifest = control.read_manifest(parser.parse_args(argv).run_dir)
    except StackError as trouble:
        print(trouble, file=sys.stderr)
        return 1

    async def add() -> None:
        async with ShopClient(manifest) as shop:
            await add_sample_data(shop)

    asyncio.run(add())
    print(f"{len(SAMPLES)} products are for sale on {manifest['gateway']}/")
    return 0


async def add_sample_data(shop: ShopClient) -> None:
    """Add what is missing of it: a repeat adds nothing, and one that was interrupted is gone on with."""
    categories = {one.name: one.id for one in await shop.gateway.catalog.list_categories()}
    for name in {sample.category for sample in SAMPLES} - categories.keys():
        added = await shop.gateway.catalog.add_category(body=CategoryDraft(name=name), token=shop.admin.token)
        categories[name] = added.id
    for sample in SAMPLES:
        known = [one for one in await shop.admin.list_products(sample.title) if one.sku == sample.sku]
        product = known[0] if known else await _add_product(shop, sample, categories[sample.category])
        images = await shop.gateway.catalog.list_images(product_id=product.id, token=shop.admin.token)
        for file, alt in list(sample.pictures.items())[len(images) :]:
            await shop.admin.add_image(product, (PICTURES / f"{file}.png").read_bytes(), alt)
        movements = await shop.gateway.catalog.list_stock_movements(product_id=product.id, token=shop.admin.token)
        if sample.pieces and not movements.items:
            await shop.admin.restock(product, sample.pieces, f"sample-{sample.sku}")


async def _add_product(shop: ShopClient, sample: Sample, category_id: UUID) -> Product:
    draft = ProductDraft(
        title=sample.title,
        description=sample.description,
        price_cents=sample.price_cents,
        currency="EUR",
        sku=sample.sku,
        category_id=category_id,
    )
    return await shop.gateway.catalog.add_product(body=draft, token=shop.admin.token)
