"""What a handler answers."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from chassis.contracts.media_types import JSON

# An answer as it goes on the wire: status, headers with lower-case names, body.
WireResponse = tuple[int, list[tuple[bytes, bytes]], bytes]


class Response(Struct, frozen=True):
    """A model (or a list of them, or a dict), or the bytes themselves, and how they are sent."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = {}
    media_type: str = JSON


def ok(body: Any) -> Response:
    """Here it is."""
    return Response(body)


def created(body: Any, location: str | None = None) -> Response:
    """It was made, and can be read under that path."""
    return Response(body, 201, {"Location": location} if location else {})


def accepted(body: Any) -> Response:
    """It was begun, and its outcome is not known yet; this is how it stands."""
    return Response(body, 202)


def see_other(location: str, **headers: str) -> Response:
    """It was done; what to look at now is there."""
    return Response(status=303, headers={"Location": location, **headers})


def no_content() -> Response:
    """Done, and there is nothing to say about it."""
    return Response(status=204)
