"""Builds a service's web application: compiled operations, and Connexion for the rest, where there is any."""

import asyncio
import inspect
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from time import perf_counter

import structlog
from jsonschema_rs import Draft4Validator, ValidationError
from msgspec import json
from prometheus_client import Histogram
from starlette.types import Receive, Scope, Send

from chassis.contracts import openapi
from chassis.contracts.errors import ContractError
from chassis.contracts.media_types import PROBLEM_JSON
from chassis.contracts.openapi import Api
from chassis.runtime import tracing
from chassis.runtime.metrics import DURATION_BUCKETS, REGISTRY
from chassis.runtime.networks import Networks
from chassis.web.access import ApiKeys, Authorizer, TokenVerifier
from chassis.web.client_address import client_address
from chassis.web.conditional import revalidate
from chassis.web.idempotency import IdempotencyKeyStore
from chassis.web.operations import CompiledOperation, Forward, Handler
from chassis.web.pages import PageOperation, PageRequest, Pages, Refusal
from chassis.web.problems import (
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    ProblemError,
    ResponseContractViolation,
    ServerFault,
)
from chassis.web.request_parsing import ClientDisconnected, reject_duplicate_headers
from chassis.web.responses import WireResponse
from chassis.web.routing import Routes, group_by_path
from chassis.web.shared_handlers import SharedHandlers

log = structlog.get_logger()

CLIENT_CLOSED_REQUEST = 499  # what the log says when nobody waits for the answer any more
NO_OPERATION_LABEL = "none"  # what the metrics say when no operation was asked for
NO_NETWORKS = Networks()
OPENAPI_SCHEMA = "connexion/resources/schemas/v3.0/schema.json"  # what a contract is judged by
REQUEST_DURATION_HISTOGRAM = Histogram(
    "request_duration_seconds",
    "How long requests took.",
    ["operation", "status"],
    registry=REGISTRY,
    buckets=DURATION_BUCKETS,
)


def build_application(
    contract: Path,
    *handlers: object,
    tokens: TokenVerifier,
    keys: ApiKeys,
    idempotency: IdempotencyKeyStore | None = None,
    pages: Pages | None = None,
    limit: int = 65_536,
    compiled: bool = True,
    trusted_proxies: Networks = NO_NETWORKS,
) -> "ContractMiddleware":
    """The application for a contract and the objects that have one async method per operationId.

    `idempotency` keeps the keys of the operations that take an Idempotency-Key and leave it to the chassis.
    `pages` shows the refusals of operations that answer text/html, and of all else that browsers ask for.
    `limit` is the size of the largest body in bytes, unless an operation says otherwise in `x-body-limit`.
    `trusted_proxies` stand before the gateway, and add to X-Forwarded-For who spoke to them.
    Without `compiled`, Connexion serves all operations.

    Raises: ContractError when the contract and the handlers do not fit together.
    """
    api = Api.load(contract)
    validate_contract(api)
    names = [operation.id for operation in api.operations]
    methods = _methods(handlers, api.name, names)
    _must_fit(names, methods)

    def compile_operation(spec: openapi.Operation) -> CompiledOperation:
        size = limit if spec.body_limit is None else spec.body_limit
        if type(size) is not int or size < 1:
            raise ContractError(f"{spec.id}: x-body-limit is a number of bytes")
        given = spec, methods[spec.id], Authorizer(spec.access, tokens, keys), size, idempotency
        if not spec.is_page:
            return CompiledOperation(*given)
        if pages is None:
            raise ContractError(f"{spec.id} answers text/html, and the service has no pages")
        return PageOperation(*given, pages=pages)

    operations = {spec: compile_operation(spec) for spec in api.operations}
    _link_refusal_pages(operations)
    left = {one.name: one.left_to_connexion for one in operations.values() if one.left_to_connexion is not None}
    fallback = None
    if left or not compiled:
        # 14 MiB and 0.4 s of CPU, which a service whose operations are all compiled has no use for.
        from chassis.web.connexion_adapter import ConnexionApplication  # noqa: PLC0415

        log.info("left to Connexion", operations=left)
        fallback = ConnexionApplication(api.document.inlined).serve
    routes = Routes(group_by_path(operations), lambda one: one.external)
    return ContractMiddleware(routes, fallback, compiled=compiled, pages=pages, trusted_proxies=trusted_proxies)


