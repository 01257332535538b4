"""What the storefront needs from others, in its own words."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from services.storefront.domain import Account, Session, Tokens


class SessionStore(Protocol):
    """Sessions, by their secret ids, of which only hashes are kept.

    Each method raises Unavailable when the store fails.
    """

    async def find(self, session_id: str) -> Session | None: ...

    async def add(self, session: Session) -> None:
        """Keep a new session; one that somebody has signed in to until the tokens can be renewed no more."""

    async def save_tokens(self, session: Session, tokens: Tokens) -> None:
        """Keep new tokens, unless the session has ended meanwhile."""

    async def remove(self, session: Session) -> None:
        """End a session; a repeat changes nothing."""

    async def remove_all(self, account: Account) -> None:
        """End all sessions of an account."""

    def refreshing(self, session: Session) -> AbstractAsyncContextManager[None]:
        """Keep others from renewing the tokens of the session meanwhile, in every process."""


class AuthClient(Protocol):
    async def log_in(self, email: str, password: str, address: str | None) -> tuple[Account, Tokens]:
        """Begin a session at auth, for somebody at a network address.

        Raises:
            WrongCredentials, TooManyAttempts: As auth refuses it (generated.clients.auth).
        """

    async def refresh(self, tokens: Tokens) -> Tokens:
        """Trade tokens for new ones.

        Raises:
            SessionEnded: Auth knows the session no more.
        """

    async def log_out(self, tokens: Tokens) -> None:
        """End the session at auth."""
