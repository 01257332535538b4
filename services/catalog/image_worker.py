"""The program that makes a WebP of one picture, in a process of its own: from standard input to standard output.

It is run by its path, by an interpreter that is told nothing of the shop: whatever a stranger's file makes of it has no
secret, no connection and no other picture at hand. It bounds itself before it reads a byte, and ends with the picture.
"""

import contextlib
import json
import signal
import sys
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import (
    ExifTags,
    Image,
    ImageChops,
    ImageCms,
    ImageFile,
    MpoImagePlugin,  # noqa: F401 (Pillow imports it when it needs it: too late, see set_resource_limits)
    TiffImagePlugin,  # noqa: F401
    WebPImagePlugin,  # noqa: F401
)

Image.preinit()  # imports the other plugins
MAX_MEMORY = 232 * 1024 * 1024  # bytes of its own; macOS knows the limit and does not keep it
MAX_CPU_SECONDS = 4
MAX_WALL_SECONDS = 30
# For each format what there is memory for: of a WebP its decoder has four copies, and a large JPEG is decoded at a
# half, a quarter or an eighth of its size.
MAX_PIXELS = {"PNG": 25_000_000, "JPEG": 100_000_000, "MPO": 100_000_000, "WEBP": 12_000_000}
# Of what is kept, and half as many where some are transparent: the photo of a phone as it is, in a WebP, which cannot
# have a longer side.
MAX_KEPT_PIXELS, MAX_WEBP_SIDE = 13_000_000, 16_383
ROWS_PER_STRIP = 256  # rows at a time
SRGB_PROFILE = ImageCms.createProfile("sRGB")
SRGB_GAMMA = 0.45455  # which a PNG names that means sRGB
# What the pixels of a mode become, and what where some are transparent.
PLAIN_MODES = {
    "1": ("L", "LA"),
    "L": ("L", "LA"),
    "LA": ("LA", "LA"),
    "P": ("RGB", "RGBA"),
    "RGB": ("RGB", "RGBA"),
    "RGBA": ("RGBA", "RGBA"),
}
TRANSPOSE_BY_ORIENTATION = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Grey levels of fewer bits are spread over eight when decoded, but for the one that stands for transparent.
TRANSPARENCY_FACTORS = {"L;2": 85, "L;4": 17}
# Pillow's own limit only warns below twice its size; ours are kept before anything is decoded.
Image.MAX_IMAGE_PIXELS = None


class RefusedImage(Exception):
    """The file is not a picture that can be shown; says why."""


def main() -> None:
    set_resource_limits()
    try:
        webp, width, height = convert_to_webp(sys.stdin.buffer.read())
        answer: dict[str, Any] = {"width": width, "height": height}
    except RefusedImage as refused:
        webp, answer = b"", {"refused": str(refused)}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + webp)


