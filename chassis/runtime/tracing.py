"""The trace a request or message belongs to, in W3C's words, carried through the task that serves it."""

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, NamedTuple

CURRENT_TRACEPARENT: ContextVar[str | None] = ContextVar("traceparent", default=None)
span_exporter: "Callable[[Span], None] | None" = None  # who is told of everything that took its time
TRACEPARENT_PATTERN = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")


def start_or_continue_trace(said: str | None) -> str:
    """Go on with the trace that was named, or begin one; what this task sends and logs belongs to it from now on."""
    known = TRACEPARENT_PATTERN.fullmatch(said) if said else None
    trace, flags = known.groups() if known else (os.urandom(16).hex(), "01")
    ours = f"00-{trace}-{os.urandom(8).hex()}-{flags}"
    CURRENT_TRACEPARENT.set(ours)
    return ours


def current_trace_id() -> str | None:
    """The id that all log lines of one trace share."""
    ours = CURRENT_TRACEPARENT.get()
    return ours[3:35] if ours else None


def current_traceparent() -> str:
    """The traceparent to send on; outside any request or message a trace begins here."""
    return CURRENT_TRACEPARENT.get() or start_or_continue_trace(None)


@contextmanager
def continued_trace(said: str | None) -> Iterator[str]:
    """Inside, the trace that was named goes on; afterwards there is what was before."""
    before = CURRENT_TRACEPARENT.set(None)
    try:
        yield start_or_continue_trace(said)
    finally:
        CURRENT_TRACEPARENT.reset(before)


SpanKind = Literal["server", "client", "producer", "consumer"]


class Span(NamedTuple):
    """Something within a trace that took its time, known by its traceparent; `parent` is what it was part of."""

    name: str
    kind: SpanKind
    began: int  # nanoseconds since 1970, as all of them
    ended: int
    traceparent: str
    parent: str | None
    facts: Mapping[str, str | int]
    failed: bool


def child_traceparent(of: str | None) -> str | None:
    """The traceparent of a part of that; the same one while nobody would be told of the part."""
    return f"{of[:36]}{os.urandom(8).hex()}{of[52:]}" if of and span_exporter else of


def record_span(
    name: str,
    kind: SpanKind,
    seconds: float,
    ours: str | None,
    *,
    parent: str | None,
    facts: Mapping[str, str | int],
    failed: bool = False,
) -> None:
    """Say to whoever listens what ended just now."""
    if span_exporter and ours:
        ended = time.time_ns()
        parent = parent if parent and TRACEPARENT_PATTERN.fullmatch(parent) else None
        span_exporter(Span(name, kind, ended - int(seconds * 1e9), ended, ours, parent, facts, failed))
