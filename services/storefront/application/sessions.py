"""Sessions of visitors: begun when one is needed, renewed when somebody signs in, refreshed behind the scenes."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from chassis.web.http_client import Problem
from chassis.web.problems import Unauthorized, Unavailable
from services.storefront.domain import Cart, Session, Tokens, TypedForm
from services.storefront.errors import SessionEnded
from services.storefront.ports import AuthClient, SessionStore

log = structlog.get_logger()

LEEWAY = timedelta(seconds=30)  # a token that is valid for longer is good for what a page asks
SIGN_OUT_SECONDS = 1.0  # that somebody who leaves is kept waiting for auth


class Sessions:
    def __init__(self, store: SessionStore, auth: AuthClient, now: Callable[[], datetime]) -> None:
        self._store, self._auth, self._now = store, auth, now

    async def find(self, session_id: str) -> Session | None:
        session = await self._store.find(session_id)
        if session is not None and session.is_new:
            await self._store.keep(session)
            session = replace(session, is_new=False)
        return session

    async def begin(self, address: str | None) -> Session:
        """A session for a guest, who has none yet and needs one; for an hour, until its cookie comes back.

        Raises:
            Problem: So many have begun from this network address that others may soon have no room (429).
        """
        if address is not None and (seconds := await self._store.wait_for_new_guest(address)):
            refused = Problem(429, {"type": "/problems/too-many-attempts"})
            refused.retry_after = str(seconds)
            raise refused
        session = replace(_new_session(), is_new=True)
        await self._store.add(session)
        return session

    async def sign_in(
        self,
        email: str,
        password: str,
        *,
        address: str | None,
        instead_of: Session | None,
        typed: TypedForm | None = None,
    ) -> Session:
        """A session under a new id, so that whoever knew the old one has nothing of it; a guest's cart goes along.

        It keeps what was `typed` into a form until that is filled in again.

        None is left at auth of which nobody has the tokens: neither the one before nor one that cannot be kept here.

        Raises:
            WrongCredentials, TooManyAttempts: As auth refuses it.
        """
        tokens = await self._auth.log_in(email, password, address)
        session = replace(_new_session(), tokens=tokens, typed=typed)
        try:
            session = replace(session, account=await self._auth.get_account(tokens))
            guest = instead_of if instead_of is not None and instead_of.account is None else None
            await self._store.add(session, guest)
        except Exception:
            await self._end_at_auth(session, tokens)
            raise
        if instead_of is not None:
            await self.sign_out(instead_of)
        return session

    async def sign_out(self, session: Session) -> None:
        """End it here in any case, and at auth if that can be reached: nobody else has its tokens."""
        await self._store.remove(session)
        if session.tokens is not None:
            await self._end_at_auth(session, session.tokens)

    async def take_typed(self, session: Session, path: str) -> tuple[Session, str]:
        """What was typed into the form of the page, if anything was, and the session without it."""
        if session.typed is None or session.typed.path != path:
            return session, ""
        await self._store.forget_typed(session)
        return replace(session, typed=None), session.typed.fields

    async def end(self, session: Session) -> None:
        """End a session of a guest."""
        await self._store.remove(session)

    async def end_all(self, account_id: UUID) -> None:
        """End all sessions of an account here, as auth does when its password is changed."""
        await self._store.remove_all(account_id)

    async def access_token(self, session: Session) -> str:
        """A token to ask other services with, renewed once for all requests of the session that come together.

        Raises:
            Unauthorized: Nobody has signed in, or the session has ended.
        """
        if session.tokens is None:
            raise Unauthorized
        try:
            return (await self._fresh(session, session.tokens)).access_token
        except SessionEnded:
            await self._store.remove(session)
            raise Unauthorized from None

    async def extend(self, session: Session) -> None:
        """Keep a guest's session for another 30 days."""
        await self._store.extend(session)

    async def note_cart(self, session: Session, pieces: int) -> Session:
        """The session, with how much is in the cart."""
        if pieces != session.cart_pieces:
            await self._store.save_cart_pieces(session, pieces)
        return replace(session, cart_pieces=pieces)

    async def checkout_key(self, session: Session, cart: Cart, *, renew: bool) -> str:
        """The key of the forms that order this cart, so that those of all tabs lead to one order.

        One that was refused is answered with the same refusal for good: then it has to be renewed.
        """
        return await self._store.checkout_key(session, cart.fingerprint, secrets.token_hex(16), renew=renew)

    async def _fresh(self, session: Session, tokens: Tokens) -> Tokens:
        if self._is_fresh(tokens):
            return tokens
        async with self._store.refreshing(session):
            current = await self._store.find(session.id)
            if current is not None and current.tokens is not None:
                tokens = current.tokens  # somebody else may have renewed them while this request waited
            if not self._is_fresh(tokens):
                tokens = await self._auth.refresh(tokens)
                await self._store.save_tokens(session, tokens)
        return tokens

    async def _end_at_auth(self, session: Session, tokens: Tokens) -> None:
        try:
            async with asyncio.timeout(SIGN_OUT_SECONDS):
                await self._auth.log_out(await self._fresh(session, tokens))
        except (Problem, Unavailable, Unauthorized, SessionEnded, TimeoutError) as error:
            log.warning("session not ended at auth", fault=type(error).__name__)

    def _is_fresh(self, tokens: Tokens) -> bool:
        return tokens.expires_at - self._now() > LEEWAY


def _new_session() -> Session:
    return Session(secrets.token_urlsafe(32), secrets.token_urlsafe(24))
