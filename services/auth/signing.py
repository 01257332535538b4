"""Access tokens, and the keys that sign them: kept in the database, so that all replicas have the same."""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import uuid4

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from uuid_utils.compat import uuid7

from chassis.data.database import Database
from chassis.runtime.background import background_context
from services import AUDIENCE, ISSUER
from services.auth.domain import ACCESS_TOKEN_LIFETIME, KEY_PUBLICATION_LEAD, Account, SigningKey, SigningKeys
from services.auth.repository import SigningKeyRepository

KEYS_STALE_AFTER = KEY_PUBLICATION_LEAD - timedelta(minutes=1)  # clocks may differ
JWKS_CACHE_SECONDS = 300  # seconds
REREAD_WAIT_SECONDS = 0.5  # seconds; services that ask for the keys wait for two

log = structlog.get_logger()


class Keyring:
    """The keys, read again after `fresh` seconds. The first is made when it is needed.

    While the database is away, those that were read last stay right for `stale` seconds: a key that they lack was
    published after they were read, and does not sign before that time is over.
    """

    def __init__(
        self, database: Database, *, fresh: float = 30.0, stale: float = KEYS_STALE_AFTER.total_seconds()
    ) -> None:
        self._database, self._fresh, self._stale = database, fresh, stale
        self._keys, self._read_at = SigningKeys([]), float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def access_token_signer(self) -> Callable[[Account], str]:
        key = (await self._known()).signing(datetime.now(UTC))
        return lambda account: _token(account, key)

    async def jwks(self) -> Mapping[str, Any]:
        keys = await self._known()
        return {"keys": [_public(key) for key in keys.published(datetime.now(UTC))]}

    def cache_seconds(self) -> int:
        """How long whoever is given the keys now may keep them: until then they lack none that signs."""
        return max(0, min(JWKS_CACHE_SECONDS, int(self._read_at + self._stale - monotonic())))

    async def probe(self) -> None:
        """Raise unless there is a key to sign with."""
        await self._known()

    async def _known(self) -> SigningKeys:
        if monotonic() - self._read_at > self._fresh:
            under_way, reading = self._reading is not None, self._reread()
            if monotonic() - self._read_at > self._stale:
                await asyncio.shield(reading)
            elif not under_way:  # whoever comes while somebody waits for the database does not wait, too
                await asyncio.wait([reading], timeout=REREAD_WAIT_SECONDS)
        return self._keys

    def _reread(self) -> asyncio.Task[None]:
        if self._reading is None:
            self._reading = asyncio.create_task(self._read(), context=background_context())
            self._reading.add_done_callback(self._was_read)
        return self._reading

    async def _read(self) -> None:
        began = monotonic()
        kept = await SigningKeyRepository(self._database).list_all() or [await _first(self._database)]
        self._keys, self._read_at = SigningKeys(kept), began

    def _was_read(self, reading: asyncio.Task[None]) -> None:
        self._reading = None
        if not reading.cancelled() and (error := reading.exception()) is not None:
            log.warning("signing keys not read", error=type(error).__name__)


async def rotate_signing_key(database: Database) -> SigningKey:
    """Publish a new key, which signs as soon as every service has had the time to fetch it.

    While one is waiting for its turn no other is made.
    """
    async with database.transaction() as transaction:
        keys, now = SigningKeyRepository(transaction), datetime.now(UTC)
        await keys.lock()
        kept = await keys.list_all()
        if kept and (waiting := SigningKeys(kept).waiting(now)):
            return waiting
        key = _new(now + KEY_PUBLICATION_LEAD if kept else now)
        await keys.add(key)
    log.info("signing key published", kid=key.kid, active_from=key.active_from)
    return key


async def delete_withdrawn_keys(database: Database, _stopping: asyncio.Event) -> None:
    """Delete the keys of which no valid token can be any more."""
    keys = SigningKeyRepository(database)
    if withdrawn := SigningKeys(await keys.list_all()).withdrawn(datetime.now(UTC)):
        await keys.delete(withdrawn)


async def _first(database: Database) -> SigningKey:
    """The only key, made by whoever comes first; nobody knows another, so it signs at once."""
    async with database.transaction() as transaction:
        keys = SigningKeyRepository(transaction)
        await keys.lock()
        if kept := await keys.list_all():
            return SigningKeys(kept).signing(datetime.now(UTC))
        key = _new(datetime.now(UTC))
        await keys.add(key)
    log.info("first signing key made", kid=key.kid)
    return key


def _new(active_from: datetime) -> SigningKey:
    return SigningKey(str(uuid7()), Ed25519PrivateKey.generate().private_bytes_raw(), active_from)


def _token(account: Account, key: SigningKey) -> str:
    now = datetime.now(UTC)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(account.id),
        "iat": int(now.timestamp()),
        "exp": int((now + ACCESS_TOKEN_LIFETIME).timestamp()),
        "jti": str(uuid4()),
        "role": account.role.value,
        "email": account.email,
        "email_verified": account.verified_at is not None,
    }
    private = Ed25519PrivateKey.from_private_bytes(key.private)
    return jwt.encode(claims, private, "EdDSA", {"kid": key.kid, "typ": "at+jwt"})


def _public(key: SigningKey) -> dict[str, str]:
    x = Ed25519PrivateKey.from_private_bytes(key.private).public_key().public_bytes_raw()
    told = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.kid}
    return {**told, "x": urlsafe_b64encode(x).rstrip(b"=").decode()}
