"""Bearer tokens: whose they are, by the keys that their issuer publishes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Self
from uuid import UUID

import jwt
import orjson
import structlog

from chassis.web.access import User
from chassis.web.http_transport import HttpTransport, Request, Transport
from chassis.web.problems import Unavailable

log = structlog.get_logger()

REQUIRED_CLAIMS = ["iss", "aud", "sub", "exp", "iat", "jti", "role", "email"]
MAX_TOKEN_LENGTH = 4096
MAX_TOKEN_LIFETIME = 900  # seconds between iat and exp
CLOCK_SKEW = 30  # seconds that the issuer's clock may be ahead of ours

Jwks = Mapping[str, Any]


class JwtVerifier:
    """Verifies EdDSA access tokens against a published key set.

    Keys are fetched when first needed, again in the background when they are no longer fresh, and at once when a token
    names a key that is not known, but then at most once per `cooldown` seconds. When they cannot be fetched the old
    ones stay, for `stale` seconds: a key that was taken back is not believed for ever. Verified tokens are remembered
    for at most `remember` seconds and never past their end.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Jwks]],
        *,
        issuer: str,
        audience: str,
        fresh: float = 300.0,
        stale: float = 86_400.0,
        cooldown: float = 10.0,
        remember: float = 30.0,
        most: int = 10_000,
    ) -> None:
        self._fetch, self._issuer, self._audience = fetch, issuer, audience
        self._fresh, self._stale = fresh, stale
        self._cooldown, self._remember, self._most = cooldown, remember, most
        self._keys: dict[str, jwt.PyJWK] = {}
        self._published: dict[str, str] = {}
        self._asked = self._got = float("-inf")
        self._asking: asyncio.Task[None] | None = None
        self._failed = False
        self._seen: dict[bytes, tuple[float, User]] = {}

    @classmethod
    def from_jwks_url(cls, jwks_url: str, *, issuer: str, audience: str, transport: Transport | None = None) -> Self:
        """Tokens signed with one of the keys that are published at that address."""
        http = transport or HttpTransport()

        async def fetch() -> Jwks:
            try:
                response = await http.send(Request("GET", jwks_url, {}))
            finally:
                await http.close()  # a fetch every few minutes leaves nothing open
            if response.status != 200:
                raise ValueError(f"answered {response.status}")
            jwks: Jwks = orjson.loads(response.content)
            return jwks

        return cls(fetch, issuer=issuer, audience=audience)

    @classmethod
    def from_jwks(cls, jwks: Jwks, *, issuer: str, audience: str) -> Self:
        """Tokens signed with one of these keys, which never change."""

        async def fetch() -> Jwks:
            return jwks

        return cls(fetch, issuer=issuer, audience=audience)

    async def verify(self, token: bytes) -> User | None:
        """Whose token it is, or None.

        Raises: Unavailable when nobody can say, because the keys cannot be fetched and those at hand are not enough.
        """
        now = time.time()
        if (known := self._seen.get(token)) is not None:
            if known[0] > now:
                return known[1]
            del self._seen[token]
        key = await self._key(token)
        claims = self._claims(token, key) if key is not None else None
        if claims is None:
            return None
        user = User(UUID(claims["sub"]), claims["role"], claims["email"], claims.get("email_verified") is True)
        if len(self._seen) >= self._most:
            self._seen.pop(next(iter(self._seen)), None)
        self._seen[token] = (min(float(claims["exp"]), now + self._remember), user)
        return user

    async def _key(self, token: bytes) -> jwt.PyJWK | None:
        if len(token) > MAX_TOKEN_LENGTH:
            return None
        try:
            head = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError):
            return None
        kid = head.get("kid")
        if head.get("typ") != "at+jwt" or head.get("alg") != "EdDSA" or "crit" in head or not isinstance(kid, str):
            return None
        now = time.monotonic()
        if now - self._got > self._stale:
            await self._refetched(after=0.0)
            if self._failed:
                raise Unavailable
        elif kid not in self._keys:
            await self._refetched(after=self._cooldown)
            if self._failed and kid not in self._keys:  # it may be new: a 401 would have its owner sign in again
                raise Unavailable
        elif now - self._got > self._fresh and now - self._asked > self._cooldown:
            self._ask()
        return self._keys.get(kid)

    async def _refetched(self, *, after: float) -> None:
        """Wait for the fetch that is under way, or for a new one if the last is long enough ago."""
        if self._asking is None and time.monotonic() - self._asked < after:
            return
        await asyncio.shield(self._ask())

    def _ask(self) -> asyncio.Task[None]:
        if self._asking is None:
            self._asked = time.monotonic()
            self._asking = asyncio.create_task(self._take_keys())
        return self._asking

    async def _take_keys(self) -> None:
        try:
            async with asyncio.timeout(3):
                jwks = await self._fetch()
            published = dict(_signing_keys(jwks))
            if not published:
                raise ValueError("no signing key among them")
            keys = {kid: jwt.PyJWK({"kty": "OKP", "crv": "Ed25519", "x": x}, "EdDSA") for kid, x in published.items()}
        except Exception as fault:  # noqa: BLE001 (whatever it is, the keys at hand stay, and it is tried again)
            log.warning("signing keys not fetched", fault=type(fault).__name__)
            self._failed = True
        else:
            self._failed = False
            if published != self._published:
                self._seen.clear()  # a token whose key was taken back is refused from now on
            self._keys, self._published, self._got = keys, published, time.monotonic()
        finally:
            self._asking = None

    def _claims(self, token: bytes, key: jwt.PyJWK) -> dict[str, Any] | None:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["EdDSA"],
                issuer=self._issuer,
                audience=self._audience,
                options={"require": REQUIRED_CLAIMS, "strict_aud": True, "verify_iat": False},
            )
            UUID(claims["sub"])
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
            return None
        begins, ends = claims["iat"], claims["exp"]
        if type(begins) is not int or type(ends) is not int or not 0 < ends - begins <= MAX_TOKEN_LIFETIME:
            return None
        if begins > time.time() + CLOCK_SKEW:
            return None
        return claims if all(isinstance(claims[name], str) for name in ("jti", "role", "email")) else None


def _signing_keys(jwks: Jwks) -> Iterator[tuple[str, str]]:
    """The id and public half of every key that may sign tokens."""
    for key in jwks["keys"]:
        if key.get("kty") == "OKP" and key.get("crv") == "Ed25519" and key.get("use", "sig") == "sig":
            yield str(key["kid"]), str(key["x"])
