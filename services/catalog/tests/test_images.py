"""Images: what is kept of an upload, what is refused, and who can see it, on a real S3."""

import asyncio
import os
import re
import socket
import struct
import time
import zlib
from io import BytesIO
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
import structlog
from PIL import Image

from chassis.data.statement import Statement
from chassis.runtime.metrics import render_exposition
from chassis.testing.eventually import eventually
from chassis.testing.faults import TcpProxy
from chassis.testing.problems import assert_problem, problem_of
from chassis.web.problems import Unavailable
from services.catalog.application.image_cleanup import ImageCleanup
from services.catalog.errors import ImageStoreRejection
from services.catalog.metrics import unremovable_images_collector
from services.catalog.tables import unlinked_pictures
from services.catalog.tests.conftest import LAMP, OAK
from services.catalog.tests.requests import NOBODY, change, remove
from tests.accounts import ADMIN, ASHA

PAUSE = Statement(sa.select(sa.extract("epoch", unlinked_pictures.c.retry_at - sa.func.now()).label("seconds")))
RETRY_NOW = Statement(sa.update(unlinked_pictures).values(retry_at=sa.func.now()))
SCRIPT = b"<script>alert(1)</script>"


def picture(kind="PNG", size=(60, 40), mode="RGB", **more):
    kept = BytesIO()
    Image.new(mode, size, "saddlebrown").save(kept, kind, **more)
    return kept.getvalue()


def decompression_bomb(width, height):
    """A few kilobytes of PNG that decode to so many pixels."""

    def chunk(name, said):
        return struct.pack(">I", len(said)) + name + said + struct.pack(">I", zlib.crc32(name + said))

    rows = zlib.compressobj(9)
    row = b"\0" * (1 + (width + 7) // 8)
    said = b"".join(rows.compress(row) for _ in range(height)) + rows.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", said) + chunk(b"IEND", b"")


def oversized_picture():
    """A few bytes of animated WebP that ask for a canvas of 268 million pixels."""
    kept, frames = BytesIO(), [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    frames[0].save(kept, "WEBP", save_all=True, append_images=frames[1:])
    raw = bytearray(kept.getvalue())
    raw[24:30] = (16382).to_bytes(3, "little") * 2
    return bytes(raw)


def picture_with_metadata(kind="JPEG"):
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


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_picture_is_kept_as_webp_and_everybody_can_see_it(client, lamp, kind):
    added = await add(client, picture(kind), alt="A walnut desk lamp")

    assert added.status_code == 201
    seen = await fetch((await images(client))[0]["url"])
    assert Image.open(BytesIO(seen.content)).format == "WEBP"
    assert seen.headers["content-type"] == "image/webp"
    assert seen.headers["cache-control"] == "public, max-age=86400, immutable"
    assert seen.headers["content-disposition"] == f'inline; filename="{added.json()["id"]}.webp"'
    assert [(one["alt"], one["width"], one["height"]) for one in await images(client)] == [
        ("A walnut desk lamp", 60, 40)
    ]


async def test_an_address_shows_one_picture_for_its_time_and_no_other(client, lamp):
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

    image = (await add(client, picture_with_metadata())).json()

    kept = s3.get_object(Bucket=bucket, Key=f"{image['id']}.webp")["Body"].read()
    assert b"Quay" not in kept and b"script" not in kept and b"Bram" not in kept
    shown = Image.open(BytesIO(kept))
    assert not shown.getexif() and not shown.info.get("exif") and not shown.info.get("xmp")


async def test_a_picture_is_turned_the_way_up_it_was_taken(client, lamp):
    image = (await add(client, picture_with_metadata())).json()

    assert (image["width"], image["height"]) == (40, 60)


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
        decompression_bomb(5200, 5200),
        decompression_bomb(13000, 13000),
        decompression_bomb(20000, 20000),
        decompression_bomb(25_000_000, 2),
        oversized_picture(),
        picture("WEBP", (4000, 3001)),
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
        "12 million pixels of WebP",
    ],
)
async def test_what_is_no_picture_for_a_shop_is_refused_and_not_kept(client, lamp, keys, raw):
    before = keys()

    answer = await add(client, raw)

    assert_problem(answer, 409, "image-refused")
    assert await images(client) == []
    assert keys() == before


