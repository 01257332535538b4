"""The shop's front door: the generated client of each service, all through the gateway."""

from typing import Any

import httpx

from features.shop.recording_transport import RecordingTransport
from generated.clients.auth import AuthClient
from generated.clients.cart import CartClient
from generated.clients.catalog import CatalogClient
from generated.clients.notifications import NotificationsClient
from generated.clients.order import OrderClient
from generated.clients.payment import PaymentClient
from generated.clients.shipping import ShippingClient

TIMEOUT = 10.0  # seconds; a busy machine is no failure of the shop


class Gateway:
    def __init__(self, url: str, transport: RecordingTransport, *, operator_key: str) -> None:
        self.auth = AuthClient(url, transport=transport, timeout=TIMEOUT)
        self.catalog = CatalogClient(url, transport=transport, timeout=TIMEOUT)
        self.stockroom = CatalogClient(url, key=operator_key, transport=transport, timeout=TIMEOUT)
        self.cart = CartClient(url, transport=transport, timeout=TIMEOUT)
        self.order = OrderClient(url, transport=transport, timeout=TIMEOUT)
        self.payment = PaymentClient(url, transport=transport, timeout=TIMEOUT)
        self.shipping = ShippingClient(url, transport=transport, timeout=TIMEOUT)
        self.notifications = NotificationsClient(url, transport=transport, timeout=TIMEOUT)
        self._plain = httpx.AsyncClient(base_url=url, transport=transport, timeout=TIMEOUT)

    async def request(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> httpx.Response:
        """Ask for what no generated client would."""
        headers = {"Authorization": f"Bearer {token}"} if token else None
        return await self._plain.request(method, path, json=body, headers=headers)

    async def upload(self, path: str, *, token: str | None, **files: bytes) -> httpx.Response:
        """Send files, as no generated client does."""
        return await self._plain.post(path, files=files, headers={"Authorization": f"Bearer {token}"})
