"""A shop that is open, and all the people in it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from features.shop.admin import Admin
from features.shop.gateway import PATIENCE, Gateway
from features.shop.mailbox import Mailbox
from features.shop.news import News
from features.shop.shopper import Shopper
from features.shop.warehouse import Warehouse
from features.shop.wire import Wire
from generated.clients.auth import AuthClient


class Shop:
    """What people have to do with, made from what shop.json says."""

    def __init__(self, where: Mapping[str, Any]) -> None:
        self.wire = Wire()
        self.gateway = Gateway(where["gateway"], self.wire, operator_key=where["internal_keys"]["operator"])
        # What the gateway would say of somebody in another network, which all test shoppers of one machine are not.
        self.elsewhere = AuthClient(where["services"]["auth"]["url"], transport=self.wire, timeout=PATIENCE)
        self.mailbox = Mailbox(where["mail"], self.wire)
        self.admin = Admin(self.gateway, **where["admin"])
        self.warehouse = Warehouse(self.gateway, self.admin)
        self.news = News(where["kafka"])

    def shopper(self, name: str) -> Shopper:
        """Somebody the shop has not met yet."""
        return Shopper(name, self.gateway, self.mailbox)


@asynccontextmanager
async def opened(where: Mapping[str, Any]) -> AsyncIterator[Shop]:
    """Come in, with the admin at work."""
    shop = Shop(where)
    try:
        await shop.admin.log_in()
        yield shop
    finally:
        await shop.wire.aclose()
