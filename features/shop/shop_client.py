"""A shop that is open, and all the people in it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from features.shop.admin import Admin
from features.shop.event_replay import EventReplayer
from features.shop.gateway import TIMEOUT, Gateway
from features.shop.mailbox import Mailbox
from features.shop.recording_transport import RecordingTransport
from features.shop.shopper import Shopper
from features.shop.warehouse import Warehouse
from generated.clients.auth import AuthClient


class ShopClient:
    """What people have to do with, made from what shop.json says."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self.transport = RecordingTransport()
        self.gateway = Gateway(manifest["gateway"], self.transport, operator_key=manifest["internal_keys"]["operator"])
        # What the gateway would say of somebody in another network, which all test shoppers of one machine are not.
        self.elsewhere = AuthClient(manifest["services"]["auth"]["url"], transport=self.transport, timeout=TIMEOUT)
        self.mailbox = Mailbox(manifest["mail"], self.transport)
        self.admin = Admin(self.gateway, **manifest["admin"])
        self.warehouse = Warehouse(self.gateway, self.admin)
        self.events = EventReplayer(manifest["kafka"])

    def shopper(self, name: str) -> Shopper:
        """Somebody the shop has not met yet."""
        return Shopper(name, self.gateway, self.mailbox)


@asynccontextmanager
async def open_shop_client(manifest: Mapping[str, Any]) -> AsyncIterator[ShopClient]:
    """Come in, with the admin at work."""
    shop = ShopClient(manifest)
    try:
        await shop.admin.log_in()
        yield shop
    finally:
        await shop.transport.close()