async def test_the_largest_picture_is_read(client, lamp):
    image = (await add(client, decompression_bomb(5000, 5000))).json()

    assert (image["width"], image["height"]) == (2500, 2500)


@pytest.mark.parametrize("size", [5 * 1024 * 1024 + 1, 6 * 1024 * 1024], ids=["a byte too much", "far too much"])
async def test_more_than_five_mebibytes_are_not_read(client, lamp, keys, size):
    before = keys()

    answer = await add(client, picture() + b"\0" * (size - len(picture())))

    assert_problem(answer, 413, "too-large")
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

    assert_problem(answer, 400, "invalid-request")
    assert await images(client) == []
    assert keys() == before


async def test_a_product_has_eight_images_even_if_twelve_come_at_once(client, lamp, keys):
    before = keys()

    answers = await asyncio.gather(*(add(client, picture()) for _ in range(12)))

    assert sorted(answer.status_code for answer in answers) == [201] * 8 + [409] * 4
    assert {problem_of(answer)[1] for answer in answers if answer.status_code == 409} == {"too-many-images"}
    assert {f"{one['id']}.webp" for one in await images(client)} == keys() - before


async def test_images_are_listed_in_the_order_in_which_they_were_added(client, lamp):
    added = [(await add(client, picture(), alt=alt)).json()["id"] for alt in ("front", "side", "back")]

    assert [one["id"] for one in await images(client)] == added


async def test_an_image_is_removed_once_with_its_pixels(client, lamp, keys):
    image = (await add(client, picture())).json()
    at = f"/catalog/v1/products/{LAMP}/images/{image['id']}"

    removed = await client.delete(at, headers=ADMIN.headers)
    again = await client.delete(at, headers=ADMIN.headers)

    assert (removed.status_code, problem_of(again)) == (204, (404, "image-not-found"))
    assert await images(client) == []
    assert f"{image['id']}.webp" not in keys()


async def test_an_image_is_not_removed_as_that_of_another_product(client, lamp):
    image = (await add(client, picture())).json()

    answer = await client.delete(f"/catalog/v1/products/{OAK}/images/{image['id']}", headers=ADMIN.headers)

    assert_problem(answer, 404, "image-not-found")
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

    assert [problem_of(answer) for answer in answers] == [(404, "product-not-found")] * 2
    assert keys() == before


