"""The one transport of all that is asked over HTTP: whoever wants to see every exchange looks on here."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

import httpx

from chassis.web.http_transport import HttpTransport, Request, Response

MAX_LOGGED_CHARS = 400  # characters of an answer
UNLOGGED_PATHS = ("/auth/login", "/auth/refresh")  # answers that nobody should find in a log


@dataclass(frozen=True)
class Exchange:
    """What was asked, and what was answered; the answer is read to its end."""

    request: httpx.Request
    response: httpx.Response
    seconds: float

    def __str__(self) -> str:
        path = self.request.url.raw_path.decode()
        said = "" if path in UNLOGGED_PATHS else " ".join(self.response.text.split())[:MAX_LOGGED_CHARS]
        return f"{self.request.method} {path} -> {self.response.status_code} {said}".rstrip()


class RecordingTransport(httpx.AsyncBaseTransport):
    """Carries every request of a shop's people, of generated clients and of httpx, and tells its listeners of each."""

    def __init__(self) -> None:
        self._http = HttpTransport()
        self._latest: deque[Exchange] = deque(maxlen=1000)
        self.listeners: list[Callable[[Exchange], None]] = [self._latest.append]

    async def send(self, request: Request) -> Response:
        began = time.perf_counter()
        response = await self._http.send(request)
        seconds = time.perf_counter() - began
        seen_request = httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
        seen_response = httpx.Response(
            response.status, headers=response.headers, content=response.content, request=seen_request
        )
        exchange = Exchange(seen_request, seen_response, seconds)
        for listen in self.listeners:
            listen(exchange)
        return response

    async def close(self) -> None:
        await self._http.close()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        sent = Request(request.method, str(request.url), request.headers, await request.aread())
        async with asyncio.timeout(request.extensions["timeout"]["read"]):
            response = await self.send(sent)
        return httpx.Response(response.status, headers=response.headers, content=response.content)

    def last_responses(self, path: str, number: int) -> list[httpx.Response]:
        """The latest so many responses to requests for a path, the newest last."""
        responses = [exchange.response for exchange in self._latest if exchange.request.url.path == path]
        return responses[-number:]

    def clear(self) -> None:
        """Begin anew to note what goes by."""
        self._latest.clear()

    def summarize(self) -> list[str]:
        """Say what went by lately, a repeated exchange once."""
        counted = [(line, len(list(times))) for line, times in groupby(map(str, self._latest))]
        return [line if count == 1 else f"{line} ({count} times)" for line, count in counted]
