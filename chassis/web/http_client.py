"""HTTP calls to another service: the base of every generated client."""

import asyncio
import random
import secrets
from collections.abc import Mapping
from functools import cache
from time import perf_counter
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

import msgspec
from prometheus_client import Histogram

from chassis.contracts.media_types import JSON, MULTIPART, PROBLEM_JSON
from chassis.data.database import REQUEST_TRANSACTION
from chassis.runtime import tracing
from chassis.runtime.deadline import TIMEOUT_HEADER, time_left
from chassis.runtime.metrics import DURATION_BUCKETS, REGISTRY
from chassis.runtime.retry import TransientError
from chassis.web.http_transport import HttpTransport, Request, Response, Transport
from chassis.web.problems import Unavailable

MAX_RETRIES = 2
RETRY_PAUSE_SECONDS = 0.05  # seconds before the first retry, on average; twice that before the second
CALL_DURATION_HISTOGRAM = Histogram(
    "call_duration_seconds",
    "How long calls to other services took, with their retries; the status is 0 where no answer came.",
    ["upstream", "operation", "status"],
    registry=REGISTRY,
    buckets=DURATION_BUCKETS,
)


class UpstreamUnavailable(Unavailable):
    """The upstream did not answer, or not as its contract says. Our own caller is told no more than 503."""

    def __init__(self, message: str) -> None:
        super().__init__()
        self.args = (message,)


class Problem(Exception):
    """The upstream refused; a generated client has a subclass for each problem its contract declares.

    It is never handed on by itself: what it means for our own caller is said by whoever called. `members` is the whole
    problem as the model that a subclass has as its `schema`, for what it says besides type and title.

    Raises: msgspec.ValidationError when it lacks what its schema requires.
    """

    schema: ClassVar[type[msgspec.Struct] | None] = None
    members: Any = None
    retry_after: str | None = None  # seconds

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        if self.schema is not None:
            # a title and a status are for people and proxies: nothing fails for want of them
            self.members = msgspec.convert({"title": "", "status": status, **problem}, self.schema)
        self.status, self.problem = status, dict(problem)
        self.type, self.title = str(problem.get("type", "")), str(problem.get("title", ""))
        self.detail: str | None = problem.get("detail")
        super().__init__(self.detail or self.title or self.type)


class UndeclaredProblem(Problem, TransientError):
    """The upstream refused in a way its contract does not name for the operation, or said that we asked wrongly.

    Nobody who called can act on that, so it counts as an outage of the upstream: it or its configuration will be
    mended, and nothing of what we ask for may be lost until then.
    """


class CallInTransaction(Exception):
    """Another service was called while a request with an Idempotency-Key held its transaction, and locks, open.

    The call belongs before the first change, or after the key is linked to what the request has begun.
    """


