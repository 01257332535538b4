"""A shop that is open, and all the people in it."""

from collections.abc import Mapping
from typing import Any, Self

from chassis.web.http_client import MAX_RETRIES
from features.shop.admin import Admin
from features.shop.event_replay import EventReplayer
from features.shop.gateway import TIMEOUT, Gateway
from features.shop.mailbox import Mailbox
from features.shop.recording_transport import RecordingTransport
from features.shop.shopper import Shopper
from features.shop.warehouse import Warehouse
from generated.clients.auth import AuthClient


class ShopClient:
    """What people have to do with, made from what shop.json says; the admin is at work while it is entered."""

    def __init__(self, manifest: Mapping[str, Any], *, max_retries: int = MAX_RETRIES) -> None:
        self.manifest, self.transport = manifest, RecordingTransport()
        key = manifest["internal_keys"]["operator"]
        self.gateway = Gateway(manifest["gateway"], self.transport, operator_key=key, max_retries=max_retries)
        # What the gateway would say of somebody in another network, which all test shoppers of one machine are not.
        self.elsewhere = AuthClient(manifest["services"]["auth"]["url"], transport=self.transport, timeout=TIMEOUT)
        self.mailbox = Mailbox(manifest["mail"], self.transport)
        self.admin = Admin(self.gateway, **manifest["admin"])
        self.warehouse = Warehouse(self.gateway, self.admin)
        self.events = EventReplayer(manifest["kafka"])

    async def __aenter__(self) -> Self:
        try:
            await self.admin.log_in()
        except BaseException:
            await self.transport.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.transport.close()

    def shopper(self, name: str) -> Shopper:
        """Somebody the shop has not met yet."""
        return Shopper(name, self.gateway, self.mailbox)

    async def new_shopper(self, name: str) -> Shopper:
        """Somebody new, who has logged in."""
        shopper = self.shopper(name)
        await shopper.register()
        await shopper.log_in()
        return shopper
