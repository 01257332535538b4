"""The one transport of all that is asked over HTTP: whoever wants to see every exchange looks on here."""

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

    def __init__(self, *listeners: Callable[[Exchange], None]) -> None:
        self._http = HttpTransport()
        self._latest: deque[Exchange] = deque(maxlen=1000)
        self.listeners = [self._latest.append, *listeners]

    async def send(self, request: Request) -> Response:
        began = time.perf_counter()
        response = await self._http.send(request)
        asked = httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
        answered = httpx.Response(response.status, headers=response.headers, content=response.content, request=asked)
        exchange = Exchange(asked, answered, time.perf_counter() - began)
        for listen in self.listeners:
            listen(exchange)
        return response

    async def close(self) -> None:
        await self._http.close()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        sent = Request(request.method, str(request.url), request.headers, await request.aread())
        response = await self.send(sent)
        return httpx.Response(response.status, headers=response.headers, content=response.content)

    def last_responses(self, number: int) -> list[httpx.Response]:
        """The latest so many responses, the newest last."""
        return [exchange.response for exchange in list(self._latest)[-number:]]

    def clear(self) -> None:
        """Begin anew to note what goes by."""
        self._latest.clear()

    def summarize(self) -> list[str]:
        """Say what went by lately, a repeated exchange once."""
        counted = [(line, len(list(times))) for line, times in groupby(map(str, self._latest))]
        return [line if count == 1 else f"{line} ({count} times)" for line, count in counted]