def _link_refusal_pages(operations: Mapping[openapi.Operation, CompiledOperation]) -> None:
    shown = {operation.name: operation for operation in operations.values() if isinstance(operation, PageOperation)}
    for spec, operation in operations.items():
        if spec.refusal_page is not None:
            if not isinstance(operation, PageOperation) or spec.refusal_page not in shown:
                raise ContractError(f"{spec.id}: x-page is the operationId of a page, for another page")
            operation.show_refusals_on(shown[spec.refusal_page])


def validate_contract(api: Api) -> None:
    """Judge a contract by Connexion's schema. Whether a default is valid it does not know: operations.py and
    tests/contracts do.

    Raises: ContractError names the place of what is not OpenAPI.
    """  # fmt: skip
    schema = json.decode(Path(str(distribution("connexion").locate_file(OPENAPI_SCHEMA))).read_bytes())
    try:
        Draft4Validator(schema).validate(api.document.inlined)
    except ValidationError as fault:
        place = "/".join(map(str, fault.instance_path))
        raise ContractError(f"{api.document.path.name}#/{place}: {fault.message}") from fault


def _methods(handlers: tuple[object, ...], service: str, names: Collection[str]) -> dict[str, Handler]:
    """Every public async method of the handlers, by the operation it serves."""
    found: dict[str, Handler] = {}
    for one in handlers:
        for method_name, method in inspect.getmembers(one, inspect.iscoroutinefunction):
            name = method_name
            if isinstance(one, SharedHandlers) and (name := one.operation_id(method_name, service)) not in names:
                continue
            if name in found:
                raise ContractError(f"two handlers have a method called {name}")
            if not name.startswith("_"):
                found[name] = method
    return found


def _must_fit(names: list[str], handlers: Mapping[str, Handler]) -> None:
    if twice := [name for name, times in Counter(names).items() if times > 1]:
        raise ContractError(f"two operations are called {', '.join(sorted(twice))}")
    if missing := set(names) - handlers.keys():
        raise ContractError(f"no handler has a method called {', '.join(sorted(missing))}")
    if unasked := handlers.keys() - set(names):
        raise ContractError(f"no operation of the contract is called {', '.join(sorted(unasked))}")