def set_resource_limits() -> None:
    """Let the kernel end this process when it takes too much, whether anybody still waits for it or not."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 (there is none for Windows)

    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_DATA, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(MAX_WALL_SECONDS)
    with contextlib.suppress(OSError):  # no Linux, or no right to
        # When the container's memory is short, this process goes rather than the service.
        Path("/proc/self/oom_score_adj").write_text("1000")
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))  # its pipes, but no file, connection or process more
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def convert_to_webp(raw: bytes) -> tuple[bytes, int, int]:
    """The picture as sRGB, upright, and with nothing but its pixels; its width and height.

    Raises:
        RefusedImage: It is no picture, too large a one, or of a kind that cannot be shown as it is.
    """
    try:
        pixels, facts, turn = _decoded(raw)
        pixels = _to_srgb(pixels, facts)
        if turn is not None:
            pixels = pixels.transpose(turn)
        pixels.info.clear()
        kept = BytesIO()
        pixels.save(kept, "WEBP", quality=80, method=2)
    except RefusedImage:
        raise
    except Exception as stumbled:  # whatever a decoder stumbles over in a stranger's file, or for want of memory
        raise RefusedImage("Not a PNG, JPEG or WebP that can be read, or not within the memory for one") from stumbled
    return kept.getvalue(), *pixels.size


def _decoded(raw: bytes) -> tuple[Image.Image, Mapping[Any, Any], Image.Transpose | None]:
    """The pixels, what else the file says, and how they are to be turned; what was read is out of memory by then."""
    with Image.open(BytesIO(raw), formats=("PNG", "JPEG", "WEBP")) as image:
        _check_size(image)
        return (
            _reduced(image),
            image.info,
            TRANSPOSE_BY_ORIENTATION.get(image.getexif().get(ExifTags.Base.Orientation, 1)),
        )


def _check_size(image: Image.Image) -> None:
    """Judge by what the header says, before anything is decoded."""
    most = MAX_PIXELS[image.format or ""]
    if image.width * image.height > most:
        raise RefusedImage(f"More than {most // 1_000_000} million pixels, which is the most for its format")


def _reduced(image: ImageFile.ImageFile) -> Image.Image:
    """Decode it, and halve it until it is no larger than what is kept.

    A JPEG is decoded at no more than that. Of anything else a few rows at a time are made pixels of eight bits, since
    there may be memory for no second copy.
    """
    factor = _halvings(image)
    if image.width * image.height > 2 * MAX_KEPT_PIXELS and image.info.get("progressive"):
        factor *= 2  # since all of it is in memory besides, whatever it is decoded at
    image.draft(None, (max(image.width // factor, 1), max(image.height // factor, 1)))
    factor, depth = _halvings(image), image.tile[0].args if image.format == "PNG" else None
    if "transparency" in image.info and isinstance(depth, str):
        if depth.endswith("16B"):
            raise RefusedImage("A PNG of 16 bits in which one colour stands for transparent")
        if depth in TRANSPARENCY_FACTORS:
            image.info["transparency"] *= TRANSPARENCY_FACTORS[depth]
    image.load()
    if factor == 1:
        return _plain(image)
    size = -(-image.width // factor), -(-image.height // factor)
    reduced = Image.new(_plain(image.crop((0, 0, 1, 1))).mode, size)
    for top in range(0, image.height, ROWS_PER_STRIP):
        strip = _plain(image.crop((0, top, image.width, min(top + ROWS_PER_STRIP, image.height))))
        reduced.paste(strip.reduce(factor), (0, top // factor))
    return reduced


def _halvings(image: Image.Image) -> int:
    most, factor = MAX_KEPT_PIXELS // (2 if image.has_transparency_data else 1), 1
    while image.width * image.height > most * factor**2 or max(image.size) > MAX_WEBP_SIDE * factor:
        factor *= 2
    return factor


def _plain(image: Image.Image) -> Image.Image:
    """The same as grey, RGB or CMYK of eight bits, with an alpha channel if anything is transparent."""
    mode = image.mode
    if mode == "I;16":  # of which Pillow's own conversion keeps the darkest 256 levels only
        return Image.frombytes("L", image.size, image.tobytes()[1::2])
    if mode == "CMYK":  # which Pillow takes for inverted, as Adobe's are
        return image if "adobe" in image.info else ImageChops.invert(image)
    if mode not in PLAIN_MODES:
        raise RefusedImage("Its pixels are of a kind that is not read here")
    plain = PLAIN_MODES[mode][image.has_transparency_data]
    return image if mode == plain else image.convert(plain)


def _to_srgb(image: Image.Image, facts: Mapping[Any, Any]) -> Image.Image:
    """Convert it by the profile or the gamma that came with it; without either it is taken for sRGB.

    So is one whose profile cannot be read or is for other kinds of colours: browsers do the same.
    """
    if (icc := facts.get("icc_profile")) is not None:
        with contextlib.suppress(OSError, ImageCms.PyCMSError):
            return _by_profile(image, ImageCms.ImageCmsProfile(BytesIO(icc)))
    image = _rgb(image)
    gamma = facts.get("gamma", SRGB_GAMMA)
    if gamma > 0 and abs(gamma - SRGB_GAMMA) > 0.01 and not facts.keys() & {"icc_profile", "srgb"}:
        levels = [round(255 * _encoded((level / 255) ** (1 / gamma))) for level in range(256)]
        image = image.point(levels * 3 + (list(range(256)) if image.mode == "RGBA" else []))
    return image


def _by_profile(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    space = profile.profile.xcolor_space.strip()
    if space == "CMYK" == image.mode:
        return _transformed(image, profile)
    if space == "GRAY" and image.mode in ("L", "LA"):
        grey = _transformed(image.getchannel("L"), profile)
        if image.mode == "LA":
            grey.putalpha(image.getchannel("A"))
        return grey
    if space == "RGB" and image.mode != "CMYK":
        image = _rgb(image)
        ImageCms.profileToProfile(image, profile, SRGB_PROFILE, inPlace=True)
        return image
    raise ImageCms.PyCMSError(f"a profile of {space} colours for {image.mode}")


def _transformed(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    return ImageCms.buildTransform(profile, SRGB_PROFILE, image.mode, "RGB").apply(image)


def _rgb(image: Image.Image) -> Image.Image:
    mode = "RGBA" if image.mode in ("LA", "RGBA") else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _encoded(linear: float) -> float:
    """The level of sRGB for an amount of light."""
    return float(12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055)


if __name__ == "__main__":
    main()
