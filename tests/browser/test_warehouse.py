"""A day in the back office, in a browser: parcels leave and arrive, goods come, somebody is kept out."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import expect

from demo.sample_data import PICTURES
from features.shop.shopper import PASSWORD
from tests.browser.pages import ADMIN, TOO_WIDE, WIDE, axe_findings

PICTURE = PICTURES / "wool-throw.png"


@pytest.fixture
async def page(open_page):
    return await open_page("/admin", ADMIN)


@pytest.fixture
async def look(page, axe):
    """Look at the page as it is now: nothing on it stands in anybody's way."""

    async def look():
        assert await axe_findings(page, axe) + await page.evaluate(TOO_WIDE) == []
        await page.set_viewport_size(WIDE)

    return look


@pytest.fixture
async def bram(shop):
    return await shop.new_shopper("bram")


def number(identifier):
    """What people call an order by."""
    return str(identifier)[-9:]


def panel(page, heading):
    return page.get_by_role("region", name=heading, exact=True)


async def go(page, *links):
    for link in links:
        await page.locator(".office-nav").get_by_role("link", name=link).click()


async def find(page, link):
    """Follow a link of a list that may go on over several pages."""
    while not await page.get_by_role("link", name=link).count():
        await page.get_by_role("link", name="Show more").click()
    await page.get_by_role("link", name=link).click()


async def test_a_parcel_is_packed_handed_over_put_right_and_has_arrived(shop, page, look, bram):
    lamp = await shop.product(stock=5)
    placed = await bram.place_order(lamp, 2)
    await bram.pay()
    await shop.wait_for_status(placed.order_id, "PAID", shipment="READY_TO_SHIP")
    order = number(placed.order_id)

    await page.get_by_role("listitem").filter(has_text="To pack").get_by_role("link").click()
    await find(page, f"Pack Order {order}")
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Parcel of order {order}")
    await expect(panel(page, "What goes into it")).to_contain_text("\u00d7 2")
    await expect(panel(page, "Goes to")).to_contain_text("Galway")
    await page.get_by_label("Parcel number").fill("no. 5")
    await page.get_by_role("button", name="It has left").click()
    await expect(page.locator("#tracking_number-error")).to_be_visible()
    await look()

    await page.get_by_label("Carrier").fill("DPD")
    await page.get_by_label("Parcel number").fill("DPD-1")
    await page.get_by_role("button", name="It has left").click()
    await expect(page.get_by_text("On its way")).to_be_visible()
    parcel = await shop.warehouse.find_shipment(placed.order_id)
    assert (parcel.status, parcel.carrier, parcel.tracking_number) == ("DISPATCHED", "DPD", "DPD-1")
    await look()

    await page.get_by_label("Parcel number").fill("DPD-2")
    await page.get_by_role("button", name="Correct the number").click()
    await expect(page.get_by_label("Parcel number")).to_have_value("DPD-2")
    assert (await shop.warehouse.find_shipment(placed.order_id)).tracking_number == "DPD-2"

    await page.get_by_role("button", name="Note the arrival").click()
    await expect(page.locator("#sure-error")).to_be_visible()
    assert (await shop.warehouse.find_shipment(placed.order_id)).status == "DISPATCHED"
    await page.get_by_label("Yes, it has arrived").check()
    await page.get_by_role("button", name="Note the arrival").click()
    await expect(page.get_by_text("Delivered", exact=True)).to_be_visible()
    assert (await shop.warehouse.find_shipment(placed.order_id)).status == "DELIVERED"
    await look()

    await page.get_by_role("link", name="To the order").click()
    await expect(panel(page, "What happened")).to_contain_text("Put right: it went with DPD as DPD-2")
    await look()


async def test_goods_come_are_counted_shown_and_taken_off_sale(shop, page, look):
    sku = f"BRUSH-{uuid4().hex[:8]}".upper()

    await go(page, "Products")
    await page.get_by_role("link", name="Add a product").click()
    for label, text in {"Title": f"Heather brush {sku}", "Price": "14.555", "Number (SKU)": sku}.items():
        await page.get_by_label(label, exact=True).fill(text)
    await page.get_by_role("button", name="Add the product").click()
    await expect(page.locator("#price-error")).to_be_visible()
    await look()
    await page.get_by_label("Price", exact=True).fill("14,50")
    await page.get_by_role("button", name="Add the product").click()
    await page.wait_for_url(re.compile("/admin/products/[^/]*$"))
    shown = page.url.removeprefix(shop.manifest["gateway"]).removeprefix("/admin")

    await page.get_by_label("Pieces that have arrived").fill("20")
    await page.get_by_role("button", name="Add to the stock").click()
    await expect(panel(page, "Stock")).to_contain_text("In the warehouse20")
    await page.get_by_label("Correction", exact=True).last.fill("-2")
    await page.get_by_label("Reason").fill("Broken in the storeroom")
    await page.get_by_role("button", name="Correct the stock").click()
    await expect(panel(page, "Stock")).to_contain_text("Available18")
    await expect(panel(page, "Stock movements")).to_contain_text("Broken in the storeroom")

    await page.get_by_label("Drop a picture here or choose a file").set_input_files(PICTURE)
    await page.get_by_label("What it shows").fill("A brush of heather")
    await page.get_by_role("button", name="Add the picture").click()
    await expect(page.get_by_role("img", name="A brush of heather")).to_be_visible()
    await look()

    await page.goto(shown)
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Heather brush {sku}")
    await expect(page.get_by_role("img", name="A brush of heather").first).to_be_visible()
    await expect(page.get_by_text("€14.50")).to_be_visible()

    await page.goto(f"/admin{shown}")
    await page.get_by_text("Remove").first.click()
    await page.get_by_label("Yes, for good").check()
    await page.get_by_role("button", name="Remove").click()
    await expect(page.get_by_role("img", name="A brush of heather")).to_have_count(0)
    await page.get_by_role("button", name="Take it off sale").click()
    await expect(page.get_by_text("Not for sale")).to_be_visible()
    assert (await shop.http.get(shown)).status_code == 404


async def test_somebody_is_kept_out_and_let_in_again(page, look, new_context, bram):
    context = await new_context()
    theirs = await context.new_page()
    await theirs.goto("/sign-in")

    async def sign_in():
        await theirs.goto("/sign-in")
        await theirs.locator("main [name=email]").fill(bram.email)
        await theirs.locator("main [name=password]").fill(PASSWORD)
        await theirs.locator("main form button").click()

    await sign_in()
    await expect(theirs.get_by_role("button", name="Sign out")).to_be_visible()

    await go(page, "Accounts")
    await page.get_by_label("How the address begins").fill(bram.email)
    await page.get_by_role("button", name="Find").click()
    await page.get_by_role("button", name="Disable").click()
    await expect(page.get_by_text("Disabled")).to_be_visible()
    await look()
    await theirs.reload()
    await expect(theirs.get_by_role("link", name="Sign in").first).to_be_visible()
    await sign_in()
    await expect(theirs.get_by_role("alert")).to_be_visible()

    await page.get_by_role("button", name="Enable").click()
    await expect(page.get_by_role("button", name="Disable")).to_be_visible()
    await sign_in()
    await expect(theirs.get_by_role("button", name="Sign out")).to_be_visible()
    await context.close()
