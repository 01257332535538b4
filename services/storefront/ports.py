"""What the storefront needs from others, in its own words."""

from collections.abc import Collection, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from services.storefront.domain import Account, Cart, GuestLine, Product, Session, Tokens


class SessionStore(Protocol):
    """Sessions, by their secret ids, of which only hashes are kept.

    Each method raises Unavailable when the store fails.
    """

    async def find(self, session_id: str) -> Session | None:
        """The session; none where another release of the storefront kept it in a way that cannot be read."""

    async def add(self, session: Session, guest: Session | None = None) -> None:
        """Keep a new session; one that somebody has signed in to until the tokens can be renewed no more.

        An account has so many sessions at most: then its oldest ends.

        The cart of the `guest` is its account's from then on, to be merged (`GuestCartStore.handed_over`).
        """

    async def forget_typed(self, session: Session) -> None:
        """Have done with what was typed: it has been filled in."""

    async def wait_for_new_guest(self, address: str) -> int:
        """Count another new guest of a network address, and say for how many seconds there are too many, or 0."""

    async def keep(self, session: Session) -> None:
        """Keep a guest's session and cart for longer than an hour, since the cookie has come back."""

    async def extend(self, session: Session) -> None:
        """Keep a guest's session for another 30 days."""

    async def save_cart_pieces(self, session: Session, pieces: int) -> None:
        """Note how much is in the cart, unless the session has ended meanwhile."""

    async def checkout_key(self, session: Session, fingerprint: str, proposed: str, *, renew: bool) -> str:
        """The key that all forms of a session have which order the same cart: the first that was proposed."""

    async def save_tokens(self, session: Session, tokens: Tokens) -> None:
        """Keep new tokens, unless the session has ended meanwhile."""

    async def remove(self, session: Session) -> None:
        """End a session; a repeat changes nothing."""

    async def remove_all(self, account_id: UUID) -> None:
        """End all sessions of an account, which one that begins at the same time is or comes after."""

    def refreshing(self, session: Session) -> AbstractAsyncContextManager[None]:
        """Keep others from renewing the tokens of the session meanwhile, in every process."""


class AuthClient(Protocol):
    async def log_in(self, email: str, password: str, address: str | None) -> Tokens:
        """Begin a session at auth, for somebody at a network address.

        Raises:
            WrongCredentials, TooManyAttempts: As auth refuses it (generated.clients.auth).
        """

    async def get_account(self, tokens: Tokens) -> Account:
        """Whose session it is."""

    async def refresh(self, tokens: Tokens) -> Tokens:
        """Trade tokens for new ones.

        Raises:
            SessionEnded: Auth knows the session no more.
        """

    async def log_out(self, tokens: Tokens) -> None:
        """End the session at auth."""


class GuestCartStore(Protocol):
    """Carts of guests by the sessions they began in, kept for 30 days after the last change.

    Each method raises Unavailable when the store fails.
    """

    def cart_id(self, session: Session) -> str:
        """What the cart of a session is called, by which nobody finds the session."""

    async def read(self, cart_id: str) -> list[GuestLine]: ...

    async def add(self, cart_id: str, line: GuestLine, key: str, *, is_new: bool = False) -> str | None:
        """Put pieces in, once for each key; else the end of the type of the problem, of which `cart-closed` is ours.

        The cart of a new session is kept for an hour, until `SessionStore.keep`.
        """

    async def set_quantity(self, cart_id: str, product_id: UUID, qty: int) -> str | None:
        """Have so many pieces of a product that is in the cart, or none; else as `add`."""

    async def handed_over(self, account_id: UUID) -> list[str]:
        """The carts that are to be merged into an account's, or of which something is left over."""

    async def close(self, cart_id: str, now: datetime) -> tuple[datetime, list[GuestLine]]:
        """Let nothing come in any more; since when that is so, and what is in it."""

    async def remove(self, cart_id: str, product_id: UUID) -> None:
        """Take a product out of a closed cart."""

    async def refuse(self, cart_id: str, line: GuestLine) -> None:
        """Keep a line in a closed cart with its `refusal`."""

    async def forget(self, account_id: UUID, cart_id: str) -> None:
        """Have done with a cart of which nothing is left, but that it is closed."""


class CartClient(Protocol):
    """Raises Problem as cart refuses it, or Unavailable."""

    async def get(self, token: str) -> Cart: ...

    async def add(self, token: str, product_id: UUID, qty: int, key: str) -> Cart: ...

    async def set_quantity(self, token: str, product_id: UUID, qty: int) -> Cart:
        """Have so many pieces of a product that is in the cart, or none; one that is not stays out."""

    async def take_price(self, token: str, product_id: UUID, line_id: UUID) -> Cart:
        """Have a product at the price of now, if that is its line still; one that is not in the cart stays out."""


class ProductClient(Protocol):
    async def products(self, ids: Collection[UUID]) -> Mapping[UUID, Product]:
        """Those of the products that are for sale.

        Raises: Unavailable.
        """

    async def pictures(self, ids: Collection[UUID]) -> Mapping[UUID, Any]:
        """The first picture of each product that has one, as far as they can be had just now."""
