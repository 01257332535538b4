"""The clients drive the whole flow of a running shop, all alike."""

import os
import re
import subprocess
import sys
from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image

from chassis.testing.eventually import eventually
from features.shop.shopper import PASSWORD
from tests.sdk.conftest import items
from tests.shop import SHIPPING_ADDRESS
from tooling.npm import NODE


@pytest.fixture
async def lamp(shop):
    """The newest lamp there is."""
    return (await shop.product(stock=5)).id


@pytest.fixture
async def shopper(connect, shop):
    """A client in which a new shopper has logged in."""
    client = await connect(shop.manifest["gateway"])
    email = f"asha-{uuid4().hex[:12]}@example.com"
    await client.auth.register_shopper(email=email, password=PASSWORD)
    await client.log_in(email, PASSWORD)
    return client


@pytest.fixture
async def admin(connect, shop):
    client = await connect(shop.manifest["gateway"], operator_key=shop.manifest["internal_keys"]["operator"])
    await client.log_in(**shop.manifest["admin"])
    return client


async def test_a_shopper_orders_pays_and_cancels(shop, lamp, shopper, shop_client):
    with pytest.raises(shop_client.problems.CartIsEmpty):
        await shopper.order.check_out(**SHIPPING_ADDRESS)
    await shopper.cart.add_line(product_id=lamp, qty=2)
    placed = await shopper.order.check_out(**SHIPPING_ADDRESS)
    shop.promised.add(str(placed.order_id))
    due = {"order_id": placed.order_id, "amount_cents": placed.total_cents, "currency": placed.currency}
    with pytest.raises(shop_client.problems.AmountDiffers):
        await shopper.payment.succeed_payment(**{**due, "amount_cents": 1})
    payment = await shopper.payment.succeed_payment(**due)

    async def wait_for_status(status):
        async def is_so():
            order = await shopper.order.get_order(placed.order_id)
            return order if order.status == status else None

        return await eventually(is_so, within=40)

    assert payment.status == "SUCCEEDED"
    assert (await wait_for_status("PAID")).items[0].product_id == lamp
    await shopper.order.cancel_order(placed.order_id)
    assert (await wait_for_status("REFUNDED")).cancel_reason == "requested"


async def test_lists_are_gone_through_to_their_end(shop, shopper, admin):
    word = f"lantern {uuid4().hex[:8]}"
    added = [(await shop.product(stock=1, title=f"{word} {number}")).id for number in range(3)]

    found = await items(shopper.catalog.iter_products(q=word, limit=2))

    assert [product.id for product in found] == added[::-1]


async def test_a_picture_goes_there_and_back(lamp, admin, shop_client):
    png = BytesIO()
    Image.new("RGB", (3, 2), "red").save(png, "PNG")

    added = await admin.catalog.add_image(lamp, image=png.getvalue(), alt="A red lamp")
    (shown,) = await admin.catalog.list_images(lamp)
    with Image.open(BytesIO(await admin.download(shown.url))) as picture:
        assert (picture.format, picture.size) == ("WEBP", (3, 2))

    assert (added.alt, added.id) == ("A red lamp", shown.id)
    with pytest.raises(shop_client.problems.ImageRefused):
        await admin.catalog.add_image(lamp, image=b"no picture")
    await admin.catalog.remove_image(lamp, added.id)
    assert await admin.catalog.list_images(lamp) == []


async def test_a_session_goes_on_and_ends(shopper, connect, shop, shop_client):
    tokens = shopper.tokens
    torn = shop_client.models.Tokens(
        access_token=tokens.access_token[:-4] + "AAAA",
        refresh_token=tokens.refresh_token,
        token_type="bearer",
        expires_in=600,
    )
    other = await connect(shop.manifest["gateway"], tokens=torn)

    own = await other.auth.get_own_account()  # refused, refreshed, answered
    await other.log_out()

    assert own.role == "customer"
    with pytest.raises(shop_client.problems.RefreshTokenRefused):
        await shopper.auth.refresh_tokens(refresh_token=torn.refresh_token)


def code_in_readme(package):
    (code,) = re.findall(r"^```(?:python|js)\n(.*?)^```", (package / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    return code


def test_the_lines_of_the_python_readme_buy_a_lamp(shop, lamp, python_package, site_packages, tmp_path):
    script = tmp_path / "buy.py"
    script.write_text(code_in_readme(python_package))

    ended = subprocess.run(
        [sys.executable, script, shop.manifest["gateway"]],
        check=False,
        env={**os.environ, "PYTHONPATH": str(site_packages)},
        capture_output=True,
        text=True,
    )

    assert ended.stdout == "CREATED 12999 EUR\n", ended.stderr


def test_the_lines_of_the_typescript_readme_buy_a_lamp(shop, lamp, typescript_package, installed_in_node):
    script = installed_in_node / "buy.js"
    script.write_text(code_in_readme(typescript_package))

    ended = subprocess.run([NODE, script, shop.manifest["gateway"]], check=False, capture_output=True, text=True)

    assert ended.stdout == "CREATED 12999 EUR\n", ended.stderr
