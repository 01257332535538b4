"""What a picture looks like after it was read and kept: every kind of pixel as it is, or refused.

What is expected is worked out from the levels alone, but for CMYK: by ImageCms, from pixels that were in no file.
"""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageCms

from services.catalog.image_worker import MAX_KEPT_PIXELS, RefusedImage, convert_to_webp

SIDE = 32  # of a patch
COLOURS = [(200, 60, 40), (30, 160, 90), (60, 80, 190), (225, 205, 150)]
GREYS = [10, 90, 170, 245]
INKS = [(200, 20, 0, 10), (0, 180, 160, 0), (30, 10, 200, 40), (0, 0, 0, 200)]
SRGB = ImageCms.createProfile("sRGB")
# Red, green and blue as amounts of X, Y and Z under D50, by rows, and the gamma.
SRGB_PRIMARIES = ((0.43607, 0.38515, 0.14307), (0.22249, 0.71687, 0.06061), (0.01392, 0.09708, 0.71410))
P3_PRIMARIES = ((0.51512, 0.29198, 0.15710), (0.24120, 0.69225, 0.06657), (-0.00105, 0.04189, 0.78407))
PROPHOTO_PRIMARIES = ((0.79767, 0.13519, 0.03135), (0.28804, 0.71188, 0.00009), (0.0, 0.0, 0.82491))


def patches(mode, values):
    """One square beside the other."""
    image = Image.new(mode, (SIDE * len(values), SIDE))
    for number, value in enumerate(values):
        image.paste(value, (number * SIDE, 0, (number + 1) * SIDE, SIDE))
    return image


def save_picture(image, kind="PNG", **more):
    kept = BytesIO()
    image.save(kept, kind, **more)
    return kept.getvalue()


def png(depth, colour, samples, *chunks):
    """Patches as a PNG of that depth and kind of colours, written by hand; a patch is a tuple of samples."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    levels = [level for patch in samples for _ in range(SIDE) for level in patch]
    bits = "".join(f"{level:0{depth}b}" for level in levels)
    row = b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    header = struct.pack(">IIBBBBB", SIDE * len(samples), SIDE, depth, colour, 0, 0, 0)
    data = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(row * SIDE)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in data)


def tags(space, named):
    """An ICC profile of a display, of tags as (name, content)."""
    offset, table, content = 132 + 12 * len(named), struct.pack(">I", len(named)), b""
    for name, data in named:
        table += name + struct.pack(">II", offset + len(content), len(data))
        content += data + b"\0" * (-len(data) % 4)
    header = struct.pack(">I4sI4s4s4s", 128 + len(table + content), b"", 0x02400000, b"mntr", space, b"XYZ ")
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + b"\0" * 28 + xyz(0.9642, 1.0, 0.8249)[8:]
    return header.ljust(128, b"\0") + table + content


def xyz(*values):
    return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def curve(gamma):
    return struct.pack(">4sIIH", b"curv", 0, 1, round(gamma * 256))


def rgb_profile(primaries, gamma):
    columns = [
        (name, xyz(*column))
        for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), zip(*primaries, strict=True), strict=True)
    ]
    return tags(b"RGB ", [(b"wtpt", xyz(0.9642, 1.0, 0.8249)), *columns,
                          *[(name, curve(gamma)) for name in (b"rTRC", b"gTRC", b"bTRC")]])  # fmt: skip


def grey_profile(gamma):
    return tags(b"GRAY", [(b"wtpt", xyz(0.9642, 1.0, 0.8249)), (b"kTRC", curve(gamma))])


def cmyk_profile():
    """Inks that are not quite those that Pillow thinks of: cyan is bluish, yellow is warm, black is not deep."""
    corners = []
    for number in range(16):
        c, m, y, k = (number >> shift & 1 for shift in (3, 2, 1, 0))
        light = max(100 - 40 * c - 45 * m - 8 * y - 70 * k, 8)
        corners += [round(light * 2.55), 128 - 20 * c + 60 * m * (1 - k), 128 - 45 * c + 75 * y * (1 - k)]
    ramp = bytes(range(256))
    lut = b"mft1" + struct.pack(">IBBBB", 0, 4, 3, 2, 0) + struct.pack(">9i", *[65536, 0, 0, 0, 65536, 0, 0, 0, 65536])
    data = tags(b"CMYK", [(b"wtpt", xyz(0.9642, 1.0, 0.8249)), (b"A2B0", lut + ramp * 4 + bytes(corners) + ramp * 3)])
    return data[:12] + b"prtr" + b"CMYKLab " + data[24:]


def encoded(light):
    light = min(max(light, 0.0), 1.0)
    return 255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055)


def in_srgb(colour, primaries, gamma):
    """The level of a colour in sRGB, by its profile."""
    light = [(level / 255) ** gamma for level in colour]
    x = [sum(a * b for a, b in zip(row, light, strict=True)) for row in primaries]
    return tuple(encoded(one) for one in solve_matrix(SRGB_PRIMARIES, x))


def solve_matrix(matrix, values):
    """Three equations, by Cramer's rule."""

    def determinant(rows):
        (a, b, c), (d, e, f), (g, h, i) = rows
        return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)

    whole = determinant(matrix)
    return [
        determinant([[values[r] if c == column else matrix[r][c] for c in range(3)] for r in range(3)]) / whole
        for column in range(3)
    ]


