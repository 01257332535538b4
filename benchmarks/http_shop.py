"""A running shop of any commit, asked by plain requests: of an answer only what every version of the contracts has."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from chassis.web.http_transport import HttpTransport, Request, Response

ADDRESS = {"address_line1": "12 Quay Street", "city": "Galway", "country": "IE", "postcode": "H91 XY00"}


class HttpShop:
    """Where the shop is says its manifest; the admin is at work while it is entered."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self.manifest = manifest
        self._transport, self._admin_token = HttpTransport(), ""

    async def __aenter__(self) -> Self:
        try:
            self._admin_token = await self._log_in(self.manifest["admin"])
        except BaseException:
            await self._transport.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transport.close()

    async def offer(self, title: str, pieces: int) -> str:
        """Put a product on sale; its id."""
        product = {"title": title, "price_cents": 12999, "currency": "EUR", "sku": secrets.token_hex(8)}
        made = await self.ask("POST", "/catalog/v1/products/", product | {"description": ""}, token=self._admin_token)
        delivery = {"items": [{"product_id": made["id"], "qty": pieces}]}
        key = {"X-Internal-Key": self.manifest["internal_keys"]["operator"]}
        await self.ask("POST", "/catalog/v1/inventory/restock", delivery, token=self._admin_token, headers=key)
        return str(made["id"])

    async def new_shopper(self) -> "HttpShopper":
        """Somebody new, who has logged in."""
        credentials = {"email": f"bench.{secrets.token_hex(6)}@example.com", "password": secrets.token_hex(16)}
        await self.ask("POST", "/auth/register", credentials)
        return HttpShopper(self, await self._log_in(credentials))

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """What an operation answers.

        Raises:
            RefusedError: It was refused, or failed.
        """
        sent = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        response = await self.send(method, self.manifest["gateway"] + path, body, sent)
        if response.status >= 400:
            raise RefusedError(response)
        return json.loads(response.content) if response.content else None

    async def send(self, method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Response:
        """Send a request to wherever that is."""
        content, sent = None, dict(headers or {})
        if body is not None:
            content, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        return await self._transport.send(Request(method, url, sent, content))

    async def _log_in(self, credentials: Mapping[str, str]) -> str:
        return str((await self.ask("POST", "/auth/login", credentials))["access_token"])


class RefusedError(Exception):
    """An operation did not do what was asked."""

    def __init__(self, response: Response) -> None:
        self.status, self.retry_after = response.status, response.headers.get("Retry-After")
        super().__init__(f"{response.status} {response.content[:400]!r}")


@dataclass
class HttpShopper:
    """Somebody who buys; `order` is what they were answered when they placed their last one."""

    shop: HttpShop
    token: str
    order: Mapping[str, Any] = field(default_factory=dict)

    @property
    def order_id(self) -> str:
        return str(self.order["order_id"])

    async def add_to_cart(self, product: str) -> None:
        await self._ask("POST", "/cart/v1/cart/items", {"product_id": product, "qty": 1})

    async def check_out(self) -> None:
        self.order = await self._ask("POST", "/order/v1/orders/checkout", ADDRESS)

    async def pay(self) -> None:
        asked = {"amount_cents": self.order["total_cents"], "currency": self.order["currency"]}
        await self._ask("POST", "/payment/v1/payments/mock-succeed", {"order_id": self.order_id, **asked})

    async def order_status(self) -> str:
        return str((await self._ask("GET", f"/order/v1/orders/{self.order_id}"))["status"])

    async def shipment_status(self) -> str:
        return str((await self._ask("GET", f"/shipping/v1/shipments?order_id={self.order_id}"))[0]["status"])

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        return await self.shop.ask(method, path, body, token=self.token)
