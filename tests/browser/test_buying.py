"""Buying in a browser, with scripts and without, and the order's page that says by itself what has become of it."""

from uuid import uuid4

import pytest

from features.shop.shopper import PASSWORD
from tests.browser.pages import TOO_WIDE, axe_findings

LIVE_TIMEOUT = 20_000  # milliseconds, within which the page has asked again


@pytest.fixture
async def guest_page(new_context, request):
    """A page of a guest's browser, which runs scripts unless the test asks for none."""
    context = await new_context(java_script_enabled=getattr(request, "param", True))
    yield await context.new_page()
    await context.close()


async def fill_cart(page, stage):
    await page.goto(f"/products/{stage['lamp']}")
    await page.get_by_label("Quantity").fill("1")
    await page.get_by_role("button", name="Put in the cart").click()
    await page.get_by_role("heading", name="Your cart", exact=True).wait_for()


async def register(page):
    await page.goto("/register?then=/checkout")
    await page.locator("main [name=email]").fill(f"{uuid4().hex}@example.com")
    await page.locator("main [name=password]").fill(PASSWORD)
    await page.locator("main form button").click()


async def order(page, **fields):
    for name, value in fields.items():
        await page.locator(f"main [name={name}]").fill(value)
    await page.get_by_role("button", name="Place the order").click()


ADDRESS = {"address_line1": "3 Harbour Row", "postcode": "T12 AB34", "city": "Cork"}


@pytest.mark.parametrize("guest_page", [True, False], indirect=True, ids=["with scripts", "without scripts"])
async def test_a_guest_becomes_a_shopper_and_buys(guest_page, stage):
    page = guest_page
    await fill_cart(page, stage)
    await page.get_by_role("link", name="Go to checkout").click()
    assert await page.get_by_role("heading", name="Welcome back").is_visible()
    await register(page)
    await order(page, **ADDRESS)
    await page.get_by_role("button", name="Pay €").click()

    await page.get_by_role("heading", name="Thank you, your order is paid").wait_for()
    assert await page.get_by_text("3 Harbour Row, Cork T12 AB34, Ireland").is_visible()


async def test_no_step_of_buying_has_a_barrier(guest_page, stage, axe):
    page, found = guest_page, {}

    async def inspect(name):
        found[name] = await axe_findings(page, axe) + await page.evaluate(TOO_WIDE)
        await page.set_viewport_size({"width": 1280, "height": 900})

    await fill_cart(page, stage)
    await inspect("cart")
    await register(page)
    await order(page, address_line1="3 Harbour Row")
    await page.locator("#city-error").wait_for()
    await inspect("checkout with errors")
    await order(page, **ADDRESS)
    await page.get_by_role("heading", name="Pay for your order").wait_for()
    await page.get_by_text("Let the provider refuse").click()
    await page.get_by_role("button", name="Refuse the payment").click()
    await page.get_by_text("The payment was refused").wait_for()
    await inspect("payment that was refused")
    await page.get_by_role("button", name="Pay €").click()
    await page.get_by_role("heading", name="Thank you").wait_for()
    await inspect("order")

    assert {name: barriers for name, barriers in found.items() if barriers} == {}


async def test_an_order_says_by_itself_what_has_become_of_it(guest_page, stage):
    page = guest_page
    await fill_cart(page, stage)
    await register(page)
    await order(page, **ADDRESS)
    await page.get_by_role("heading", name="Pay for your order").wait_for()
    payment = page.url
    looking = await page.context.new_page()
    await looking.goto(payment.removesuffix("/pay"))
    await looking.evaluate("window.stayed = true")
    await looking.locator("#again").focus()

    await page.get_by_role("button", name="Pay €").click()
    await looking.bring_to_front()
    await looking.get_by_role("heading", name="Thank you, your order is paid").wait_for(timeout=LIVE_TIMEOUT)
    await looking.get_by_text("Ready to be packed").wait_for(timeout=LIVE_TIMEOUT)

    assert await looking.evaluate("window.stayed")
    assert "Thank you, your order is paid" in await looking.locator("#news").inner_text()
    assert await looking.evaluate("document.activeElement.id") == "again"
