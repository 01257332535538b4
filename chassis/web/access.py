"""Who may call an operation: `x-access` of the contract, bearer tokens, internal keys."""

import hmac
from collections.abc import Iterable, Mapping
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from chassis.contracts.openapi import Access
from chassis.web.problems import Forbidden, Unauthorized

BEARER_CHALLENGE = {"WWW-Authenticate": "Bearer"}


class User(Struct, frozen=True):
    """Somebody with a valid token."""

    id: UUID
    role: str
    email: str
    email_verified: bool = False  # as OpenID Connect has it; not said is not verified

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"


class Principal(Struct, frozen=True):
    """Who was let in: a user, a calling service, both, or (where nobody has to say who asks) neither."""

    user: User | None = None
    caller: str | None = None


ANONYMOUS = Principal()


class TokenVerifier(Protocol):
    """Knows whose token it is (tokens.py)."""

    async def verify(self, token: bytes) -> User | None: ...


class RejectAllTokens:
    """Takes no token for good: for services without operations that ask for one."""

    async def verify(self, _: bytes) -> User | None:
        return None


class ApiKeys:
    """The internal keys of the calling services, current and previous."""

    def __init__(self, keys: Mapping[str, Iterable[str]]) -> None:
        self._keys = [(caller, key.encode()) for caller, some in keys.items() for key in some if key]

    def find_caller(self, given: bytes) -> str | None:
        """Whose key it is, or None; takes the same time whichever it is."""
        found = None
        for caller, key in self._keys:
            if hmac.compare_digest(given, key):
                found = caller
        return found


class Authorizer:
    """Lets in whom the access of one operation allows.

    Where a token is optional nobody needs one, but one that is sent has to be good: who asked with an expired one as an
    admin would otherwise be answered as somebody unknown, and take that for the whole truth.
    """

    def __init__(self, access: Access, tokens: TokenVerifier, keys: ApiKeys) -> None:
        self._access, self._tokens, self._keys = access, tokens, keys

    async def authorize(self, headers: Mapping[bytes, bytes]) -> Principal:
        """Let the caller in.

        Raises: Unauthorized or Forbidden.
        """
        access, user, caller = self._access, None, None
        if access.roles or (access.optional_token and b"authorization" in headers):
            said = headers.get(b"authorization", b"")
            user = await self._tokens.verify(said[7:]) if said[:7].lower() == b"bearer " else None
            if user is None:
                raise Unauthorized(headers=BEARER_CHALLENGE)
        if access.internal:
            caller = self._keys.find_caller(headers.get(b"x-internal-key", b""))
            if caller is None:
                raise Unauthorized
        if (user and access.roles and user.role not in access.roles) or (caller and caller not in access.internal):
            raise Forbidden
        return Principal(user, caller)
