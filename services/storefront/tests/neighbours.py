"""The other services at one address, over real HTTP: as their contracts say, or as a test has them fail."""

import asyncio
import contextlib
import json
from itertools import count
from urllib.parse import parse_qsl, urlsplit

CATEGORY = {"id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2b101", "name": "Lamps", "product_count": 3}
IMAGE = {
    "id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2b201",
    "url": "http://pictures.test/lamp.webp?signed=yes&for=you",
    "alt": "A walnut desk lamp on a desk",
    "width": 1200,
    "height": 800,
}
LAMP = {
    "id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001",
    "title": "Walnut desk lamp",
    "description": "Warm light from a turned walnut stem.",
    "price_cents": 12999,
    "currency": "EUR",
    "sku": "LAMP-WALNUT",
    "category_id": CATEGORY["id"],
    "active": True,
    "available": 2,
    "image": IMAGE,
}
MUG = {
    **{name: value for name, value in LAMP.items() if name != "image"},
    "id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2b002",
    "title": "Stoneware mug",
    "price_cents": 1400,
    "currency": "GBP",
    "sku": "MUG-STONE",
    "category_id": None,
    "available": 40,
}
ACCOUNT = {
    "id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2c001",
    "email": "asha@example.com",
    "role": "customer",
    "created_at": "2026-01-05T12:00:00Z",
    "disabled": False,
    "email_verified": False,
}
ADDRESS = {"address_line1": "12 Quay Street", "city": "Galway", "country": "IE", "postcode": "H91 XY00"}
ADDRESS_ID = "0198c3c5-0a4e-7c6e-9d26-3f1f4be2f006"
ORDER_ID = "0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001"
ORDER = {
    "id": ORDER_ID,
    "status": "CREATED",
    "total_cents": 25998,
    "currency": "EUR",
    "items": [{"product_id": LAMP["id"], "title": LAMP["title"], "qty": 2, "unit_price_cents": 12999}],
    **ADDRESS,
    "created_at": "2026-01-05T12:00:00Z",
    "pay_by": "2026-01-05T12:15:00Z",
    "cancel_reason": None,
}
SHIPMENT = {
    "id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2f002",
    "order_id": ORDER_ID,
    "status": "PENDING_PAYMENT",
    "carrier": None,
    "tracking_number": None,
    **ADDRESS,
}
PASSWORD = "a long walk by the quay"
LINK_TOKEN = "W1N0b2xlbiBsYW1wIG9uIGEgcXVheSBpbiBHYWx3YXldXQ"


def problem(status, slug, title="No", **members):
    return status, {"type": f"/problems/{slug}", "title": title, "status": status, **members}


