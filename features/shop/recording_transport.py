"""The one transport of all that is asked over HTTP: whoever wants to see every exchange looks on here."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

import httpx

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
    """Carries every request of a shop's people, and tells its listeners of each exchange."""

    def __init__(self, *listeners: Callable[[Exchange], None]) -> None:
        # As chassis/web/http_client.py: no connection is used while the other side closes it.
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=2.0)
        self._http = httpx.AsyncHTTPTransport(limits=limits, trust_env=False)
        self._latest: deque[Exchange] = deque(maxlen=1000)
        self.listeners = [self._latest.append, *listeners]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        began = time.perf_counter()
        response = await self._http.handle_async_request(request)
        response.request = request
        await response.aread()
        exchange = Exchange(request, response, time.perf_counter() - began)
        for listen in self.listeners:
            listen(exchange)
        return response

    async def aclose(self) -> None:
        await self._http.aclose()

    def clear(self) -> None:
        """Begin anew to note what goes by."""
        self._latest.clear()

    def summarize(self) -> list[str]:
        """Say what went by lately, a repeated exchange once."""
        counted = [(line, len(list(times))) for line, times in groupby(map(str, self._latest))]
        return [line if count == 1 else f"{line} ({count} times)" for line, count in counted]
