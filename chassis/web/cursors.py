"""The opaque place where a page of a list begins: the key of the last item before it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated, Any, TypeVar, overload
from uuid import UUID

import msgspec
from msgspec import Meta

from chassis.web.problems import InvalidRequest

A = TypeVar("A", UUID, datetime, int, str)
B = TypeVar("B", UUID, datetime, int, str)

# What a database cannot take (a NUL, a number over 64 bits, a time without its zone) is no key of ours either.
STORABLE_TYPES: dict[type, Any] = {
    UUID: UUID,
    datetime: Annotated[datetime, Meta(tz=True)],
    int: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)],
    str: Annotated[str, Meta(pattern="^[^\x00]*$")],
}


def encode_cursor(*values: UUID | datetime | int | str) -> str:
    """The cursor for a key; of about 140 bytes at most, or the contract's 200 characters do not hold it."""
    return urlsafe_b64encode(msgspec.json.encode(values)).rstrip(b"=").decode()


@overload
def decode_cursor(cursor: str, first: type[A], /) -> tuple[A]: ...
@overload
def decode_cursor(cursor: str, first: type[A], second: type[B], /) -> tuple[A, B]: ...
def decode_cursor(cursor: str, /, *kinds: type) -> tuple[Any, ...]:
    """The key that a cursor was made of.

    Raises:
        InvalidRequest: `encode_cursor` never made it from values of these types.
    """
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        wanted: Any = tuple[*(STORABLE_TYPES[kind] for kind in kinds)]  # type: ignore[misc]  # made at run time
        values: tuple[Any, ...] | None = msgspec.json.decode(raw, type=wanted)
    except ValueError:  # of base64, of UTF-8 and of msgspec
        values = None
    if values is None or encode_cursor(*values) != cursor:
        raise InvalidRequest(errors=[{"pointer": "/query/cursor", "rule": "cursor"}])
    return values
