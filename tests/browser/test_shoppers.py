"""What only people do: the keyboard alone, back and forth, two tabs, two clicks."""

import re

import pytest

from tests.browser.conftest import sign_in
from tests.browser.pages import BUYER

PASSWORD = "three grey herons on a wall"  # of somebody who is made up
MAX_PRESSES = 80


@pytest.fixture
async def shopper(shop):
    return await shop.new_shopper("asha")


@pytest.fixture
async def lamp(shop):
    return await shop.product(stock=5)


@pytest.fixture
async def page(open_page, shopper, lamp):
    """Somebody who has signed in, before the address of an order of one lamp."""
    page = await open_page("/")
    await sign_in(page, shopper.email, shopper.password)
    await shopper.add_to_cart(lamp)
    await page.goto("/checkout")
    await fill_address(page)
    return page


async def fill_address(page):
    for name, text in {"address_line1": "12 Quay Street", "postcode": "H91 XY00", "city": "Galway"}.items():
        await page.locator(f"main [name={name}]").fill(text)
    await page.locator("main [name=country]").select_option("IE")


def place_order(page):
    return page.get_by_role("button", name="Place the order")


class Keyboard:
    """Somebody without a mouse."""

    def __init__(self, page):
        self._page = page

    async def reach(self, selector):
        for _ in range(MAX_PRESSES):
            await self._page.keyboard.press("Tab")
            if await self._page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} cannot be reached by the keyboard on {self._page.url}")

    async def type(self, selector, text):
        await self.reach(selector)
        await self._page.keyboard.type(text)

    async def enter(self, selector):
        """What leads to another page."""
        await self.reach(selector)
        async with self._page.expect_navigation():
            await self._page.keyboard.press("Enter")


async def test_the_keyboard_is_enough_to_come_in_and_buy(shop, open_page, lamp):
    page = await open_page(f"/products/{lamp.id}")
    keyboard = Keyboard(page)
    await keyboard.reach(".skip")
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"

    await keyboard.enter("main form[action^='/products'] button")
    await keyboard.enter("main a[href='/checkout']")
    await keyboard.enter("main a[href^='/register']")
    await keyboard.type("main [name=email]", f"keys.{lamp.sku}@example.com")
    await keyboard.type("main [name=password]", PASSWORD)
    await keyboard.enter("main form[action='/register'] button")
    await page.goto("/checkout")
    await keyboard.type("main [name=address_line1]", "12 Quay Street")
    await keyboard.type("main [name=postcode]", "H91 XY00")
    await keyboard.type("main [name=city]", "Galway")
    await keyboard.type("main [name=country]", "Ireland")
    await keyboard.enter("main form[action='/checkout'] .button-wide")
    await keyboard.enter("main form[action$='/pay'] .button-wide")

    assert re.search("/orders/[^/]*$", page.url)
    assert await page.locator("h1").inner_text() == "Thank you, your order is paid"
    assert await shop.available(lamp) == 4


async def test_an_order_that_is_sent_again_from_the_page_before_is_placed_once(shop, page, shopper, lamp):
    await place_order(page).click()
    await page.wait_for_url("**/pay")

    await page.go_back()
    if await place_order(page).count():  # where the browser kept the page
        await fill_address(page)
        await place_order(page).click()
        await page.locator("main h1").wait_for()

    assert len(await shopper.list_orders()) == 1
    assert await shop.available(lamp) == 4


async def test_two_clicks_place_one_order(shop, page, shopper, lamp):
    await place_order(page).dblclick()
    await page.wait_for_url("**/pay")

    assert len(await shopper.list_orders()) == 1
    assert await shop.available(lamp) == 4


async def test_two_tabs_place_one_order(shop, page, shopper, lamp):
    other = await page.context.new_page()
    await other.goto("/checkout")
    await fill_address(other)

    for tab in (page, other):
        async with tab.expect_navigation():
            await place_order(tab).click()

    assert "/pay" in page.url
    assert await other.locator("main h1").count() == 1
    assert len(await shopper.list_orders()) == 1
    assert await shop.available(lamp) == 4


async def test_two_clicks_pay_once_and_a_reload_pays_no_more(shop, page, shopper):
    await place_order(page).click()
    await page.wait_for_url("**/pay")
    (order,) = await shopper.list_orders()

    await page.locator("main form[action$='/pay'] .button-wide").dblclick()
    await page.wait_for_url(re.compile("/orders/[^/]*$"))
    again = await page.reload()

    assert again.request.method == "GET"
    await shop.wait_for_status(order.id, "PAID")
    assert [payment.status for payment in await shopper.list_payments(order.id)] == ["SUCCEEDED"]


async def test_whoever_signs_out_in_one_tab_is_asked_to_sign_in_in_the_other(page):
    other = await page.context.new_page()
    await other.goto("/")
    await other.get_by_role("button", name="Sign out").click()
    await other.get_by_role("link", name="Sign in").first.wait_for()

    async with page.expect_navigation() as sent:
        await place_order(page).click()

    assert (await sent.value).status in {401, 403}
    assert await page.locator("main [name=password]").count() == 1


async def test_the_way_of_an_order_is_marked_where_it_is(open_page, stage):
    page = await open_page(f"/orders/{stage['way']}", BUYER)

    assert (await page.locator(".track [aria-current=step] b").all_inner_texts()) == ["On its way"]
    assert (await page.locator(".track .wait b").all_inner_texts()) == ["Delivered"]