async def test_a_product_can_have_its_picture_before_it_is_for_sale(client, lamp):
    await change(client, active=False)

    at, added = f"/catalog/v1/products/{LAMP}/images", await add(client, picture())

    assert added.status_code == 201
    assert [one["id"] for one in (await client.get(at, headers=ADMIN.headers)).json()] == [added.json()["id"]]
    assert [problem_of(await client.get(at, headers=sent)) for sent in ({}, ASHA.headers)] == [
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
        presigned_url, remove = staticmethod(bucket.presigned_url), staticmethod(bucket.remove)

        async def put(self, image_id, webp):
            await bucket.put(image_id, webp)
            await products.soft_delete(LAMP)

    async with client_with(Slow()) as client:
        answer = await add(client, picture())

    assert_problem(answer, 404, "product-not-found")
    assert keys() == before


async def test_without_s3_no_image_is_added_and_all_else_goes_on(client_with, bucket_at, client, lamp):
    image = (await add(client, picture())).json()
    with socket.create_server(("127.0.0.1", 0)) as server:
        nowhere = f"http://127.0.0.1:{server.getsockname()[1]}"

    async with client_with(await bucket_at(nowhere)) as cut_off:
        refused = await add(cut_off, picture())
        listed = await images(cut_off)
        removed = await cut_off.delete(f"/catalog/v1/products/{LAMP}/images/{image['id']}", headers=ADMIN.headers)

    assert_problem(refused, 503, "outcome-unknown")
    assert refused.headers["retry-after"] == "1"
    assert [one["id"] for one in listed] == [image["id"]]
    assert removed.status_code == 204
    assert await images(client) == []


async def test_a_picture_is_kept_with_what_browsers_are_to_know_of_it(bucket, store):
    s3, name = store
    await bucket.put(UUID(int=2), b"pixels")

    kept = s3.get_object(Bucket=name, Key=f"{UUID(int=2)}.webp")

    assert kept["Body"].read() == b"pixels"
    assert (kept["ContentType"], kept["ContentDisposition"]) == ("image/webp", f'inline; filename="{UUID(int=2)}.webp"')
    assert kept["CacheControl"] == "public, max-age=86400, immutable"
    await bucket.remove(UUID(int=2))
    await bucket.remove(UUID(int=2))


async def test_a_picture_whose_response_is_lost_is_put_again(s3, keys, bucket_at):
    key = f"{UUID(int=3)}.webp"
    async with TcpProxy(int(s3["url"].rsplit(":", 1)[1])) as line:
        bucket = await bucket_at(f"http://127.0.0.1:{line.port}")
        line.hold_after(b"PUT")
        putting = asyncio.create_task(bucket.put(UUID(int=3), b"pixels"))
        await eventually(lambda: key in keys())

        line.cut()
        line.release()

        await putting
    await (await bucket_at()).remove(UUID(int=3))
    assert key not in keys()


async def test_an_s3_that_says_nothing_is_given_up_on(s3, bucket_at):
    async with TcpProxy(int(s3["url"].rsplit(":", 1)[1])) as line:
        line.hold()
        began = time.monotonic()

        with pytest.raises(Unavailable):
            await (await bucket_at(f"http://127.0.0.1:{line.port}")).put(UUID(int=1), b"")

        assert time.monotonic() - began < 10


async def test_the_same_file_sent_twice_is_two_images(client, lamp, keys):
    ids = {(await add(client, picture())).json()["id"] for _ in range(2)}

    assert {one["id"] for one in await images(client)} == ids
    assert {f"{one}.webp" for one in ids} <= keys()


@pytest.fixture
def age_unlinked_images(database):
    """Let it be longer since the pictures that no image names were written down."""

    async def age_unlinked_images(minutes):
        await database.execute(Statement(sa.update(unlinked_pictures).values(
            since=unlinked_pictures.c.since - sa.text(f"interval '{minutes} minutes'"))))  # fmt: skip

    return age_unlinked_images


@pytest.fixture
def run_cleanup(unlinked):
    """Sweep once."""

    async def run_cleanup(pictures):
        await ImageCleanup(unlinked, pictures).run_once(asyncio.Event())
        assert not await unlinked.list_due()

    return run_cleanup


class DyingImageStore:
    """A bucket; the service dies before or after a call to it, which is the last that happens."""

    def __init__(self, bucket, dies):
        self._bucket, self._dies, self.presigned_url = bucket, dies, bucket.presigned_url

    async def put(self, image_id, webp):
        await self._until_death("put", self._bucket.put(image_id, webp))

    async def remove(self, image_id):
        await self._until_death("remove", self._bucket.remove(image_id))

    async def _until_death(self, name, call):
        if self._dies == f"before {name}":
            call.close()
            raise Died
        await call
        if self._dies == f"after {name}":
            raise Died


class Died(BaseException):
    """Nothing that the service could do anything about."""


@pytest.mark.parametrize("dies", ["before put", "after put"])
async def test_if_the_service_dies_while_an_image_is_added_its_picture_is_swept_later(
    client_with, bucket, client, lamp, keys, unlinked, age_unlinked_images, run_cleanup, dies
):
    before = keys()
    async with client_with(DyingImageStore(bucket, dies)) as dying:
        with pytest.raises(Died):
            await add(dying, picture())
    assert await images(client) == []

    assert await unlinked.list_due() == []  # somebody might still be adding it
    await age_unlinked_images(11)
    assert len(await unlinked.list_due()) == 1
    await run_cleanup(bucket)

    assert keys() == before


@pytest.mark.parametrize("dies", ["before remove", "after remove"])
@pytest.mark.parametrize("what", ["image", "product"])
async def test_if_the_service_dies_while_an_image_is_removed_its_picture_is_swept_later(
    client_with, bucket, client, lamp, keys, age_unlinked_images, run_cleanup, dies, what
):
    image = (await add(client, picture())).json()
    at = f"/catalog/v1/products/{LAMP}" + (f"/images/{image['id']}" if what == "image" else "")
    async with client_with(DyingImageStore(bucket, dies)) as dying:
        with pytest.raises(Died):
            await dying.delete(at, headers=ADMIN.headers)
    if what == "image":
        assert await images(client) == []
    else:
        assert_problem(await remove(client), 404, "product-not-found")

    await age_unlinked_images(11)
    await run_cleanup(bucket)

    assert f"{image['id']}.webp" not in keys()


async def test_what_is_shown_is_never_swept(client, bucket, lamp, keys, age_unlinked_images, run_cleanup):
    image = (await add(client, picture())).json()

    await age_unlinked_images(60)
    await run_cleanup(bucket)

    assert f"{image['id']}.webp" in keys()


async def test_an_image_whose_picture_took_minutes_to_be_kept_is_not_added(
    client_with, bucket, client, lamp, age_unlinked_images
):
    class Slow(DyingImageStore):
        async def put(self, image_id, webp):
            await super().put(image_id, webp)
            await age_unlinked_images(6)

    async with client_with(Slow(bucket, None)) as slow:
        answer = await add(slow, picture())

    assert_problem(answer, 503, "outcome-unknown")
    assert await images(client) == []


async def test_what_could_not_be_removed_without_s3_is_removed_when_it_is_back(
    client_with, bucket, bucket_at, client, lamp, keys, age_unlinked_images, run_cleanup
):
    image = (await add(client, picture())).json()
    with socket.create_server(("127.0.0.1", 0)) as server:
        nowhere = f"http://127.0.0.1:{server.getsockname()[1]}"
    async with client_with(await bucket_at(nowhere)) as cut_off:
        await remove(cut_off)
    assert f"{image['id']}.webp" in keys()

    await age_unlinked_images(11)
    await run_cleanup(bucket)

    assert f"{image['id']}.webp" not in keys()


@pytest.fixture
async def refusing_store(bucket, bucket_at):
    """The bucket, of which the S3 itself refuses to remove one picture: that is asked for with a wrong secret."""
    stranger = await bucket_at(secret="not the secret")

    class Refusing:
        def __init__(self, image_id):
            self._image_id = image_id

        async def remove(self, image_id):
            await (stranger if image_id == self._image_id else bucket).remove(image_id)

    return Refusing


async def test_a_picture_that_s3_refuses_to_remove_stops_no_other_and_is_tried_again_ever_later(
    client, bucket, refusing_store, lamp, keys, database, unlinked, age_unlinked_images
):
    refused, other = [(await add(client, picture())).json()["id"] for _ in range(2)]
    for image_id in (refused, other):
        await unlinked.add(UUID(image_id))
    await age_unlinked_images(11)
    cleanup = ImageCleanup(unlinked, refusing_store(UUID(refused)))

    await cleanup.run_once(asyncio.Event())

    assert f"{refused}.webp" in keys() and f"{other}.webp" not in keys()
    assert await unlinked.list_due() == []
    assert "unremovable_images 1.0" in (await render_exposition([unremovable_images_collector(database)])).decode()
    pauses = []
    for _ in range(13):
        (row,) = await database.fetch_all(PAUSE)
        pauses.append(round(row["seconds"] / 60))
        await database.execute(RETRY_NOW)
        await cleanup.run_once(asyncio.Event())
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440]

    await database.execute(RETRY_NOW)
    await ImageCleanup(unlinked, bucket).run_once(asyncio.Event())

    assert f"{refused}.webp" not in keys()
    assert "unremovable_images 0.0" in (await render_exposition([unremovable_images_collector(database)])).decode()


