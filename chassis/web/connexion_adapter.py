"""The way through Connexion's own stack, for what is not compiled: same handlers, same schemas, same words."""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import chain
from typing import Any

import connexion
import structlog
from connexion.datastructures import MediaTypeDict
from connexion.exceptions import ProblemException
from connexion.middleware.context import ContextMiddleware
from connexion.middleware.lifespan import LifespanMiddleware
from connexion.middleware.request_validation import RequestValidationMiddleware
from connexion.middleware.response_validation import ResponseValidationMiddleware
from connexion.middleware.routing import RoutingMiddleware
from connexion.resolver import Resolver
from connexion.spec import OpenAPISpecification
from connexion.uri_parsing import OpenAPIURIParser
from connexion.validators import (
    AbstractRequestBodyValidator,
    AbstractResponseBodyValidator,
    MultiPartFormDataValidator,
    ParameterValidator,
)
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.responses import Response
from starlette.types import Scope

from chassis.contracts.media_types import FORM, JSON
from chassis.contracts.openapi import HTTP_METHODS
from chassis.contracts.references import JsonObject
from chassis.contracts.schemas import Schema
from chassis.web.operations import AdmittedRequest, CompiledOperation
from chassis.web.parameters import PARSERS_BY_TYPE
from chassis.web.problems import (
    Forbidden,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    ResponseContractViolation,
    TooLarge,
    Unauthorized,
    UnsupportedMediaType,
)
from chassis.web.request_parsing import parse_strict_json
from chassis.web.responses import WireResponse

log = structlog.get_logger()
PROBLEMS_BY_STATUS = {
    kind.status: kind
    for kind in (InvalidRequest, Unauthorized, Forbidden, NotFound, MethodNotAllowed, TooLarge, UnsupportedMediaType)
}


@dataclass(slots=True)
class RequestContext:
    """A request on its way through Connexion, and whether it has arrived at its handler."""

    operation: CompiledOperation
    entered: AdmittedRequest
    arrived: bool = False


REQUEST_CONTEXT: ContextVar[RequestContext] = ContextVar("REQUEST_CONTEXT")


def connexion_handler(operation_id: str) -> Callable[..., Any]:
    """The function Connexion calls for an operation: the same handler, answered for in the same way."""

    async def handler(**given: Any) -> Response:
        passing = REQUEST_CONTEXT.get()
        operation, entered = passing.operation, passing.entered
        if operation.name != operation_id:  # a templated path that stands before a concrete one
            raise ResponseContractViolation(f"Connexion took a request for {operation.name} as one for {operation_id}")
        values = {
            name: value for name, value in given.items() if name in operation.wanted and name in operation.arguments
        }
        for argument, header in operation.arguments.items():
            if header and argument in operation.wanted and (said := connexion.request.headers.get(header)) is not None:
                values[argument] = said
        # a form with files: these are given apart
        if "body" in operation.wanted and entered.raw and entered.kind not in (JSON, FORM):
            form = values["body"] = {
                **given.get("body", {}),
                **{k: v for k, v in given.items() if k not in operation.arguments and k != "body"},
            }
            if wrong := [name for name in operation.files & form.keys() if not isinstance(form[name], UploadFile)]:
                raise InvalidRequest(errors=[{"pointer": f"/body/{name}", "rule": "format"} for name in wrong])
        passing.arrived = True
        status, headers, body = await operation.call(values, entered)
        response = Response(body, status)
        response.raw_headers = headers
        return response

    return handler


class StrictURIParser(OpenAPIURIParser):  # type: ignore[misc]  # connexion says nothing about its types
    """Connexion's parser, but "5_0" and "٣" are no integers, and a value said twice is a list."""

    def resolve_params(self, params: dict[str, Any], _in: str) -> dict[str, Any]:
        resolved = super().resolve_params(params, _in)
        for name, said in params.items():
            cast = PARSERS_BY_TYPE.get(self.param_schemas.get(name, {}).get("type"))
            if cast is not None:
                values = [said] if isinstance(said, str) else said
                try:
                    resolved[name] = cast(values[0]) if len(values) == 1 else values
                except (ValueError, KeyError):
                    resolved[name] = None if cast is str else values
        return dict(resolved)


_schemas: dict[int, tuple[Any, Schema]] = {}


def _ready(openapi: dict[str, Any]) -> Schema:
    if id(openapi) not in _schemas:  # kept with its source, so that the id stays its own
        _schemas[id(openapi)] = (openapi, Schema(openapi))
    return _schemas[id(openapi)][1]


def _check(openapi: dict[str, Any], value: Any, at: str = "/body") -> None:
    if not _ready(openapi).is_valid(value):
        raise InvalidRequest(errors=_ready(openapi).faults(value, at))


class JSONBodyValidator(AbstractRequestBodyValidator):  # type: ignore[misc]  # connexion says nothing about its types
    """A JSON body, read and judged as the compiled operations do."""

    async def _parse(self, stream: Any, scope: Scope) -> Any:
        raw = b"".join([chunk async for chunk in stream])
        return parse_strict_json(raw) if raw else None

    def _validate(self, body: Any) -> None:
        if body is not None or REQUEST_CONTEXT.get().entered.raw:
            _check(self._schema, body)


