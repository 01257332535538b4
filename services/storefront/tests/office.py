"""The neighbours as an admin meets them: what only admins may ask, over the same real HTTP."""

from services.storefront.tests.neighbours import ACCOUNT, CATEGORY, IMAGE, LAMP, Neighbours, problem

ADMIN = {**ACCOUNT, "id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2c00a", "email": "warehouse@example.com", "role": "admin"}
BRAM = {**ACCOUNT, "id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2c002", "email": "bram@example.com"}
ADDRESS = {"address_line1": "12 Quay Street", "city": "Galway", "country": "IE", "postcode": "H91 XY00"}
ORDER = {
    "id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2a0a1",
    "status": "PAID",
    "total_cents": 25998,
    "currency": "EUR",
    "items": [{"product_id": LAMP["id"], "title": LAMP["title"], "qty": 2, "unit_price_cents": 12999}],
    **ADDRESS,
    "created_at": "2026-01-05T11:00:00Z",
    "pay_by": "2026-01-05T11:30:00Z",
    "cancel_reason": None,
}
LISTED = {**ORDER, "user_id": BRAM["id"], "user_email": BRAM["email"]}
PARCEL = {
    "id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2d0a1",
    "order_id": ORDER["id"],
    "status": "READY_TO_SHIP",
    "carrier": None,
    "tracking_number": None,
    **ADDRESS,
    "items": [{"product_id": LAMP["id"], "title": LAMP["title"], "qty": 2}],
}
FAILED_MAIL = {
    "id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2e0a1",
    "order_id": ORDER["id"],
    "kind": "shipping.ready",
    "recipient": BRAM["email"],
    "status": "FAILED",
    "queued_at": "2026-01-05T11:05:00Z",
    "sent_at": None,
}
LETTER = {
    "id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2c901",
    "status": "OPEN",
    "topic": "payment.events",
    "partition": 1,
    "offset": 417,
    "operation": "on_payment_succeeded",
    "event_id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2e003",
    "key": ORDER["id"],
    "error": "AmountDiffers at services/order/domain.py:7",
    "tries": 5,
    "failed_at": "2026-01-05T11:10:00Z",
    "redriven_at": None,
}
HEATHER = {
    **LAMP,
    "id": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2b0a1",
    "title": "Heather brush",
    "sku": "BRUSH",
    "active": False,
}


