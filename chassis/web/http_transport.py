"""Requests to other servers over kept connections: what every HTTP client of ours sends through."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import aiohttp
from yarl import URL

MAX_CONNECTIONS = 100
# Less than a server keeps a connection (process.py), so that none is used while it is being closed.
KEEPALIVE_SECONDS = 2.0


class Request(NamedTuple):
    """A request as it is sent; the URL is absolute, and encoded with its query."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None = None


class Response(NamedTuple):
    """A response that has been read to its end; `HttpTransport` finds headers by names in any case."""

    status: int
    headers: Mapping[str, str]
    content: bytes = b""


class Transport(Protocol):
    async def send(self, request: Request) -> Response:
        """Send a request, once.

        Raises:
            ConnectionRefusedError: Nothing was sent, since no connection came about.
            ConnectionError: It may have been received, and was not answered to the end.
        """

    async def close(self) -> None: ...


class HttpTransport:
    """`Transport`, by HTTP/1.1. It has no time-out, follows no redirect, and knows neither cookies nor proxies."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: Request) -> Response:
        session = self._session or self._open()
        try:
            async with session.request(
                request.method,
                URL(request.url, encoded=True),
                headers=request.headers,
                data=request.content,
                allow_redirects=False,
            ) as response:
                return Response(response.status, response.headers, await response.read())
        except aiohttp.ClientConnectorError as error:
            raise ConnectionRefusedError(str(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionError(f"{type(error).__name__}: {error}") from error

    async def close(self) -> None:
        """Close the connections; what is sent afterwards opens new ones."""
        if self._session:
            session, self._session = self._session, None
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        # A server that moved is found by its next connection, so that no address is kept longer than a connection.
        connector = aiohttp.TCPConnector(
            limit=MAX_CONNECTIONS, keepalive_timeout=KEEPALIVE_SECONDS, use_dns_cache=False
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(),
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            auto_decompress=False,
        )
        # It would send a GET, PUT or DELETE again whose response was lost; there is no argument for it.
        self._session._retry_connection = False  # as aiohttp's own TestClient
        return self._session
