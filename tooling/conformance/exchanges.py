"""Holds every exchange against the committed contract, from outside.

jsonschema-rs judges each body, and openapi-core, which reads the contract by itself and shares no code with what runs
inside a service, judges the first exchange of every shape: at 2 ms it is too slow for all of them.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Self

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from starlette.requests import cookie_parser
from werkzeug.datastructures import Headers, ImmutableMultiDict

from chassis.contracts.media_types import JSON, PROBLEM_JSON
from chassis.contracts.openapi import Api, Header, Operation
from chassis.contracts.schemas import Schema
from chassis.web.parameters import PARSERS_BY_TYPE
from chassis.web.routing import Routes, group_by_path
from tooling.conformance.coverage_log import COVERAGE_LOG

ROOT = Path(__file__).parents[2]
# What the gateway says where no service does (infra/gateway/problems.py) has this header; of a path with encoded
# characters that it does not pass on, it says 400 without a word.
GATEWAY_HEADER = ("x-answered-by", "gateway")
GATEWAY_REFUSAL_TYPES = {(400, "text/plain"), (400, "")}
# What is said of a path or a method that no contract has, or before anybody looked at the path.
ALWAYS_ALLOWED_STATUSES = (400, 404, 405)


class Exchange(NamedTuple):
    """A request and its answer; the body of a request is None where it is not known or not JSON."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    request_headers: Mapping[str, str]
    body: bytes | None
    status: int
    headers: Mapping[str, str]
    content: bytes

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status}"


class CheckedOperation(NamedTuple):
    """One operation of a contract, ready to check its exchanges."""

    declared: Operation
    request: Schema | None
    responses: Mapping[tuple[int, str], Schema | None]
    headers: Mapping[int, Mapping[str, tuple[Header, Schema]]]
    problems: Mapping[tuple[int, str], Schema]

    @classmethod
    def of(cls, declared: Operation) -> Self:
        responses, problems = dict[tuple[int, str], Schema | None](), dict[tuple[int, str], Schema]()
        headers = {}
        for status, response in declared.responses.items():
            for kind, content in response.content.items():
                responses[status, kind] = Schema(content.schema.inlined) if "schema" in content.node.value else None
            if not response.content:
                responses[status, ""] = None
            for type_ in (problem["type"] for problem in response.problems):
                problems[status, type_] = Schema(response.problem_schema(type_).inlined)
            headers[status] = {
                name: (header, Schema(header.schema.inlined)) for name, header in response.headers.items()
            }
        body = declared.request_content.get(JSON)
        request = Schema(body.schema.inlined) if body else None
        return cls(declared, request, responses, headers, problems)


