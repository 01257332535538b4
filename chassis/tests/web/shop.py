"""A shop to try the chassis on: the models and handlers of contracts/shop.yaml, and somebody to sign tokens."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import UNSET, Struct, UnsetType

from chassis.web.access import ApiKeys, User
from chassis.web.application import build_application
from chassis.web.idempotency import IdempotencyKey
from chassis.web.responses import Response, created, no_content, ok
from chassis.web.tokens import JwtVerifier

TRUSTED = {"issuer": "https://issuer.example", "audience": "ledger"}

CONTRACT = Path(__file__).parent / "contracts" / "shop.yaml"
ASHA, BRAM = "0198c3c5-0a4e-7c6e-9d26-3f1f4be20001", "0198c3c5-0a4e-7c6e-9d26-3f1f4be20002"
LAMP, ORDER = "0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001", "0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001"
THEN = datetime(2026, 1, 5, 12, tzinfo=UTC)
ADDRESS = {"address_line1": "12 Quay Street", "city": "Galway", "postcode": "H91 XY00", "country": "IE"}
LINE = {"product_id": LAMP, "title": "Walnut desk lamp", "qty": 2, "unit_price_cents": 12999}
CHECK_OUT = {
    "email": "asha@example.com",
    "currency": "EUR",
    "requested_at": "2026-01-05T12:00:00Z",
    "note": None,
    "ship_to": ADDRESS,
    "items": [LINE],
}
KEYS = {"operator": ["devkey", "oldkey"], "order": ["orderkey"]}


class Address(Struct, frozen=True, kw_only=True):
    address_line1: str
    address_line2: str | UnsetType = UNSET
    city: str
    postcode: str
    country: str


class Line(Struct, frozen=True, kw_only=True):
    product_id: UUID
    title: str
    qty: int
    unit_price_cents: int


class CheckOut(Struct, frozen=True, kw_only=True):
    email: str
    currency: str
    requested_at: datetime
    note: str | None = None
    ship_to: Address
    items: list[Line]


class Order(Struct, frozen=True, kw_only=True):
    id: UUID
    user_id: UUID
    status: str
    currency: str
    created_at: datetime
    ship_to: Address
    items: list[Line]
    total_cents: int


class Product(Struct, frozen=True, kw_only=True):
    id: UUID
    title: str
    price_cents: int
    currency: str
    image_url: str | None
    active: bool
    updated_at: datetime


class ProductPage(Struct, frozen=True, kw_only=True):
    items: list[Product]
    next_cursor: str | None


class Restock(Struct, frozen=True, kw_only=True):
    product_id: UUID
    qty: int
    note: str | UnsetType = UNSET


class Notes(Struct, frozen=True, kw_only=True):
    notes: dict[str, int]
    free: Any = None


class NoSuchProduct(Exception):
    """The product is not known."""


class OutOfStock(Exception):
    """A product is out of stock."""

    def __init__(self, detail: str, left: int) -> None:
        super().__init__(detail)
        self.members = {"left": left}


class CartIsEmpty(Exception):
    """The cart is empty."""


class TooManyAttempts(Exception):
    """There were too many attempts."""

    headers = {"Retry-After": "7"}  # noqa: RUF012 (as a service would write it)


class Handlers:
    """One method per operation; what they were asked is kept in `asked`."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []

    async def get_health(self) -> Response:
        return ok({"status": "ok"})

    async def list_products(self, limit: int, category: str | None = None) -> Response:
        self.asked.append(("list_products", (limit, category)))
        return ok(ProductPage(items=[lamp() for _ in range(limit)], next_cursor=None))

    async def get_product(self, product_id: UUID) -> Response:
        self.asked.append(("get_product", product_id))
        if product_id != UUID(LAMP):
            raise NoSuchProduct
        return ok(lamp())

    async def get_label(self, product_id: UUID, user: User | None) -> Response:
        self.asked.append(("get_label", (product_id, user)))
        return Response(b"<svg/>", media_type="image/svg+xml")

    async def add_image(self, product_id: UUID, body: dict[str, Any]) -> Response:
        self.asked.append(("add_image", product_id))
        return Response({"bytes": len(await body["image"].read()), "alt": body.get("alt", "")}, 201)

    async def check_out(self, body: CheckOut, user: User, idempotency_key: IdempotencyKey | None = None) -> Response:
        self.asked.append(("check_out", (body, user, idempotency_key)))
        order = placed(body, user.id)
        return created(order, location=f"/shop/v1/orders/{order.id}")

    async def get_order(self, order_id: UUID, owner: UUID | None) -> Response:
        self.asked.append(("get_order", (order_id, owner)))
        if order_id != UUID(ORDER) or owner not in (None, UUID(ASHA)):
            raise NoSuchProduct
        return ok(placed(CHECK_OUT_BODY, UUID(ASHA)))

    async def restock(self, body: Restock, caller: str) -> Response:
        self.asked.append(("restock", (body, caller)))
        if body.product_id != UUID(LAMP):
            raise NoSuchProduct
        return no_content()

    async def get_cart(self, user_id: UUID) -> Response:
        self.asked.append(("get_cart", user_id))
        return ok({"tags": [str(user_id)]})

    async def add_notes(
        self, body: Notes | None = None, times: int | None = None, loud: bool = False, rate: float | None = None
    ) -> Response:
        self.asked.append(("add_notes", (body, times, loud, rate)))
        return ok({"count": len(body.notes) if body else 0, "total": (times or 0) + loud})

    async def search(self, tags: list[str] | None = None, price: dict[str, str] | None = None) -> Response:
        self.asked.append(("search", (tags, price)))
        return ok({"tags": tags or []})


