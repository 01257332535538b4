"""What a handler answers."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from chassis.web.request_parsing import JSON

# An answer as it goes on the wire: status, headers with lower-case names, body.
Reply = tuple[int, list[tuple[bytes, bytes]], bytes]


class Answer(Struct, frozen=True):
    """A model (or a list of them, or a dict), or the bytes themselves, and how they are sent."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = {}
    media_type: str = JSON


def ok(body: Any) -> Answer:
    """Here it is."""
    return Answer(body)


def created(body: Any, at: str | None = None) -> Answer:
    """It was made, and can be read under that path."""
    return Answer(body, 201, {"Location": at} if at else {})


def no_content() -> Answer:
    """Done, and there is nothing to say about it."""
    return Answer(status=204)