class FormBodyValidator(AbstractRequestBodyValidator):  # type: ignore[misc]  # connexion says nothing about its types
    """A form without files, which was read when the request was admitted."""

    async def _parse(self, stream: Any, scope: Scope) -> Any:
        return REQUEST_CONTEXT.get().entered.value

    def _validate(self, body: Any) -> None:
        if REQUEST_CONTEXT.get().entered.raw:
            _check(self._schema, body)


class MultipartBodyValidator(MultiPartFormDataValidator):  # type: ignore[misc]  # connexion says nothing about its types
    """A multipart form; its files stand in the schema as strings."""

    def _validate(self, body: Any) -> None:
        _check(self._schema, body)


class JSONResponseValidator(AbstractResponseBodyValidator):  # type: ignore[misc]  # connexion says nothing about its types
    """An answer, judged a second time, by Connexion's own layer."""

    def _parse(self, stream: Any) -> Any:
        raw = b"".join(stream)
        return parse_strict_json(raw) if raw else None

    def _validate(self, body: Any) -> None:
        if body is not None and not _ready(self._schema).is_valid(body):
            raise ResponseContractViolation(f"answered with {_ready(self._schema).faults(body, '')}")


class StrictParameterValidator(ParameterValidator):  # type: ignore[misc]  # connexion says nothing about its types
    """Parameters, judged by the same schemas and told in the same words as the compiled operations do."""

    def validate_request(self, request: Any) -> None:
        faults = []
        if not request.query_params.keys() <= {p["name"] for p in self.parameters["query"]}:
            faults = [{"pointer": "/query", "rule": "additionalProperties"}]
        places = {
            "query": request.query_params if not faults else None,
            "path": request.path_params,
            "header": request.headers,
        }
        for p in chain(*(self.parameters[where] for where, values in places.items() if values is not None)):
            values: Any = places[p["in"]]
            pointer = f"/{p['in']}/{p['name']}"
            if (value := values.get(p["name"])) is not None:
                faults += _ready(p["schema"]).faults(value, pointer)
            elif p.get("required"):
                faults.append({"pointer": pointer, "rule": "required"})
        if faults:
            raise InvalidRequest(errors=faults)


VALIDATOR_MAP = {
    "parameter": StrictParameterValidator,
    "body": MediaTypeDict(
        {"*/*json": JSONBodyValidator, FORM: FormBodyValidator, "multipart/form-data": MultipartBodyValidator}
    ),
    "response": MediaTypeDict({"*/*json": JSONResponseValidator}),
}

# Connexion judges a contract by jsonschema, in Python, for most of a start, and cannot be given another judge:
# build_application() has judged it by the same schema.
OpenAPISpecification._validate_spec = staticmethod(bool)


class ConnexionApplication:
    """Connexion's own stack for a contract whose references are written out."""

    def __init__(self, contract: JsonObject) -> None:
        layers = [
            RoutingMiddleware,
            RequestValidationMiddleware,
            ResponseValidationMiddleware,
            LifespanMiddleware,
            ContextMiddleware,
        ]
        self._app = connexion.AsyncApp(__name__, middlewares=layers)
        self._app.add_api(
            _with_own_parameters(contract),
            resolver=Resolver(connexion_handler),
            strict_validation=True,
            validate_responses=True,
            validator_map=VALIDATOR_MAP,
            uri_parser_class=StrictURIParser,
        )
        # Connexion assembles itself when first called: now, so that a misfit stops the start.
        middleware = self._app.middleware
        middleware.app, middleware.middleware_stack = middleware._build_middleware_stack()

    async def serve(
        self, scope: Scope, operation: CompiledOperation, entered: AdmittedRequest, headers: Mapping[bytes, bytes]
    ) -> WireResponse:
        """Serve an admitted request."""
        scope = {**scope, "method": "GET" if scope["method"] == "HEAD" else scope["method"]}
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": entered.raw, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        said = {**headers, b"content-length": b"%d" % len(entered.raw)}
        if entered.kind == JSON:
            said[b"content-type"] = JSON.encode()
        if not entered.raw:
            said.pop(b"content-type", None)
        passing = RequestContext(operation, entered)
        REQUEST_CONTEXT.set(passing)
        try:
            await self._app({**scope, "headers": list(said.items())}, receive, send)
        except (ProblemException, HTTPException, MultiPartException) as problem:
            if passing.arrived:
                raise
            status = getattr(problem, "status", getattr(problem, "status_code", 400))
            if status in PROBLEMS_BY_STATUS:
                raise PROBLEMS_BY_STATUS[status] from problem
            raise ResponseContractViolation(f"{operation.name}: {problem!r}") from problem
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as stumbled:
            if passing.arrived:
                raise
            log.warning("request could not be read", operation=operation.name, fault=type(stumbled).__name__)
            raise InvalidRequest from stumbled
        return sent[0]["status"], sent[0]["headers"], b"".join(m.get("body", b"") for m in sent[1:])


def _with_own_parameters(contract: JsonObject) -> JsonObject:
    """The contract with each path's parameters at its operations.

    Connexion appends a path's to the operation's own list in place, once more for each of its layers.
    """
    for item in contract["paths"].values():
        shared = item.pop("parameters", [])
        for method in item.keys() & set(HTTP_METHODS):
            item[method]["parameters"] = [*item[method].get("parameters", []), *shared]
    return contract
