"""Who calls in tests: people with signed tokens, services with keys."""

import inspect
import time
from collections.abc import Mapping
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.dead_letter_operations import DeadLetterHandlers
from chassis.events.dead_letters import DeadLetterStore
from chassis.runtime.networks import Networks
from chassis.web.access import ApiKeys, TokenVerifier
from chassis.web.application import NO_NETWORKS, build_application
from chassis.web.health import Health
from chassis.web.idempotency import IdempotencyKeyStore
from chassis.web.pages import Pages
from chassis.web.tokens import JwtVerifier
from generated.access import OPERATIONS
from services import AUDIENCE, ISSUER
from tooling.conformance.contract_recorder import record_exchange, recording_event_hooks

SIGNING_KEY = Ed25519PrivateKey.generate()
JWKS = {"keys": [{**OKPAlgorithm.to_jwk(SIGNING_KEY.public_key(), as_dict=True), "kid": "test", "use": "sig"}]}
TOKEN_VERIFIER = JwtVerifier.from_jwks(JWKS, issuer=ISSUER, audience=AUDIENCE)
# Of every service, called or not, and of whoever else the contracts admit.
INTERNAL_CALLERS = {
    caller for operations in OPERATIONS.values() for access in operations.values() for caller in access.internal
}
INTERNAL_KEYS = {name: f"the key of {name}" for name in sorted({*OPERATIONS, *INTERNAL_CALLERS})}
API_KEYS = ApiKeys({name: [key] for name, key in INTERNAL_KEYS.items()})
P = TypeVar("P")
PARTS: ContextVar[tuple[Any, ...]] = ContextVar("PARTS")  # those of whichever application has the request
_built: dict[tuple[Any, ...], ASGIApp] = {}


@dataclass(frozen=True)
class Caller:
    """Somebody with an account."""

    id: UUID
    email: str
    role: str
    email_verified: bool = False

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
        claims |= {"email_verified": self.email_verified}
        return jwt.encode(claims, SIGNING_KEY, "EdDSA", {"kid": "test", "typ": "at+jwt"})


def internal_key_headers(service: str) -> Mapping[str, str]:
    """The headers of a request by that service."""
    return {"X-Internal-Key": INTERNAL_KEYS[service]}


class ContractTestClient(httpx.AsyncClient):
    """Requests to an application in this process; each exchange is held against its contract and counted."""

    def __init__(self, app: Any, health: Health, base_url: str = "http://service") -> None:
        transport = httpx.ASGITransport(app=app)
        super().__init__(
            transport=transport,
            base_url=base_url,
            event_hooks=recording_event_hooks(partial(record_exchange, by="services")),
        )
        self.health = health


def contract_test_client(
    contract: Path,
    *handlers: object,
    idempotency: IdempotencyKeyStore | None = None,
    pages: Pages | None = None,
    dead_letters: DeadLetterStore | None = None,
    broker: str = "127.0.0.1:9",
) -> ContractTestClient:
    """Requests to an application in this process, through its whole stack, by the contract.

    `dead_letters` are those of a service that receives events from the `broker`, if the test asks for any.
    """
    health, letters = Health("test", "1.0.0"), dead_letter_handlers(dead_letters, broker)
    application = application_for(contract, *handlers, health, letters, idempotency=idempotency, pages=pages)
    return ContractTestClient(application, health)


def dead_letter_handlers(store: DeadLetterStore | None = None, broker: str = "127.0.0.1:9") -> DeadLetterHandlers:
    """What serves the dead letters of a contract that has them; nothing can be asked of it without a store."""
    return DeadLetterHandlers(cast(DeadLetterStore, store), broker)


def application_for(
    contract: Path,
    *handlers: object,
    tokens: TokenVerifier = TOKEN_VERIFIER,
    idempotency: IdempotencyKeyStore | None = None,
    pages: Pages | None = None,
    trusted_proxies: Networks = NO_NETWORKS,
) -> ASGIApp:
    """The application of a contract, which is built once for all handlers of a kind: that takes longer than most tests.

    It is built of stand-ins, whose methods are those of the parts that this application was asked for with.
    """
    parts = (tokens, idempotency, pages, *handlers)
    key = contract, trusted_proxies, pages is not None and pages.is_secure, *map(type, parts)
    if key not in _built:
        stand_ins = [_stand_in(handler, number) for number, handler in enumerate(handlers, 3)]
        _built[key] = build_application(
            contract,
            *stand_ins,
            tokens=_stand_in(tokens, 0),
            keys=API_KEYS,
            idempotency=_stand_in(idempotency, 1),
            pages=_stand_in(pages, 2),
            trusted_proxies=trusted_proxies,
        )
    built = _built[key]

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        before = PARTS.set(parts)
        try:
            await built(scope, receive, send)
        finally:
            PARTS.reset(before)

    return application


def _stand_in(part: P, number: int) -> P:
    stand_in = copy(part)
    for name, method in inspect.getmembers(part, inspect.iscoroutinefunction):
        setattr(stand_in, name, _passed_on(method, name, number))
    return stand_in


def _passed_on(method: Any, name: str, number: int) -> Any:
    @wraps(method)
    async def passed_on(*arguments: Any, **named: Any) -> Any:
        return await getattr(PARTS.get()[number], name)(*arguments, **named)

    return passed_on