class Neighbours:
    """`responses` are what a test has operations answer instead; one that is None answers nothing at all."""

    def __init__(self):
        self.products, self.next_cursor = [LAMP, MUG], None
        self.responses, self.requests = {}, []
        self.retry_after = 7  # seconds, where they refuse somebody who asks too often
        self._numbers = count(1)
        self.refresh_token, self.password = "refresh-0", PASSWORD
        self.hold, self.held_path, self.waiting = None, None, asyncio.Event()
        self.cart, self._line_ids, self._cart_keys = {}, count(1), set()
        self.addresses = [{"id": ADDRESS_ID, **ADDRESS}]
        self.orders, self._order_keys = [], {}
        self.timeline, self.shipments, self.payment = [], [], None
        self._payment_keys = set()

    def called(self, path):
        return [request for request in self.requests if request["path"] == path]

    async def serve(self, reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                start, *lines = head.strip().split("\r\n")
                method, target, _ = start.split(" ")
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
                raw = await reader.readexactly(int(headers.get("content-length", 0)))
                url = urlsplit(target)
                request = {
                    "method": method, "path": url.path, "query": dict(parse_qsl(url.query)), "headers": headers,
                    "body": json.loads(raw) if headers.get("content-type") == "application/json" else raw or None,
                }  # fmt: skip
                self.requests.append(request)
                if self.hold is not None and self.held_path in (None, url.path):
                    self.waiting.set()
                    await self.hold.wait()
                response = self.responses.get(f"{method} {url.path}", self.responses.get(url.path, ...))
                if response is None:
                    break
                status, body = self._respond(request) if response is ... else response
                content = json.dumps(body).encode() if body is not None else b""
                kind = "application/problem+json" if status >= 400 else "application/json"
                after = f"retry-after: {self.retry_after}\r\n" if status == 429 else ""
                answer = (
                    f"HTTP/1.1 {status} So\r\ncontent-type: {kind}\r\n{after}content-length: {len(content)}\r\n\r\n"
                )
                writer.write(answer.encode() + content)
        writer.close()

    def _respond(self, request):  # noqa: PLR0911, PLR0912 - one for each operation
        match request["method"], request["path"]:
            case _, path if path.startswith("/cart/"):
                return self._respond_as_cart(request)
            case _, path if path.startswith(("/order/", "/payment/", "/shipping/")):
                return self._respond_about_orders(request)
            case "GET", "/auth/users/me/addresses":
                return 200, {"items": self.addresses}
            case "POST", "/auth/users/me/addresses":
                self.addresses.insert(0, {"id": LAMP["id"], **request["body"]})
                return 201, self.addresses[0]
            case "GET", "/catalog/v1/categories/":
                return 200, [CATEGORY]
            case "GET", "/catalog/v1/products/":
                text, ids = request["query"].get("q", "").lower(), request["query"].get("ids")
                items = [
                    one
                    for one in self.products
                    if text in one["title"].lower() and (ids is None or one["id"] in ids.split(","))
                ]
                return 200, {"items": items, "next_cursor": self.next_cursor}
            case "GET", path if path.startswith("/catalog/v1/products/"):
                product_id, *rest = path.removeprefix("/catalog/v1/products/").split("/")
                product = next((one for one in self.products if one["id"] == product_id), None)
                if product is None:
                    return problem(404, "product-not-found")
                if rest:
                    return 200, [product["image"]] if "image" in product else []
                return 200, {name: value for name, value in product.items() if name != "image"}
            case "POST", "/auth/register":
                return 201, ACCOUNT
            case "POST", "/auth/login":
                good = request["body"] == {"email": ACCOUNT["email"], "password": self.password}
                return self._tokens() if good else problem(401, "wrong-credentials")
            case "GET", "/auth/users/me":
                return 200, ACCOUNT
            case "POST", "/auth/refresh":
                good = request["body"] == {"refresh_token": self.refresh_token}
                return self._tokens() if good else problem(401, "refresh-token-refused")
            case "POST", "/auth/password/reset" | "/auth/email/verify" as path:
                done = (200, {"id": ACCOUNT["id"]}) if path == "/auth/password/reset" else (204, None)
                return done if request["body"]["token"] == LINK_TOKEN else problem(409, "link-refused")
            case "POST", "/auth/logout" | "/auth/users/me/password" | "/auth/users/me/delete":
                return 204, None
            case "POST", "/auth/password/forgotten" | "/auth/users/me/verification" | "/auth/users/me/email":
                return 202, None
            case "DELETE", path if path.startswith("/auth/users/me/addresses/"):
                left = [one for one in self.addresses if not path.endswith(one["id"])]
                was_there, self.addresses = len(left) < len(self.addresses), left
                return (204, None) if was_there else problem(404, "address-not-found")
        return problem(404, "not-found")

    def _respond_as_cart(self, request):
        match request["method"], request["path"].removeprefix("/cart/v1/cart"):
            case "POST", "/items":
                key = request["headers"].get("idempotency-key")
                if key not in self._cart_keys:
                    product = next((one for one in self.products if one["id"] == request["body"]["product_id"]), None)
                    if product is None:
                        return problem(409, "product-unavailable")
                    self._put(product, request["body"]["qty"])
                    self._cart_keys.add(key)
                return 201, self._cart()
            case "POST", path if path.endswith("/price"):
                line = self.cart.get(path.split("/")[2])
                if line is None:
                    return problem(404, "line-not-found")
                product = next((one for one in self.products if one["id"] == line["product_id"]), None)
                if product is None:
                    return problem(409, "product-unavailable")
                if line["line_id"] == request["body"]["line_id"]:
                    del self.cart[product["id"]]
                    self._put(product, line["qty"])
            case method, path if path.startswith("/items/"):
                product_id = path.removeprefix("/items/")
                if product_id not in self.cart:
                    return problem(404, "line-not-found")
                qty = request["body"]["qty"] if method == "PATCH" else 0
                if qty == 0:
                    del self.cart[product_id]
                else:
                    self.cart[product_id] |= {
                        "qty": qty,
                        "total_cents": qty * self.cart[product_id]["unit_price_cents"],
                    }
        return 200, self._cart()

    def _put(self, product, qty):
        had = self.cart.get(product["id"], {"qty": 0})["qty"]
        self.cart[product["id"]] = {
            "line_id": f"0198c3c5-0a4e-7c6e-9d26-{next(self._line_ids):012}",
            "product_id": product["id"], "title": product["title"], "unit_price_cents": product["price_cents"],
            "qty": had + qty, "total_cents": (had + qty) * product["price_cents"], "added_at": "2026-01-05T11:55:00Z",
        }  # fmt: skip

    def _cart(self):
        lines = list(self.cart.values())
        currency = "EUR" if lines else None
        return {"items": lines, "currency": currency, "total_cents": sum(line["total_cents"] for line in lines)}

    def _respond_about_orders(self, request):  # noqa: PLR0911
        order = next((one for one in self.orders if f"/{one['id']}" in request["path"]), None)
        match request["method"], request["path"]:
            case "POST", "/order/v1/orders/checkout":
                return self._check_out(request)
            case "GET", "/order/v1/orders":
                return 200, {"items": self.orders, "next_cursor": self.next_cursor}
            case "POST", path if order is not None and path.endswith("/cancel"):
                cancelled = {**order, "status": "CANCELLED", "cancel_reason": "requested"}
                self.orders = [cancelled if one is order else one for one in self.orders]
                return 200, cancelled
            case "GET", "/payment/v1/payments":
                return 200, {"items": [self.payment] if self.payment else [], "next_cursor": None}
            case "GET", "/shipping/v1/shipments":
                return 200, self.shipments
            case "POST", "/payment/v1/payments/mock-succeed":
                self.payment = {**(self.payment or self._unpaid()), "status": "SUCCEEDED"}
                return 200, self.payment
            case "POST", "/payment/v1/payments/mock-fail":
                key = request["headers"]["idempotency-key"]
                if key not in self._payment_keys:
                    self._payment_keys.add(key)
                    self.payment = self.payment or self._unpaid()
                    failure = {"code": request["body"]["code"], "reason": "No", "failed_at": "2026-01-05T12:01:00Z"}
                    self.payment["failures"].append(failure)
                return 200, self.payment
            case "GET", path if order is not None and path.endswith("/timeline"):
                return 200, {"items": self.timeline, "missing_sources": [], "next_cursor": None}
            case "GET", _ if order is not None:
                return 200, order
        return problem(404, "order-not-found")

    def _unpaid(self):
        return {
            "id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2f001", "order_id": ORDER_ID, "status": "PENDING",
            "amount_cents": 25998, "currency": "EUR", "provider": "mock", "failures": [],
        }  # fmt: skip

    def _check_out(self, request):
        key, address = request["headers"].get("idempotency-key"), request["body"]
        if not address["city"].strip():
            return problem(400, "invalid-request", errors=[{"pointer": "/body/city", "rule": "required"}])
        if key in self._order_keys:
            order, asked = self._order_keys[key]
            if asked != address:
                return problem(422, "idempotency-key-reused")
        elif not self.cart:
            return problem(409, "cart-is-empty")
        else:
            total = sum(line["total_cents"] for line in self.cart.values())
            lines = [
                {name: line[name] for name in ("product_id", "title", "qty", "unit_price_cents")}
                for line in self.cart.values()
            ]
            order = {**ORDER, **address, "items": lines, "total_cents": total, "currency": "EUR"}
            self.orders.append(order)
            self._order_keys[key] = order, address
        left_out = ("id", "created_at", "cancel_reason")
        return 201, {"order_id": order["id"], **{name: it for name, it in order.items() if name not in left_out}}

    def _tokens(self):
        number = next(self._numbers)
        self.refresh_token = f"refresh-{number}"
        return 200, {
            "access_token": f"access-{number}", "refresh_token": self.refresh_token,
            "token_type": "bearer", "expires_in": 600,
        }  # fmt: skip
