"""Who calls in tests: people with signed tokens, services with keys."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from chassis.web.access import ApiKeys
from chassis.web.application import build_application
from chassis.web.health import Health
from chassis.web.idempotency import IdempotencyKeyStore
from chassis.web.tokens import Tokens
from generated.access import OPERATIONS
from services import AUDIENCE, ISSUER
from tooling.conformance.contract_recorder import record_exchange, response_hooks

SIGNING_KEY = Ed25519PrivateKey.generate()
JWKS = {"keys": [{**OKPAlgorithm.to_jwk(SIGNING_KEY.public_key(), as_dict=True), "kid": "test", "use": "sig"}]}
TOKENS = Tokens.fixed(JWKS, issuer=ISSUER, audience=AUDIENCE)
# Of every service, called or not, and of whoever else the contracts admit.
CALLERS = {caller for operations in OPERATIONS.values() for access in operations.values() for caller in access.internal}
INTERNAL_KEYS = {name: f"the key of {name}" for name in sorted({*OPERATIONS, *CALLERS})}
KEYS = ApiKeys({name: [key] for name, key in INTERNAL_KEYS.items()})


@dataclass(frozen=True)
class Caller:
    """Somebody with an account."""

    id: UUID
    email: str
    role: str

    @property
    def headers(self) -> Mapping[str, str]:
        """What makes a request this caller's."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def token(self) -> str:
        """A token of its own for each request: a long test run outlives any of them."""
        now = int(time.time())
        registered = {"iss": ISSUER, "aud": AUDIENCE, "sub": str(self.id), "iat": now, "exp": now + 600}
        claims = {**registered, "jti": str(uuid4()), "role": self.role, "email": self.email}
        return jwt.encode(claims, SIGNING_KEY, "EdDSA", {"kid": "test", "typ": "at+jwt"})


def internal_key_headers(service: str) -> Mapping[str, str]:
    """The headers of a request by that service."""
    return {"X-Internal-Key": INTERNAL_KEYS[service]}


class Requests(httpx.AsyncClient):
    """Requests to an application in this process; each exchange is held against its contract and counted."""

    def __init__(self, app: Any, health: Health, base_url: str = "http://service") -> None:
        transport = httpx.ASGITransport(app=app)
        super().__init__(
            transport=transport, base_url=base_url, event_hooks=response_hooks(partial(record_exchange, by="services"))
        )
        self.health = health


def client_for(contract: Path, *handlers: object, idempotency: IdempotencyKeyStore | None = None) -> Requests:
    """Requests to an application in this process, through its whole stack, by the contract."""
    health = Health("test", "1.0.0")
    return Requests(
        build_application(contract, *handlers, health, tokens=TOKENS, keys=KEYS, idempotency=idempotency), health
    )