def displayed_colour(raw):
    """The patches of a picture as they are kept: from the middle of each, as RGBA."""
    webp, width, _ = convert_to_webp(raw)
    kept = Image.open(BytesIO(webp)).convert("RGBA")
    return [kept.getpixel((left + SIDE // 2, SIDE // 2)) for left in range(0, width, SIDE)]


def assert_alike(seen, expected):
    """The mean difference is at most 3 of 255, where anything is to be seen."""
    expected = [(*one, 255)[:4] for one in expected]
    assert [a for *_, a in seen] == pytest.approx([a for *_, a in expected], abs=1)
    apart = [abs(s - e) for one, other in zip(seen, expected, strict=True) if other[3]
             for s, e in zip(one[:3], other[:3], strict=True)]  # fmt: skip
    assert sum(apart) / len(apart) <= 3, (seen, expected)


def grey(levels):
    return [(level,) * 3 for level in levels]


RGB_PATCHES, GREY_PATCHES, INK_PATCHES = patches("RGB", COLOURS), patches("L", GREYS), patches("CMYK", INKS)
TRANSPARENT = [(*one, alpha) for one, alpha in zip(COLOURS, (255, 0, 128, 255), strict=True)]
PALETTE = RGB_PATCHES.quantize(4)
INDEXES = [PALETTE.getpixel((n * SIDE, 0)) for n in range(4)]
WITHOUT_SECOND = [(*one, 0 if number == 1 else 255) for number, one in enumerate(COLOURS)]
ADOBE = save_picture(INK_PATCHES, "JPEG", quality=95)
MARKER = ADOBE.index(b"\xff\xee")
NOT_ADOBE = ADOBE[:MARKER] + ADOBE[MARKER + 2 + int.from_bytes(ADOBE[MARKER + 2 : MARKER + 4], "big") :]
BY_INK = [tuple((255 - ink) * (255 - k) / 255 for ink in (c, m, y)) for c, m, y, k in INKS]
# Without the marker the same numbers stand for ink, where with it they stood for what is left of the paper.
BY_INVERTED_INK = [tuple(ink * k / 255 for ink in (c, m, y)) for c, m, y, k in INKS]

AS_IT_IS = {
    "1": (save_picture(patches("1", [0, 1, 0, 1])), grey([0, 255, 0, 255])),
    "L": (save_picture(GREY_PATCHES), grey(GREYS)),
    "L of 2 bits": (png(2, 0, [(0,), (1,), (2,), (3,)]), grey([0, 85, 170, 255])),
    "L of 4 bits": (png(4, 0, [(0,), (5,), (10,), (15,)]), grey([0, 85, 170, 255])),
    "L of 16 bits": (png(16, 0, [(level * 257,) for level in GREYS]), grey(GREYS)),
    "I;16 by Pillow": (save_picture(patches("I;16", [level * 257 for level in GREYS])), grey(GREYS)),
    "L with a transparent level": (png(8, 0, [(g,) for g in GREYS], (b"tRNS", struct.pack(">H", 90))),
                                   [(10, 10, 10), (90, 90, 90, 0), (170, 170, 170), (245, 245, 245)]),
    "L of 4 bits with a transparent level": (png(4, 0, [(0,), (5,), (10,), (15,)], (b"tRNS", struct.pack(">H", 5))),
                                             [(0, 0, 0), (85, 85, 85, 0), (170, 170, 170), (255, 255, 255)]),
    "1 with a transparent level": (png(1, 0, [(0,), (1,), (0,), (1,)], (b"tRNS", struct.pack(">H", 1))),
                                   [(0, 0, 0), (255, 255, 255, 0), (0, 0, 0), (255, 255, 255, 0)]),
    "LA": (save_picture(patches("LA", [(10, 255), (90, 0), (170, 128), (245, 255)])),
           [(10, 10, 10), (90, 90, 90, 0), (170, 170, 170, 128), (245, 245, 245)]),
    "LA of 16 bits": (png(16, 4, [(g * 257, a * 257) for g, a in zip(GREYS, (255, 0, 128, 255), strict=True)]),
                      [(10, 10, 10), (90, 90, 90, 0), (170, 170, 170, 128), (245, 245, 245)]),
    "P": (save_picture(PALETTE), COLOURS),
    "P with a transparent index": (save_picture(PALETTE, transparency=INDEXES[1]), WITHOUT_SECOND),
    "P with transparent bytes": (save_picture(PALETTE, transparency=bytes({INDEXES[1]: 0, INDEXES[2]: 128}.get(i, 255)
                                                                   for i in range(4))), TRANSPARENT),
    "RGB": (save_picture(RGB_PATCHES), COLOURS),
    "RGB of 16 bits": (png(16, 2, [tuple(c * 257 for c in one) for one in COLOURS]), COLOURS),
    "RGB with a transparent colour": (save_picture(RGB_PATCHES, transparency=COLOURS[1]), WITHOUT_SECOND),
    "RGBA": (save_picture(patches("RGBA", TRANSPARENT)), TRANSPARENT),
    "RGBA of 16 bits": (png(16, 6, [tuple(c * 257 for c in one) for one in TRANSPARENT]), TRANSPARENT),
    "JPEG L": (save_picture(GREY_PATCHES, "JPEG", quality=95), grey(GREYS)),
    "JPEG YCbCr": (save_picture(RGB_PATCHES, "JPEG", quality=95), COLOURS),
    "JPEG RGB": (save_picture(RGB_PATCHES, "JPEG", quality=95, keep_rgb=True), COLOURS),
    "JPEG CMYK by Adobe, inverted": (ADOBE, BY_INK),
    "JPEG CMYK, not inverted": (NOT_ADOBE, BY_INVERTED_INK),
    "WebP RGB": (save_picture(RGB_PATCHES, "WEBP", quality=95), COLOURS),
    "WebP RGBA": (save_picture(patches("RGBA", TRANSPARENT), "WEBP", lossless=True, exact=True), TRANSPARENT),
    "animated WebP, its first": (save_picture(RGB_PATCHES, "WEBP", lossless=True, save_all=True,
                                       append_images=[Image.new("RGB", RGB_PATCHES.size)]), COLOURS),
    "animated PNG, its first": (save_picture(RGB_PATCHES, save_all=True,
                                      append_images=[Image.new("RGB", RGB_PATCHES.size)]), COLOURS),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "expected"), AS_IT_IS.values(), ids=AS_IT_IS)
def test_every_kind_of_pixel_is_shown_as_it_is(raw, expected):
    assert_alike(displayed_colour(raw), expected)


P3, PROPHOTO, LINEAR = (
    rgb_profile(P3_PRIMARIES, 2.2),
    rgb_profile(PROPHOTO_PRIMARIES, 1.8),
    rgb_profile(P3_PRIMARIES, 1),
)
IN_P3 = [in_srgb(one, P3_PRIMARIES, 2.2) for one in COLOURS]
IN_PROPHOTO = [in_srgb(one, PROPHOTO_PRIMARIES, 1.8) for one in COLOURS]
GREY_18 = grey([encoded((level / 255) ** 1.8) for level in GREYS])
GREY_P3 = [in_srgb(one, P3_PRIMARIES, 2.2) for one in grey(GREYS)]
INK = ImageCms.profileToProfile(INK_PATCHES, ImageCms.ImageCmsProfile(BytesIO(cmyk_profile())), SRGB, outputMode="RGB")
BY_PROFILE = {
    "Display P3, PNG": (save_picture(RGB_PATCHES, icc_profile=P3), IN_P3),
    "Display P3, JPEG": (save_picture(RGB_PATCHES, "JPEG", quality=95, icc_profile=P3), IN_P3),
    "Display P3, WebP": (save_picture(RGB_PATCHES, "WEBP", lossless=True, icc_profile=P3), IN_P3),
    "Display P3, palette": (save_picture(PALETTE, icc_profile=P3), IN_P3),
    "Display P3, transparent": (save_picture(patches("RGBA", TRANSPARENT), icc_profile=P3),
                                [(*one, alpha) for one, alpha in zip(IN_P3, (255, 0, 128, 255), strict=True)]),
    "Display P3 with levels of light": (save_picture(RGB_PATCHES, icc_profile=LINEAR),
                                        [in_srgb(one, P3_PRIMARIES, 1) for one in COLOURS]),
    "Display P3, grey": (save_picture(GREY_PATCHES, icc_profile=P3), GREY_P3),
    "ProPhoto, PNG": (save_picture(RGB_PATCHES, icc_profile=PROPHOTO), IN_PROPHOTO),
    "ProPhoto, JPEG": (save_picture(RGB_PATCHES, "JPEG", quality=95, icc_profile=PROPHOTO), IN_PROPHOTO),
    "ProPhoto, 16 bits": (png(16, 2, [tuple(c * 257 for c in one) for one in COLOURS],
                              (b"iCCP", b"ProPhoto\0\0" + zlib.compress(PROPHOTO))), IN_PROPHOTO),
    "grey, PNG": (save_picture(GREY_PATCHES, icc_profile=grey_profile(1.8)), GREY_18),
    "grey, JPEG": (save_picture(GREY_PATCHES, "JPEG", quality=95, icc_profile=grey_profile(1.8)), GREY_18),
    "grey, 16 bits": (png(16, 0, [(level * 257,) for level in GREYS],
                          (b"iCCP", b"grey\0\0" + zlib.compress(grey_profile(1.8)))), GREY_18),
    "grey, transparent": (save_picture(patches("LA", [(level, 128) for level in GREYS]), icc_profile=grey_profile(1.8)),
                          [(*one, 128) for one in GREY_18]),
    "CMYK": (save_picture(INK_PATCHES, "JPEG", quality=95, icc_profile=cmyk_profile()),
             [INK.getpixel((n * SIDE + 1, 1)) for n in range(4)]),
    "a gamma without a profile": (png(8, 2, COLOURS, (b"gAMA", struct.pack(">I", 100_000))),
                                  [tuple(encoded(level / 255) for level in one) for one in COLOURS]),
    "a gamma beside sRGB": (png(8, 2, COLOURS, (b"sRGB", b"\0"), (b"gAMA", struct.pack(">I", 100_000))), COLOURS),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "expected"), BY_PROFILE.values(), ids=BY_PROFILE)
def test_a_profile_says_what_the_levels_mean(raw, expected):
    assert_alike(displayed_colour(raw), expected)


BROKEN = {
    "empty": b"",
    "no profile": b"a walnut desk lamp",
    "half a profile": P3[:200],
    "for other colours": cmyk_profile(),
    "without curves": tags(b"RGB ", [(b"wtpt", xyz(0.9642, 1.0, 0.8249))]),
    "of a billion tags": P3[:128] + b"\x3f\xff\xff\xff" + P3[132:],
    "a link of devices": P3[:12] + b"link" + P3[16:],
}


@pytest.mark.parametrize("profile", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_profile_that_cannot_be_used_is_passed_over(profile, kind):
    assert_alike(
        displayed_colour(
            save_picture(RGB_PATCHES, kind, icc_profile=profile, **({"quality": 95} if kind == "JPEG" else {}))
        ),
        COLOURS,
    )


@pytest.mark.parametrize("colour", [0, 2], ids=["grey", "RGB"])
def test_sixteen_bits_with_a_transparent_colour_cannot_be_shown_as_they_are(colour):
    samples = grey([1000, 2000, 3000, 4000]) if colour else [(1000,), (2000,), (3000,), (4000,)]

    with pytest.raises(RefusedImage, match="16 bits"):
        convert_to_webp(png(16, colour, samples, (b"tRNS", struct.pack(">H", 2000) * (3 if colour else 1))))


UPRIGHT = {1: "abcd", 2: "badc", 3: "dcba", 4: "cdab", 5: "acbd", 6: "cadb", 7: "dbca", 8: "bdac"}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_turned_the_way_up_it_was_taken(orientation, kind):
    exif, corners = Image.Exif(), Image.new("RGB", (2 * SIDE, 2 * SIDE))
    exif[0x0112] = orientation
    places = [(0, 0), (SIDE, 0), (0, SIDE), (SIDE, SIDE)]
    for colour, place in zip(COLOURS, places, strict=True):
        corners.paste(colour, (*place, place[0] + SIDE, place[1] + SIDE))

    webp, *_ = convert_to_webp(save_picture(corners, kind, exif=exif))

    kept = Image.open(BytesIO(webp))
    seen = [(*kept.getpixel((x + SIDE // 2, y + SIDE // 2)), 255) for x, y in places]
    assert_alike(seen, [COLOURS["abcd".index(letter)] for letter in UPRIGHT[orientation]])


@pytest.mark.parametrize("exif", [b"Exif\0\0", b"Exif\0\0junk", b"Exif\0\0MM\0*\xff\xff\xff\xff"])
def test_a_picture_whose_exif_cannot_be_read_is_shown_as_it_lies(exif):
    assert_alike(displayed_colour(save_picture(RGB_PATCHES, "JPEG", quality=95, exif=exif)), COLOURS)


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((3000, 4000), (3000, 4000)),
        ((4200, 3100), (2100, 1550)),
        ((16384, 10), (8192, 5)),
        ((1, 40000), (1, 10000)),
        ((4099, 4001), (2050, 2001)),
    ],
    ids=["a phone's", "a little more", "a very wide one", "a very high one", "odd sides"],
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_what_is_larger_than_what_is_kept_is_halved(size, kept, kind):
    assert convert_to_webp(save_picture(Image.new("L", size), kind))[1:] == kept
    assert kept[0] * kept[1] <= MAX_KEPT_PIXELS


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_halved_picture_has_its_colours_to_the_last_row(mode):
    image = Image.new("L", (5000, 4000), 170).convert(mode) if mode != "I;16" else Image.new(mode, (5000, 4000), 43690)

    webp, width, height = convert_to_webp(save_picture(image, compress_level=1))

    kept = Image.open(BytesIO(webp)).convert("RGB")
    assert (width, height) == (2500, 2000)
    for place in [(0, 0), (1250, 1000), (2499, 1999)]:
        assert kept.resize((25, 20)).getpixel((place[0] // 100, place[1] // 100))[0] == pytest.approx(170, abs=3)