class ContractMiddleware:
    """The outermost layer: routing, access, admission, problems, for every operation of the contract.

    What is admitted and not compiled is served by `fallback`.
    """

    def __init__(
        self,
        routes: Routes[CompiledOperation],
        fallback: Forward | None = None,
        *,
        compiled: bool = True,
        pages: Pages | None = None,
        trusted_proxies: Networks = NO_NETWORKS,
    ) -> None:
        self._trusted_proxies = trusted_proxies
        self._routes, self._fallback, self._compiled, self._pages = routes, fallback, compiled, pages
        shared = pages.headers if pages is not None else {}
        self._headers = [(name.lower().encode(), value.encode()) for name, value in shared.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            begun = perf_counter()
            headers = dict(scope["headers"])
            self._note_client_address(headers)
            caller = headers.get(b"traceparent", b"").decode("latin-1")
            ours = tracing.start_or_continue_trace(caller)
            name, reply = await self._reply(scope, headers, receive)
            status = CLIENT_CLOSED_REQUEST
            if reply is not None:
                status, answer_headers, body = reply
                answer_headers = [*answer_headers, *self._headers]
                await send({"type": "http.response.start", "status": status, "headers": answer_headers})
                await send({"type": "http.response.body", "body": body if scope["method"] != "HEAD" else b""})
            seconds = perf_counter() - begun
            _requests(name, status)(seconds)
            if tracing.span_exporter:
                facts = {"http.request.method": scope["method"], "http.response.status_code": status}
                what, failed = name or scope["method"], status >= 500
                tracing.record_span(what, "server", seconds, ours, parent=caller, facts=facts, failed=failed)
            log.info("request", operation=name, status=status, ms=round(seconds * 1000, 2))

    def _note_client_address(self, headers: dict[bytes, bytes]) -> None:
        """Say in X-Real-Ip where the request came from, whatever it said there itself.

        What came by the gateway has an X-Forwarded-For; what another service asks for somebody, an X-Real-Ip alone.
        """
        forwarded_for = headers.get(b"x-forwarded-for")
        if forwarded_for is not None:
            headers.pop(b"x-real-ip", None)
            if address := client_address(forwarded_for.decode("latin-1"), self._trusted_proxies):
                headers[b"x-real-ip"] = address.encode()

    async def _reply(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive
    ) -> tuple[str | None, WireResponse | None]:
        """The operation's name, if one was asked for, and its answer, unless nobody waits for it."""
        name, operation = None, None
        try:
            reject_duplicate_headers(headers, scope["headers"])
            match = self._routes.find(scope["path"], scope["method"])
            if match is None:
                raise NotFound
            operation = match.operation
            if match.parameters and not match.path.isprintable():
                raise InvalidRequest(errors=[{"pointer": "/path", "rule": "encoding"}])
            if operation is None:
                return None, _other_methods(scope["method"], match.allow)
            name = operation.name
            if match.path != scope["path"]:
                scope = {**scope, "path": match.path}
            forward = None if self._compiled and operation.left_to_connexion is None else self._fallback
            try:
                reply = await operation.respond(scope, headers, receive, match.parameters, forward)
            except asyncio.CancelledError:  # by the server, when the time that a stop leaves for requests is over
                return name, await operation.interrupted_reply(headers)
            return name, revalidate(reply, headers) if operation.revalidates else reply
        except ProblemError as refusal:
            return name, await self._refused(refusal, scope, headers, operation)
        except ClientDisconnected:
            return name, None
        except ResponseContractViolation as broken:
            log.error("contract broken", operation=name, what=str(broken))
        except Exception:
            log.exception("request failed", operation=name)
        return name, await self._refused(ServerFault(), scope, headers, operation)

    async def _refused(
        self, fault: ProblemError, scope: Scope, headers: dict[bytes, bytes], operation: CompiledOperation | None
    ) -> WireResponse:
        """What is answered where there is no operation to ask, or it failed."""
        request = PageRequest.of(scope, headers)
        if self._pages is None or not (request.wants_page or isinstance(operation, PageOperation)):
            return _problem(fault)
        try:
            refusal = Refusal(status=fault.status, type=fault.type, headers=fault.headers)
            page = await self._pages.refuse(request, refusal)
        except Exception:
            log.exception("refusal cannot be shown", status=fault.status)
            return _problem(fault)
        body: bytes = page.body
        said = [(name.lower().encode(), text.encode()) for name, text in page.headers.items()]
        kind = f"{page.media_type}; charset=utf-8".encode()
        return page.status, [*said, (b"content-type", kind), (b"content-length", b"%d" % len(body))], body


@cache  # finding the child of a histogram by its labels costs more than counting does
def _requests(operation: str | None, status: int) -> Callable[[float], None]:
    return REQUEST_DURATION_HISTOGRAM.labels(operation or NO_OPERATION_LABEL, status).observe


def _other_methods(method: str, allow: str) -> WireResponse:
    """What a path says about the methods it has, to whoever asks or tries another."""
    if method != "OPTIONS":
        raise MethodNotAllowed(headers={"Allow": allow})
    return 204, [(b"allow", allow.encode())], b""


def _problem(refusal: ProblemError) -> WireResponse:
    body = refusal.body()
    headers = [(name.lower().encode(), said.encode()) for name, said in refusal.headers.items()]
    return (
        refusal.status,
        [*headers, (b"content-type", PROBLEM_JSON.encode()), (b"content-length", b"%d" % len(body))],
        body,
    )
