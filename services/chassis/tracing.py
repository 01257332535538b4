"""The trace a request or message belongs to, in W3C's words, carried through the task that serves it."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)
WELL_FORMED = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")


def follow(said: str | None) -> str:
    """Go on with the trace that was named, or begin one; what this task sends and logs belongs to it from now on."""
    known = WELL_FORMED.fullmatch(said) if said else None
    trace, flags = known.groups() if known else (os.urandom(16).hex(), "01")
    ours = f"00-{trace}-{os.urandom(8).hex()}-{flags}"
    traceparent.set(ours)
    return ours


def trace_id() -> str | None:
    """The id that all log lines of one trace share."""
    ours = traceparent.get()
    return ours[3:35] if ours else None


def current() -> str:
    """The traceparent to send on; outside any request or message a trace begins here."""
    return traceparent.get() or follow(None)


@contextmanager
def continued(said: str | None) -> Iterator[str]:
    """Inside, the trace that was named goes on; afterwards there is what was before."""
    before = traceparent.set(None)
    try:
        yield follow(said)
    finally:
        traceparent.reset(before)
