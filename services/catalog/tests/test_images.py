"""Images: what is kept of an upload, what is refused, and who can see it, on a real S3."""

import asyncio
import socket
import struct
import time
import zlib
from io import BytesIO
from uuid import UUID

import httpx
import pytest
from PIL import Image

from services.catalog.encoding import encoded
from services.catalog.tests.asking import NOBODY, change, problem, remove
from services.catalog.tests.conftest import LAMP, OAK
from services.chassis.refusals import Unavailable
from services.chassis.testing.callers import ADMIN, ASHA
from services.chassis.testing.faults import Line

SCRIPT = b"<script>alert(1)</script>"


def picture(kind="PNG", size=(60, 40), mode="RGB", **more):
    kept = BytesIO()
    Image.new(mode, size, "saddlebrown").save(kept, kind, **more)
    return kept.getvalue()


def bomb(width, height):
    """A few kilobytes of PNG that decode to so many pixels."""

    def chunk(name, said):
        return struct.pack(">I", len(said)) + name + said + struct.pack(">I", zlib.crc32(name + said))

    rows = zlib.compressobj(9)
    row = b"\0" * (1 + (width + 7) // 8)
    said = b"".join(rows.compress(row) for _ in range(height)) + rows.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", said) + chunk(b"IEND", b"")


def vast():
    """A few bytes of animated WebP that ask for a canvas of 268 million pixels."""
    kept, frames = BytesIO(), [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    frames[0].save(kept, "WEBP", save_all=True, append_images=frames[1:])
    raw = bytearray(kept.getvalue())
    raw[24:30] = (16382).to_bytes(3, "little") * 2
    return bytes(raw)


def secretive(kind="JPEG"):
    """A picture that says where it was taken and which way up it is, with a page behind its end."""
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "taken at 12 Quay Street", 6
    return picture(kind, exif=exif, comment=b"taken by Bram") + SCRIPT


async def add(client, raw, *, product=LAMP, caller=ADMIN, kind="image/png", **form):
    at = f"/catalog/v1/products/{product}/images"
    return await client.post(at, files={"image": ("lamp.png", raw, kind)}, data=form, headers=caller.headers)


async def images(client, product=LAMP):
    return (await client.get(f"/catalog/v1/products/{product}/images")).json()


async def fetch(url):
    async with httpx.AsyncClient() as browser:
        return await browser.get(url)


@pytest.fixture
def keys(store):
    """The names of everything in the bucket."""
    s3, bucket = store

    def keys():
        return {one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}

    return keys


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_picture_is_kept_as_webp_and_everybody_can_see_it(client, lamp, kind):
    added = await add(client, picture(kind), alt="A walnut desk lamp")

    assert added.status_code == 201
    seen = await fetch((await images(client))[0]["url"])
    assert Image.open(BytesIO(seen.content)).format == "WEBP"
    assert seen.headers["content-type"] == "image/webp"
    assert seen.headers["content-disposition"] == f'inline; filename="{added.json()["id"]}.webp"'
    assert [(one["alt"], one["width"], one["height"]) for one in await images(client)] == [
        ("A walnut desk lamp", 60, 40)
    ]


async def test_an_address_shows_one_picture_for_a_quarter_of_an_hour_and_no_other(client, lamp):
    url, other = [(await add(client, picture())).json()["url"] for _ in range(2)]

    tampered = [
        url.replace("X-Amz-Expires=900", "X-Amz-Expires=90000"),
        url.replace("image%2Fwebp", "text%2Fhtml"),
        url.split("?", maxsplit=1)[0],
        other.split("?", maxsplit=1)[0] + "?" + url.split("?")[1],
        url[:-1] + ("0" if url[-1] != "0" else "1"),
    ]

    assert len({url, *tampered}) == 6
    assert (await fetch(url)).status_code == 200
    assert {(await fetch(one)).status_code for one in tampered} == {403}


async def test_nothing_but_the_pixels_is_kept(client, lamp, store):
    s3, bucket = store

    image = (await add(client, secretive())).json()

    kept = s3.get_object(Bucket=bucket, Key=f"{image['id']}.webp")["Body"].read()
    assert b"Quay" not in kept and b"script" not in kept and b"Bram" not in kept
    shown = Image.open(BytesIO(kept))
    assert not shown.getexif() and not shown.info.get("exif") and not shown.info.get("xmp")


async def test_a_picture_is_turned_the_way_up_it_was_taken(client, lamp):
    image = (await add(client, secretive())).json()

    assert (image["width"], image["height"]) == (40, 60)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "LA", "1", "I;16", "CMYK"])
