"""Catalog and auth at one address, over real HTTP: as their contracts say, or as a test has them fail."""

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
PASSWORD = "a long walk by the quay"
LINK_TOKEN = "W1N0b2xlbiBsYW1wIG9uIGEgcXVheSBpbiBHYWx3YXldXQ"


def problem(status, slug, title="No", **members):
    return status, {"type": f"/problems/{slug}", "title": title, "status": status, **members}


class Neighbours:
    """`responses` are what a test has operations answer instead; one that is None answers nothing at all."""

    def __init__(self):
        self.products, self.next_cursor = [LAMP, MUG], None
        self.responses, self.requests = {}, []
        self._numbers = count(1)
        self.refresh_token = "refresh-0"
        self.hold, self.waiting = None, asyncio.Event()

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
                    "body": json.loads(raw) if raw else None,
                }  # fmt: skip
                self.requests.append(request)
                if self.hold is not None:
                    self.waiting.set()
                    await self.hold.wait()
                response = self.responses.get(url.path, ...)
                if response is None:
                    break
                status, body = self._respond(request) if response is ... else response
                content = json.dumps(body).encode() if body is not None else b""
                kind = "application/problem+json" if status >= 400 else "application/json"
                after = "retry-after: 7\r\n" if status == 429 else ""
                answer = (
                    f"HTTP/1.1 {status} So\r\ncontent-type: {kind}\r\n{after}content-length: {len(content)}\r\n\r\n"
                )
                writer.write(answer.encode() + content)
        writer.close()

    def _respond(self, request):  # noqa: PLR0911 - one for each operation
        match request["method"], request["path"]:
            case "GET", "/catalog/v1/categories/":
                return 200, [CATEGORY]
            case "GET", "/catalog/v1/products/":
                text = request["query"].get("q", "").lower()
                items = [one for one in self.products if text in one["title"].lower()]
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
                good = request["body"] == {"email": ACCOUNT["email"], "password": PASSWORD}
                return self._tokens() if good else problem(401, "wrong-credentials")
            case "GET", "/auth/users/me":
                return 200, ACCOUNT
            case "POST", "/auth/refresh":
                good = request["body"] == {"refresh_token": self.refresh_token}
                return self._tokens() if good else problem(401, "refresh-token-refused")
            case "POST", "/auth/password/reset" | "/auth/email/verify":
                return (204, None) if request["body"]["token"] == LINK_TOKEN else problem(409, "link-refused")
            case "POST", "/auth/logout":
                return 204, None
        return problem(404, "not-found")

    def _tokens(self):
        number = next(self._numbers)
        self.refresh_token = f"refresh-{number}"
        return 200, {
            "access_token": f"access-{number}", "refresh_token": self.refresh_token,
            "token_type": "bearer", "expires_in": 600,
        }  # fmt: skip
