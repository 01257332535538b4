"""Until when whoever asked waits for the answer to the request at hand: nobody else is asked for longer."""

from contextvars import ContextVar
from time import monotonic

TIMEOUT_HEADER = "X-Timeout-Ms"  # for how many milliseconds the caller goes on waiting, as clocks may differ
MAX_DIGITS = 6
DEADLINE: ContextVar[float | None] = ContextVar("DEADLINE", default=None)  # by the monotonic clock; None: nobody said


def start_deadline(timeout_ms: bytes | None) -> None:
    """Keep to what the caller said, if it was a number: in this task and in those that it begins from now on."""
    said = timeout_ms if timeout_ms and timeout_ms.isdigit() and len(timeout_ms) <= MAX_DIGITS else None
    DEADLINE.set(None if said is None else monotonic() + int(said) / 1000)


def time_left(at_most: float) -> float:
    """So many seconds, or those until the deadline if they are fewer; never less than none."""
    deadline = DEADLINE.get()
    return at_most if deadline is None else max(0.0, min(at_most, deadline - monotonic()))