def test_every_kind_of_pixel_can_be_shown(mode):
    kept = BytesIO()
    Image.new("RGBA", (3, 2)).convert(mode if mode != "I;16" else "I").convert(mode).save(
        kept, "JPEG" if mode == "CMYK" else "PNG"
    )

    assert encoded(kept.getvalue())[1:] == (3, 2)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"a walnut desk lamp",
        picture("GIF"),
        picture("TIFF"),
        picture("BMP"),
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"<!doctype html>" + SCRIPT,
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"\xff\xd8\xff\xe0<?php system('id'); ?>",
        b"GIF89a" + picture("JPEG"),
        SCRIPT + picture(),
        picture()[:-30],
        picture("JPEG")[:200],
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\xff\xff\xff\xffWEBPVP8 ",
        bomb(5200, 5200),
        bomb(13000, 13000),
        bomb(20000, 20000),
        bomb(25_000_000, 2),
        vast(),
        bomb(16384, 1),
    ],
    ids=[
        "nothing",
        "text",
        "GIF",
        "TIFF",
        "BMP",
        "SVG",
        "HTML",
        "PostScript",
        "PHP that begins like a JPEG",
        "a JPEG that begins like a GIF",
        "a PNG that begins like a page",
        "half a PNG",
        "half a JPEG",
        "the beginning of a PNG",
        "the beginning of a WebP",
        "27 million pixels",
        "169 million pixels",
        "400 million pixels",
        "a wide bomb",
        "a vast canvas",
        "wider than a WebP can be",
    ],
)
async def test_what_is_no_picture_for_a_shop_is_refused_and_not_kept(client, lamp, keys, raw):
    before = keys()

    answer = await add(client, raw)

    assert problem(answer) == (409, "image-refused")
    assert await images(client) == []
    assert keys() == before


def test_the_largest_picture_is_read():
    _, width, height = encoded(bomb(5000, 5000))

    assert (width, height) == (5000, 5000)


@pytest.mark.parametrize("size", [5 * 1024 * 1024 + 1, 6 * 1024 * 1024], ids=["a byte too much", "far too much"])
async def test_more_than_five_mebibytes_are_not_read(client, lamp, keys, size):
    before = keys()

    answer = await add(client, picture() + b"\0" * (size - len(picture())))

    assert problem(answer) == (413, "too-large")
    assert await images(client) == []
    assert keys() == before


async def test_five_mebibytes_are_read(client, lamp):
    assert (await add(client, picture() + b"\0" * (5 * 1024 * 1024 - len(picture())))).status_code == 201


@pytest.mark.parametrize(
    ("files", "data"),
    [
        ({}, {"image": "text"}),
        ({"alt": ("alt.txt", b"A lamp")}, {}),
        ({"image": ("a.png", picture()), "more": ("b.png", picture())}, {}),
        ({"image": ("a.png", picture())}, {"alt": "x" * 201}),
        ({"image": ("a.png", picture())}, {"alt": "A\0lamp"}),
        ({"image": ("a.png", picture()), "alt": ("alt.txt", b"A lamp")}, {}),
        ([("image", ("a.png", picture())), ("image", ("b.png", picture()))], {}),
    ],
    ids=["no file", "no image", "one field more", "a long alt", "a NUL in alt", "a file for alt", "two images"],
)
async def test_a_form_that_is_not_the_contracts_is_an_invalid_request(client, lamp, keys, files, data):
    before = keys()

    answer = await client.post(
        f"/catalog/v1/products/{LAMP}/images", files=files or {"x": b""}, data=data, headers=ADMIN.headers
    )

    assert problem(answer) == (400, "invalid-request")
    assert await images(client) == []
    assert keys() == before


async def test_a_product_has_eight_images_even_if_twelve_come_at_once(client, lamp, keys):
    before = keys()

    answers = await asyncio.gather(*(add(client, picture()) for _ in range(12)))

    assert sorted(answer.status_code for answer in answers) == [201] * 8 + [409] * 4
    assert {problem(answer)[1] for answer in answers if answer.status_code == 409} == {"too-many-images"}
    assert {f"{one['id']}.webp" for one in await images(client)} == keys() - before


async def test_images_are_listed_in_the_order_in_which_they_were_added(client, lamp):
    added = [(await add(client, picture(), alt=alt)).json()["id"] for alt in ("front", "side", "back")]

    assert [one["id"] for one in await images(client)] == added