async def test_a_picture_at_which_s3_fails_each_time_lets_the_others_go_first_next_time(
    client, bucket, bucket_at, lamp, keys, unlinked, age_unlinked_images
):
    stuck, other = [(await add(client, picture())).json()["id"] for _ in range(2)]
    with socket.create_server(("127.0.0.1", 0)) as server:
        nowhere = await bucket_at(f"http://127.0.0.1:{server.getsockname()[1]}")

    class FailingAtOne:
        async def remove(self, image_id):
            await (nowhere if image_id == UUID(stuck) else bucket).remove(image_id)

    await unlinked.add(UUID(stuck))
    await age_unlinked_images(1)
    await unlinked.add(UUID(other))
    await age_unlinked_images(11)
    cleanup = ImageCleanup(unlinked, FailingAtOne())

    await cleanup.run_once(asyncio.Event())
    assert f"{other}.webp" in keys()
    await cleanup.run_once(asyncio.Event())

    assert f"{other}.webp" not in keys() and f"{stuck}.webp" in keys()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"secret": "not the secret"}, "SignatureDoesNotMatch"), ({"key": "nobody"}, "InvalidAccessKeyId")],
    ids=["secret", "key"],
)  # fmt: skip
async def test_a_store_that_refuses_is_a_503_and_named_and_nothing_is_added(
    client_with, bucket_at, client, lamp, keys, wrong, code
):
    misconfigured, before = await bucket_at(**wrong), keys()
    await misconfigured.probe()

    with structlog.testing.capture_logs() as logs:
        async with client_with(misconfigured) as refused:
            answer = await add(refused, picture())

    assert answer.status_code == 503
    assert answer.json()["type"] in {"/problems/unavailable", "/problems/outcome-unknown"}
    (said,) = [entry["error"] for entry in logs if entry["event"] == "image store refuses"]
    assert re.search(code, said)
    with pytest.raises(ImageStoreRejection, match=code):
        await misconfigured.probe()
    assert await images(client) == []
    assert keys() == before


