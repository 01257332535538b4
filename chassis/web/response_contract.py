"""What an operation may answer, by its contract: no other answer leaves the service."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import psycopg
import structlog
from msgspec import to_builtins

from chassis.contracts.errors import ContractError
from chassis.contracts.media_types import JSON, PROBLEM_JSON
from chassis.contracts.openapi import ResponseSpec, problem_type
from chassis.contracts.schemas import Schema
from chassis.web.conditional import compute_etag
from chassis.web.http_client import Problem, UndeclaredProblem
from chassis.web.problems import (
    BUILTIN_PROBLEMS,
    OutcomeUnknown,
    ProblemError,
    ResponseContractViolation,
    Unavailable,
    problem_slug,
)
from chassis.web.responses import Response, WireResponse

log = structlog.get_logger()

HEADERS_SET_BY_CHASSIS = {"etag", "cache-control"}  # by the chassis, from the contract, where an answer has both


class ResponseContract:
    """The declared answers of one operation, and the problems that their examples name."""

    def __init__(self, operation: str, responses: Mapping[int, ResponseSpec], *, refusals: str = PROBLEM_JSON) -> None:
        """`refusals` is the media type in which the chassis refuses."""
        self._operation, self._refusals = operation, refusals
        self._schemas: dict[tuple[int, str], Schema | None] = {}
        self._promised: dict[int, dict[str, str]] = {}
        self._problems: dict[str, dict[str, Any]] = {}
        self._problem_schemas: dict[str, Schema] = {}
        for status, response in responses.items():
            self._promised[status] = {name.lower(): name for name, one in response.headers.items() if one.required}
            for kind, content in response.content.items():
                self._schemas[status, kind] = Schema(content.schema.inlined) if kind in (JSON, PROBLEM_JSON) else None
            if not response.content:
                self._schemas[status, ""] = None
            for example in response.problems:
                self._name(status, example)
                schema = response.problem_schema(example["type"])
                if problem_type(schema):
                    self._problem_schemas[example["type"]] = Schema(schema.inlined)
        self.revalidates = 304 in self._promised
        self._cache_control = {
            status: _cache_control(operation, responses[status])
            for status, promised in self._promised.items()
            if promised.keys() >= HEADERS_SET_BY_CHASSIS and status != 304
        }
        if self.revalidates and not (
            200 in self._cache_control and self._promised[304].keys() >= HEADERS_SET_BY_CHASSIS
        ):
            raise ContractError(f"{operation} answers 304, so its 200 and 304 must have ETag and Cache-Control")
        for status in self._cache_control:
            self._promised[status] = {
                k: v for k, v in self._promised[status].items() if k not in HEADERS_SET_BY_CHASSIS
            }

    def _name(self, status: int, example: Any) -> None:
        """Learn a problem from its example."""
        if not isinstance(example, dict) or not {"type", "title", "status"} <= example.keys():
            raise ContractError(f"{self._operation}: an example of its {status} is no problem")
        known = {name: example[name] for name in ("type", "title", "status")}
        if known["status"] != status:
            raise ContractError(f"{self._operation}: {known['type']} stands under {status}, but says {known['status']}")
        own = BUILTIN_PROBLEMS.get(known["type"])
        if own is not None and (own.status, own.title) != (status, known["title"]):
            raise ContractError(f'{self._operation}: {own.type} is {own.status} with the title "{own.title}"')
        if self._problems.setdefault(known["type"], known) != known:
            raise ContractError(f"{self._operation}: {known['type']} is declared twice, and differently")

    def require(self, statuses: Iterable[int]) -> None:
        """Hold the contract to declaring what the chassis itself answers."""
        if missing := sorted(status for status in statuses if not self.allows(status)):
            raise ContractError(f"{self._operation} must declare the refusals {', '.join(map(str, missing))}")

    def allows(self, status: int) -> bool:
        """Whether a refusal with that status is declared."""
        return (status, self._refusals) in self._schemas

    def require_problem(self, kind: type[ProblemError]) -> None:
        """Hold the contract to naming a problem by an example, where refusals are problems."""
        self.require({kind.status})
        if self._refusals == PROBLEM_JSON and kind.type not in self._problems:
            raise ContractError(f"{self._operation} must declare {kind.type}")

    def to_problem(self, fault: Exception, *, may_be_done: bool = False) -> Response:
        """The problem that an exception stands for: the chassis' own, or the one of the exception's name.

        Where a repeat is not safe by the contract, something that is away when it `may_be_done` is an unknown outcome.

        Raises: the exception itself, or ResponseContractViolation, when the contract does not know it.
        """
        refusal = fault
        # A pool without a free connection is an OperationalError, too.
        if isinstance(fault, (psycopg.OperationalError, UndeclaredProblem)):
            refusal = Unavailable()
        if isinstance(refusal, ProblemError):
            if not self.allows(refusal.status):
                what = f"{self._operation} raised {type(fault).__name__}, and no {refusal.status} is declared"
                raise ResponseContractViolation(what) from fault
            if isinstance(refusal, Unavailable):
                log.warning("unavailable", operation=self._operation, fault=type(fault).__name__)
                if may_be_done and not refusal.nothing_done and OutcomeUnknown.type in self._problems:
                    refusal = OutcomeUnknown(headers=refusal.headers)
            return Response(refusal.body(), refusal.status, refusal.headers, PROBLEM_JSON)
        known = self._problems.get(problem_slug(type(fault)))
        if known is None or isinstance(fault, Problem):  # what an upstream says is not for our caller
            raise fault
        told = {**known, **getattr(fault, "members", {}), **known}
        if fault.args:
            told["detail"] = str(fault)
        return Response(told, known["status"], getattr(fault, "headers", {}), PROBLEM_JSON)

    def serialize(self, answer: Response) -> WireResponse:
        """The answer as it goes on the wire.

        Raises: ResponseContractViolation when the contract does not allow it.
        """
        status, body = answer.status, answer.body
        kind = "" if body is None else answer.media_type
        try:
            schema = self._schemas[status, kind]
        except KeyError:
            raise ResponseContractViolation(
                f"{self._operation} answered {status} {kind}, which is not declared"
            ) from None
        raw = b"" if body is None else body
        if schema is not None:  # judged as it will be read: the bytes, or the plain values the bytes are made of
            value = orjson.loads(raw) if type(raw) is bytes else to_builtins(raw)
            if kind == PROBLEM_JSON and isinstance(value, dict):  # a plain Problem would allow any members
                schema = self._problem_schemas.get(value.get("type", ""), schema)
            if not schema.is_valid(value):
                raise ResponseContractViolation(
                    f"{self._operation} answered {status} {kind} with {schema.faults(value, '')}"
                )
            if type(raw) is not bytes:
                raw = orjson.dumps(value)
        headers = []
        if answer.headers:
            headers = [
                (name.lower().encode("latin-1"), said.encode("latin-1")) for name, said in answer.headers.items()
            ]
        promised = self._promised[status]
        if promised and (missing := promised.keys() - {name.lower() for name in answer.headers}):
            raise ResponseContractViolation(f"{self._operation} answered {status} without {', '.join(missing)}")
        if status in self._cache_control:
            headers += [(b"etag", compute_etag(raw)), (b"cache-control", self._cache_control[status])]
        if kind:
            charset = "; charset=utf-8" if kind.startswith("text/") else ""
            headers.append((b"content-type", f"{kind}{charset}".encode("latin-1")))
        if status != 204:
            headers.append((b"content-length", b"%d" % len(raw)))
        return status, headers, raw


def _cache_control(operation: str, response: ResponseSpec) -> bytes:
    directives = response.headers["Cache-Control"].schema.get("enum", ())
    if len(directives) != 1:
        raise ContractError(f"{operation}: the schema of Cache-Control names the one value that is sent")
    return str(directives[0]).encode()
