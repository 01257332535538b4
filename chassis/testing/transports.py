"""Another service that responds as a test says, without a server."""

from collections.abc import Callable
from typing import Any

import msgspec

from chassis.contracts.media_types import JSON
from chassis.web.http_transport import Request, Response


class StubTransport:
    """A `Transport` that keeps every request, and has `respond` answer it or raise what a transport raises."""

    def __init__(self, respond: Callable[[Request], Response]) -> None:
        self._respond, self.requests = respond, list[Request]()

    async def send(self, request: Request) -> Response:
        self.requests.append(request)
        return self._respond(request)

    async def close(self) -> None:
        """Nothing is open."""


def json_response(status: int, value: Any, media_type: str = JSON) -> Response:
    return Response(status, {"content-type": media_type}, msgspec.json.encode(value))