@pytest.fixture
def aws_environment(monkeypatch, tmp_path):
    """What AWS' programs look at, all of it nowhere."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    return monkeypatch


async def test_without_a_key_the_usual_chain_is_asked(aws_environment, tmp_path, s3, bucket_at, keys):
    (tmp_path / "credentials").write_text(
        f"[default]\naws_access_key_id = {s3['access_key']}\naws_secret_access_key = {s3['secret_key']}\n"
    )
    bucket = await bucket_at(key="", secret="")

    await bucket.put(UUID(int=5), b"pixels")

    assert f"{UUID(int=5)}.webp" in keys()
    async with httpx.AsyncClient() as browser:
        assert (await browser.get(bucket.presigned_url(UUID(int=5)))).content == b"pixels"
    await bucket.remove(UUID(int=5))


async def test_where_the_chain_finds_nothing_it_is_a_503_and_the_readiness_says_so(
    aws_environment, client_with, bucket_at, client, lamp
):
    nobodys = await bucket_at(key="", secret="")

    async with client_with(nobodys) as refused:
        answer = await add(refused, picture())

    assert answer.status_code == 503
    with pytest.raises(Unavailable):
        await nobodys.probe()
    assert await images(client) == []


async def test_an_image_that_s3_refuses_to_remove_is_removed_for_whoever_asked(
    client_with, bucket_at, client, lamp, keys
):
    image = (await add(client, picture())).json()
    async with client_with(await bucket_at(secret="not the secret")) as refused:
        answer = await refused.delete(f"/catalog/v1/products/{LAMP}/images/{image['id']}", headers=ADMIN.headers)

    assert answer.status_code == 204
    assert await images(client) == []
    assert f"{image['id']}.webp" in keys()
