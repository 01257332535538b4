"""Whoever may call, and whoever pretends to."""

import time
from dataclasses import dataclass, field
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from features.shop.shopper import PASSWORD
from tests.access.requests import session_cookie

SERVICES = ("operator", "cart", "notifications", "order", "payment", "storefront")


@dataclass(frozen=True)
class Caller:
    """The headers of somebody; `role` and `key_of` are what the headers really prove."""

    headers: dict[str, str]
    role: str | None = None
    key_of: str | None = None
    owns: bool = field(default=False)


def expected_outcome(access, caller, request):
    """The status that the access table declares for this caller and a request that is in order."""
    unknown = "Authorization" in caller.headers and caller.role is None
    if (access.roles and caller.role is None) or (access.optional_token and unknown):
        return 401
    if access.internal and caller.key_of is None:
        return 401
    if access.roles and caller.role not in access.roles:
        return 403
    if access.internal and caller.key_of not in access.internal:
        return 403
    if (access.owner or request.is_owned) and not caller.owns and caller.role != "admin":
        return request.somebody_elses
    return request.status


async def callers(shop, asha, bram):
    """Everybody, by what they are in words."""
    admin, people = shop.admin, {}
    for who, email, password in (
        ("asha", asha.email, PASSWORD), ("bram", bram.email, PASSWORD), ("admin", *shop.manifest["admin"].values())
    ):  # fmt: skip
        people[who] = await session_cookie(shop, email, password)
    asha_headers, bram_headers, admin_headers = (
        {**one.headers, **people[who]} for who, one in (("asha", asha), ("bram", bram), ("admin", admin))
    )
    known = {
        "anonymous": Caller({}),
        "owner": Caller(asha_headers, "customer", owns=True),
        "other customer": Caller(bram_headers, "customer"),
        "admin": Caller(admin_headers, "admin"),
        "wrong key": Caller({"X-Internal-Key": "devkey-"}),
        "admin with a wrong key": Caller({**admin_headers, "X-Internal-Key": uuid4().hex}, "admin"),
        "customer with the operator's key": Caller(
            {**bram_headers, **shop.internal_key_headers("operator")}, "customer", "operator"
        ),
    }
    for service in SERVICES:
        known[f"key of {service}"] = Caller(shop.internal_key_headers(service), None, service)
        known[f"admin with the key of {service}"] = Caller(
            {**admin_headers, **shop.internal_key_headers(service)}, "admin", service
        )
    forged = await forged_tokens(shop, admin.token)
    return known | {what: Caller({"Authorization": f"Bearer {token}"}) for what, token in forged.items()}


async def forged_tokens(shop, good):
    """Tokens of an admin that must not be believed; the shop's own key signs those that only a claim makes bad."""
    cursor = await shop.postgres.execute("SELECT kid, private_key FROM auth.signing_keys ORDER BY signs_from LIMIT 1")
    kid, private = await cursor.fetchone()
    ours, head = Ed25519PrivateKey.from_private_bytes(bytes(private)), {"kid": kid, "typ": "at+jwt"}
    claims, now = jwt.decode(good, options={"verify_signature": False}), int(time.time())

    def signed(key=ours, algorithm="EdDSA", headers=head, **changes):
        return jwt.encode({**claims, **changes}, key, algorithm, headers)

    begin, middle, end = good.split(".")
    assert jwt.decode(signed(), ours.public_key(), ["EdDSA"], audience="shop") == claims  # the rest is good
    return {
        "expired token": signed(iat=now - 700, exp=now - 100),
        "token of too long a life": signed(exp=now + 86_400),
        "token from tomorrow": signed(iat=now + 86_400, exp=now + 87_000),
        "token for another audience": signed(aud="elsewhere"),
        "token of another issuer": signed(iss="elsewhere"),
        "token of another type": signed(headers={**head, "typ": "JWT"}),
        "token signed with another key": signed(Ed25519PrivateKey.generate()),
        "token of an unknown key": signed(headers={**head, "kid": "unknown"}),
        "token signed with the public key as a secret": signed(ours.public_key().public_bytes_raw().hex(), "HS256"),
        "token without a signature": signed(None, "none"),
        "token cut off": f"{begin}.{middle}.",
        "token with another's signature": f"{begin}.{signed(role='customer').split('.')[1]}.{end}",
        "no token": "admin",
    }
