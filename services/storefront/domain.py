"""Who visits the shop, and what is kept of that between two pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from uuid import UUID


@dataclass(frozen=True)
class Account:
    """Whose session it is."""

    id: UUID
    email: str
    role: str


@dataclass(frozen=True)
class Tokens:
    """What the other services are asked with. They never leave the server."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime  # of the access token


@dataclass(frozen=True)
class TypedForm:
    """What somebody typed into the form of a page before they had to sign in, as browsers send forms."""

    path: str
    fields: str = field(repr=False)


@dataclass(frozen=True)
class Session:
    """A visitor whom the cookie makes known: its `id` is a secret between the browser and us."""

    id: str = field(repr=False)
    csrf_token: str = field(repr=False)
    account: Account | None = None
    tokens: Tokens | None = None
    cart_pieces: int = 0  # in the cart, when it was last looked at
    is_new: bool = False  # a guest's, whose cookie has not come back yet
    typed: TypedForm | None = None  # to be filled in when its page is shown next


@dataclass(frozen=True)
class Product:
    """What the catalog says of a product now."""

    id: UUID
    title: str
    price_cents: int
    currency: str
    available: int


@dataclass(frozen=True)
class CartLine:
    """What a cart holds of one product; `id` is of its newest addition at the cart service, which a guest's has not."""

    product_id: UUID
    title: str
    unit_price_cents: int
    qty: int
    total_cents: int
    id: UUID | None = None


@dataclass(frozen=True)
class Cart:
    """What somebody is about to buy."""

    lines: tuple[CartLine, ...] = ()
    currency: str | None = None
    products: Mapping[UUID, Product] = field(default_factory=dict)  # as far as catalog was asked for them

    @property
    def total_cents(self) -> int:
        return sum(line.total_cents for line in self.lines)

    @property
    def pieces(self) -> int:
        return sum(line.qty for line in self.lines)

    @property
    def fingerprint(self) -> str:
        """Another one for every other content, since additions have ids that are never used again."""
        text = " ".join(f"{line.id}:{line.qty}" for line in self.lines)
        return sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class GuestLine:
    """A product in a guest's cart; `refusal` says why it could not go along to an account, by a problem's type."""

    product_id: UUID
    qty: int
    currency: str
    refusal: str | None = None


@dataclass(frozen=True)
class OrderProgress:
    """Where an order stands, by the states that its services say; None of what is not known."""

    order: str
    payment: str | None = None
    shipment: str | None = None

    @property
    def awaits_payment(self) -> bool:
        """Whether it has to be paid: order may not have heard yet of a payment that there is."""
        return self.order == "CREATED" and self.payment not in ("SUCCEEDED", "REFUNDED")

    @property
    def is_paid(self) -> bool:
        return self.order == "PAID" or (self.order == "CREATED" and not self.awaits_payment)

    @property
    def may_be_cancelled(self) -> bool:
        return self.order in ("CREATED", "PAID") and self.shipment not in ("DISPATCHED", "DELIVERED")

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing more will happen by itself."""
        if self.order == "CANCELLED":
            return self.payment != "SUCCEEDED"  # else the money is on its way back
        return self.order in ("REFUNDED", "REJECTED") or (self.order == "PAID" and self.shipment == "DELIVERED")

    @property
    def stage(self) -> int:
        """How many steps of its way are done: placed, paid, packed, dispatched, delivered."""
        if not self.is_paid:
            return 1
        return {"DISPATCHED": 4, "DELIVERED": 5}.get(self.shipment or "", 2)