class Contract:
    """The contract of one service."""

    def __init__(self, path: Path) -> None:
        texts = dict.fromkeys(("text/css", "text/javascript", "image/svg+xml"), lambda text, **_: text.decode())
        reading = Config(extra_media_type_deserializers={PROBLEM_JSON: json.loads, **texts})
        self._api = OpenAPI.from_file_path(str(path), config=reading)
        self._known = set[Any]()
        self.operations = {operation: CheckedOperation.of(operation) for operation in Api.load(path).operations}
        self._routes = Routes(group_by_path(self.operations), lambda operation: operation.declared.access.external)

    def has(self, path: str) -> bool:
        """Whether it has an operation at the path, by whatever method."""
        return self._routes.find(path, "OPTIONS") is not None

    def record(self, exchange: Exchange, by: str) -> None:
        """Judge and count an exchange.

        Raises:
            CoverageViolation: It is not as the contract says.
        """
        kind = exchange.headers.get("content-type", "").partition(";")[0].strip().lower()
        of_gateway = GATEWAY_HEADER in exchange.headers.items() or (exchange.status, kind) in GATEWAY_REFUSAL_TYPES
        if of_gateway and by != "services":
            COVERAGE_LOG.answer("gateway", "", exchange.status, kind, by=by)
            return
        match = self._routes.find(exchange.path, exchange.method)
        operation = match.operation if match else None
        if match is None or operation is None:
            if exchange.status not in ALWAYS_ALLOWED_STATUSES and exchange.method != "OPTIONS":
                COVERAGE_LOG.violation(f"{exchange}: no contract has this operation")
            return
        exchange = exchange._replace(path=match.path)
        if wrong := self._wrong(operation, exchange, kind):
            COVERAGE_LOG.violation(f"{operation.declared.service}.{operation.declared.id}: {exchange} {kind}: {wrong}")
        if exchange.method != "HEAD":
            problem = json.loads(exchange.content)["type"] if kind == PROBLEM_JSON else ""
            COVERAGE_LOG.answer(
                operation.declared.service, operation.declared.id, exchange.status, kind, problem=problem, by=by
            )

    def _wrong(self, operation: CheckedOperation, exchange: Exchange, kind: str) -> str | None:
        """What the contract does not allow, in the words of whoever finds it."""
        if exchange.method == "HEAD":
            known = any(status == exchange.status for status, _ in operation.responses)
            return None if known and not exchange.content else "HEAD answers as GET does, without a body"
        if (exchange.status, kind) not in operation.responses:
            return "no such answer is declared"
        schema, taken = operation.responses[exchange.status, kind], exchange.status < 400
        try:
            said: Any = json.loads(exchange.content) if kind in (JSON, PROBLEM_JSON) else exchange.content.decode()
            asked = json.loads(exchange.body) if exchange.body and operation.request and taken else None
        except ValueError:
            return "a body is not JSON"
        faults: list[Any]
        faults = schema.faults(said, "/answer") if schema else ["there is a body, and none is declared"] if said else []
        if kind == PROBLEM_JSON and not faults:
            own = operation.problems.get((exchange.status, said["type"]))
            faults = own.faults(said, "/answer") if own else [f"{said['type']} is none of its problems"]
            if said["status"] != exchange.status:
                faults = [*faults, f"its body says {said['status']}"]
        if asked is not None and operation.request:
            faults = [*faults, *operation.request.faults(asked, "/request")]
        faults = [*faults, *_faults_of(operation.headers[exchange.status], exchange.headers)]
        if faults:
            return str(faults)
        proofs = frozenset(exchange.request_headers.keys() & {"authorization", "x-internal-key"})
        looks = json_shape(said), json_shape(asked), (exchange.query, proofs) if taken else ()
        kind_of_exchange = operation.declared.id, exchange.status, looks
        if kind_of_exchange in self._known:
            return None
        wrong = self.by_openapi_core(operation, exchange, request=taken)
        if wrong is None:
            self._known.add(kind_of_exchange)
        return wrong

    def by_openapi_core(self, operation: CheckedOperation, exchange: Exchange, *, request: bool) -> str | None:
        """What openapi-core says is wrong with the answer, or with the request too."""
        asked = _Request(exchange, operation)
        try:
            self._api.validate_response(asked, _Response(exchange))
            if request and asked.content_type != "multipart/form-data":
                self._api.validate_request(asked)
        except OpenAPIError as fault:
            return f"openapi-core: {fault!r}: {fault.__cause__!r}"
        return None


def find_contract(path: str) -> Contract | None:
    """The contract that has a path, or under whose prefix it is, if one of the shop's is."""
    if not path.startswith("/"):
        return None
    own, root = _contract(path.split("/", 2)[1]), _root_contract()
    return root if root is not None and (own is None or root.has(path)) else own


@cache
def _root_contract() -> Contract | None:
    """The contract whose paths have no prefix, if one of the shop's has none."""
    for api in Api.load_all(ROOT / "contracts"):
        if api.operations and not api.prefix:
            return _contract(api.name)
    return None


@cache
def _contract(service: str) -> Contract | None:
    file = ROOT / "contracts" / f"{service}.yaml"
    return Contract(file) if re.fullmatch("[a-z]+", service) and service != "common" and file.is_file() else None


def json_shape(value: Any) -> Any:
    """What is left of a JSON value without its contents: types and names."""
    if isinstance(value, dict):
        return tuple((name, json_shape(item)) for name, item in sorted(value.items()))
    if isinstance(value, list):
        return (list, *sorted({repr(json_shape(item)) for item in value}))
    return type(value)


def _faults_of(declared: Mapping[str, tuple[Header, Schema]], headers: Mapping[str, str]) -> Iterator[str]:
    for name, (header, schema) in declared.items():
        header_value = headers.get(name.lower())
        if header_value is None:
            if header.required:
                yield f"there is no {name}"
            continue
        try:
            value = PARSERS_BY_TYPE[header.schema.value["type"]](header_value)
        except ValueError:
            yield f"{name} is not of its type"
        else:
            yield from map(str, schema.faults(value, name))


class _Request:
    """A request as openapi-core wants it."""

    def __init__(self, exchange: Exchange, operation: CheckedOperation) -> None:
        self.host_url, self.method = "", exchange.method.lower()
        self.path = exchange.path
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(exchange.query), header=Headers(list(exchange.request_headers.items())),
            cookie=ImmutableMultiDict(cookie_parser(exchange.request_headers.get("cookie", ""))),
        )  # fmt: skip
        self.content_type = exchange.request_headers.get("content-type", "").partition(";")[0]
        self.body = exchange.body or None


class _Response:
    """An answer as openapi-core wants it."""

    def __init__(self, exchange: Exchange) -> None:
        self.status_code, self.data = exchange.status, exchange.content or None
        self.headers = Headers(list(exchange.headers.items()))
        self.content_type = exchange.headers.get("content-type", "")
