"""Whether the work at hand is a request's, or goes on beside them."""

from contextvars import ContextVar

# Set where background tasks are performed (process.py), and known to all that they begin.
IN_BACKGROUND: ContextVar[bool] = ContextVar("IN_BACKGROUND", default=False)
