"""What an operation costs: CPU µs per request in this process, without a server, interleaved, the best of some rounds.

    python -m benchmarks.operations

Compared are the compiled operations (everything validated, both ways), Connexion's own stack with the same validators,
a FastAPI twin (everything validated, both ways, by pydantic), and a Starlette twin that checks nothing but the token.
The twins write no log line. The quotients mean something, the numbers belong to the machine.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks import fastapi_twin
from chassis.runtime.logging import configure_logging
from chassis.tests.web.shop import (
    ASHA,
    CHECK_OUT,
    LAMP,
    SIGNER,
    THEN,
    TRUSTED,
    CheckOut,
    Handlers,
    bearer,
    lamp,
    placed,
    shop,
)
from chassis.web.tokens import JwtVerifier

ROUNDS, REQUESTS = 7, 1000
BODY = json.dumps(CHECK_OUT, separators=(",", ":")).encode()


class StatelessHandlers(Handlers):
    """The shop without a memory of what it was asked."""

    def __init__(self) -> None:
        self.asked = _Forgotten()


class _Forgotten(list[Any]):
    def append(self, _: Any) -> None:
        pass


def build_starlette_twin() -> Starlette:
    """The same answers, made by hand and sent unchecked."""
    tokens = JwtVerifier.from_jwks({"keys": [SIGNER.jwk]}, **TRUSTED)

    def answer(body: Any, status: int = 200) -> Response:
        return Response(orjson.dumps(msgspec.to_builtins(body)), status, media_type="application/json")

    async def get_product(request: Request) -> Response:
        known = request.path_params["product_id"] == LAMP
        return answer(lamp()) if known else answer({"type": "/problems/no-such-product"}, 404)

    async def list_products(request: Request) -> Response:
        return answer({"items": [lamp() for _ in range(int(request.query_params["limit"]))], "next_cursor": None})

    async def check_out(request: Request) -> Response:
        shopper = await tokens.verify(request.headers["authorization"][7:].encode())
        if shopper is None:
            return answer({"type": "/problems/unauthorized"}, 401)
        body = msgspec.convert(orjson.loads(await request.body()), CheckOut)
        return answer(placed(body, UUID(ASHA)), 201)

    return Starlette(
        routes=[
            Route("/shop/v1/products/", list_products),
            Route("/shop/v1/products/{product_id}", get_product),
            Route("/shop/v1/orders/checkout", check_out, methods=["POST"]),
        ]
    )


def http_scope(
    method: str, path: str, query: bytes = b"", headers: tuple[tuple[bytes, bytes], ...] = ()
) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "root_path": "",
        "query_string": query,
        "headers": [(b"host", b"localhost"), *headers],
    }


JSON_HEADERS = ((b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode()))
MEASURED_REQUESTS = {
    "GET one": http_scope("GET", f"/shop/v1/products/{LAMP}"),
    "GET 404": http_scope("GET", f"/shop/v1/products/{ASHA}"),
    "list of 20": http_scope("GET", "/shop/v1/products/", b"limit=20"),
    "POST checkout": http_scope(
        "POST",
        "/shop/v1/orders/checkout",
        headers=((b"authorization", bearer()["authorization"].encode()), *JSON_HEADERS),
    ),
}


async def measure_request_cpu(app: Callable[..., Awaitable[None]], asked: dict[str, Any]) -> float:
    """CPU µs of one request."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(_: Any) -> None:
        pass

    begun = time.process_time()
    for _ in range(REQUESTS):
        await app({**asked}, receive, send)
    return (time.process_time() - begun) / REQUESTS * 1e6


async def main() -> None:
    by_hand = fastapi_twin.build_fastapi_twin(
        JwtVerifier.from_jwks({"keys": [SIGNER.jwk]}, **TRUSTED), lambda: msgspec.structs.asdict(lamp()), THEN
    )
    apps: dict[str, Callable[..., Awaitable[None]]] = {
        "compiled": shop(StatelessHandlers()),
        "Connexion": shop(StatelessHandlers(), compiled=False),
        "FastAPI": by_hand,
        "Starlette": build_starlette_twin(),
    }
    best: dict[tuple[str, str], float] = {}
    for _ in range(ROUNDS):
        for work, asked in MEASURED_REQUESTS.items():
            for name, app in apps.items():
                spent = await measure_request_cpu(app, asked)
                best[name, work] = min(best.get((name, work), spent), spent)
    lines = [f"{'CPU µs':12}" + "".join(f"{work:>15}" for work in MEASURED_REQUESTS)]
    lines += [f"{name:12}" + "".join(f"{best[name, work]:15.1f}" for work in MEASURED_REQUESTS) for name in apps]
    quotients = (best["FastAPI", work] / best["compiled", work] for work in MEASURED_REQUESTS)
    lines.append(f"{'FastAPI ÷ us':12}" + "".join(f"{quotient:15.1f}" for quotient in quotients))
    sys.stderr.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the request lines are written, but not here
    configure_logging("shop", "INFO")
    asyncio.run(main())
