"""What people do on the pages, in a real browser: with --deep, since it takes a minute and 67 MB of packages."""

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest

from tooling import npm

HERE = Path(__file__).parent
# Swagger UI of every anchor with `_` in it, and the browser of the refusals that are asked for here
EXPECTED = (
    "Deprecated: escaping deep link whitespace",
    "Failed to load resource: the server responded with a status of 4",
)

pytestmark = pytest.mark.deep


@pytest.fixture(scope="module")
async def record_browser_traffic(shop, tmp_path_factory):
    """What a person sees who uses the pages; the pictures are in reports/pages."""
    home, pictures = npm.install_locked(HERE), npm.ROOT / "reports" / "pages"
    pictures.mkdir(parents=True, exist_ok=True)
    script = shutil.copy(HERE / "reference.mjs", home)  # modules are looked for beside it
    # as on a machine with neither the browser's libraries nor a font
    environment = {**os.environ, "AWS_LAMBDA_JS_RUNTIME": "nodejs22.x", "ADMIN": json.dumps(shop.manifest["admin"])}
    process = await asyncio.create_subprocess_exec(
        npm.NODE, script, shop.manifest["gateway"], pictures, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)  # fmt: skip
    said, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return json.loads(said)


def test_an_operation_that_is_tried_is_answered_by_the_shop(record_browser_traffic, shop):
    answer = record_browser_traffic["answers"]["stranger"]

    assert answer["url"] == f"{shop.manifest['gateway']}/order/v1/orders/checkout"
    assert (answer["status"], answer["body"]["type"]) == ("401", "/problems/unauthorized")


def test_whoever_logs_in_on_the_page_is_logged_in(record_browser_traffic, shop):
    assert record_browser_traffic["answers"]["login"]["status"] == "200"
    assert record_browser_traffic["answers"]["self"]["body"]["email"] == shop.manifest["admin"]["email"]
    assert record_browser_traffic["answers"]["checkout"]["body"]["type"] == "/problems/cart-is-empty"


def test_only_what_must_be_given_is_filled_in(record_browser_traffic, shop):
    assert (
        record_browser_traffic["answers"]["products"]["url"]
        == f"{shop.manifest['gateway']}/catalog/v1/products/?limit=20"
    )


def test_nobody_but_the_shop_is_asked_for_anything_and_no_policy_is_broken(record_browser_traffic, shop):
    assert [
        url for url in record_browser_traffic["asked"] if not url.startswith((shop.manifest["gateway"], "data:"))
    ] == []
    assert [text for text in record_browser_traffic["said"] if not text.startswith(EXPECTED)] == []


def test_no_page_is_wider_than_a_telephone(record_browser_traffic):
    assert [name for name, (width, needed) in record_browser_traffic["widths"].items() if needed > width] == []
