"""Reads what is uploaded as an image, and makes a WebP of nothing but its pixels."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

from PIL import Image, ImageOps

from services.catalog.errors import ImageRefused
from services.catalog.ports import Encoded

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_PIXELS = 25_000_000
LONGEST_SIDE = 16_383  # of a WebP
# Pillow's own limit only warns below twice its size; ours is kept before anything is decoded.
Image.MAX_IMAGE_PIXELS = None


class WebPEncoder:
    """`Encoder` in a thread: one image at a time, because the largest takes seconds and hundreds of megabytes."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "image")

    async def encode(self, raw: bytes) -> Encoded:
        return await asyncio.get_running_loop().run_in_executor(self._thread, encoded, raw)


def encoded(raw: bytes) -> Encoded:
    try:
        with Image.open(BytesIO(raw), formats=FORMATS) as image:
            _must_fit(*image.size)
            return _webp(image)
    except ImageRefused:
        raise
    except MemoryError:
        raise
    except Exception as stumbled:  # whatever a decoder stumbles over in a stranger's file
        raise ImageRefused("Not a PNG, JPEG or WebP that can be read") from stumbled


def _must_fit(width: int, height: int) -> None:
    """Judge by what the header says, before anything is decoded."""
    if width * height > MOST_PIXELS:
        raise ImageRefused("More than 25 million pixels")
    if max(width, height) > LONGEST_SIDE:
        raise ImageRefused(f"Wider or higher than {LONGEST_SIDE} pixels")


def _webp(image: Image.Image) -> Encoded:
    image.load()
    # How to turn it is said in the metadata, which is about to go.
    ImageOps.exif_transpose(image, in_place=True)
    pixels = image.convert("RGBA" if image.has_transparency_data else "RGB")
    pixels.info.clear()
    kept = BytesIO()
    pixels.save(kept, "WEBP", quality=80, method=2)
    return Encoded(kept.getvalue(), *pixels.size)
