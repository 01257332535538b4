"""Conditional requests (RFC 9110, 13): whoever has the current answer already is not sent it again."""

import hashlib
from collections.abc import Mapping

from chassis.web.responses import WireResponse


def compute_etag(body: bytes) -> bytes:
    """The entity tag of a body: the same bytes have the same tag in every replica."""
    return b'"%s"' % hashlib.blake2b(body, digest_size=12).hexdigest().encode()


def revalidate(reply: WireResponse, headers: Mapping[bytes, bytes]) -> WireResponse:
    """The reply, or 304 without its body when `If-None-Match` names its entity tag."""
    status, own, _ = reply
    wanted = headers.get(b"if-none-match")
    if wanted is None or status != 200:
        return reply
    if not matches_etag(dict(own)[b"etag"], wanted):
        return reply
    return 304, [header for header in own if header[0] in (b"etag", b"cache-control")], b""


def matches_etag(tag: bytes, wanted: bytes) -> bool:
    """Whether `If-None-Match` names this entity tag, or any."""
    tags = {value.strip().removeprefix(b"W/") for value in wanted.split(b",")}
    return tag in tags or b"*" in tags