class Client:
    """The operations of another service, called over HTTP; used as an async context manager.

    A call and its retries together take no longer than `timeout` seconds, nor than whoever asked us waits, and the
    other service is told how long that is. A refused connection is tried again for every call, for nothing was sent;
    other transport faults and a 503 only for a call that is safe to repeat, and a 503 not before its `Retry-After`,
    which may be later than anybody waits. A `transport` that is given may serve other clients too, and is closed by
    who made it.
    """

    def __init__(
        self,
        base_url: str,
        *,
        key: str | None = None,
        transport: Transport | None = None,
        timeout: float = 2.0,
        max_retries: int = MAX_RETRIES,
    ) -> None:
        self._base_url, self._timeout, self._max_retries = base_url.rstrip("/"), timeout, max_retries
        self._headers = {"X-Internal-Key": key} if key else {}
        self._transport, self._is_shared = transport or HttpTransport(), transport is not None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections, unless the transport is shared."""
        if not self._is_shared:
            await self._transport.close()

    async def _call(
        self,
        operation: str,
        method: str,
        path: str,
        answers: Mapping[int, Any],
        problems: Mapping[str, type[Problem]],
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Any = None,
        form: msgspec.Struct | None = None,
        safe: bool,
    ) -> Any:
        """Call an operation: its answer as the declared type, None where nothing is declared.

        Raises: the declared problem, or UndeclaredProblem; UpstreamUnavailable for everything else; CallInTransaction.
        """
        transaction = REQUEST_TRANSACTION.get()
        if transaction is not None and transaction.is_open:
            raise CallInTransaction(operation)
        sent = self._headers | {name: str(value) for name, value in (headers or {}).items() if value is not None}
        asker = tracing.CURRENT_TRACEPARENT.get()
        if (trace := tracing.child_traceparent(asker)) is not None:
            sent["traceparent"] = trace
        content = None
        if body is not None:
            sent["content-type"], content = JSON, msgspec.json.encode(body)
        elif form is not None:
            sent["content-type"], content = encode_multipart(form)
        url = self._base_url + path
        if given := {name: _as_text(value) for name, value in (query or {}).items() if value is not None}:
            url += f"?{urlencode(given, doseq=True)}"
        request = Request(method, url, sent, content)
        begun, status, seconds = perf_counter(), 0, time_left(self._timeout)
        try:
            async with asyncio.timeout(seconds):
                answer = await self._send(request, safe=safe, until=begun + seconds)
            status = answer.status
        except (ConnectionError, TimeoutError) as fault:
            raise UpstreamUnavailable(f"{operation} was not answered: {type(fault).__name__}") from fault
        finally:
            upstream, seconds = type(self).__name__.removesuffix("Client").lower(), perf_counter() - begun
            CALL_DURATION_HISTOGRAM.labels(upstream, operation, status).observe(seconds)
            failed = not 0 < status < 500
            facts: dict[str, str | int] = {"peer.service": upstream, "http.response.status_code": status}
            tracing.record_span(operation, "client", seconds, trace, parent=asker, facts=facts, failed=failed)
        return _read(operation, answer, answers, problems)

    async def _send(self, request: Request, *, safe: bool, until: float) -> Response:
        for turn in range(self._max_retries):
            pause = RETRY_PAUSE_SECONDS * 2**turn * random.uniform(0.5, 1.5)  # noqa: S311 (nobody gains by guessing it)
            try:
                answer = await self._send_once(request, until)
                if answer.status != 503 or not safe:
                    return answer
                pause += _retry_after(answer)
                if perf_counter() + pause >= until:
                    return answer
            except ConnectionRefusedError:
                pass
            except ConnectionError:
                if not safe:
                    raise
            await asyncio.sleep(pause)
        return await self._send_once(request, until)

    async def _send_once(self, request: Request, until: float) -> Response:
        """Raises: TimeoutError when nobody would wait for the answer."""
        milliseconds = int((until - perf_counter()) * 1000)
        if milliseconds <= 0:
            raise TimeoutError
        headers = {**request.headers, TIMEOUT_HEADER: str(milliseconds)}
        return await self._transport.send(request._replace(headers=headers))


def _retry_after(answer: Response) -> int:
    """How many seconds the upstream asks to be left alone; a date, which none of ours writes, is not read."""
    seconds = answer.headers.get("retry-after", "")
    return int(seconds) if seconds.isdecimal() else 0


def encode_multipart(form: msgspec.Struct) -> tuple[str, bytes]:
    """A form with its files, which are its bytes: its media type, and what is sent."""
    boundary = secrets.token_hex(16)
    parts = []
    for field in msgspec.structs.fields(form):
        value = getattr(form, field.name)
        if value is msgspec.UNSET:
            continue
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field.encode_name}"'
        if isinstance(value, bytes):
            head += f'; filename="{field.encode_name}"\r\nContent-Type: application/octet-stream'
        content = value if isinstance(value, bytes) else str(_as_text(value)).encode()
        parts.append(head.encode() + b"\r\n\r\n" + content + b"\r\n")
    return f"{MULTIPART}; boundary={boundary}", b"".join([*parts, f"--{boundary}--\r\n".encode()])


def _read(operation: str, answer: Response, answers: Mapping[int, Any], problems: Mapping[str, type[Problem]]) -> Any:
    status = answer.status
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if status in answers and status < 400:
            expected = answers[status]
            if expected is None:
                return None
            if kind == JSON:
                return _decoder(expected).decode(answer.content)
        elif 400 <= status < 500 and kind == PROBLEM_JSON:
            problem = _decoder(dict[str, Any]).decode(answer.content)
            refusal = problems.get(str(problem.get("type")), UndeclaredProblem)(status, problem)
            refusal.retry_after = answer.headers.get("retry-after")
            raise refusal
    except msgspec.MsgspecError as fault:
        raise UpstreamUnavailable(f"{operation} answered {status} with what its contract does not allow") from fault
    raise UpstreamUnavailable(f"{operation} answered {status}")


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _as_text(value: Any) -> Any:
    """A query value as it is written: true rather than True, an enum's value, a list as the name said several times."""
    if isinstance(value, (list, tuple)):
        return [_as_text(one) for one in value]
    plain = msgspec.to_builtins(value)
    return str(plain).lower() if isinstance(plain, bool) else str(plain)