def lamp() -> Product:
    return Product(
        id=UUID(LAMP),
        title="Walnut desk lamp",
        price_cents=12999,
        currency="EUR",
        image_url=None,
        active=True,
        updated_at=THEN,
    )


def placed(body: CheckOut, user_id: UUID) -> Order:
    total = min(sum(line.qty * line.unit_price_cents for line in body.items), 2**53 - 1)
    return Order(
        id=UUID(ORDER),
        user_id=user_id,
        status="CREATED",
        currency=body.currency,
        created_at=THEN,
        ship_to=body.ship_to,
        items=body.items,
        total_cents=total,
    )


CHECK_OUT_BODY = CheckOut(
    email="asha@example.com",
    currency="EUR",
    requested_at=THEN,
    ship_to=Address(**ADDRESS),
    items=[Line(product_id=UUID(LAMP), title="Walnut desk lamp", qty=2, unit_price_cents=12999)],
)


class Signer:
    """Signs tokens as the auth service does, or almost as it does."""

    def __init__(self, kid: str = "first") -> None:
        self.kid, self.private = kid, Ed25519PrivateKey.generate()

    @property
    def jwk(self) -> dict[str, str]:
        public = jwt.algorithms.OKPAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {**public, "kid": self.kid, "use": "sig", "alg": "EdDSA"}

    def token(self, *, head: dict[str, Any] | None = None, **claims: Any) -> str:
        """Asha's token; a claim given as None is left out."""
        now = int(time.time())
        said = {
            "iss": TRUSTED["issuer"],
            "aud": TRUSTED["audience"],
            "sub": ASHA,
            "exp": now + 600,
            "iat": now,
            "jti": "0198c3c5",
            "role": "customer",
            "email": "asha@example.com",
            **claims,
        }
        return jwt.encode(
            {name: value for name, value in said.items() if value is not None},
            self.private,
            algorithm="EdDSA",
            headers={"kid": self.kid, "typ": "at+jwt", **(head or {})},
        )


SIGNER = Signer()


def bearer(**claims: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {SIGNER.token(**claims)}"}


def shop(
    handlers: object, *, compiled: bool = True, contract: Path = CONTRACT, tokens: JwtVerifier | None = None
) -> Any:
    return build_application(
        contract,
        handlers,
        tokens=tokens or JwtVerifier.from_jwks({"keys": [SIGNER.jwk]}, **TRUSTED),
        keys=ApiKeys(KEYS),
        compiled=compiled,
    )


class Answered(Struct):
    """What came back from an application called in this process."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def status_code(self) -> int:
        return self.status

    def json(self) -> Any:
        return orjson.loads(self.body)


async def call(
    app: Any,
    method: str,
    target: str,
    headers: Any = (),
    body: bytes = b"",
    *,
    chunks: list[bytes] | None = None,
) -> Answered:
    """Send one request; a body in chunks comes without its length."""
    path, _, query = target.partition("?")
    said = [
        (_raw(name).lower(), _raw(value)) for name, value in (headers.items() if isinstance(headers, dict) else headers)
    ]
    if chunks is None and body and b"content-length" not in dict(said):
        said.append((b"content-length", b"%d" % len(body)))
    if chunks is not None:
        said.append((b"transfer-encoding", b"chunked"))
    waiting = list(chunks) if chunks is not None else [body]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": _decoded(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode("utf-8", "surrogateescape"),
        "headers": said,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        part = waiting.pop(0) if waiting else b""
        return {"type": "http.request", "body": part, "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    answer_headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return Answered(sent[0]["status"], answer_headers, b"".join(one.get("body", b"") for one in sent[1:]))


def _raw(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


def _decoded(path: str) -> str:
    """As uvicorn gives it: percent signs resolved."""
    from urllib.parse import unquote

    return unquote(path)