async def test_an_image_is_removed_once_with_its_pixels(client, lamp, keys):
    image = (await add(client, picture())).json()
    at = f"/catalog/v1/products/{LAMP}/images/{image['id']}"

    removed = await client.delete(at, headers=ADMIN.headers)
    again = await client.delete(at, headers=ADMIN.headers)

    assert (removed.status_code, problem(again)) == (204, (404, "image-not-found"))
    assert await images(client) == []
    assert f"{image['id']}.webp" not in keys()


async def test_an_image_is_not_removed_as_that_of_another_product(client, lamp):
    image = (await add(client, picture())).json()

    answer = await client.delete(f"/catalog/v1/products/{OAK}/images/{image['id']}", headers=ADMIN.headers)

    assert problem(answer) == (404, "image-not-found")
    assert [one["id"] for one in await images(client)] == [image["id"]]


async def test_a_removed_product_keeps_no_picture(client, lamp, keys):
    ids = {(await add(client, picture())).json()["id"] for _ in range(2)}

    await remove(client)

    assert not keys() & {f"{one}.webp" for one in ids}


@pytest.mark.parametrize("how", ["never there", "removed"])
async def test_a_product_that_is_not_there_has_no_images_and_takes_none(client, lamp, keys, how):
    await remove(client)
    before, product = keys(), LAMP if how == "removed" else NOBODY

    answers = [
        await add(client, picture(), product=product),
        await client.get(f"/catalog/v1/products/{product}/images"),
    ]

    assert [problem(answer) for answer in answers] == [(404, "product-not-found")] * 2
    assert keys() == before


async def test_a_product_can_have_its_picture_before_it_is_for_sale(client, lamp):
    await change(client, active=False)

    at, added = f"/catalog/v1/products/{LAMP}/images", await add(client, picture())

    assert added.status_code == 201
    assert [one["id"] for one in (await client.get(at, headers=ADMIN.headers)).json()] == [added.json()["id"]]
    assert [problem(await client.get(at, headers=sent)) for sent in ({}, ASHA.headers)] == [
        (404, "product-not-found")
    ] * 2


async def test_only_admins_add_and_remove_images(client, lamp, keys):
    image, before = (await add(client, picture())).json(), keys()

    answers = [
        await add(client, picture(), caller=ASHA),
        await client.delete(f"/catalog/v1/products/{LAMP}/images/{image['id']}", headers=ASHA.headers),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert keys() | {f"{image['id']}.webp"} == before | {f"{image['id']}.webp"}
    assert len(await images(client)) == 1


async def test_a_product_removed_while_its_picture_was_on_its_way_takes_none(client_with, bucket, lamp, products, keys):
    before = keys()

    class Slow:
        link, remove = staticmethod(bucket.link), staticmethod(bucket.remove)

        async def put(self, image_id, webp):
            await bucket.put(image_id, webp)
            await products.remove(LAMP)

    async with client_with(Slow()) as client:
        answer = await add(client, picture())

    assert problem(answer) == (404, "product-not-found")
    assert keys() == before


async def test_without_s3_no_image_is_added_and_all_else_goes_on(client_with, bucket_at, client, lamp):
    image = (await add(client, picture())).json()
    with socket.create_server(("127.0.0.1", 0)) as server:
        nowhere = f"http://127.0.0.1:{server.getsockname()[1]}"

    async with client_with(bucket_at(nowhere)) as cut_off:
        refused = await add(cut_off, picture())
        listed = await images(cut_off)
        removed = await cut_off.delete(f"/catalog/v1/products/{LAMP}/images/{image['id']}", headers=ADMIN.headers)

    assert problem(refused) == (503, "unavailable")
    assert refused.headers["retry-after"] == "1"
    assert [one["id"] for one in listed] == [image["id"]]
    assert removed.status_code == 204
    assert await images(client) == []


async def test_an_s3_that_says_nothing_is_given_up_on(s3, bucket_at):
    async with Line(int(s3["url"].rsplit(":", 1)[1])) as line:
        line.hold()
        began = time.monotonic()

        with pytest.raises(Unavailable):
            await bucket_at(f"http://127.0.0.1:{line.port}").put(UUID(int=1), b"")

        assert time.monotonic() - began < 10


async def test_decoding_keeps_nobody_waiting(client, lamp):
    adding, turns = asyncio.ensure_future(add(client, bomb(5000, 5000))), 0
    while not adding.done():
        await asyncio.sleep(0.01)
        turns += 1

    assert (await adding).status_code == 201
    assert turns > 20
