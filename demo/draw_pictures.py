"""The command that draws the pictures: of the sample data as PNG, and of the pages, as they are drawn."""

import argparse
import asyncio
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image

from demo.drawings import HEIGHT, WIDTH, draw_bands, draw_pictures
from demo.sample_data import PICTURES, SAMPLES
from infra.local.run_dir import ROOT
from tooling.browser import launch

PAGE_PICTURES = ROOT / "services" / "storefront" / "static"
ON_PAGES = ("missing", "brass-candlesticks", "fern-in-clay", "walnut-desk-lamp-2")  # beside the bands
COLOURS = 256


def run(argv: Sequence[str]) -> int:
    """Draw all of them anew."""
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    for file, drawing in page_drawings().items():
        file.write_text(drawing, "utf-8")
    asyncio.run(_rasterize(sample_drawings()))
    return 0


def page_drawings() -> dict[Path, str]:
    """What the pages show, by its file."""
    pictures = draw_pictures()
    drawings = draw_bands() | {name: pictures[name] for name in ON_PAGES}
    return {PAGE_PICTURES / f"{name}.svg": drawing for name, drawing in drawings.items()}


def sample_drawings() -> dict[Path, str]:
    """What the products of the sample data show, by the file that is uploaded."""
    pictures = draw_pictures()
    return {PICTURES / f"{name}.png": pictures[name] for sample in SAMPLES for name in sample.pictures}


async def _rasterize(drawings: Mapping[Path, str]) -> None:
    async with launch() as browser:
        page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        for file, drawing in drawings.items():
            await page.set_content(f'<body style="margin: 0">{drawing}')
            shown = Image.open(io.BytesIO(await page.screenshot())).convert("RGB")
            shown.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(file, optimize=True)
