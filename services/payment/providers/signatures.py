"""Signatures of webhooks: HMAC-SHA256 over a time and the bytes of the body, in the form of Stripe's header."""

import hmac
from hashlib import sha256

from services.payment.errors import InvalidSignature

TOLERANCE = 300  # seconds that a webhook may be under way; one that is older may be somebody's copy


def sign(body: bytes, secret: bytes, at: float) -> str:
    return f"t={int(at)},v1={_digest(body, secret, str(int(at)))}"


def verify(body: bytes, signature: str, secret: bytes, now: float) -> None:
    """Raises: InvalidSignature."""
    fields = [field.partition("=") for field in signature.split(",")]
    times = [value for name, _, value in fields if name == "t"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit()) or abs(now - int(times[0])) > TOLERANCE:
        raise InvalidSignature
    expected = _digest(body, secret, times[0]).encode()
    # Several while a secret is changed for another one.
    digests = [value.encode() for name, _, value in fields if name == "v1"]
    if not any(hmac.compare_digest(expected, digest) for digest in digests):
        raise InvalidSignature


def _digest(body: bytes, secret: bytes, at: str) -> str:
    return hmac.new(secret, f"{at}.".encode() + body, sha256).hexdigest()
