"""Access tokens, and the keys that sign them: kept in the database, so that all replicas have the same."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import uuid4

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from uuid_utils.compat import uuid7

from services.auth.domain import ACCESS_FOR, PUBLISHED_BEFORE, Account, SigningKey, SigningKeys
from services.auth.repository import KeptKeys
from services.chassis.database import Database

log = structlog.get_logger()


class Keyring:
    """The keys, read again after so many seconds. The first is made when it is needed."""

    def __init__(self, database: Database, *, remember: float = 30.0) -> None:
        self._database, self._remember = database, remember
        self._keys, self._read_at = SigningKeys([]), float("-inf")

    async def signer(self) -> Callable[[Account], str]:
        key = (await self._known()).signing(datetime.now(UTC))
        return lambda account: _token(account, key)

    async def jwks(self) -> Mapping[str, Any]:
        keys = await self._known()
        return {"keys": [_public(key) for key in keys.published(datetime.now(UTC))]}

    async def probe(self) -> None:
        """Raise unless there is a key to sign with."""
        await self._known()

    async def _known(self) -> SigningKeys:
        if monotonic() - self._read_at > self._remember:
            kept = await KeptKeys(self._database).all() or [await _first(self._database)]
            self._keys, self._read_at = SigningKeys(kept), monotonic()
        return self._keys


async def rotate(database: Database) -> SigningKey:
    """Publish a new key, which signs as soon as every service has had the time to fetch it.

    While one is waiting for its turn no other is made.
    """
    async with database.transaction() as transaction:
        keys, now = KeptKeys(transaction), datetime.now(UTC)
        await keys.lock()
        kept = await keys.all()
        if kept and (waiting := SigningKeys(kept).waiting(now)):
            return waiting
        key = _new(now + PUBLISHED_BEFORE if kept else now)
        await keys.add(key)
    log.info("signing key published", kid=key.kid, signs_from=key.signs_from)
    return key


async def _first(database: Database) -> SigningKey:
    """The only key, made by whoever comes first; nobody knows another, so it signs at once."""
    async with database.transaction() as transaction:
        keys = KeptKeys(transaction)
        await keys.lock()
        if kept := await keys.all():
            return SigningKeys(kept).signing(datetime.now(UTC))
        key = _new(datetime.now(UTC))
        await keys.add(key)
    log.info("first signing key made", kid=key.kid)
    return key


def _new(signs_from: datetime) -> SigningKey:
    return SigningKey(str(uuid7()), Ed25519PrivateKey.generate().private_bytes_raw(), signs_from)


def _token(account: Account, key: SigningKey) -> str:
    now = datetime.now(UTC)
    claims = {
        "iss": "auth",
        "aud": "shop",
        "sub": str(account.id),
        "iat": int(now.timestamp()),
        "exp": int((now + ACCESS_FOR).timestamp()),
        "jti": str(uuid4()),
        "role": account.role.value,
        "email": account.email,
    }
    private = Ed25519PrivateKey.from_private_bytes(key.private)
    return jwt.encode(claims, private, "EdDSA", {"kid": key.kid, "typ": "at+jwt"})


def _public(key: SigningKey) -> dict[str, str]:
    x = Ed25519PrivateKey.from_private_bytes(key.private).public_key().public_bytes_raw()
    told = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.kid}
    return {**told, "x": urlsafe_b64encode(x).rstrip(b"=").decode()}
