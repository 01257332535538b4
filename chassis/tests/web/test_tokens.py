"""Whose token it is: forged ones, rotated keys, and an auth service that is away."""

import asyncio
import base64
import json
import time

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives import serialization

from chassis.testing.eventually import eventually
from chassis.testing.problems import assert_problem
from chassis.testing.transports import StubTransport, json_response
from chassis.tests.web.shop import ASHA, ORDER, SIGNER, TRUSTED, Handlers, Signer, call, shop
from chassis.web.http_transport import Response
from chassis.web.problems import Unavailable
from chassis.web.tokens import REQUIRED_CLAIMS, JwtVerifier

NOW = int(time.time())
EVE = Signer()

JWKS_URL = "http://issuer.example/.well-known/jwks.json"


def public_pem():
    return SIGNER.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def encode_segment(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def sign_with_algorithm(alg, secret):
    """A token that says HS256 (or none) and is signed with what anybody can know."""
    head, claims, _ = SIGNER.token().split(".")
    head = encode_segment({"alg": alg, "typ": "at+jwt", "kid": SIGNER.kid})
    if secret is None:
        return f"{head}.{claims}."
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    made = base64.urlsafe_b64encode(signature.sign(f"{head}.{claims}".encode(), secret)).rstrip(b"=").decode()
    return f"{head}.{claims}.{made}"


def alter_token():
    head, _, signature = SIGNER.token().split(".")
    return ".".join((head, SIGNER.token(role="admin").split(".")[1], signature))


FORGED_TOKENS = {
    "alg none": sign_with_algorithm("none", None),
    "HS256 with the public key's bytes": sign_with_algorithm("HS256", SIGNER.private.public_key().public_bytes_raw()),
    "HS256 with the public key as PEM": sign_with_algorithm("HS256", public_pem()),
    "another key under our kid": EVE.token(),
    "claims changed after signing": alter_token(),
    "another issuer": SIGNER.token(iss="eve"),
    "another audience": SIGNER.token(aud="bank"),
    "a list of audiences": SIGNER.token(aud=["shop", "bank"]),
    "typ JWT": SIGNER.token(head={"typ": "JWT"}),
    "typ of a refresh token": SIGNER.token(head={"typ": "rt+jwt"}),
    "no typ": SIGNER.token(head={"typ": None}),
    "an unknown kid": SIGNER.token(head={"kid": "other"}),
    "a kid that is a path": SIGNER.token(head={"kid": "../../first"}),
    "no kid": jwt.encode({"sub": ASHA}, SIGNER.private, "EdDSA", {"typ": "at+jwt"}),
    "a key of its own in the head": EVE.token(head={"jwk": EVE.jwk}),
    "a critical extension": SIGNER.token(head={"crit": ["exp"]}),
    "expired": SIGNER.token(iat=NOW - 700, exp=NOW - 100),
    "expired just now": SIGNER.token(iat=NOW - 600, exp=NOW - 1),
    "good for too long": SIGNER.token(exp=NOW + 100_000),
    "ending before it begins": SIGNER.token(iat=NOW + 700, exp=NOW + 600),
    "from the future": SIGNER.token(iat=NOW + 90_000, exp=NOW + 90_600),
    "exp as text": SIGNER.token(exp=str(NOW + 600)),
    "exp as true": SIGNER.token(exp=True),
    "a subject that is no id": SIGNER.token(sub="admin"),
    "a role that is a list": SIGNER.token(role=["customer", "admin"]),
    "an email that is a number": SIGNER.token(email=1),
    **{f"no {claim}": SIGNER.token(**{claim: None}) for claim in REQUIRED_CLAIMS},
}  # fmt: skip


@pytest.fixture(scope="module")
def count_fetches():
    handlers = Handlers()
    return handlers, shop(handlers)


@pytest.mark.parametrize("token", FORGED_TOKENS.values(), ids=FORGED_TOKENS.keys())
async def test_an_invalid_token_is_401(count_fetches, token):
    handlers, app = count_fetches

    answer = await call(app, "GET", f"/shop/v1/orders/{ORDER}", {"authorization": f"Bearer {token}"})

    assert_problem(answer, 401, "unauthorized")
    assert handlers.asked == []


async def test_a_valid_token_authenticates_its_user():
    user = await JwtVerifier.from_jwks({"keys": [SIGNER.jwk]}, **TRUSTED).verify(SIGNER.token().encode())

    assert (str(user.id), user.role, user.email) == (ASHA, "customer", "asha@example.com")


async def test_only_keys_for_ed25519_signatures_are_taken():
    others = [
        {"kty": "oct", "kid": "first", "k": "c2VjcmV0"},
        {**SIGNER.jwk, "kid": "second", "use": "enc"},
        {**SIGNER.jwk, "kid": "third", "crv": "X25519"},
    ]
    tokens = JwtVerifier.from_jwks({"keys": [*others, EVE.jwk]}, **TRUSTED)

    assert await tokens.verify(SIGNER.token(head={"kid": "second"}).encode()) is None
    assert await tokens.verify(SIGNER.token(head={"kid": "third"}).encode()) is None
    assert await tokens.verify(EVE.token().encode()) is not None


class FakeJwksServer:
    """An auth service that publishes some keys, or is away; counts how often it was asked."""

    def __init__(self, *signers):
        self.signers, self.asked, self.away = signers, 0, False

    async def fetch(self):
        self.asked += 1
        await asyncio.sleep(0)
        if self.away:
            raise ConnectionRefusedError
        return {"keys": [signer.jwk for signer in self.signers]}


async def test_a_new_key_is_fetched_when_the_first_token_names_it():
    auth, second = FakeJwksServer(SIGNER), Signer("second")
    tokens = JwtVerifier(auth.fetch, cooldown=0.0, **TRUSTED)
    await tokens.verify(SIGNER.token().encode())

    auth.signers = (SIGNER, second)
    both = [await tokens.verify(signer.token().encode()) for signer in (SIGNER, second)]

    assert None not in both
    assert auth.asked == 2


async def test_a_withdrawn_key_verifies_no_token():
    auth, second = FakeJwksServer(SIGNER), Signer("second")
    tokens, old = JwtVerifier(auth.fetch, cooldown=0.0, **TRUSTED), SIGNER.token().encode()
    assert await tokens.verify(old) is not None

    auth.signers = (second,)
    await tokens.verify(second.token().encode())

    assert await tokens.verify(old) is None


async def test_unknown_keys_are_asked_for_once_per_cooldown_however_many_come():
    auth = FakeJwksServer(SIGNER)
    tokens = JwtVerifier(auth.fetch, cooldown=60.0, **TRUSTED)
    await tokens.verify(SIGNER.token().encode())
    forged = [Signer(f"made up {n}").token().encode() for n in range(50)]

    answers = await asyncio.gather(*(tokens.verify(token) for token in forged))

    assert set(answers) == {None}
    assert auth.asked == 1
    assert await tokens.verify(SIGNER.token().encode()) is not None


async def test_many_first_requests_share_one_fetch():
    auth = FakeJwksServer(SIGNER)
    tokens = JwtVerifier(auth.fetch, **TRUSTED)

    answers = await asyncio.gather(*(tokens.verify(SIGNER.token(jti=str(n)).encode()) for n in range(20)))

    assert None not in answers
    assert auth.asked == 1


async def test_cached_keys_are_used_while_auth_is_unavailable():
    auth = FakeJwksServer(SIGNER)
    tokens = JwtVerifier(auth.fetch, fresh=0.0, cooldown=0.0, **TRUSTED)
    await tokens.verify(SIGNER.token().encode())

    auth.away = True
    answers = [await tokens.verify(SIGNER.token(jti=str(n)).encode()) for n in range(3)]

    assert None not in answers
    await eventually(lambda: auth.asked > 1)


async def test_a_token_of_an_unknown_key_raises_unavailable_while_auth_is_unavailable():
    auth, second = FakeJwksServer(SIGNER), Signer("second")
    tokens = JwtVerifier(auth.fetch, cooldown=0.0, **TRUSTED)
    await tokens.verify(SIGNER.token().encode())

    auth.away, auth.signers = True, (SIGNER, second)
    with pytest.raises(Unavailable):
        await tokens.verify(second.token().encode())
    assert await tokens.verify(SIGNER.token().encode()) is not None
    auth.away = False

    assert await tokens.verify(second.token().encode()) is not None
    assert await tokens.verify(Signer("made up").token().encode()) is None


async def test_keys_that_are_stale_for_a_day_are_not_trusted():
    auth = FakeJwksServer(SIGNER)
    tokens = JwtVerifier(auth.fetch, stale=0.0, cooldown=0.0, **TRUSTED)
    assert await tokens.verify(SIGNER.token().encode()) is not None

    auth.away = True
    with pytest.raises(Unavailable):
        await tokens.verify(SIGNER.token(jti="another").encode())
    auth.away = False

    assert await tokens.verify(SIGNER.token(jti="another").encode()) is not None


async def test_without_any_key_ever_it_is_unavailable_and_recovers():
    auth = FakeJwksServer(SIGNER)
    auth.away = True
    tokens = JwtVerifier(auth.fetch, **TRUSTED)

    with pytest.raises(Unavailable):
        await tokens.verify(SIGNER.token().encode())
    auth.away = False

    assert await tokens.verify(SIGNER.token().encode()) is not None


async def test_an_operation_says_503_for_missing_keys_only_if_its_contract_does():
    auth = FakeJwksServer()
    app = shop(Handlers(), tokens=JwtVerifier(auth.fetch, **TRUSTED))
    headers = {"authorization": f"Bearer {SIGNER.token()}"}

    declared = await call(
        app, "POST", "/shop/v1/orders/checkout", {**headers, "content-type": "application/json"}, b"{}"
    )
    undeclared = await call(app, "GET", f"/shop/v1/orders/{ORDER}", headers)

    assert (declared.status, declared.headers["retry-after"]) == (503, "1")
    assert undeclared.status == 500


async def test_keys_are_fetched_from_where_auth_publishes_them():
    auth = StubTransport(lambda _: json_response(200, {"keys": [SIGNER.jwk]}))
    tokens = JwtVerifier.from_jwks_url(JWKS_URL, transport=auth, **TRUSTED)

    assert await tokens.verify(SIGNER.token().encode()) is not None
    assert [request.url for request in auth.requests] == [JWKS_URL]


@pytest.mark.parametrize(
    ("status", "content"),
    [(200, content) for content in (b"[]", b"{}", b'{"keys": []}', b"not json", b'{"keys": [1]}')]
    + [(503, msgspec.json.encode({"keys": [SIGNER.jwk]}))],
)
async def test_a_response_that_is_no_key_set_keeps_the_cached_keys(status, content):
    auth = StubTransport(lambda _: Response(status, {}, content))
    tokens = JwtVerifier.from_jwks_url(JWKS_URL, transport=auth, **TRUSTED)

    with pytest.raises(Unavailable):
        await tokens.verify(SIGNER.token().encode())


async def test_a_verified_token_is_not_cached_past_its_expiry(monkeypatch):
    now = int(time.time())  # not when this file was imported, which may be minutes ago
    tokens, token = (
        JwtVerifier.from_jwks({"keys": [SIGNER.jwk]}, **TRUSTED),
        SIGNER.token(iat=now - 100, exp=now + 20).encode(),
    )
    assert await tokens.verify(token) is not None

    monkeypatch.setattr("chassis.web.tokens.time.time", lambda: now + 21.0)
    monkeypatch.setattr("jwt.api_jwt.datetime", _Later)

    assert await tokens.verify(token) is None


class _Later:
    """PyJWT's clock, a minute later."""

    @staticmethod
    def now(tz=None):
        from datetime import datetime, timedelta

        return datetime.now(tz) + timedelta(minutes=1)
