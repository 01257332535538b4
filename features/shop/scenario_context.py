"""Who and what one scenario is about: its own shoppers and products, and what they were told last."""

from collections.abc import Awaitable
from typing import Any

from chassis.web.http_client import Problem
from features.shop.money import PRICE
from features.shop.page_visitor import BrowserOnDemand, PageVisitor
from features.shop.shop_client import ShopClient
from features.shop.shopper import Shopper
from generated.models.catalog import Product
from services.money import Money

PRONOUNS = ("she", "he", "her", "his")


class ScenarioContext:
    def __init__(self, shop: ShopClient) -> None:
        self.shop = shop
        self._shoppers: dict[str, Shopper] = {}
        self._products: dict[str, Product] = {}
        self._latest = ""
        self.problem: Problem | None = None
        self._visitor: PageVisitor | None = None
        self._office: PageVisitor | None = None

    async def close(self) -> None:
        for visitor in (self._visitor, self._office):
            if visitor is not None:
                await visitor.close()

    async def visitor(self, browser: BrowserOnDemand) -> PageVisitor:
        """Whoever looks at the shop's pages."""
        if self._visitor is None:
            self._visitor = await PageVisitor.open(await browser.get(), self.shop.manifest["gateway"])
        return self._visitor

    async def office(self, browser: BrowserOnDemand) -> PageVisitor:
        """An admin who has signed in on the pages, with a browser of their own."""
        if self._office is None:
            self._office = await PageVisitor.open(await browser.get(), self.shop.manifest["gateway"])
            await self._office.sign_in(self.shop.admin.email, self.shop.admin.password)
        return self._office

    async def shopper(self, name: str) -> Shopper:
        """The shopper of that name, who comes in when first met; a pronoun means whoever was named last."""
        if name not in PRONOUNS:
            self._latest = name.removesuffix("'s")
        assert self._latest, f"nobody was named before {name!r}"
        if self._latest not in self._shoppers:
            self._shoppers[self._latest] = await self.shop.new_shopper(self._latest)
        return self._shoppers[self._latest]

    def newcomer(self, name: str) -> Shopper:
        """Somebody who is about to come in, but has no account yet."""
        self._latest = name
        self._shoppers[name] = newcomer = self.shop.shopper(name)
        return newcomer

    async def product(self, title: str) -> Product:
        """The product of that title, put on sale if nothing was said of it."""
        if title not in self._products:
            await self.offer(title, PRICE, 5)
        return self._products[title]

    async def offer(self, title: str, price: Money, stock: int) -> None:
        self._products[title] = await self.shop.admin.offer(title, price, stock)

    async def expect_problem(self, call: Awaitable[Any]) -> None:
        """Do what is expected to be refused."""
        try:
            done = await call
        except Problem as problem:
            self.problem = problem
        else:
            raise AssertionError(f"it was not refused, but answered with {done}")

    def last_problem(self) -> Problem:
        """What somebody was refused last."""
        assert self.problem, "nothing was refused"
        return self.problem
