"""What the gateway answers where no service does: problems, like everybody else's refusals, and the pages of pages.py.

Traefik knows only plain text of its own. It sends here, each under a prefix that no client can choose: what no route
takes (`/unmatched/…`), and what it did not pass on to a service: it could not (`/failed/502`, and `/failed/503/…` with
its path), or one address asks too often (`/failed/429`). What is read below `/docs` has a route of its own.
"""

import argparse
from collections.abc import Mapping
from typing import Any

import uvicorn

from chassis.contracts.media_types import PROBLEM_JSON
from chassis.web.problems import MethodNotAllowed, NotFound, ProblemError, TooManyRequests, Unavailable
from chassis.web.routing import Routes
from generated.access import OPERATIONS, Access
from infra.gateway.pages import HURRIED_PAGE, RESTING_HEADERS, RESTING_PAGE, DocumentationPages, WireResponse

# So that whoever reads an answer knows whether it came from a service.
GATEWAY_HEADER = (b"x-answered-by", b"gateway")
READINESS_PATH = "/problems/health/ready"  # as of a service, for the same probe


class BadGateway(Unavailable, ProblemError):
    """The service that answers this cannot be reached."""

    status = 502


class GatewayTimeout(Unavailable, ProblemError):
    """The service that answers this takes too long."""

    status = 504


PROBLEMS_BY_STATUS: Mapping[str, type[ProblemError]] = {
    "429": TooManyRequests, "502": BadGateway, "503": Unavailable, "504": GatewayTimeout,
}  # fmt: skip


class GatewayProblemsApp:
    """An ASGI application; the paths and methods that it knows are those that the contracts offer to the outside."""

    def __init__(self) -> None:
        paths: dict[str, dict[str, Access]] = {}
        for operations in OPERATIONS.values():
            for operation in operations.values():
                paths.setdefault(operation.path, {})[operation.method] = operation
        self._routes = Routes(paths, lambda operation: operation.public or bool(operation.roles))
        self._pages = DocumentationPages()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            status, headers, body = self._reply(scope["method"], scope["path"], dict(scope["headers"]))
            raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
            raw += [GATEWAY_HEADER, (b"content-length", b"%d" % len(body))] if body else [GATEWAY_HEADER]
            await send({"type": "http.response.start", "status": status, "headers": raw})
            await send({"type": "http.response.body", "body": body if scope["method"] != "HEAD" else b""})

    def _reply(self, method: str, path: str, sent: Mapping[bytes, bytes]) -> WireResponse:
        prefix, _, rest = path.removeprefix("/").partition("/")
        if prefix == "docs":
            return self._pages.reply(path, sent.get(b"if-none-match", b""))
        if prefix == "failed":
            refusal = PROBLEMS_BY_STATUS.get(rest.partition("/")[0], Unavailable)()
            if b"text/html" in sent.get(b"accept", b""):  # somebody who looks at pages
                page = HURRIED_PAGE if isinstance(refusal, TooManyRequests) else RESTING_PAGE
                return refusal.status, {**refusal.headers, **RESTING_HEADERS}, page.encode()
            return _problem(refusal)
        # asked for OPTIONS, whatever was: what only services may call is found by its own method alone
        match = self._routes.find(f"/{rest}", "OPTIONS") if prefix == "unmatched" else None
        if match is None:
            return (200, {}, b"") if path == READINESS_PATH else _problem(NotFound())
        if method == "OPTIONS":
            return 204, {"Allow": match.allow}, b""
        return _problem(MethodNotAllowed(headers={"Allow": match.allow}))


def _problem(refusal: ProblemError) -> WireResponse:
    return refusal.status, {**refusal.headers, "Content-Type": PROBLEM_JSON}, refusal.body()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Answer for the gateway where no service does.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("port", type=int)
    where = parser.parse_args()
    uvicorn.run(
        GatewayProblemsApp(), host=where.host, port=where.port, http="httptools", ws="none", lifespan="off",
        log_level="warning", access_log=False, server_header=False, proxy_headers=False,
    )  # fmt: skip
