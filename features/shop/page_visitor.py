"""Somebody who uses the shop's pages, with a browser that runs no scripts."""

import re
from contextlib import AsyncExitStack
from typing import Self
from uuid import UUID

from playwright.async_api import Browser, Page, expect

from features.shop.shopper import CITIES, PASSWORD
from generated.models.catalog import Product
from tooling.browser import launch

TIMEOUT = 15_000  # milliseconds


class BrowserOnDemand:
    """A browser that is started by the first who needs one, and ends with the stack."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._browser: Browser | None = None

    async def get(self) -> Browser:
        if self._browser is None:
            self._browser = await self._stack.enter_async_context(launch())
        return self._browser


class PageVisitor:
    def __init__(self, page: Page) -> None:
        self._page = page

    @classmethod
    async def open(cls, browser: Browser, gateway: str) -> Self:
        """Somebody whom the pages have not seen yet."""
        context = await browser.new_context(base_url=gateway, locale="en-IE", java_script_enabled=False)
        context.set_default_timeout(TIMEOUT)
        return cls(await context.new_page())

    async def close(self) -> None:
        await self._page.context.close()

    async def go_to(self, path: str) -> None:
        await self._page.goto(path)

    async def find(self, product: Product) -> None:
        """Look for a product by its name, and at it."""
        await self._page.goto("/")
        await self._page.get_by_role("searchbox").fill(product.title)
        await self._page.get_by_role("searchbox").press("Enter")
        await self._page.locator(f"main a[href='/products/{product.id}']").click()

    async def put_in_cart(self, pieces: int) -> None:
        await self.write({"qty": str(pieces)})
        await self.press("Put in the cart")

    async def register(self, email: str) -> None:
        await self._page.goto("/register")
        await self.write({"email": email, "password": PASSWORD})
        await self.press("Make the account")
        await self.reads("Sign out")

    async def sign_in(self, email: str, password: str) -> None:
        await self._page.goto("/sign-in")
        await self.write({"email": email, "password": password})
        await self.press("Sign in")
        await self.reads("Sign out")

    async def order(self, address: str) -> None:
        """Send what is in the cart to an address such as "12 Quay Street, Galway"."""
        line, _, city = address.partition(", ")
        country, postcode = CITIES[city]
        await self._page.goto("/checkout")
        await self.write({"address_line1": line, "postcode": postcode, "city": city})
        await self._page.locator("main [name=country]").select_option(country)
        await self.press("Place the order")

    async def pay(self) -> None:
        await self._page.get_by_role("button", name="Pay ").click()

    async def write(self, fields: dict[str, str]) -> None:
        for name, text in fields.items():
            await self._page.locator(f"main [name={name}]").fill(text)

    async def press(self, button: str) -> None:
        await self._page.locator("main").get_by_role("button", name=button).click()

    async def tick(self, label: str) -> None:
        await self._page.locator("main").get_by_label(label).check()

    async def follow(self, link: str) -> None:
        await self._page.get_by_role("link", name=link, exact=True).first.click()

    async def reads(self, text: str) -> None:
        """Wait until the page says so, in what is to be seen or in what has been typed."""
        typed = self._page.locator(f'input[value="{text}"]')
        await expect(self._page.get_by_text(text).or_(typed).first).to_be_visible(timeout=TIMEOUT)

    def order_id(self) -> UUID:
        """The order whose page is shown."""
        found = re.search("/orders/([^/]+)", self._page.url)
        assert found, f"{self._page.url} is of no order"
        return UUID(found[1])
