"""The shop's front door: the generated client of each service, all through the gateway."""

from typing import Any

import httpx

from chassis.web.http_client import MAX_RETRIES
from features.shop.recording_transport import RecordingTransport
from generated.clients.auth import AuthClient
from generated.clients.cart import CartClient
from generated.clients.catalog import CatalogClient
from generated.clients.notifications import NotificationsClient
from generated.clients.order import OrderClient
from generated.clients.payment import PaymentClient
from generated.clients.shipping import ShippingClient

TIMEOUT = 30.0  # seconds; a busy machine is no failure of the shop


class Gateway:
    def __init__(
        self, url: str, transport: RecordingTransport, *, operator_key: str, max_retries: int = MAX_RETRIES
    ) -> None:
        options: dict[str, Any] = {"transport": transport, "timeout": TIMEOUT, "max_retries": max_retries}
        self.auth = AuthClient(url, **options)
        self.catalog = CatalogClient(url, **options)
        self.stockroom = CatalogClient(url, key=operator_key, **options)
        self.cart = CartClient(url, **options)
        self.order = OrderClient(url, **options)
        self.payment = PaymentClient(url, **options)
        self.shipping = ShippingClient(url, **options)
        self.notifications = NotificationsClient(url, **options)
        self._plain = httpx.AsyncClient(base_url=url, transport=transport, timeout=TIMEOUT)

    async def request(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> httpx.Response:
        """Ask for what no generated client would."""
        headers = {"Authorization": f"Bearer {token}"} if token else None
        return await self._plain.request(method, path, json=body, headers=headers)
