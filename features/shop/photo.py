"""A photo as a camera takes it: 24 megapixels, in the colours that its profile means."""

from io import BytesIO

from PIL import Image

from services.catalog.tests.test_image_worker import P3, P3_PRIMARIES, in_srgb

SIZE, LEVELS = (6000, 4000), (200, 60, 40)
COLOUR = in_srgb(LEVELS, P3_PRIMARIES, 2.2)  # redder than the same levels mean without the profile


def take_photo() -> bytes:
    jpeg = BytesIO()
    Image.new("RGB", SIZE, LEVELS).save(jpeg, "JPEG", quality=95, icc_profile=P3)
    return jpeg.getvalue()


def shows_its_colours(image: bytes) -> bool:
    """Whether somebody who sees the image sees the colour that the camera saw."""
    with Image.open(BytesIO(image)) as shown:
        middle = shown.convert("RGB").getpixel((shown.width // 2, shown.height // 2))
    return all(abs(level - expected) <= 3 for level, expected in zip(middle, COLOUR, strict=True))