class OfficeNeighbours(Neighbours):
    """Whoever signs in is an admin."""

    account = ADMIN

    def __init__(self):
        super().__init__()
        self.parcel, self.order, self.mail, self.bram = dict(PARCEL), dict(ORDER), dict(FAILED_MAIL), dict(BRAM)
        self.lamp, self.images, self.uploads = dict(LAMP), [IMAGE], []
        self.stock = {"product_id": LAMP["id"], "in_stock": 5, "reserved": 3, "available": 2}
        self.movements, self.keys, self.next_page = [], set(), None
        self.letter, self.event = dict(LETTER), '{"user_email":"<script>alert(1)</script>"}'

    def _respond(self, request):
        if "/v1/admin/dead-letters" in request["path"]:
            return self._as_receiver(
                request["method"], *request["path"].split("/v1/admin/dead-letters"), request["query"]
            )
        for answers in (self._as_shipping, self._as_order, self._as_notifications, self._as_auth, self._as_catalog):
            answer = answers(request["method"], request["path"], request["query"], request["body"], request)
            if answer is not None:
                return answer
        return super()._respond(request)

    def _page(self, *items):
        return 200, {"items": list(items), "next_cursor": self.next_page}

    def _as_receiver(self, method, service, path, query):
        match method, path:
            case "GET", "":
                return self._page(*[self.letter] * (service == "/order" and query["status"] == self.letter["status"]))
            case "GET", path if path == f"/{LETTER['id']}":
                return 200, {"letter": self.letter, "size": len(self.event or ""), "value": self.event}
            case "POST", path if path.startswith(f"/{LETTER['id']}/"):
                self.letter["status"] = "REDRIVEN" if path.endswith("/redrive") else "DISMISSED"
                return 200, self.letter
        return problem(404, "dead-letter-not-found")

    def _as_shipping(self, method, path, query, body, _request):  # noqa: PLR0911 - one for each operation
        match method, path:
            case "GET", "/shipping/v1/admin/shipments":
                listed = {**self.parcel, "user_email": BRAM["email"], "created_at": "2026-01-05T11:01:00Z"}
                return self._page(*[listed] * (query["status"] == self.parcel["status"]))
            case "GET", "/shipping/v1/shipments":
                return 200, [self.parcel]
            case "GET", path if path == f"/shipping/v1/shipments/{PARCEL['id']}":
                return 200, self.parcel
            case "POST", path if path.startswith(f"/shipping/v1/shipments/{PARCEL['id']}/"):
                what = path.rpartition("/")[2]
                needed, becomes = {
                    "dispatch": (("READY_TO_SHIP",), "DISPATCHED"),
                    "correct": (("DISPATCHED",), "DISPATCHED"),
                    "deliver": (("DISPATCHED", "DELIVERED"), "DELIVERED"),
                }[what]
                if self.parcel["status"] not in needed:
                    return problem(409, "shipment-not-ready")
                self.parcel |= {"status": becomes, **(body or {})}
                return 200, self.parcel
            case _, path if path.startswith("/shipping/"):
                return problem(404, "shipment-not-found")
        return None

    def _as_order(self, method, path, _query, _body, _request):
        match method, path:
            case "GET", "/order/v1/admin/orders":
                return self._page(LISTED)
            case "GET", path if path == f"/order/v1/orders/{ORDER['id']}":
                return 200, self.order
            case "GET", path if path == f"/order/v1/orders/{ORDER['id']}/timeline":
                entry = {"happened_at": "2026-01-05T11:00:00Z", "source": "order", "kind": "order.created"}
                return 200, {"items": [entry], "missing_sources": [], "next_cursor": None}
            case "POST", path if path == f"/order/v1/orders/{ORDER['id']}/cancel":
                if self.parcel["status"] == "DISPATCHED":
                    return problem(409, "already-dispatched")
                self.order |= {"status": "CANCELLED", "cancel_reason": "requested"}
                return 200, self.order
        return None

    def _as_notifications(self, method, path, query, _body, _request):
        match method, path:
            case "GET", "/notifications/v1/admin/notifications":
                return self._page(*[self.mail] * (query["status"] == self.mail["status"]))
            case "GET", "/notifications/v1/notifications":
                return self._page(self.mail)
            case "POST", path if path == f"/notifications/v1/notifications/{FAILED_MAIL['id']}/retry":
                self.mail["status"] = "QUEUED"
                return 200, self.mail
            case _, path if path.startswith("/notifications/"):
                return problem(404, "notification-not-found")
        return None

    def _as_auth(self, method, path, query, _body, _request):  # noqa: PLR0911 - one for each operation
        match method, path:
            case "GET", "/auth/users/me":
                return 200, self.account
            case "GET", "/auth/users":
                found = [one for one in (ADMIN, self.bram) if one["email"].startswith(query.get("email_prefix", ""))]
                return self._page(*found)
            case "POST", path if path == f"/auth/users/{ADMIN['id']}/disable":
                return problem(409, "own-account")
            case "POST", path if path.startswith(f"/auth/users/{BRAM['id']}/"):
                if path.endswith("/logout"):
                    return 204, None
                self.bram["disabled"] = path.endswith("/disable")
                return 200, self.bram
            case "POST", path if path.startswith("/auth/users/"):
                return problem(404, "account-not-found")
        return None

    def _as_catalog(self, method, path, query, body, request):  # noqa: PLR0911, PLR0912 - one for each operation
        lamp = f"/catalog/v1/products/{LAMP['id']}"
        match method, path:
            case "GET", "/catalog/v1/categories/":
                return 200, [CATEGORY]
            case "GET", "/catalog/v1/products/":
                wanted = {"true": (True,), "false": (False,)}.get(query.get("active"), (True, False))
                return self._page(*[one for one in (self.lamp, HEATHER) if one["active"] in wanted])
            case "GET", path if path == lamp:
                return 200, {name: value for name, value in self.lamp.items() if name != "image"}
            case "POST", "/catalog/v1/products/":
                if body["sku"] == "TAKEN":
                    return problem(409, "sku-taken")
                return 201, {name: value for name, value in {**self.lamp, **body}.items() if name != "image"}
            case "PATCH", path if path == lamp:
                if body.get("sku") == "TAKEN":
                    return problem(409, "sku-taken")
                self.lamp |= body
                return 200, {name: value for name, value in self.lamp.items() if name != "image"}
            case "GET", path if path == f"{lamp}/images":
                return 200, self.images
            case "POST", path if path == f"{lamp}/images":
                if b"no picture" in body:
                    return problem(409, "image-refused")
                self.uploads.append((request["headers"]["content-type"], body))
                return 201, IMAGE
            case "DELETE", path if path == f"{lamp}/images/{IMAGE['id']}":
                if not self.images:
                    return problem(404, "image-not-found")
                self.images.clear()
                return 204, None
            case "GET", path if path == f"/catalog/v1/inventory/{LAMP['id']}":
                return 200, self.stock
            case "GET", path if path == f"/catalog/v1/inventory/{LAMP['id']}/movements":
                return self._page(*self.movements)
            case "POST", "/catalog/v1/inventory/restock" | "/catalog/v1/inventory/correct":
                return self._move(body, request["headers"]["idempotency-key"])
        return None

    def _move(self, body, key):
        qty = body["items"][0]["qty"]
        if key not in self.keys:
            if self.stock["available"] + qty < 0:
                return problem(409, "below-reserved")
            self.keys.add(key)
            self.stock |= {name: self.stock[name] + qty for name in ("in_stock", "available")}
            moved = {"admin_id": ADMIN["id"], "moved_at": "2026-01-05T12:00:00Z"}
            self.movements.insert(0, {"qty": qty, "reason": body.get("reason"), **moved})
        return 200, {"items": [self.stock]}
